/**
 * Supervises one worker: a Node process of its own that gets one job and answers with numbered events.
 * It is killed without harm at any time, because everything that it keeps is written atomically.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';
import { numberedEventSchema, type Job, type JobEvent, type NumberedEvent, type WorkerCommand } from '../contract/worker-protocol.ts';
import { EventQueue } from './event-queue.ts';
import { lastLineOf } from './log-file.ts';
import { nodeBinary, requireProgramUnchanged, workerEntry } from './program-files.ts';
import { workerEnvironment } from './worker-environment.ts';

export interface WorkerRequest {
  job: Job;
  /** What the worker and its native libraries print; appended to. */
  logFile: string;
  /** Another entry point than the job's own, for tests. */
  workerFile?: string;
  /** Options of Node itself, such as the permissions of a worker that reads what strangers made. */
  nodeArguments?: readonly string[];
  /** How long after `cancel` the process may take to save its state and end. */
  graceMs?: number;
  /** Longest silence before the worker counts as hung; without it, silence is allowed for ever. */
  silenceMs?: number;
}

export interface WorkerProcess {
  readonly processId: number;
  /**
   * Every event in order, once; ends after the final one, when the process is gone.
   * @throws {Problem} `worker-died`, `worker-protocol`, `worker-hung`, `worker-killed`
   */
  readonly events: AsyncIterable<NumberedEvent>;
  /** Asks it to save its state and end; kills it when the grace period is over. Asking twice changes nothing. */
  cancel(): void;
  /** Asks it to train no further, to judge what there is and to end as if all steps had been made. */
  stop(): void;
  /** At once; the state of the last checkpoint stays. */
  kill(): void;
}

/** A step on a large model plus writing its state. */
const defaultGraceMs = 30_000;
/** A worker has nothing left to do after its final event. */
const exitMs = 10_000;
/** Messages may still be in the channel when the exit is reported. */
const drainMs = 2000;

const entryPoints: Record<Job['kind'], 'train' | 'infer' | 'pack'> = {
  train: 'train',
  evaluate: 'infer',
  'prompt-facts': 'infer',
  'inspect-model': 'infer',
  'probe-devices': 'infer',
  answer: 'infer',
  'read-pack': 'pack',
  'write-pack': 'pack',
};

const finalKinds: ReadonlySet<JobEvent['kind']> = new Set<JobEvent['kind']>(['trained', 'evaluated', 'facts-found', 'inspected', 'probed', 'answered', 'pack-read', 'pack-written', 'failed', 'cancelled']);

/**
 * Starts a worker on a job.
 * @throws {Problem} `worker-not-started`, `program-changed`, or a system error of the log file
 */
export function startWorker(request: WorkerRequest): WorkerProcess {
  const child = forkWorker(request);
  const { pid } = child;
  if (pid === undefined) {
    // The reason comes as an 'error' event, which nobody needs any more.
    child.on('error', () => {});
    throw new Problem({
      code: 'worker-not-started', kind: 'failure', found: 'a system that starts no process', expected: 'a free process and free memory',
      action: 'Close other programs and run the command again.',
    });
  }
  return new SupervisedWorker(child, pid, request);
}

