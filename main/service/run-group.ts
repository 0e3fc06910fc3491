/**
 * Runs that are trained together: one frozen model, one worker, every pass shared. They differ in their seeds only, and each stays a run
 * of its own, with its folder, its state and its results as if it had been trained alone.
 */
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../contract/problem.ts';
import { findMethod } from '../method/index.ts';
import type { RunId } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import { newRunOf, prepareResume, type RunPlan } from './runs.ts';

export type RunGroup = readonly [Run, ...Run[]];

/**
 * Queues one run a seed, to be trained together.
 * @throws {Problem} `method-without-prompt` for several seeds of a method that trains weights
 */
export function createRunGroup(workspace: Workspace, plan: RunPlan, { seeds }: { seeds: readonly number[] }): RunGroup {
  if (seeds.length > 1) requirePrompt(plan.method);
  return requireSome(workspace.runs.createGroup(seeds.map((seed) => newRunOf(plan, seed))));
}

function requirePrompt(method: string): void {
  if (findMethod(method).trains === 'prompt') return;
  throw new Problem({
    code: 'method-without-prompt',
    found: `several runs of ${method} together`,
    expected: 'a method that trains a prompt and leaves the model frozen: only then can runs share it',
    action: 'Leave --together out: the runs are then trained one after another.',
  });
}

/**
 * The runs, if they can go on together.
 * @throws {Problem} as prepareResume for each of them; `method-without-prompt`; `runs-not-alike` naming two runs and what differs
 */
export async function prepareGroupResume(workspace: Workspace, ids: readonly RunId[]): Promise<RunGroup> {
  const runs: Run[] = [];
  for (const id of new Set(ids)) runs.push(await prepareResume(workspace, id));
  const group = requireSome(runs);
  if (group.length > 1) requirePrompt(group[0].method);
  requireAlike(workspace, group);
  return group;
}

/**
 * The runs of a run's group that have not finished.
 * @throws {Problem} `run-not-found`; `run-finished` when all have
 */
export function listUnfinished(workspace: ReadableWorkspace, id: RunId): RunId[] {
  const group = workspace.runs.listGroup(id);
  const unfinished = group.filter(({ status }) => status !== 'finished').map((run) => run.id);
  if (unfinished.length > 0) return unfinished;
  throw new Problem({
    code: 'run-finished',
    found: `${group.length === 1 ? `run ${id}, which is` : `the group of run ${id}, whose runs are all`} finished`,
    expected: 'a run that stopped before its end',
    action: `Look at it with: souffleur runs show ${id}`,
  });
}

/** What runs of a group share, by the words of the message. */
function sharedParts(workspace: ReadableWorkspace, run: Run): Record<string, unknown> {
  const inputs = workspace.runInputs.list(run.id).map(({ role, sha256 }) => [role, sha256]);
  return { model: run.modelFingerprint, method: run.method, 'task format': run.task, settings: run.config, 'data files': inputs };
}

function requireAlike(workspace: ReadableWorkspace, [first, ...others]: RunGroup): void {
  const wanted = sharedParts(workspace, first);
  for (const run of others) {
    const differing = Object.entries(sharedParts(workspace, run)).find(([name, value]) => !isDeepStrictEqual(value, wanted[name]));
    if (differing === undefined) continue;
    throw new Problem({
      code: 'runs-not-alike',
      found: `runs ${first.id} and ${run.id}, which differ in their ${differing[0]}`,
      expected: 'runs that differ in their seeds only',
      action: 'Go on with each of them alone: souffleur tune --resume RUN',
    });
  }
}

function requireSome(runs: readonly Run[]): RunGroup {
  const [first, ...others] = runs;
  if (first === undefined) throw new Error('a group without a run');
  return [first, ...others];
}
