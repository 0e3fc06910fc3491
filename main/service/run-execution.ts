/** Runs from start to end, one or several together: a worker does the work, the workspace's rows follow it. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';
import type { JobEvent } from '../contract/worker-protocol.ts';
import type { RunId } from '../store/identifiers.ts';
import { identifyProcess } from '../store/process-identity.ts';
import type { Run } from '../store/run-row.ts';
import { isActive } from '../store/run-status.ts';
import type { StatusChange } from '../store/runs-table.ts';
import type { Workspace } from '../store/workspace.ts';
import { watchMemory, type MemoryWatch } from './out-of-memory.ts';
import { makeTrainJob, plannedStepsOf, readRunConfig, type RuntimeChoice } from './run-config.ts';
import { finalMetricsOf, RunRecorder } from './run-recorder.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

export interface RunOptions {
  /** Go on from the runs' saved states. */
  resume: boolean;
  /** Every event, before it is recorded. */
  onEvent?: (event: JobEvent) => void;
  /** Every event, when the workspace's rows say what it says. */
  onRecorded?: (event: JobEvent) => void;
  /** After every change of a run's status. */
  onChange?: (id: RunId) => void;
  workerFile?: string;
  graceMs?: number;
}

export interface RunGroupExecution {
  /**
   * The finished runs, in the order given. Whatever happens, the runs' rows say it; a run that fails does not stop the others.
   * @throws {Problem} that of the first run that failed, when all have ended; `run-cancelled`, `run-paused`, `out-of-memory`, `worker-died`,
   * `worker-protocol`, `worker-killed`
   */
  readonly finished: Promise<readonly Run[]>;
  readonly processId: number;
  /** Saves the states and ends; a worker that does not end in time is killed. */
  cancel(): void;
  /**
   * As cancel, but the runs are to go on later: they become `paused`.
   * @param options `becoming` queued: they wait for their turn again, without a word from a person.
   */
  pause(options?: { becoming: 'paused' | 'queued' }): void;
  /** Makes no further step, judges what there is and finishes with the best of it. */
  stop(): void;
  /** At once. */
  kill(): void;
}

/**
 * Starts queued or resumable runs in one worker. Several share every pass of one frozen model; run-group.ts says which may.
 * @throws {Problem} `run-status-impossible`, `worker-not-started`
 */
export function executeRunGroup(workspace: Workspace, runs: readonly [Run, ...Run[]], options: RunOptions): RunGroupExecution {
  const [first] = runs;
  const job = makeTrainJob(workspace, runs, options);
  const logFile = join(workspace.folder('logs'), `${first.group ?? first.id}.log`);
  const memory = watchMemory(logFile);
  workspace.transaction(() => {
    for (const run of runs) workspace.runs.changeStatus(run.id, { to: 'starting' });
  });
  const worker = startOrFail(workspace, runs, () => startWorker({
    job,
    logFile,
    ...(options.workerFile === undefined ? {} : { workerFile: options.workerFile }),
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
  }));
  const execution = new Execution(workspace, runs, { worker, options, memory });
  for (const { id } of runs) options.onChange?.(id);
  return {
    finished: execution.follow(),
    processId: worker.processId,
    cancel: () => execution.cancel(),
    pause: ({ becoming } = { becoming: 'paused' }) => execution.pause(becoming),
    stop: () => worker.stop(),
    kill: () => worker.kill(),
  };
}

function startOrFail(workspace: Workspace, runs: readonly Run[], start: () => WorkerProcess): WorkerProcess {
  try {
    const worker = start();
    for (const run of runs) workspace.runs.setWorker(run.id, identifyProcess(worker.processId));
    return worker;
  } catch (thrown) {
    const problem = toProblem(thrown);
    for (const run of runs) workspace.runs.changeStatus(run.id, { to: 'failed', problem: problem.toRecord() });
    throw problem;
  }
}

class Execution {
  readonly #workspace: Workspace;
  readonly #runs: readonly Run[];
  readonly #worker: WorkerProcess;
  readonly #options: RunOptions;
  /** Of the runs that are still at work. */
  readonly #recorders: Map<RunId, RunRecorder>;
  readonly #memory: MemoryWatch;
  #firstFailure: Problem | null = null;
  /** What a cancelled run becomes. */
  #cancelledIs: 'cancelled' | 'paused' | 'queued' = 'cancelled';

  constructor(workspace: Workspace, runs: readonly Run[], { worker, options, memory }: { worker: WorkerProcess; options: RunOptions; memory: MemoryWatch }) {
    this.#workspace = workspace;
    this.#runs = runs;
    this.#worker = worker;
    this.#options = options;
    this.#memory = memory;
    this.#recorders = new Map(runs.map(({ id }) => [id, new RunRecorder(workspace, id)]));
  }

  cancel(): void {
    this.#cancelledIs = 'cancelled';
    this.#worker.cancel();
  }

