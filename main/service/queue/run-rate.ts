/** How long a run will take, from what like runs took. */
import type { Run } from '../../store/run-row.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { plannedStepsOf, readRunConfig } from '../run-config.ts';

const mostRuns = 60;
/** Settings that decide how long a step takes, other than by a little. */
const pacing = ['batchSize', 'microBatch', 'promptLength', 'maxSourceTokens', 'evaluateEvery', 'instruction', 'shots'] as const;

/** @returns what is left of the run, its evaluations included; null where no like run has finished here. */
export function estimateSecondsLeft(workspace: ReadableWorkspace, run: Run): number | null {
  const finished = workspace.runPages.listFinished({ method: run.method, model: run.model, limit: mostRuns });
  const wanted = pacesOf(run);
  const like = finished.filter((other) => other.modelFingerprint === run.modelFingerprint && isSame(pacesOf(other), wanted));
  // The same task has the same lengths; another is better than nothing.
  const sameTask = like.filter(({ task }) => task === run.task);
  const rates = (sameTask.length > 0 ? sameTask : like).flatMap(rateOf);
  if (rates.length === 0) return null;
  const rate = rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;
  const steps = plannedStepsOf(run);
  if (steps === null) return rate;
  const done = run.generation === 0 ? 0 : workspace.checkpoints.list(run.id).at(-1)?.step ?? 0;
  return rate * Math.max(0, steps - done);
}

/** Seconds per step; per run where there are no steps. */
function rateOf({ finalMetrics }: Run): number[] {
  const { seconds, steps } = finalMetrics ?? {};
  if (typeof seconds !== 'number') return [];
  return [typeof steps === 'number' && steps > 0 ? seconds / steps : seconds];
}

function pacesOf(run: Run): readonly unknown[] {
  const { settings, runtime } = readRunConfig(run);
  return [runtime.provider, runtime.threads, ...pacing.map((key) => settings[key])];
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.every((value, i) => value === others[i]);
}
