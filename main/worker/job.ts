/**
 * A worker's side of the protocol: takes one job, numbers its events, listens for "cancel", and never outlives its core.
 * Files are written atomically, so that leaving at any moment is safe.
 */
import { toProblem } from '../contract/problem.ts';
import { workerCommandSchema, type Job, type JobEvent, type NumberedEvent } from '../contract/worker-protocol.ts';

export interface JobChannel {
  emit(event: JobEvent): void;
  isCancelled(): boolean;
}

/** Runs `perform` for the job that the core sends, reports how it ended, and leaves. */
export function serveOneJob(perform: (job: Job, channel: JobChannel) => Promise<void>): void {
  let sequence = 0;
  let isCancelled = false;
  let hasStarted = false;
  const send = (event: JobEvent, sent?: () => void): void => {
    const numbered: NumberedEvent = { sequence, event };
    sequence += 1;
    if (process.send === undefined) console.log(JSON.stringify(numbered));
    else process.send(numbered, undefined, {}, () => sent?.());
  };
  const leave = (): void => {
    process.off('disconnect', exitNow);
    if (process.connected) process.disconnect();
  };
  const exitNow = (): never => process.exit(1);
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
    if (hasStarted) return;
    hasStarted = true;
    perform(command.data.job, { emit: (event) => send(event), isCancelled: () => isCancelled })
      .then(leave)
      .catch((error: unknown) => {
        // The stack belongs in the run's log (this process's stderr), not before the person.
        console.error(error);
        send({ kind: 'failed', problem: toProblem(error).toRecord() }, leave);
      });
  });
}
