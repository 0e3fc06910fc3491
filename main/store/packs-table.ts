/** Prompts that came from outside: each pack's manifest as it was, and its files as objects. */
import { z } from 'zod';
import { packOriginSchema, type PackOrigin } from '../contract/prompt-pack.ts';
import { Problem } from '../contract/problem.ts';
import type { Database } from './database.ts';
import { packIdOf, packNumberOf, parseObjectHash, type ObjectHash, type PackId } from './identifiers.ts';
import { parseRow } from './json-column.ts';

export interface PackPromptRow {
  adapterConfig: ObjectHash;
  adapterWeights: ObjectHash;
  /** As a run's checkpoint: what evaluations and derived runs read. */
  trained: ObjectHash;
}

export interface PackRow {
  id: PackId;
  origin: PackOrigin;
  /** Where the file was. */
  source: string;
  /** JSON, byte for byte. */
  manifestText: string;
  /** Null where the model is not known. */
  baseFingerprint: string | null;
  importedAtMs: number;
  /** Null unless in the trash. */
  trashedAtMs: number | null;
  /** In the order of the pack. */
  prompts: PackPromptRow[];
}

export interface PacksReader {
  /** Also in the trash. @throws {Problem} `pack-not-found` */
  get(id: PackId): PackRow;
  /** In order of import. */
  list(options?: { trash: 'without' | 'only' }): PackRow[];
}

export interface PacksTable extends PacksReader {
  /** Names objects that were put already, within a day of the put (trash.ts). */
  add(pack: Omit<PackRow, 'id' | 'importedAtMs' | 'trashedAtMs'>): PackRow;
  /** Trashing twice is trashing once. @throws {Problem} `pack-not-found` */
  trash(id: PackId): PackRow;
  /** @throws {Problem} `pack-not-found` */
  restore(id: PackId): PackRow;
}

const packRow = z.object({
  id: z.int().positive().transform(packIdOf),
  origin: packOriginSchema,
  source: z.string(),
  manifestText: z.string(),
  baseFingerprint: z.string().nullable(),
  importedAtMs: z.int(),
  trashedAtMs: z.int().nullable(),
});
const objectHash = z.string().transform(parseObjectHash);
const promptRow = z.object({ adapterConfig: objectHash, adapterWeights: objectHash, trained: objectHash });

const columns = `number AS id, origin, source, manifest AS manifestText, base_fingerprint AS baseFingerprint,
  imported_at AS importedAtMs, trashed_at AS trashedAtMs`;

export function openPacksTable(database: Database): PacksTable {
  const select = database.prepare(`SELECT ${columns} FROM packs WHERE number = :number`);
  const selectKept = database.prepare(`SELECT ${columns} FROM packs WHERE trashed_at IS NULL ORDER BY number`);
  const selectTrashed = database.prepare(`SELECT ${columns} FROM packs WHERE trashed_at IS NOT NULL ORDER BY number`);
  const selectPrompts = database.prepare(
    'SELECT adapter_config AS adapterConfig, adapter_weights AS adapterWeights, trained FROM pack_prompts WHERE pack = :number ORDER BY position');
  const insert = database.prepare(`
    INSERT INTO packs (origin, source, manifest, base_fingerprint, imported_at) VALUES (:origin, :source, :manifestText, :baseFingerprint, :importedAtMs)`);
  const insertPrompt = database.prepare(`
    INSERT INTO pack_prompts (pack, position, adapter_config, adapter_weights, trained) VALUES (:pack, :position, :adapterConfig, :adapterWeights, :trained)`);
  const setTrashed = database.prepare('UPDATE packs SET trashed_at = coalesce(trashed_at, :nowMs) WHERE number = :number');
  const setRestored = database.prepare('UPDATE packs SET trashed_at = NULL WHERE number = :number');

  const withPrompts = (row: unknown): PackRow => {
    const pack = parseRow(packRow, row, 'packs');
    const prompts = selectPrompts.all({ number: packNumberOf(pack.id) }).map((prompt) => parseRow(promptRow, prompt, 'pack_prompts'));
    return { ...pack, prompts };
  };
  const get = (id: PackId): PackRow => {
    const row = select.get({ number: packNumberOf(id) });
    if (row === undefined) throw notFound(id);
    return withPrompts(row);
  };

  return {
    get,
    list: ({ trash } = { trash: 'without' }) => (trash === 'only' ? selectTrashed : selectKept).all().map(withPrompts),
    add: ({ prompts, ...pack }) => database.transaction(() => {
      const { origin, source, manifestText, baseFingerprint } = pack;
      const { lastInsertRowid: number } = insert.run({ origin, source, manifestText, baseFingerprint, importedAtMs: Date.now() });
      for (const [position, { adapterConfig, adapterWeights, trained }] of prompts.entries()) insertPrompt.run({ pack: number, position, adapterConfig, adapterWeights, trained });
      return get(packIdOf(number));
    }),
    trash: (id) => database.transaction(() => {
      get(id);
      setTrashed.run({ number: packNumberOf(id), nowMs: Date.now() });
      return get(id);
    }),
    restore: (id) => database.transaction(() => {
      get(id);
      setRestored.run({ number: packNumberOf(id) });
      return get(id);
    }),
  };
}

function notFound(id: PackId): Problem {
  return new Problem({
    code: 'pack-not-found', found: `no pack ${id} in the workspace`, expected: 'one that was imported', action: 'List them with: souffleur packs list',
  });
}
