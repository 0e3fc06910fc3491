/** The queue as a person or a script is told of it. */
import type { QueueEntryReport, QueueReport } from '../../contract/api/queue.ts';
import type { QueueEntry } from '../../store/queue-table.ts';
import type { Run } from '../../store/run-row.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { deviceOf, readQueueSettings, roomOn, stateOf } from './queue-entries.ts';
import { estimateStarts } from './queue-eta.ts';
import type { QueueExecutor } from './queue-executor.ts';
import { estimateSecondsLeft } from './run-rate.ts';

/** @param executor of the core that runs it; null for a process that only reads. */
export function reportQueue(workspace: ReadableWorkspace, executor: QueueExecutor | null): QueueReport {
  const { pausedAtMs, pausedBecause } = workspace.queue.state();
  const settings = readQueueSettings(workspace);
  const entries = workspace.queue.list().flatMap((entry) => reportEntry(workspace, entry, executor) ?? []);
  const starts = estimateStarts(
    entries.map(({ device, report: { state, secondsLeft } }) => ({ device, state: timedState(state), secondsLeft })),
    (device) => roomOn(device, settings),
  );
  return {
    isPaused: pausedAtMs !== null,
    pausedBecause,
    isOn: executor?.isOn ?? false,
    entries: entries.map(({ report }, i) => ({ ...report, startsInSeconds: pausedAtMs !== null && timedState(report.state) === 'waiting' ? null : starts[i] ?? null })),
    lost: workspace.runs.list({ statuses: ['lost'] }).map(({ id }) => id),
    settings,
  };
}

function reportEntry(workspace: ReadableWorkspace, entry: QueueEntry, executor: QueueExecutor | null): { device: string; report: QueueEntryReport } | null {
  const state = stateOf(entry);
  if (state === 'ended') return null;
  const runs = entry.runs.map(({ id }) => workspace.runs.get(id));
  const job = executor?.jobOf(entry.id) ?? null;
  const report: QueueEntryReport = {
    id: entry.id,
    state,
    runs: runs.map(({ id, status, method, model, task, seed }) => ({ id, status, method, model, task, seed })),
    stops: entry.stops,
    addedAt: new Date(entry.addedAtMs).toISOString(),
    waitingFor: state === 'queued' ? executor?.waitOf(entry.id) ?? null : null,
    progress: job?.progress == null ? null : pickProgress(job.progress),
    secondsLeft: job?.progress?.phase === 'train' && job.progress.etaSeconds !== null ? job.progress.etaSeconds : secondsLeftOf(workspace, runs),
    startsInSeconds: null,
    memory: executor?.memoryOf(entry.id) ?? null,
  };
  return { device: deviceOf(entry), report };
}

function pickProgress({ phase, done, total, loss, perSecond }: NonNullable<QueueEntryReport['progress']>): NonNullable<QueueEntryReport['progress']> {
  return { phase, done, total, loss, perSecond };
}

/** A run's measured seconds are its own share of the passes that it made with others, so those of a group add up. */
function secondsLeftOf(workspace: ReadableWorkspace, runs: readonly Run[]): number | null {
  let sum = 0;
  for (const run of runs) {
    if (['finished', 'failed', 'cancelled'].includes(run.status)) continue;
    const seconds = estimateSecondsLeft(workspace, run);
    if (seconds === null) return null;
    sum += seconds;
  }
  return sum;
}

function timedState(state: QueueEntryReport['state']): 'active' | 'waiting' | 'held' {
  switch (state) {
    case 'starting':
    case 'running':
    case 'pausing': return 'active';
    case 'queued': return 'waiting';
    case 'paused':
    case 'lost': return 'held';
    default: return state satisfies never;
  }
}
