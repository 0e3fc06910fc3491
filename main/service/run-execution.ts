/** One run from start to end: a worker does the work, the workspace's rows follow it. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';
import type { JobEvent } from '../contract/worker-protocol.ts';
import { identifyProcess } from '../store/process-identity.ts';
import type { Run } from '../store/run-row.ts';
import { isActive } from '../store/run-status.ts';
import type { Workspace } from '../store/workspace.ts';
import { makeTrainJob, readRunConfig, type RuntimeChoice } from './run-config.ts';
import { finalMetricsOf, RunRecorder } from './run-recorder.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';

export interface RunOptions {
  /** Go on from the run's saved state. */
  resume: boolean;
  /** Every event, before it is recorded. */
  onEvent?: (event: JobEvent) => void;
  workerFile?: string;
  graceMs?: number;
}

export interface RunExecution {
  /**
   * The finished run. Whatever happens, the run's row says it.
   * @throws {Problem} the worker's own, `run-cancelled`, `worker-died`, `worker-protocol`, `worker-killed`
   */
  readonly finished: Promise<Run>;
  /** Saves the state and ends; a worker that does not end in time is killed. */
  cancel(): void;
  /** At once. */
  kill(): void;
}

/** Starts a queued or resumable run. @throws {Problem} `run-status-impossible`, `worker-not-started` */
export function executeRun(workspace: Workspace, run: Run, options: RunOptions): RunExecution {
  const job = makeTrainJob(workspace, run, options);
  workspace.runs.changeStatus(run.id, { to: 'starting' });
  const worker = startOrFail(workspace, run, () => startWorker({
    job,
    logFile: join(workspace.folder('logs'), `${run.id}.log`),
    ...(options.workerFile === undefined ? {} : { workerFile: options.workerFile }),
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
  }));
  return { finished: follow(workspace, run, { worker, options }), cancel: () => worker.cancel(), kill: () => worker.kill() };
}

function startOrFail(workspace: Workspace, run: Run, start: () => WorkerProcess): WorkerProcess {
  try {
    const worker = start();
    workspace.runs.setWorker(run.id, identifyProcess(worker.processId));
    return worker;
  } catch (thrown) {
    const problem = toProblem(thrown);
    workspace.runs.changeStatus(run.id, { to: 'failed', problem: problem.toRecord() });
    throw problem;
  }
}

async function follow(workspace: Workspace, run: Run, { worker, options }: { worker: WorkerProcess; options: RunOptions }): Promise<Run> {
  const recorder = new RunRecorder(workspace, run.id);
  try {
    const last = await recordEvents(workspace, run, { worker, options, recorder });
    await recorder.finish();
    return conclude(workspace, run, last);
  } catch (thrown) {
    worker.kill();
    const problem = withWayOn(run, toProblem(thrown));
    await recorder.finish().catch(() => {
      // The first problem counts; a disk that is full now was full then.
    });
    markEnd(workspace, run, problem);
    throw problem;
  }
}

async function recordEvents(
  workspace: Workspace,
  run: Run,
  { worker, options, recorder }: { worker: WorkerProcess; options: RunOptions; recorder: RunRecorder },
): Promise<JobEvent | null> {
  let last: JobEvent | null = null;
  for await (const { event } of worker.events) {
    if (last === null) workspace.runs.changeStatus(run.id, { to: 'running', device: describeDevice(readRunConfig(run).runtime) });
    options.onEvent?.(event);
    await recorder.record(event);
    last = event;
  }
  return last;
}

/** @throws {Problem} for every end but the good one */
function conclude(workspace: Workspace, run: Run, last: JobEvent | null): Run {
  switch (last?.kind) {
    case 'trained': return workspace.runs.changeStatus(run.id, { to: 'finished', finalMetrics: finalMetricsOf(last.result) });
    case 'cancelled': throw cancelled(run, last.step);
    case 'failed': throw Problem.fromRecord(last.problem);
    default: throw new Problem({
      code: 'worker-protocol', kind: 'failure', found: `a training worker that ended with “${last?.kind ?? 'nothing'}”`, expected: 'a trained model',
      action: 'This is a defect of Souffleur; please report it with the log.',
    });
  }
}

/** The row may be out of reach (a full disk); the person still gets the first problem, and the next core finds the run lost. */
function markEnd(workspace: Workspace, run: Run, problem: Problem): void {
  try {
    if (!isActive(workspace.runs.get(run.id).status)) return;
    workspace.runs.changeStatus(run.id, problem.kind === 'cancelled' ? { to: 'cancelled' } : { to: 'failed', problem: problem.toRecord() });
  } catch {
    // See above.
  }
}

const fullDiskCodes: ReadonlySet<string> = new Set(['system-enospc', 'system-edquot', 'database-disk-full']);

/** A fallen worker or a full disk costs the steps since the last saved state, nothing else; the same command again would start anew. */
function withWayOn(run: Run, problem: Problem): Problem {
  const wayOn = `souffleur tune --resume ${run.id}`;
  const withAction = (action: string): Problem => new Problem({ ...problem.toRecord(), action, cause: problem });
  if (fullDiskCodes.has(problem.code)) return withAction(`Free some space and go on with: ${wayOn} (what was saved before is intact)`);
  return problem.code.startsWith('worker-') ? withAction(`${problem.action} Go on with: ${wayOn}`) : problem;
}

function cancelled(run: Run, step: number): Problem {
  return new Problem({
    code: 'run-cancelled',
    kind: 'cancelled',
    found: `run ${run.id} stopped on request after step ${step}`,
    expected: 'all of its steps',
    action: `Its state is saved. Go on with: souffleur tune --resume ${run.id}`,
  });
}

function describeDevice({ provider, threads }: RuntimeChoice): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return provider === 'cpu' ? `cpu, ${threads} threads, ${processor}` : `${provider}, ${processor}`;
}
