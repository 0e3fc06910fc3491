/** What a training worker reports, for everybody who watches the core. */
import type { JobEvent } from '../../contract/worker-protocol.ts';
import type { RunId } from '../../store/identifiers.ts';
import type { EventHub } from '../event-hub.ts';
import type { RunOptions } from '../run-execution.ts';

/**
 * Options of executeRunGroup that publish progress, losses, checkpoints, warnings and changes. A worker reports progress at most ten times
 * a second; what it says of its job goes to each of the job's runs.
 */
export function publishRunEvents(events: EventHub, runs: readonly RunId[]): Required<Pick<RunOptions, 'onRecorded' | 'onChange'>> {
  return {
    onRecorded(event: JobEvent) {
      switch (event.kind) {
        case 'progress': {
          const { kind: _kind, learningRate: _rate, ...progress } = event;
          for (const run of runs) events.publish({ kind: 'run-progress', run, ...progress });
          return;
        }
        case 'warning':
          for (const run of runs) events.publish({ kind: 'run-warning', run, code: event.code, message: event.message });
          return;
        case 'losses':
          return events.publish({ kind: 'run-losses', run: event.runId, firstStep: event.firstStep, losses: event.losses });
        case 'checkpoint':
          events.publish({ kind: 'run-checkpoint', run: event.runId, record: event.record });
          return events.publish({ kind: 'changed', subject: 'checkpoints', id: event.runId });
        default:
      }
    },
    onChange(id) {
      events.publish({ kind: 'changed', subject: 'runs', id });
    },
  };
}
