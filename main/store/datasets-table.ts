/** Imported data sets, version by version. What a source, a mapping and a report are made of belongs to the core; here they are JSON. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import type { Database } from './database.ts';
import { parseObjectHash, type ObjectHash } from './identifiers.ts';
import { jsonColumn, jsonObject, parseRow, writeJson, type JsonObject } from './json-column.ts';

export interface DatasetColumn {
  /** In the source, and in an export. */
  source: string;
  /** In the object: the role that it plays, or its own name. */
  name: string;
}

export interface DatasetSplitRow {
  split: string;
  object: ObjectHash;
  rowCount: number;
  byteCount: number;
  columns: readonly DatasetColumn[];
}

export interface DatasetRow {
  name: string;
  /** From 1. */
  version: number;
  source: JsonObject;
  sourceSha256: string;
  mapping: JsonObject;
  report: JsonObject;
  importedAtMs: number;
  trashedAtMs: number | null;
  /** In the order of the import. */
  splits: readonly DatasetSplitRow[];
}

export type NewDataset = Omit<DatasetRow, 'version' | 'importedAtMs' | 'trashedAtMs'>;

/** One version, or without a number the whole data set. */
export interface DatasetKey {
  name: string;
  version: number | null;
}

export interface SavedMapping {
  /** Null for the one that is remembered by its columns alone. */
  name: string | null;
  signature: string;
  mapping: JsonObject;
  usedAtMs: number;
}

export interface DatasetsReader {
  /** By name, then version; without those in the trash unless asked for. */
  list(options?: { trash: 'without' | 'only' }): DatasetRow[];
  /** @param key without a version the newest outside the trash. @throws {Problem} `dataset-not-found`, naming those that exist */
  get(key: DatasetKey): DatasetRow;
  /** Named and remembered; the one used last first. */
  listMappings(): SavedMapping[];
}

export interface DatasetsTable extends DatasetsReader {
  /** Under the next version of its name. */
  add(dataset: NewDataset): DatasetRow;
  /** Into the trash; without a version all of the name. Twice is once. @returns those that are there now. @throws {Problem} `dataset-not-found` */
  trash(key: DatasetKey): DatasetRow[];
  /** Undoes `trash`. @throws {Problem} `dataset-not-found` */
  restore(key: DatasetKey): DatasetRow[];
  /** @param saved a name that is taken gets the new mapping. */
  saveMapping(saved: Omit<SavedMapping, 'usedAtMs'>): void;
  /** @throws {Problem} `mapping-not-found` */
  removeMapping(name: string): void;
}

const columnSchema = z.object({ source: z.string(), name: z.string() });
const splitRow = z.object({
  split: z.string(), object: z.string().transform(parseObjectHash), rowCount: z.int(), byteCount: z.int(), columns: jsonColumn(z.array(columnSchema)),
});
const datasetRow = z.object({
  number: z.int(), name: z.string(), version: z.int(), source: jsonColumn(jsonObject), sourceSha256: z.string(), mapping: jsonColumn(jsonObject),
  report: jsonColumn(jsonObject), importedAtMs: z.int(), trashedAtMs: z.int().nullable(),
});
const mappingRow = z.object({
  name: z.string().transform((name) => (name === '' ? null : name)), signature: z.string(), mapping: jsonColumn(jsonObject), usedAtMs: z.int(),
});

const columns = `number, name, version, source, source_sha256 AS sourceSha256, mapping, report, imported_at AS importedAtMs, trashed_at AS trashedAtMs`;