function forkWorker({ job, logFile, workerFile, nodeArguments = [] }: WorkerRequest): ChildProcess {
  requireProgramUnchanged();
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    return fork(workerFile ?? workerEntry(entryPoints[job.kind]), [], {
      execPath: nodeBinary(),
      execArgv: [...nodeArguments],
      env: { ...process.env, ...workerEnvironment },
      // Standard output belongs to the answer of the command; a worker must not write there.
      stdio: ['ignore', log, log, 'ipc'],
      // Ctrl-C goes to the terminal's whole process group; the worker is to hear of it from us.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (thrown) {
    throw toProblem(thrown);
  } finally {
    closeSync(log);
  }
}

class SupervisedWorker implements WorkerProcess {
  readonly processId: number;
  readonly #child: ChildProcess;
  readonly #request: WorkerRequest;
  readonly #queue = new EventQueue<NumberedEvent>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #silence: NodeJS.Timeout | undefined;
  #nextSequence = 0;
  #hasFinalEvent = false;
  #isCancelled = false;
  #isKilled = false;

  constructor(child: ChildProcess, processId: number, request: WorkerRequest) {
    this.processId = processId;
    this.#child = child;
    this.#request = request;
    child.on('message', (message) => this.#receive(message));
    child.on('error', (error) => this.#giveUp(notReached(error)));
    void this.#watchEnd();
    this.#watchSilence();
    this.#send({ kind: 'start', job: request.job });
  }

  get events(): AsyncIterable<NumberedEvent> {
    return this.#queue;
  }

  cancel(): void {
    if (this.#isCancelled || this.#hasFinalEvent) return;
    this.#isCancelled = true;
    this.#send({ kind: 'cancel' });
    const { graceMs = defaultGraceMs } = this.#request;
    this.#after(graceMs, () => this.kill());
  }

  stop(): void {
    if (!this.#isCancelled && !this.#hasFinalEvent) this.#send({ kind: 'stop' });
  }

  kill(): void {
    this.#isKilled = true;
    this.#child.kill('SIGKILL');
  }

  /** A worker that ended meanwhile cannot be told anything; its end is reported by itself. */
  #send(command: WorkerCommand): void {
    if (this.#child.connected) this.#child.send(command, () => {});
  }

  #receive(message: unknown): void {
    if (this.#hasFinalEvent || this.#queue.isClosed) return;
    const parsed = numberedEventSchema.safeParse(message);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return this.#giveUp(badMessage(`a message with an invalid ${issue?.path.join('.') || 'form'} (${issue?.message ?? 'unknown'})`, 'an event of the protocol'));
    }
    if (parsed.data.sequence !== this.#nextSequence) {
      return this.#giveUp(badMessage(`event ${parsed.data.sequence}`, `event ${this.#nextSequence}`));
    }
    this.#nextSequence += 1;
    this.#watchSilence();
    this.#queue.push(parsed.data);
    if (finalKinds.has(parsed.data.event.kind)) {
      this.#hasFinalEvent = true;
      this.#after(exitMs, () => this.#child.kill('SIGKILL'));
    }
  }

  /** What a worker that broke the protocol does next cannot be trusted. */
  #giveUp(problem: Problem): void {
    this.#queue.fail(problem);
    this.#child.kill('SIGKILL');
  }

  #watchSilence(): void {
    clearTimeout(this.#silence);
    const { silenceMs } = this.#request;
    if (silenceMs !== undefined) this.#silence = setTimeout(() => this.#giveUp(hung(silenceMs)), silenceMs);
  }

  async #watchEnd(): Promise<void> {
    const exited = new Promise<EndOfProcess>((resolve) => {
      this.#child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    const drained = new Promise<void>((resolve) => {
      this.#child.once('disconnect', resolve);
    });
    const end = await exited;
    await Promise.race([drained, new Promise<void>((resolve) => this.#after(drainMs, resolve))]);
    clearTimeout(this.#silence);
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#hasFinalEvent) this.#queue.close();
    else this.#queue.fail(this.#isKilled ? killed() : died(end, this.#request.logFile));
  }

  #after(delayMs: number, action: () => void): void {
    this.#timers.add(setTimeout(action, delayMs));
  }
}

interface EndOfProcess {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

function died({ exitCode, signal }: EndOfProcess, logFile: string): Problem {
  const line = lastLineOf(logFile);
  const guess = signal === 'SIGKILL' ? 'Often the system had no memory left: try a smaller batch or fewer programs. ' : '';
  return new Problem({
    code: 'worker-died',
    kind: 'failure',
    found: `a worker process that ended by ${signal === null ? `exit code ${exitCode}` : `signal ${signal}`} before it was done`,
    expected: 'a result, or the reason why there is none',
    action: `${guess}What was saved is intact.${line === null ? '' : ` Last line of its log: ${line}`}`,
    place: { file: logFile },
  });
}

function killed(): Problem {
  return new Problem({
    code: 'worker-killed',
    kind: 'cancelled',
    found: 'a worker process that was stopped before it could save its state',
    expected: 'a state that was saved on request',
    action: 'What was saved before is intact.',
  });
}

function hung(silenceMs: number): Problem {
  return new Problem({
    code: 'worker-hung',
    kind: 'failure',
    found: `a worker process that said nothing for ${Math.round(silenceMs / 1000)} s`,
    expected: 'a sign of life',
    action: 'It was stopped. Run the command again.',
  });
}

function badMessage(found: string, expected: string): Problem {
  return new Problem({
    code: 'worker-protocol',
    kind: 'failure',
    found: `${found} from a worker process`,
    expected,
    action: 'It was stopped. This is a defect of Souffleur, or two versions are mixed: install it again, and report it if it stays.',
  });
}

function notReached(error: Error): Problem {
  return new Problem({
    code: 'worker-not-reached',
    kind: 'failure',
    found: 'a worker process that cannot be spoken to',
    expected: 'one that takes messages',
    action: 'Run the command again.',
    cause: error,
  });
}
