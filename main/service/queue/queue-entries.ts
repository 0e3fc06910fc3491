/** Entries of the queue by what can be done with them. */
import { defaultQueueSettings, queueSettingsSchema, type QueueSettings } from '../../contract/api/queue.ts';
import { Problem } from '../../contract/problem.ts';
import { parseRunId } from '../../store/identifiers.ts';
import { readQueueEntryId, type QueueEntry } from '../../store/queue-table.ts';
import type { RunStatus } from '../../store/run-status.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';

/** Of its runs that have not ended; `ended` when all have. */
export type EntryState = 'queued' | 'starting' | 'running' | 'pausing' | 'paused' | 'lost' | 'ended';

/** A run that is at work speaks for all; a lost one waits for a person, whatever the others do. */
const precedence: readonly (RunStatus & EntryState)[] = ['pausing', 'running', 'starting', 'lost', 'paused', 'queued'];

export function stateOf({ runs }: Pick<QueueEntry, 'runs'>): EntryState {
  return precedence.find((state) => runs.some(({ status }) => status === state)) ?? 'ended';
}

/** Without a device number every GPU provider means the first GPU: they share one lane. */
export function deviceOf({ runs: [{ provider }] }: Pick<QueueEntry, 'runs'>): 'cpu' | 'gpu' {
  return provider === null || provider === 'cpu' ? 'cpu' : 'gpu';
}

export function roomOn(device: string, { cpuJobs }: QueueSettings): number {
  return device === 'cpu' ? cpuJobs : 1;
}

/** @param text an entry's id, or that of a run in it. @throws {Problem} `queue-entry-not-found`, `run-not-queued`, `run-id-invalid` */
export function findEntry(workspace: ReadableWorkspace, text: string): QueueEntry {
  const id = readQueueEntryId(text);
  if (id !== null) return workspace.queue.get(id);
  const run = workspace.runs.get(parseRunId(text));
  const entry = workspace.queue.findByRun(run.id);
  if (entry !== null) return entry;
  throw new Problem({
    code: 'run-not-queued',
    found: `run ${run.id}, which is ${run.status} and not in the queue`,
    expected: 'a run in the queue',
    action: run.status === 'finished' ? 'It is done: souffleur queue duplicate makes another like it.' : `Add it: souffleur queue add --run ${run.id}`,
  });
}

/** What is missing or of another version has its default. */
export function readQueueSettings(workspace: ReadableWorkspace): QueueSettings {
  const { settings } = workspace.queue.state();
  const known = queueSettingsSchema.partial().safeParse(settings);
  return { ...defaultQueueSettings, ...(known.success ? withoutUndefined(known.data) : {}) };
}

/** @returns the given ones only. */
export function withoutUndefined(settings: { [Key in keyof QueueSettings]?: QueueSettings[Key] | undefined }): Partial<QueueSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
