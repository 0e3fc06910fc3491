/** Studies and the run of each of their cells. What a study is made of belongs to the core; here it is JSON under a name. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import type { Database } from './database.ts';
import { runIdOf, runNumberOf, type RunId } from './identifiers.ts';
import { jsonColumn, jsonObject, parseRow, writeJson, type JsonObject } from './json-column.ts';

export interface StudyRow {
  /** Given by SQLite, from 1. */
  number: number;
  name: string;
  /** From 1; a study that was begun again under its name has the next. */
  edition: number;
  /** The study file, absolute, where it was read last. */
  file: string;
  /** What the study is made of, complete. */
  definition: JsonObject;
  createdAtMs: number;
}

/** One method on one task with one seed; methods and tasks by their ids in the study. */
export interface StudyCellKey {
  method: string;
  task: string;
  seed: number;
}

export interface StudyRunRow extends StudyCellKey {
  run: RunId;
}

export interface StudiesReader {
  /** @param edition the latest without. */
  find(name: string, edition?: number): StudyRow | null;
  /** @throws {Problem} `study-not-found`, naming those that exist */
  get(name: string, edition?: number): StudyRow;
  /** In order of creation. */
  list(): StudyRow[];
  /** Cells that have a run outside the trash; in order of the runs' creation. */
  listRuns(study: number): StudyRunRow[];
}

export interface StudiesTable extends StudiesReader {
  /** Under the next edition of its name. */
  create(study: Pick<StudyRow, 'name' | 'file' | 'definition'>): StudyRow;
  /** For what may change without changing results: titles, where the file lies. */
  update(study: Pick<StudyRow, 'number' | 'file' | 'definition'>): void;
  /** Gives a cell its run, in place of one that was moved to the trash. */
  setRun(study: number, cell: StudyRunRow): void;
}

const studyRow = z.object({
  number: z.int(),
  name: z.string(),
  edition: z.int(),
  file: z.string(),
  definition: jsonColumn(jsonObject),
  createdAtMs: z.int(),
});
const studyRunRow = z.object({ method: z.string(), task: z.string(), seed: z.int(), run: z.int().transform(runIdOf) });

const columns = 'number, name, edition, file, definition, created_at AS createdAtMs';

export function openStudiesTable(database: Database): StudiesTable {
  const select = database.prepare(`
    SELECT ${columns} FROM studies WHERE name = :name AND (:edition IS NULL OR edition = :edition) ORDER BY edition DESC LIMIT 1`);
  const selectAll = database.prepare(`SELECT ${columns} FROM studies ORDER BY number`);
  const insert = database.prepare(`
    INSERT INTO studies (name, edition, file, definition, created_at)
    VALUES (:name, (SELECT coalesce(max(edition), 0) + 1 FROM studies WHERE name = :name), :file, :definition, :createdAtMs)`);
  const update = database.prepare('UPDATE studies SET file = :file, definition = :definition WHERE number = :number');
  const selectRuns = database.prepare(`
    SELECT study_runs.method, study_runs.task, study_runs.seed, run FROM study_runs JOIN runs ON runs.number = run
    WHERE study = :study AND runs.trashed_at IS NULL ORDER BY run`);
  const upsertRun = database.prepare(`
    INSERT INTO study_runs (study, method, task, seed, run) VALUES (:study, :method, :task, :seed, :run)
    ON CONFLICT (study, method, task, seed) DO UPDATE SET run = excluded.run`);

  const list = (): StudyRow[] => selectAll.all().map((row) => parseRow(studyRow, row, 'studies'));
  const find = (name: string, edition?: number): StudyRow | null => {
    const row = select.get({ name, edition: edition ?? null });
    return row === undefined ? null : parseRow(studyRow, row, 'studies');
  };
  const get = (name: string, edition?: number): StudyRow => {
    const row = find(name, edition);
    if (row === null) throw notFound(name, { edition, existing: list() });
    return row;
  };

  return {
    find,
    get,
    list,
    listRuns: (study) => selectRuns.all({ study }).map((row) => parseRow(studyRunRow, row, 'study_runs')),
    create: ({ name, file, definition }) => database.transaction(() => {
      insert.run({ name, file, definition: writeJson(definition), createdAtMs: Date.now() });
      return get(name);
    }),
    update: ({ number, file, definition }) => void update.run({ number, file, definition: writeJson(definition) }),
    setRun: (study, { method, task, seed, run }) => void upsertRun.run({ study, method, task, seed, run: runNumberOf(run) }),
  };
}

function notFound(name: string, { edition, existing }: { edition: number | undefined; existing: readonly StudyRow[] }): Problem {
  const names = [...new Set(existing.map((study) => study.name))];
  return new Problem({
    code: 'study-not-found',
    found: `no study named ${JSON.stringify(name.slice(0, 80))}${edition === undefined ? '' : ` in edition ${edition}`}`,
    expected: names.length === 0 ? 'a study in the workspace, which has none yet' : `one of ${names.join(', ')}`,
    action: names.length === 0 ? 'Start one with: souffleur study run FILE.yaml' : 'Correct the name; see: souffleur study list',
  });
}