export function openDatasetsTable(database: Database): DatasetsTable {
  const selectAll = database.prepare(`SELECT ${columns} FROM datasets ORDER BY name, version`);
  const selectSplits = database.prepare(`
    SELECT split, object, row_count AS rowCount, byte_count AS byteCount, columns FROM dataset_splits WHERE dataset = :number ORDER BY position`);
  const nextVersion = database.prepare(`
    INSERT INTO dataset_names (name, last_version) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET last_version = last_version + 1 RETURNING last_version AS version`);
  const insert = database.prepare(`
    INSERT INTO datasets (name, version, source, source_sha256, mapping, report, imported_at)
    VALUES (:name, :version, :source, :sourceSha256, :mapping, :report, :importedAtMs)`);
  const insertSplit = database.prepare(`
    INSERT INTO dataset_splits (dataset, split, position, object, row_count, byte_count, columns)
    VALUES (:dataset, :split, :position, :object, :rowCount, :byteCount, :columns)`);
  const setTrashed = database.prepare('UPDATE datasets SET trashed_at = :nowMs WHERE name = :name AND version = :version');
  const selectMappings = database.prepare('SELECT name, signature, mapping, used_at AS usedAtMs FROM column_mappings ORDER BY used_at DESC, name');
  const deleteMapping = database.prepare('DELETE FROM column_mappings WHERE name = :name');
  const upsertMapping = database.prepare(`
    INSERT INTO column_mappings (signature, name, mapping, used_at) VALUES (:signature, :name, :mapping, :usedAtMs)
    ON CONFLICT (signature, name) DO UPDATE SET mapping = excluded.mapping, used_at = excluded.used_at`);

  const readRow = (row: unknown): DatasetRow => {
    const { number, ...dataset } = parseRow(datasetRow, row, 'datasets');
    return { ...dataset, splits: selectSplits.all({ number }).map((split) => parseRow(splitRow, split, 'dataset_splits')) };
  };
  const all = (): DatasetRow[] => selectAll.all().map(readRow);
  const matching = (key: DatasetKey): DatasetRow[] => {
    const rows = all();
    const found = rows.filter(({ name, version }) => name === key.name && (key.version === null || version === key.version));
    if (found.length === 0) throw notFound(key, rows);
    return found;
  };
  const setAll = (key: DatasetKey, nowMs: number | null, isMeant: (row: DatasetRow) => boolean): DatasetRow[] => database.transaction(() => {
    const meant = matching(key).filter(isMeant);
    for (const { name, version } of meant) setTrashed.run({ name, version, nowMs });
    return matching(key).filter(({ version }) => meant.some((row) => row.version === version));
  });

  return {
    list: ({ trash } = { trash: 'without' }) => all().filter(({ trashedAtMs }) => (trashedAtMs === null) === (trash === 'without')),
    get(key) {
      const found = matching(key);
      const row = found.findLast(({ trashedAtMs }) => trashedAtMs === null) ?? (key.version === null ? undefined : found[0]);
      if (row === undefined) throw notFound(key, all());
      return row;
    },
    add: (dataset) => database.transaction(() => {
      const { name } = dataset;
      const { version } = nextVersion.get({ name }) as { version: number };
      const { lastInsertRowid } = insert.run({
        name, version, source: writeJson(dataset.source), sourceSha256: dataset.sourceSha256, mapping: writeJson(dataset.mapping), report: writeJson(dataset.report),
        importedAtMs: Date.now(),
      });
      for (const [position, split] of dataset.splits.entries()) {
        insertSplit.run({ ...split, dataset: lastInsertRowid, position, columns: writeJson(split.columns) });
      }
      return matching({ name, version })[0] ?? readRow(undefined);
    }),
    trash: (key) => setAll(key, Date.now(), ({ trashedAtMs }) => trashedAtMs === null),
    restore: (key) => setAll(key, null, ({ trashedAtMs }) => trashedAtMs !== null),
    listMappings: () => selectMappings.all().map((row) => parseRow(mappingRow, row, 'column_mappings')),
    saveMapping: ({ name, signature, mapping }) => database.transaction(() => {
      if (name !== null) deleteMapping.run({ name });
      upsertMapping.run({ signature, name: name ?? '', mapping: writeJson(mapping), usedAtMs: Date.now() });
    }),
    removeMapping(name) {
      if (name !== '' && deleteMapping.run({ name }).changes > 0) return;
      throw new Problem({
        code: 'mapping-not-found', found: `no column mapping named ${JSON.stringify(name.slice(0, 80))}`, expected: 'one that was saved',
        action: 'List the mappings to see their names.',
      });
    },
  };
}

function notFound({ name, version }: DatasetKey, existing: readonly DatasetRow[]): Problem {
  const names = [...new Set(existing.filter(({ trashedAtMs }) => trashedAtMs === null).map((row) => row.name))];
  const versions = existing.filter((row) => row.name === name && row.trashedAtMs === null).map((row) => `${name}@${row.version}`);
  const shown = versions.length > 0 ? versions : names;
  return new Problem({
    code: 'dataset-not-found',
    found: `no data set named ${JSON.stringify(`${name}${version === null ? '' : `@${version}`}`.slice(0, 120))}`,
    expected: shown.length === 0 ? 'a data set in the workspace, which has none yet' : `one of ${shown.slice(0, 12).join(', ')}`,
    action: shown.length === 0 ? 'Import one with: souffleur datasets import FILE' : 'Correct the name; see: souffleur datasets list',
  });
}