  pause(then: 'paused' | 'queued'): void {
    this.#cancelledIs = then;
    for (const { id } of this.#unended()) if (['starting', 'running'].includes(this.#workspace.runs.get(id).status)) this.#change(id, { to: 'pausing' });
    this.#worker.cancel();
  }

  async follow(): Promise<readonly Run[]> {
    try {
      this.#conclude(await this.#recordEvents());
    } catch (thrown) {
      this.#worker.kill();
      const problem = withWayOn(this.#unended(), await this.#memory.explain(toProblem(thrown), this.#workspace, this.#runs));
      await this.#endAll(problem);
      throw problem;
    }
    if (this.#firstFailure !== null) throw this.#firstFailure;
    return this.#runs.map(({ id }) => this.#workspace.runs.get(id));
  }

  async #recordEvents(): Promise<JobEvent | null> {
    let last: JobEvent | null = null;
    for await (const { event } of this.#worker.events) {
      if (last === null) this.#markRunning();
      this.#options.onEvent?.(event);
      if ('runId' in event) await this.#record(event);
      this.#options.onRecorded?.(event);
      last = event;
    }
    return last;
  }

  #markRunning(): void {
    for (const run of this.#runs) {
      // Asked to pause before its first word.
      if (this.#workspace.runs.get(run.id).status !== 'starting') continue;
      this.#change(run.id, { to: 'running', device: describeDevice(readRunConfig(run).runtime) });
    }
  }

  #change(id: RunId, change: StatusChange): void {
    this.#workspace.runs.changeStatus(id, change);
    this.#options.onChange?.(id);
  }

  async #record(event: Extract<JobEvent, { runId: string }>): Promise<void> {
    const run = this.#unended().find(({ id }) => id === event.runId);
    const recorder = run === undefined ? undefined : this.#recorders.get(run.id);
    if (run === undefined || recorder === undefined) throw brokenProtocol(`a training worker that speaks of run ${event.runId}, on which it does not work`);
    await recorder.record(event);
    if (event.kind !== 'run-trained' && event.kind !== 'run-failed') return;
    await recorder.finish();
    this.#recorders.delete(run.id);
    if (event.kind === 'run-trained') {
      this.#change(run.id, { to: 'finished', finalMetrics: finalMetricsOf(event.result, { plannedSteps: plannedStepsOf(run) }) });
    } else {
      this.#change(run.id, { to: 'failed', problem: event.problem });
      this.#firstFailure ??= Problem.fromRecord(event.problem);
    }
  }

  /** @throws {Problem} for every end but the good one */
  #conclude(last: JobEvent | null): void {
    const unended = this.#unended();
    switch (last?.kind) {
      case 'trained':
        if (unended.length === 0) return;
        throw brokenProtocol(`a training worker that ended without a word on ${unended.map(({ id }) => id).join(', ')}`);
      case 'cancelled': throw cancelled(unended, { step: last.step, isPaused: this.#cancelledIs !== 'cancelled' });
      case 'failed': throw Problem.fromRecord(last.problem);
      default: throw brokenProtocol(`a training worker that ended with “${last?.kind ?? 'nothing'}”`);
    }
  }

  #unended(): Run[] {
    return this.#runs.filter(({ id }) => this.#recorders.has(id));
  }

  async #endAll(problem: Problem): Promise<void> {
    for (const [id, recorder] of this.#recorders) {
      await recorder.finish().catch(() => {
        // The first problem counts; a disk that is full now was full then.
      });
      this.#markEnd(id, problem);
    }
  }

  /** The row may be out of reach (a full disk); the person still gets the first problem, and the next core finds the run lost. */
  #markEnd(id: RunId, problem: Problem): void {
    try {
      if (!isActive(this.#workspace.runs.get(id).status)) return;
      if (problem.kind !== 'cancelled') this.#change(id, { to: 'failed', problem: problem.toRecord() });
      else if (this.#cancelledIs === 'cancelled') this.#change(id, { to: 'cancelled' });
      else this.#putAside(id, this.#cancelledIs);
    } catch {
      // See above.
    }
  }

  /** In one transaction: a core that is killed in between must not leave a run that waits for a person who never stopped it. */
  #putAside(id: RunId, then: 'paused' | 'queued'): void {
    this.#workspace.transaction(() => {
      if (this.#workspace.runs.get(id).status !== 'pausing') this.#workspace.runs.changeStatus(id, { to: 'pausing' });
      this.#workspace.runs.changeStatus(id, { to: 'paused' });
      if (then === 'queued') this.#workspace.runs.changeStatus(id, { to: 'queued' });
    });
    this.#options.onChange?.(id);
  }
}

/** Problems that go away with free space. */
export const fullDiskCodes: ReadonlySet<string> = new Set(['system-enospc', 'system-edquot', 'database-disk-full']);

/** A fallen worker or a full disk costs the steps since the last saved state, nothing else; the same command again would start anew. */
function withWayOn(runs: readonly Run[], problem: Problem): Problem {
  const wayOn = wayOnOf(runs);
  const withAction = (action: string): Problem => new Problem({ ...problem.toRecord(), action, cause: problem });
  if (fullDiskCodes.has(problem.code)) return withAction(`Free some space and go on with: ${wayOn} (what was saved before is intact)`);
  return problem.code.startsWith('worker-') ? withAction(`${problem.action} Go on with: ${wayOn}`) : problem;
}

function wayOnOf(runs: readonly Run[]): string {
  return `souffleur tune --resume ${runs.map(({ id }) => id).join(',')}`;
}

function cancelled(runs: readonly Run[], { step, isPaused }: { step: number; isPaused: boolean }): Problem {
  const names = runs.map(({ id }) => id).join(', ');
  return new Problem({
    code: isPaused ? 'run-paused' : 'run-cancelled',
    kind: 'cancelled',
    found: `${runs.length === 1 ? `run ${names}` : `runs ${names}`} stopped on request after step ${step}`,
    expected: 'all steps',
    action: `What was done is saved. Go on with: ${wayOnOf(runs)}`,
  });
}

function brokenProtocol(found: string): Problem {
  return new Problem({
    code: 'worker-protocol', kind: 'failure', found, expected: 'a result for every run of its job',
    action: 'This is a defect of Souffleur; please report it with the log.',
  });
}

function describeDevice({ provider, threads }: RuntimeChoice): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return provider === 'cpu' ? `cpu, ${threads} threads, ${processor}` : `${provider}, ${processor}`;
}
