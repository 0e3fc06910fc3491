/** What a checkpoint answered, example by example. The answers are one object a split; the row names it. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { parseObjectHash, runIdOf, runNumberOf, type ObjectHash, type RunId } from './identifiers.ts';
import { parseRow } from './json-column.ts';
import type { Split } from './run-inputs-table.ts';

export interface Predictions {
  run: RunId;
  /** Of the checkpoint. */
  step: number;
  split: Split;
  object: ObjectHash;
  createdAtMs: number;
}

export interface PredictionsReader {
  find(key: Pick<Predictions, 'run' | 'step' | 'split'>): Predictions | null;
  /** By step, then split. */
  list(run: RunId): Predictions[];
}

export interface PredictionsTable extends PredictionsReader {
  /** Names an object that was put already, for a checkpoint that was recorded; recording again replaces. */
  record(predictions: Omit<Predictions, 'createdAtMs'>): Predictions;
}

const predictionsRow = z.object({
  run: z.int().transform(runIdOf),
  step: z.int(),
  split: z.enum(['train', 'dev', 'test']),
  object: z.string().transform(parseObjectHash),
  createdAtMs: z.int(),
});

const columns = 'run, step, split, object, created_at AS createdAtMs';

export function openPredictionsTable(database: Database): PredictionsTable {
  const select = database.prepare(`SELECT ${columns} FROM predictions WHERE run = :run AND step = :step AND split = :split`);
  const selectAll = database.prepare(`SELECT ${columns} FROM predictions WHERE run = :run ORDER BY step, split`);
  const upsert = database.prepare(`
    INSERT INTO predictions (run, step, split, object, created_at) VALUES (:run, :step, :split, :object, :createdAtMs)
    ON CONFLICT (run, step, split) DO UPDATE SET object = excluded.object, created_at = excluded.created_at`);

  return {
    find({ run, step, split }) {
      const row = select.get({ run: runNumberOf(run), step, split });
      return row === undefined ? null : parseRow(predictionsRow, row, 'predictions');
    },
    list: (run) => selectAll.all({ run: runNumberOf(run) }).map((row) => parseRow(predictionsRow, row, 'predictions')),
    record({ run, step, split, object }) {
      const createdAtMs = Date.now();
      upsert.run({ run: runNumberOf(run), step, split, object, createdAtMs });
      return { run, step, split, object, createdAtMs };
    },
  };
}
