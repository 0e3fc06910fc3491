/** What a training worker tells, as events of the core. */
import type { JobEvent } from '../contract/worker-protocol.ts';
import type { RunId } from '../store/identifiers.ts';
import type { EventHub } from './event-hub.ts';

/** @param runs all that the worker trains: they share its progress. */
export function publishJobEvents(events: EventHub, runs: readonly RunId[]): (event: JobEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'progress': {
        const { phase, done, total, loss, perSecond, etaSeconds } = event;
        for (const run of runs) events.publish({ kind: 'run-progress', run, phase, done, total, loss, perSecond, etaSeconds });
        return;
      }
      case 'losses': return events.publish({ kind: 'run-losses', run: event.runId, firstStep: event.firstStep, losses: event.losses });
      case 'checkpoint':
        events.publish({ kind: 'run-checkpoint', run: event.runId, record: event.record });
        return events.publish({ kind: 'changed', subject: 'checkpoints', id: event.runId });
      case 'warning': {
        for (const run of runs) events.publish({ kind: 'run-warning', run, code: event.code, message: event.message });
        return;
      }
      case 'run-trained':
      case 'run-failed': return events.publish({ kind: 'changed', subject: 'runs', id: event.runId });
      default: return undefined;
    }
  };
}
