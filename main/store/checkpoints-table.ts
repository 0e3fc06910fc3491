/** Every evaluated prompt of a run is kept; the files are objects, the row names them. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
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
  /** Null unless in the trash by itself; a run's trash is the run's own. */
  trashedAtMs: number | null;
}

export interface CheckpointsReader {
  /** Also from the trash. */
  find(run: RunId, step: number): Checkpoint | null;
  /** By step, without those in the trash. */
  list(run: RunId): Checkpoint[];
  findBest(run: RunId): Checkpoint | null;
  /** The latest from which the run can go on. */
  findLatestResumable(run: RunId): Checkpoint | null;
}

export interface CheckpointsTable extends CheckpointsReader {
  /**
   * Names objects that were put already; a resumed run may record a step again. `isBest` takes the mark from the earlier best.
   * A step in the trash stays there, unless it is the best now. To be called within a day of the put: until then the trash takes the object for one on its way here (trash.ts).
   */
  record(checkpoint: Omit<Checkpoint, 'createdAtMs' | 'trashedAtMs'>): Checkpoint;
  /** Trashing twice is trashing once. @throws {Problem} `checkpoint-not-found`, `checkpoint-is-best`, `checkpoint-pinned` */
  trash(run: RunId, step: number): Checkpoint;
  /** Undoes `trash`. @throws {Problem} `checkpoint-not-found` */
  restore(run: RunId, step: number): Checkpoint;
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
  trashedAtMs: z.int().nullable(),
});

const columns = `run, step, weights, resume_state AS resumeState, dev_metrics AS devMetrics, is_best AS isBest, created_at AS createdAtMs,
  trashed_at AS trashedAtMs`;

export function openCheckpointsTable(database: Database): CheckpointsTable {
  const select = (condition: string) => database.prepare(`SELECT ${columns} FROM checkpoints WHERE run = :run ${condition}`);
  const selectStep = select('AND step = :step');
  const selectAll = select('AND trashed_at IS NULL ORDER BY step');
  const selectBest = select('AND is_best = 1');
  const selectResumable = select('AND resume_state IS NOT NULL ORDER BY step DESC LIMIT 1');
  const clearBest = database.prepare('UPDATE checkpoints SET is_best = 0 WHERE run = :run AND is_best = 1 AND step <> :step');
  // An update, not a replacement: replacing would delete the predictions that belong to the step.
  const upsert = database.prepare(`
    INSERT INTO checkpoints (run, step, weights, resume_state, dev_metrics, is_best, created_at)
    VALUES (:run, :step, :weights, :resumeState, :devMetrics, :isBest, :createdAtMs)
    ON CONFLICT (run, step) DO UPDATE SET weights = excluded.weights, resume_state = excluded.resume_state,
      dev_metrics = excluded.dev_metrics, is_best = excluded.is_best, created_at = excluded.created_at,
      trashed_at = CASE WHEN excluded.is_best = 1 THEN NULL ELSE trashed_at END`);
  const setTrashed = database.prepare('UPDATE checkpoints SET trashed_at = coalesce(trashed_at, :nowMs) WHERE run = :run AND step = :step');
  const setRestored = database.prepare('UPDATE checkpoints SET trashed_at = NULL WHERE run = :run AND step = :step');
  const selectPin = database.prepare('SELECT name FROM checkpoint_pins WHERE run = :run AND step = :step');
  const forgetResume = database.prepare('UPDATE checkpoints SET resume_state = NULL WHERE run = :run AND step <> :step');
  const deleteAfter = database.prepare('DELETE FROM checkpoints WHERE run = :run AND step > :step');

  const find = (run: RunId, step: number): Checkpoint | null => parseFound(selectStep.get(keys(run, step)));
  const get = (run: RunId, step: number): Checkpoint => find(run, step) ?? fail(checkpointNotFound(run, step));

  return {
    find,
    list: (run) => selectAll.all({ run: runNumberOf(run) }).map(parseCheckpoint),
    findBest: (run) => parseFound(selectBest.get({ run: runNumberOf(run) })),
    findLatestResumable: (run) => parseFound(selectResumable.get({ run: runNumberOf(run) })),
    record: (checkpoint) => database.transaction(() => {
      const { run, step, weights, resumeState, devMetrics, isBest } = checkpoint;
      const createdAtMs = Date.now();
      if (isBest) clearBest.run(keys(run, step));
      upsert.run({ ...keys(run, step), weights, resumeState, devMetrics: writeJson(devMetrics), isBest: isBest ? 1 : 0, createdAtMs });
      return get(run, step);
    }),
    trash: (run, step) => database.transaction(() => {
      if (get(run, step).isBest) throw isTheBest(run, step);
      const pin = selectPin.get(keys(run, step)) as { name: string } | undefined;
      if (pin !== undefined) throw isPinned(run, step, pin.name);
      setTrashed.run({ ...keys(run, step), nowMs: Date.now() });
      return get(run, step);
    }),
    restore: (run, step) => database.transaction(() => {
      get(run, step);
      setRestored.run(keys(run, step));
      return get(run, step);
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

function fail(problem: Problem): never {
  throw problem;
}

export function checkpointNotFound(run: RunId, step: number): Problem {
  return new Problem({
    code: 'checkpoint-not-found',
    found: `no checkpoint of run ${run} at step ${step}`,
    expected: 'a step that was evaluated and kept',
    action: `List them: souffleur checkpoints list --run ${run}`,
  });
}

/** Its test score, its answers and every comparison are the best checkpoint's: another in its place would be chosen after looking at test. */
function isTheBest(run: RunId, step: number): Problem {
  return new Problem({
    code: 'checkpoint-is-best',
    found: `step ${step}, the best of run ${run}: the run’s scores, answers and comparisons are its`,
    expected: 'another checkpoint of the run, or the run as a whole',
    action: `Move the whole run to the trash instead: souffleur runs trash ${run}`,
  });
}

function isPinned(run: RunId, step: number, name: string): Problem {
  return new Problem({
    code: 'checkpoint-pinned',
    found: `step ${step} of run ${run}, pinned as ${JSON.stringify(name)}`,
    expected: 'a checkpoint that no pin holds',
    action: `Take the pin off first: souffleur checkpoints unpin ${run}/${step}`,
  });
}
