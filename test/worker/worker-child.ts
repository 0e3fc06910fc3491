/** A worker as the core starts it: a process, its events, its end. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { numberedEventSchema, type Job, type JobEvent, type NumberedEvent } from '../../main/contract/worker-protocol.ts';

export interface WorkerChild {
  readonly child: ChildProcess;
  readonly events: readonly NumberedEvent[];
  /** When each event came, in ms. */
  readonly times: readonly number[];
  /** Calls back at every event. */
  onEvent: (event: JobEvent) => void;
  readonly ended: Promise<{ exitCode: number | null; signal: string | null; stderr: string }>;
}

export function startWorkerChild(job: Job, entry: 'train' | 'infer' = 'train'): WorkerChild {
  const file = fileURLToPath(new URL(`../../main/worker/${entry}.ts`, import.meta.url));
  const child = fork(file, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  const events: NumberedEvent[] = [];
  const times: number[] = [];
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // Messages may still come after the process is gone.
  const drained = new Promise<void>((resolve) => {
    child.once('disconnect', resolve);
  });
  const ended = new Promise<{ exitCode: number | null; signal: string | null; stderr: string }>((resolve) => {
    child.once('close', (exitCode, signal) => void drained.then(() => resolve({ exitCode, signal, stderr })));
  });
  const worker: WorkerChild = { child, events, times, onEvent: () => {}, ended };
  child.on('message', (message) => {
    const numbered = numberedEventSchema.parse(message);
    events.push(numbered);
    times.push(performance.now());
    worker.onEvent(numbered.event);
  });
  child.send({ kind: 'start', job });
  return worker;
}
