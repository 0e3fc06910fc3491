/** How a person names a checkpoint: `r0001/300`, `r0001/best`, or `r0001` for the one that stands for the run. */
import { Problem } from '../../contract/problem.ts';
import { checkpointNotFound, type Checkpoint } from '../../store/checkpoints-table.ts';
import { parseRunId, type RunId } from '../../store/identifiers.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { findKeptCheckpoint } from '../predictions.ts';

/** The name under which a checkpoint is told of. */
export function nameCheckpoint({ run, step }: { run: RunId; step: number }): string {
  return `${run}/${step}`;
}

/**
 * Also from the trash.
 * @throws {Problem} `checkpoint-reference-invalid`, `run-id-invalid`, `run-not-found`, `checkpoint-not-found`, `run-without-checkpoint`
 */
export function findCheckpoint(workspace: ReadableWorkspace, text: string): Checkpoint {
  const parts = /^\s*([^/]+?)\s*(?:\/\s*(?:step-?)?(\d{1,15}|best)\s*)?$/i.exec(text);
  if (parts === null) throw invalid(text);
  const run = parseRunId(parts[1] ?? '');
  workspace.runs.get(run);
  const step = parts[2]?.toLowerCase() ?? 'best';
  if (step !== 'best') return workspace.checkpoints.find(run, Number(step)) ?? fail(checkpointNotFound(run, Number(step)));
  return findKeptCheckpoint(workspace, run) ?? fail(new Problem({
    code: 'run-without-checkpoint',
    found: `run ${run}, which has no checkpoint yet`,
    expected: 'a run that was evaluated at least once',
    action: `Let it train: souffleur tune --resume ${run}`,
  }));
}

function fail(problem: Problem): never {
  throw problem;
}

function invalid(text: string): Problem {
  return new Problem({
    code: 'checkpoint-reference-invalid',
    found: `${JSON.stringify(text.slice(0, 80))} as a checkpoint`,
    expected: 'run and step, such as r0001/300, or a run alone for its best',
    action: 'List them: souffleur checkpoints list',
  });
}
