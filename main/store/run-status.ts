/** The life of a run. A closed list, and a closed list of ways from one to the next. */
import { Problem } from '../contract/problem.ts';
import type { RunId } from './identifiers.ts';

export const runStatuses = ['queued', 'starting', 'running', 'pausing', 'paused', 'finished', 'failed', 'cancelled', 'lost'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** A worker process belongs to these; found at start without one, they are lost. */
export const activeStatuses = ['starting', 'running', 'pausing'] as const satisfies readonly RunStatus[];

/**
 * `starting` is reachable from active ones because a supervisor starts a fallen worker again; `failed` from `queued` because what a run
 * needs may be gone when its turn comes.
 */
const next: Record<RunStatus, readonly RunStatus[]> = {
  queued: ['starting', 'paused', 'failed', 'cancelled'],
  starting: ['starting', 'running', 'pausing', 'finished', 'failed', 'cancelled', 'lost'],
  running: ['starting', 'pausing', 'finished', 'failed', 'cancelled', 'lost'],
  pausing: ['starting', 'paused', 'finished', 'failed', 'cancelled', 'lost'],
  paused: ['queued', 'starting', 'cancelled'],
  finished: [],
  failed: ['queued', 'starting'],
  cancelled: ['queued', 'starting'],
  lost: ['queued', 'starting', 'cancelled'],
};

export function isActive(status: RunStatus): boolean {
  return (activeStatuses as readonly RunStatus[]).includes(status);
}

export function canChange(from: RunStatus, to: RunStatus): boolean {
  return next[from].includes(to);
}

/** @throws {Problem} `run-status-impossible` */
export function requireChange(id: RunId, from: RunStatus, to: RunStatus): void {
  if (canChange(from, to)) return;
  const reachable = next[from];
  throw new Problem({
    code: 'run-status-impossible',
    found: `run ${id}, which is ${from} and cannot become ${to}`,
    expected: reachable.length === 0 ? `nothing more: ${from} is final` : `one that becomes ${reachable.join(', ')}`,
    action: 'Look at the run; another command may have changed it meanwhile.',
  });
}
