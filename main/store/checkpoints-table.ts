/** Every evaluated prompt of a run is kept; the files are objects, the row names them. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { parseObjectHash, runIdOf, runNumberOf, type ObjectHash, type RunId } from './identifiers.ts';
import { jsonColumn, metricValues, parseRow, writeJson, type MetricValues } from './json-column.ts';

export interface Checkpoint {
  run: RunId;
  /** Optimizer steps done; 0 is the untrained start. */
  step: number;
  /** The prompt, or the weights in full tuning. */
  weights: ObjectHash;
  /** Optimizer, generators and data order, to go on from here; null where they were not kept. */
  resumeState: ObjectHash | null;
  devMetrics: MetricValues;
  /** By dev metric; at most one of a run. */
  isBest: boolean;
  createdAtMs: number;
}

export interface CheckpointsReader {
  find(run: RunId, step: number): Checkpoint | null;
  /** By step. */
  list(run: RunId): Checkpoint[];
  findBest(run: RunId): Checkpoint | null;
  /** The latest from which the run can go on. */
  findLatestResumable(run: RunId): Checkpoint | null;
}

export interface CheckpointsTable extends CheckpointsReader {
  /**
   * Names objects that were put already; a resumed run may record a step again. `isBest` takes the mark from the earlier best.
   * To be called within a day of the put: until then the trash takes the object for one on its way here (trash.ts).
   */
  record(checkpoint: Omit<Checkpoint, 'createdAtMs'>): Checkpoint;
  /** Forgets the resume states of all other steps: with optimizer state they are the large part. Emptying the trash frees the space. */
  keepOnlyResumeState(run: RunId, step: number): void;
  /** Forgets what a worker recorded beyond the step from which its successor goes on; predictions of these steps go with them. */
  deleteAfter(run: RunId, step: number): void;
}

const objectHash = z.string().transform(parseObjectHash);
const checkpointRow = z.object({
  run: z.int().transform(runIdOf),
  step: z.int(),
  weights: objectHash,
  resumeState: objectHash.nullable(),
  devMetrics: jsonColumn(metricValues),
  isBest: z.int().transform((flag) => flag === 1),
  createdAtMs: z.int(),
});

const columns = 'run, step, weights, resume_state AS resumeState, dev_metrics AS devMetrics, is_best AS isBest, created_at AS createdAtMs';

export function openCheckpointsTable(database: Database): CheckpointsTable {
  const select = (condition: string) => database.prepare(`SELECT ${columns} FROM checkpoints WHERE run = :run ${condition}`);
  const selectStep = select('AND step = :step');
  const selectAll = select('ORDER BY step');
  const selectBest = select('AND is_best = 1');
  const selectResumable = select('AND resume_state IS NOT NULL ORDER BY step DESC LIMIT 1');
  const clearBest = database.prepare('UPDATE checkpoints SET is_best = 0 WHERE run = :run AND is_best = 1 AND step <> :step');
  // An update, not a replacement: replacing would delete the predictions that belong to the step.
  const upsert = database.prepare(`
    INSERT INTO checkpoints (run, step, weights, resume_state, dev_metrics, is_best, created_at)
    VALUES (:run, :step, :weights, :resumeState, :devMetrics, :isBest, :createdAtMs)
    ON CONFLICT (run, step) DO UPDATE SET weights = excluded.weights, resume_state = excluded.resume_state,
      dev_metrics = excluded.dev_metrics, is_best = excluded.is_best, created_at = excluded.created_at`);
  const forgetResume = database.prepare('UPDATE checkpoints SET resume_state = NULL WHERE run = :run AND step <> :step');
  const deleteAfter = database.prepare('DELETE FROM checkpoints WHERE run = :run AND step > :step');

  return {
    find: (run, step) => parseFound(selectStep.get(keys(run, step))),
    list: (run) => selectAll.all({ run: runNumberOf(run) }).map(parseCheckpoint),
    findBest: (run) => parseFound(selectBest.get({ run: runNumberOf(run) })),
    findLatestResumable: (run) => parseFound(selectResumable.get({ run: runNumberOf(run) })),
    record: (checkpoint) => database.transaction(() => {
      const { run, step, weights, resumeState, devMetrics, isBest } = checkpoint;
      const createdAtMs = Date.now();
      if (isBest) clearBest.run(keys(run, step));
      upsert.run({ ...keys(run, step), weights, resumeState, devMetrics: writeJson(devMetrics), isBest: isBest ? 1 : 0, createdAtMs });
      return { ...checkpoint, createdAtMs };
    }),
    keepOnlyResumeState: (run, step) => void forgetResume.run(keys(run, step)),
    deleteAfter: (run, step) => void deleteAfter.run(keys(run, step)),
  };
}

function keys(run: RunId, step: number): { run: number; step: number } {
  return { run: runNumberOf(run), step };
}

function parseCheckpoint(row: unknown): Checkpoint {
  return parseRow(checkpointRow, row, 'checkpoints');
}

function parseFound(row: unknown): Checkpoint | null {
  return row === undefined ? null : parseCheckpoint(row);
}
