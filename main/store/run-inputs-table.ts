/** The data files that a run was given, as they were: path, content hash and row count. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { parseObjectHash, runNumberOf, type ObjectHash, type RunId } from './identifiers.ts';
import { parseRow } from './json-column.ts';

export type Split = 'train' | 'dev' | 'test';

export interface RunInput {
  role: Split;
  /** Where the file was. */
  path: string;
  /** Of the file's bytes. When the file was also kept as an object, this is its hash. */
  sha256: ObjectHash;
  rowCount: number;
}

export interface RunInputsReader {
  /** Train, dev, test; then by path. */
  list(run: RunId): RunInput[];
}

export interface RunInputsTable extends RunInputsReader {
  add(run: RunId, inputs: readonly RunInput[]): void;
}

const inputRow = z.object({
  role: z.enum(['train', 'dev', 'test']),
  path: z.string(),
  sha256: z.string().transform(parseObjectHash),
  rowCount: z.int(),
});

export function openRunInputsTable(database: Database): RunInputsTable {
  const select = database.prepare(`
    SELECT role, path, sha256, row_count AS rowCount FROM run_inputs WHERE run = :run
    ORDER BY CASE role WHEN 'train' THEN 0 WHEN 'dev' THEN 1 ELSE 2 END, path`);
  const insert = database.prepare(
    'INSERT INTO run_inputs (run, role, path, sha256, row_count) VALUES (:run, :role, :path, :sha256, :rowCount)');

  return {
    list: (run) => select.all({ run: runNumberOf(run) }).map((row) => parseRow(inputRow, row, 'run_inputs')),
    add: (run, inputs) => database.transaction(() => {
      for (const input of inputs) insert.run({ run: runNumberOf(run), ...input });
    }),
  };
}
