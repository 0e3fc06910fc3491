/** Training that the queue did not start: only while nothing else trains. */
import { Problem } from '../contract/problem.ts';
import { activeStatuses } from '../store/run-status.ts';
import type { Core } from './core.ts';

/** Two trainings at once would share the processor, and the memory that each was promised. @throws {Problem} `machine-busy` */
export function requireIdle({ workspace, work }: Core): void {
  const active = workspace.runs.list({ statuses: activeStatuses }).map(({ id }) => `run ${id}`);
  const started = work.list().filter(({ state, subject }) => state === 'running' && (subject === 'studies' || subject === 'runs')).map(({ label }) => label);
  const [busy] = [...active, ...started];
  if (busy === undefined) return;
  throw new Problem({ code: 'machine-busy', found: `${busy} at work`, expected: 'nothing else that trains', action: 'Wait for it to end, or stop it first.' });
}
