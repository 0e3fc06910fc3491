/**
 * Runs what waits, in its order: one entry a GPU, as many on the processor as the settings say. The rows are the truth; what is kept here
 * is only who works right now and why somebody has to wait, so that a core can disappear at any moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { JobEvent } from '../../contract/worker-protocol.ts';
import type { RunId } from '../../store/identifiers.ts';
import { findProcessState } from '../../store/process-identity.ts';
import type { QueueEntry, QueueEntryId } from '../../store/queue-table.ts';
import type { Run } from '../../store/run-row.ts';
import { activeStatuses, isActive } from '../../store/run-status.ts';
import type { Workspace } from '../../store/workspace.ts';
import type { EventHub } from '../event-hub.ts';
import { readFreeMemory, readResidentBytes, type FreeMemory } from '../free-memory.ts';
import { estimateGroupMemory } from '../group-memory.ts';
import { publishJobEvents } from '../run-events.ts';
import { executeRunGroup, fullDiskCodes, type RunGroupExecution } from '../run-execution.ts';
import { prepareGroupResume } from '../run-group.ts';
import { bytesText, describeMemory, neededBytes, suggestLess, type RunMemory } from '../run-memory.ts';
import { deviceOf, readQueueSettings, roomOn, stateOf } from './queue-entries.ts';

export interface QueueParts {
  workspace: Workspace;
  events: EventHub;
  /** Runs of an earlier core whose workers still lived when this one began; they end with their step. */
  orphans?: readonly Run[];
  /** For tests. */
  workerFile?: string;
  readMemory?: () => FreeMemory;
  /** Before the first restart of a fallen worker; doubles with each in a row. */
  restartDelayMs?: number;
  /** How often memory is looked at again. */
  memoryPollMs?: number;
}

export type WorkerProgress = Extract<JobEvent, { kind: 'progress' }>;

/** An entry at work. */
export interface QueueJob {
  readonly entry: QueueEntryId;
  readonly device: string;
  /** Null while it is being prepared. */
  execution: RunGroupExecution | null;
  progress: WorkerProgress | null;
  /** The last step that its worker told of. */
  furthestStep: number;
}

interface Wait {
  sentence: string;
  untilMs: number;
}

/** A worker that fell without a reason of its own may do better next time. Everything else would happen again. */
const transientCodes: ReadonlySet<string> = new Set(['worker-died', 'worker-hung', 'worker-not-started', 'worker-not-reached']);
const longestDelayMs = 60_000;
const farewellMs = 15_000;
const pollMs = 100;
const strangerPollMs = 1000;

