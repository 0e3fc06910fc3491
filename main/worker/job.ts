/**
 * A worker's side of the protocol: takes one job, numbers its events, listens for "cancel" and "stop", and never outlives its core.
 * Files are written atomically, so that leaving at any moment is safe.
 */
import { toProblem } from '../contract/problem.ts';
import { workerCommandSchema, type Job, type JobEvent, type NumberedEvent } from '../contract/worker-protocol.ts';

export interface JobChannel {
  emit(event: JobEvent): void;
  isCancelled(): boolean;
  /** Whether training is to end with the best of what it has. */
  isStopped(): boolean;
}

const exitNow = (): never => process.exit(1);

/** Runs `perform` for the job that the core sends, reports how it ended, and leaves. */
export function serveOneJob(perform: (job: Job, channel: JobChannel) => Promise<void>): void {
  let sequence = 0;
  let isCancelled = false;
  let isStopped = false;
  let hasStarted = false;
  let hasEnded = false;
  let unsent = 0;
  const emit = (event: JobEvent): void => {
    const numbered: NumberedEvent = { sequence, event };
    sequence += 1;
    if (process.send === undefined) {
      console.log(JSON.stringify(numbered));
      return;
    }
    unsent += 1;
    process.send(numbered, undefined, {}, () => {
      unsent -= 1;
      leaveWhenSent();
    });
  };
  // A core that is slow to read must still get the last events: closing the channel drops what waits in it.
  const leaveWhenSent = (): void => {
    if (!hasEnded || unsent > 0) return;
    process.off('disconnect', exitNow);
    if (process.connected) process.disconnect();
  };
  // The core is gone: nobody would read what is still to come, and what counts is on disk.
  process.on('disconnect', exitNow);
  // A terminal's Ctrl-C reaches the whole process group; the core decides and sends "cancel".
  process.on('SIGINT', () => {});
  process.on('message', (message) => {
    const command = workerCommandSchema.safeParse(message);
    if (!command.success) {
      console.error('ignored a message that is no command', command.error.message);
      return;
    }
    if (command.data.kind === 'cancel') {
      isCancelled = true;
      return;
    }
    if (command.data.kind === 'stop') {
      isStopped = true;
      return;
    }
    if (hasStarted) return;
    hasStarted = true;
    perform(command.data.job, { emit, isCancelled: () => isCancelled, isStopped: () => isStopped })
      .catch((error: unknown) => {
        // The stack belongs in the run's log (this process's stderr), not before the person.
        console.error(error);
        emit({ kind: 'failed', problem: toProblem(error).toRecord() });
      })
      .finally(() => {
        hasEnded = true;
        leaveWhenSent();
      });
  });
}
