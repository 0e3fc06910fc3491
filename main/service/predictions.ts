/** What a run's best checkpoint answered, example by example, as its worker wrote it. */
import { examplePredictionSchema, type ExamplePrediction } from '../contract/prediction.ts';
import { Problem } from '../contract/problem.ts';
import type { Checkpoint } from '../store/checkpoints-table.ts';
import type { ObjectHash, RunId } from '../store/identifiers.ts';
import type { Split } from '../store/run-inputs-table.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';

export type StoredPrediction = Readonly<ExamplePrediction>;

/** The checkpoint that stands for a run: the best, or the last where none was chosen yet. */
export function findKeptCheckpoint(workspace: ReadableWorkspace, run: RunId): Checkpoint | null {
  return workspace.checkpoints.findBest(run) ?? workspace.checkpoints.list(run).at(-1) ?? null;
}

/**
 * @returns the best checkpoint's answers on a split, in the order of the data file.
 * @throws {Problem} `predictions-missing`, `predictions-invalid`, `object-missing`, `object-corrupt`
 */
export async function readPredictions(workspace: ReadableWorkspace, run: RunId, split: Split): Promise<readonly StoredPrediction[]> {
  const best = findKeptCheckpoint(workspace, run);
  const row = best === null ? null : workspace.predictions.find({ run, step: best.step, split });
  if (row === null) throw missing(run, split);
  return parsePredictions(workspace, row.object);
}

/** The same for a file of answers that no run's row names, such as a vote's. @throws {Problem} as readPredictions */
export function parsePredictions(workspace: ReadableWorkspace, object: ObjectHash): readonly StoredPrediction[] {
  const lines = workspace.objects.readObject(object).toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => parseLine(line, { file: workspace.objects.objectPath(object), line: index + 1 }));
}

function parseLine(text: string, place: { file: string; line: number }): StoredPrediction {
  const parsed = examplePredictionSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.');
  throw new Problem({
    code: 'predictions-invalid',
    kind: 'failure',
    found: path === undefined || path === '' ? 'a line that is no prediction' : `a prediction whose “${path}” cannot be read`,
    expected: 'predictions as Souffleur writes them',
    action: 'Evaluate the run again: souffleur eval',
    place,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function missing(run: RunId, split: Split): Problem {
  return new Problem({
    code: 'predictions-missing',
    found: `run ${run} without answers on its ${split} file`,
    expected: `a run whose best checkpoint was evaluated on a ${split} file`,
    action: `Let it finish (souffleur tune --resume ${run}), or evaluate it on the file: souffleur eval --run ${run} --data FILE`,
  });
}