export class QueueExecutor {
  readonly #parts: QueueParts;
  readonly #jobs = new Map<QueueEntryId, QueueJob & { done: Promise<void> }>();
  readonly #waits = new Map<QueueEntryId, Wait>();
  readonly #falls = new Map<QueueEntryId, { inARow: number; furthestStep: number }>();
  readonly #memory = new Map<QueueEntryId, RunMemory | null>();
  #isOn = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  jobOf(id: QueueEntryId): QueueJob | null {
    return this.#jobs.get(id) ?? null;
  }

  waitOf(id: QueueEntryId): string | null {
    return this.#waits.get(id)?.sentence ?? null;
  }

  memoryOf(id: QueueEntryId): RunMemory | null {
    return this.#memory.get(id) ?? null;
  }

  /** Starts what may start, now and whenever that changes. */
  async turnOn(): Promise<void> {
    await this.#awaitOrphans();
    this.#tidy();
    this.#isOn = true;
    this.wake();
  }

  /** To be called after every change of the queue: somebody's turn may have come. */
  wake(): void {
    // A core that only looks closes its workspace without telling anybody.
    if (!this.#isOn && this.#idle.length === 0) return;
    queueMicrotask(() => this.#look());
  }

  /** A person acted: what an entry waited for does not count any more. */
  forgetWait(id: QueueEntryId): void {
    this.#waits.delete(id);
    this.#falls.delete(id);
  }

  /** Resolves when nothing is at work and nothing waits for its turn, or when the queue is paused and nothing is at work. */
  async whenIdle(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
      this.wake();
    });
  }

  /** Starts no more, lets everything at work save its state; it waits for its turn again. */
  async shutDown(): Promise<void> {
    this.#isOn = false;
    clearTimeout(this.#timer);
    for (const { execution } of this.#jobs.values()) execution?.pause({ becoming: 'queued' });
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
  }

  /** As shutDown, without waiting for states to be saved. */
  killAll(): void {
    for (const { execution } of this.#jobs.values()) execution?.kill();
  }

  #look(): void {
    clearTimeout(this.#timer);
    const { workspace } = this.#parts;
    const isPaused = workspace.queue.state().pausedAtMs !== null;
    const entries = this.#isOn && !isPaused ? workspace.queue.list() : [];
    const settings = readQueueSettings(workspace);
    const strangers = entries.length === 0 ? 0 : this.#countStrangers();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entry of entries) {
      if (this.#jobs.has(entry.id) || stateOf(entry) !== 'queued') continue;
      const device = deviceOf(entry);
      const taken = [...this.#jobs.values()].filter((job) => job.device === device).length + (device === 'cpu' ? strangers : 0);
      if (taken >= roomOn(device, settings)) {
        // Nobody tells when a stranger ends.
        if (strangers > 0) nextMs = Math.min(nextMs, Date.now() + strangerPollMs);
        continue;
      }
      const wait = this.#waits.get(entry.id);
      if (wait !== undefined && wait.untilMs > Date.now()) nextMs = Math.min(nextMs, wait.untilMs);
      else this.#begin(entry, device);
    }
    if (Number.isFinite(nextMs)) this.#timer = setTimeout(() => this.#look(), Math.max(1, nextMs - Date.now()));
    if (this.#jobs.size > 0 || (this.#isOn && !isPaused && entries.some((entry) => stateOf(entry) === 'queued'))) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Runs that something else in this core trains, a study for example: they have the processor, too. */
  #countStrangers(): number {
    const { workspace } = this.#parts;
    const active = workspace.runs.list({ statuses: activeStatuses });
    return active.filter(({ id }) => ![...this.#jobs.keys()].some((entry) => workspace.queue.find(entry)?.runs.some((run) => run.id === id) === true)).length;
  }

  #begin(entry: QueueEntry, device: string): void {
    const job = { entry: entry.id, device, execution: null, progress: null, furthestStep: 0 };
    const done = this.#perform(job)
      .catch((thrown: unknown) => this.#settle(job, toProblem(thrown)))
      .finally(() => {
        this.#jobs.delete(entry.id);
        this.#conclude(entry.id);
        this.wake();
      });
    this.#jobs.set(entry.id, Object.assign(job, { done }));
  }

  async #perform(job: QueueJob): Promise<void> {
    const { workspace, events, workerFile } = this.#parts;
    if (!await this.#hasRoom(job)) return;
    const ids = this.#waitingRuns(job.entry).map(({ id }) => id);
    if (ids.length === 0) return;
    const group = await prepareGroupResume(workspace, ids);
    // Meanwhile a person may have paused or cancelled it, or the core may be about to close.
    const [first, ...others] = this.#waitingRuns(job.entry);
    if (!this.#isOn || first === undefined || ids.length !== 1 + others.length) return;
    this.#waits.delete(job.entry);
    const publish = publishJobEvents(events, ids);
    job.execution = executeRunGroup(workspace, [first, ...others], {
      resume: group.some(({ generation }) => generation > 0),
      onChange: (id) => this.#changed(id),
      onRecorded: (event) => {
        follow(job, event);
        publish(event);
      },
      ...(workerFile === undefined ? {} : { workerFile }),
    });
    events.publish({ kind: 'changed', subject: 'queue', id: job.entry });
    if (workspace.queue.get(job.entry).stops) job.execution.stop();
    await job.execution.finished;
  }

  #waitingRuns(id: QueueEntryId): Run[] {
    const { workspace } = this.#parts;
    const entry = workspace.queue.find(id);
    return (entry?.runs ?? []).map((run) => workspace.runs.get(run.id)).filter(({ status }) => status === 'queued');
  }

  /** @returns false when it has to wait. @throws {Problem} `memory-too-small` */
  async #hasRoom(job: QueueJob): Promise<boolean> {
    const { workspace, readMemory = readFreeMemory, memoryPollMs = 5000 } = this.#parts;
    const { memory: policy } = readQueueSettings(workspace);
    const runs = this.#waitingRuns(job.entry);
    const memory = await estimateGroupMemory(workspace, runs);
    this.#memory.set(job.entry, memory);
    if (memory === null || policy === 'ignore' || job.device !== 'cpu') return true;
    const { freeBytes, totalBytes } = readMemory();
    const needed = neededBytes(memory);
    const available = freeBytes - this.#reservedBytes();
    if (needed <= available) return true;
    if (policy === 'refuse' || needed > totalBytes) throw tooSmall(memory, { available: Math.min(available, totalBytes), method: runs[0]?.method ?? '' });
    const sentence = `It needs about ${describeMemory(memory)}, and ${bytesText(Math.max(0, available))} are free: it starts when there is room.`;
    this.#waits.set(job.entry, { sentence, untilMs: Date.now() + memoryPollMs });
    return false;
  }

  /** What entries at work will still take of what is free now. */
  #reservedBytes(): number {
    return [...this.#jobs.values()].reduce((sum, { entry, execution }) => {
      const memory = this.#memory.get(entry);
      if (execution === null || memory === undefined || memory === null) return sum;
      return sum + Math.max(0, neededBytes(memory) - (readResidentBytes(execution.processId) ?? 0));
    }, 0);
  }

  /** What became of an entry that did not finish. */
  #settle(job: QueueJob, problem: Problem): void {
    const { workspace } = this.#parts;
    if (job.execution === null) this.#fail(this.#waitingRuns(job.entry), problem);
    if (problem.kind === 'cancelled') return;
    const entry = workspace.queue.find(job.entry);
    const failed = (entry?.runs ?? []).map(({ id }) => workspace.runs.get(id)).filter(({ status }) => status === 'failed');
    const fallen = failed.filter((run) => transientCodes.has(run.problem?.code ?? ''));
    if (fallen.length > 0 && this.#mayRestart(job, fallen)) return;
    if (failed.length === 0) return;
    const { onError } = readQueueSettings(workspace);
    if (fullDiskCodes.has(problem.code)) this.#pauseQueue(`The disk is full: ${problem.found}. Free some space and resume the queue.`);
    else if (onError === 'pause') this.#pauseQueue(`${failed.map(({ id }) => id).join(', ')} failed: ${problem.message}`);
  }

  #fail(runs: readonly Run[], problem: Problem): void {
    for (const { id } of runs) {
      this.#parts.workspace.runs.changeStatus(id, { to: 'failed', problem: problem.toRecord() });
      this.#changed(id);
    }
  }

  /** A worker that falls again and again without having come any further is not started for ever. */
  #mayRestart(job: QueueJob, fallen: readonly Run[]): boolean {
    const { workspace, restartDelayMs = 1000 } = this.#parts;
    const before = this.#falls.get(job.entry);
    const inARow = before === undefined || job.furthestStep > before.furthestStep ? 1 : before.inARow + 1;
    this.#falls.set(job.entry, { inARow, furthestStep: Math.max(job.furthestStep, before?.furthestStep ?? 0) });
    const { restarts } = readQueueSettings(workspace);
    if (inARow > restarts) return false;
    const delayMs = Math.min(longestDelayMs, restartDelayMs * 2 ** (inARow - 1));
    const sentence = `Its worker fell (${fallen[0]?.problem?.found ?? ''}); it is started again, attempt ${inARow} of ${restarts}.`;
    this.#waits.set(job.entry, { sentence, untilMs: Date.now() + delayMs });
    for (const { id } of fallen) {
      workspace.runs.changeStatus(id, { to: 'queued' });
      this.#changed(id);
    }
    return true;
  }

  #pauseQueue(because: string): void {
    const { workspace } = this.#parts;
    workspace.queue.setState({ ...workspace.queue.state(), pausedAtMs: Date.now(), pausedBecause: because });
  }

  /** An entry whose runs have all ended has had its turn. */
  #conclude(id: QueueEntryId): void {
    const { workspace, events } = this.#parts;
    const entry = workspace.queue.find(id);
    if (entry !== null && stateOf(entry) === 'ended') {
      workspace.queue.remove(id);
      for (const map of [this.#waits, this.#falls, this.#memory]) map.delete(id);
    }
    events.publish({ kind: 'changed', subject: 'queue', id });
  }

  #changed(id: RunId): void {
    this.#parts.events.publish({ kind: 'changed', subject: 'runs', id });
  }

  /** A worker whose core is gone ends with its step; one that does not is ended: it holds memory, and its runs could not go on. */
  async #awaitOrphans(): Promise<void> {
    const { workspace, orphans = [] } = this.#parts;
    const deadlineMs = Date.now() + farewellMs;
    for (const { id, worker } of orphans) {
      const isAlive = (): boolean => worker !== null && findProcessState(worker) === 'alive';
      while (isAlive()) {
        if (Date.now() > deadlineMs && worker !== null) endProcess(worker.processId);
        await sleep(pollMs);
      }
      if (!isActive(workspace.runs.get(id).status)) continue;
      workspace.runs.changeStatus(id, { to: 'lost' });
      this.#changed(id);
    }
  }

  /** What a core left that disappeared between a run's end and the end of its turn. */
  #tidy(): void {
    const { workspace } = this.#parts;
    workspace.transaction(() => {
      for (const entry of workspace.queue.list()) {
        const fallen = entry.runs.filter(({ id, status }) => status === 'failed' && transientCodes.has(workspace.runs.get(id).problem?.code ?? ''));
        for (const { id } of fallen) workspace.runs.changeStatus(id, { to: 'queued' });
        if (fallen.length === 0 && stateOf(entry) === 'ended') workspace.queue.remove(entry.id);
      }
    });
  }
}

function follow(job: QueueJob, event: JobEvent): void {
  if (event.kind === 'progress') job.progress = event;
  if (event.kind === 'losses') job.furthestStep = Math.max(job.furthestStep, event.firstStep + event.losses.length - 1);
}

function endProcess(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // Gone at last.
  }
}

function tooSmall(memory: RunMemory, { available, method }: { available: number; method: string }): Problem {
  return new Problem({
    code: 'memory-too-small',
    kind: 'failure',
    found: `${bytesText(Math.max(0, available))} of memory for a run that needs about ${describeMemory(memory)}`,
    expected: 'enough free memory',
    action: suggestLess(memory, method),
  });
}
