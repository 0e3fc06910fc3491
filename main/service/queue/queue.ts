/** The queue and everything that a person can do about it. Each change is published; each call says how the queue stands afterwards. */
import type { QueueReport, QueueSettings } from '../../contract/api/queue.ts';
import { Problem } from '../../contract/problem.ts';
import { parseRunId, type RunId } from '../../store/identifiers.ts';
import type { QueueEntry, QueueEntryId } from '../../store/queue-table.ts';
import type { Run } from '../../store/run-row.ts';
import type { RunStatus } from '../../store/run-status.ts';
import { findEntry, readQueueSettings, stateOf, withoutUndefined } from './queue-entries.ts';
import { QueueExecutor, type QueueParts } from './queue-executor.ts';
import { reportQueue } from './queue-report.ts';

export type QueuePlace = 'first' | 'last';

/** Which statuses an action is for, and what the run becomes. */
const waiting: readonly RunStatus[] = ['queued', 'paused', 'lost'];
const addable: ReadonlySet<RunStatus> = new Set(['queued', 'paused', 'lost', 'failed', 'cancelled']);

export class Queue {
  readonly #parts: QueueParts;
  readonly #executor: QueueExecutor;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#executor = new QueueExecutor(parts);
  }

  /** Lets this core run what waits. A core that is not started only changes rows. */
  async start(): Promise<void> {
    await this.#executor.turnOn();
  }

  /** Resolves when nothing is at work and nothing waits for its turn, or when the queue is paused and nothing is at work. */
  async whenIdle(): Promise<void> {
    await this.#executor.whenIdle();
  }

  /** To be awaited before the workspace closes: everything at work saves its state and waits for its turn again. */
  async shutDown(): Promise<void> {
    await this.#executor.shutDown();
  }

  killAll(): void {
    this.#executor.killAll();
  }

  list(): QueueReport {
    return reportQueue(this.#parts.workspace, this.#executor);
  }

  /**
   * Lets runs have a turn (again); those that were made to train together wait together.
   * @throws {Problem} `run-not-found`, `run-finished`, `run-active`, `run-in-trash`
   */
  add(texts: readonly string[], { place }: { place: QueuePlace }): QueueReport {
    const { workspace } = this.#parts;
    const runs = [...new Set(texts.map(parseRunId))].map((id) => requireAddable(workspace.runs.get(id)));
    this.#enqueue(runs, place);
    return this.#answer();
  }

  /** @param options `before` null moves it to the end. */
  move(text: string, { before }: { before: string | null }): QueueReport {
    const { workspace } = this.#parts;
    workspace.queue.move(findEntry(workspace, text).id, { before: before === null ? null : findEntry(workspace, before).id });
    return this.#answer();
  }

  /** @throws {Problem} `queue-entry-state` */
  pause(text: string): QueueReport {
    const { entry, state } = this.#find(text);
    const job = this.#executor.jobOf(entry.id);
    if (job?.execution != null) job.execution.pause();
    else if (state === 'queued') this.#change(entry, ['queued'], 'paused');
    else if (state !== 'paused' && state !== 'pausing') throw wrongState(entry, { state, wanted: 'one that waits or is at work' });
    return this.#answer(entry.id);
  }

  /** Paused or lost: it waits for its turn again, where it stood. */
  resume(text: string): QueueReport {
    const { entry, state } = this.#find(text);
    this.#executor.forgetWait(entry.id);
    if (state === 'paused' || state === 'lost') this.#change(entry, ['paused', 'lost'], 'queued');
    else if (state !== 'queued') throw wrongState(entry, { state, wanted: 'one that is paused or lost' });
    return this.#answer(entry.id);
  }

  cancel(text: string): QueueReport {
    const { workspace } = this.#parts;
    const { entry } = this.#find(text);
    const job = this.#executor.jobOf(entry.id);
    if (job?.execution != null) job.execution.cancel();
    else {
      workspace.transaction(() => {
        this.#change(entry, waiting, 'cancelled');
        workspace.queue.remove(entry.id);
      });
    }
    return this.#answer(entry.id);
  }

  /** @throws {Problem} `nothing-to-keep` for a run that has not begun */
  stopAndKeepBest(text: string): QueueReport {
    const { workspace } = this.#parts;
    const { entry } = this.#find(text);
    const job = this.#executor.jobOf(entry.id);
    const runs = entry.runs.map(({ id }) => workspace.runs.get(id));
    if (job?.execution == null && runs.every(({ generation }) => generation === 0)) throw nothingToKeep(entry);
    // Kept in the row, so that a core that disappears meanwhile does not train to the end after all.
    workspace.queue.setStops(entry.id, true);
    if (job?.execution != null) job.execution.stop();
    else this.#change(entry, ['paused', 'lost'], 'queued');
    return this.#answer(entry.id);
  }

  pauseQueue(): QueueReport {
    return this.#setPaused(Date.now());
  }

  resumeQueue(): QueueReport {
    return this.#setPaused(null);
  }

  /** Every lost run waits for its turn again: where it stood, or at the end if it was not in the queue. */
  putBack(): QueueReport {
    const { workspace } = this.#parts;
    const lost = workspace.runs.list({ statuses: ['lost'] });
    const strays = lost.filter(({ id }) => workspace.queue.findByRun(id) === null);
    workspace.transaction(() => {
      for (const { id } of lost) workspace.runs.changeStatus(id, { to: 'queued' });
      this.#enqueue(strays.map(({ id }) => workspace.runs.get(id)), 'last');
    });
    for (const { id } of lost) this.#changed(id);
    return this.#answer();
  }

  settings(): QueueSettings {
    return readQueueSettings(this.#parts.workspace);
  }

  changeSettings(changes: Parameters<typeof withoutUndefined>[0]): QueueSettings {
    const { workspace } = this.#parts;
    const settings = { ...this.settings(), ...withoutUndefined(changes) };
    workspace.queue.setState({ ...workspace.queue.state(), settings });
    this.#answer();
    return settings;
  }

  /** New runs get their turn in the transaction that makes them: see runs of main/service/run-library. */
  enqueueNew(runs: readonly Run[], place: QueuePlace): void {
    this.#enqueue(runs, place);
    this.#answer();
  }

  /** A run that goes to the trash has no turn. */
  forget(run: RunId): void {
    this.#parts.workspace.queue.removeRun(run);
    this.#answer();
  }

  #enqueue(runs: readonly Run[], place: QueuePlace): void {
    const { workspace } = this.#parts;
    const groups = new Map<RunId, Run[]>();
    for (const run of runs) groups.set(run.group ?? run.id, [...groups.get(run.group ?? run.id) ?? [], run]);
    const ordered = place === 'first' ? [...groups.values()].toReversed() : [...groups.values()];
    workspace.transaction(() => {
      for (const group of ordered) {
        for (const { id, status } of group) if (status !== 'queued') workspace.runs.changeStatus(id, { to: 'queued' });
        workspace.queue.add(group.map(({ id }) => id), { place });
      }
    });
    for (const { id } of runs) this.#changed(id);
  }

  #find(text: string): { entry: QueueEntry; state: ReturnType<typeof stateOf> } {
    const entry = findEntry(this.#parts.workspace, text);
    return { entry, state: stateOf(entry) };
  }

  #change(entry: QueueEntry, from: readonly RunStatus[], to: 'queued' | 'paused' | 'cancelled'): void {
    const { workspace } = this.#parts;
    const changed = entry.runs.filter(({ status }) => from.includes(status));
    workspace.transaction(() => {
      for (const { id } of changed) workspace.runs.changeStatus(id, { to });
    });
    for (const { id } of changed) this.#changed(id);
  }

  #setPaused(pausedAtMs: number | null): QueueReport {
    const { workspace } = this.#parts;
    workspace.queue.setState({ ...workspace.queue.state(), pausedAtMs, pausedBecause: null });
    return this.#answer();
  }

  #changed(id: RunId): void {
    this.#parts.events.publish({ kind: 'changed', subject: 'runs', id });
  }

  #answer(id: QueueEntryId | null = null): QueueReport {
    this.#parts.events.publish({ kind: 'changed', subject: 'queue', id });
    this.#executor.wake();
    return this.list();
  }
}

function requireAddable(run: Run): Run {
  if (addable.has(run.status)) {
    if (run.trashedAtMs === null) return run;
    throw new Problem({ code: 'run-in-trash', found: `run ${run.id}, which is in the trash`, expected: 'a run outside the trash', action: `Restore it first: souffleur runs restore ${run.id}` });
  }
  throw new Problem({
    code: run.status === 'finished' ? 'run-finished' : 'run-active',
    found: `run ${run.id}, which is ${run.status}`,
    expected: 'a run that stopped before its end, or has not begun',
    action: run.status === 'finished' ? `Make another like it: souffleur queue duplicate ${run.id}` : 'It is at work already.',
  });
}

function wrongState({ id }: QueueEntry, { state, wanted }: { state: string; wanted: string }): Problem {
  return new Problem({ code: 'queue-entry-state', found: `entry ${id}, which is ${state}`, expected: wanted, action: 'Look at the queue: souffleur queue list' });
}

function nothingToKeep({ id }: QueueEntry): Problem {
  return new Problem({
    code: 'nothing-to-keep', found: `entry ${id}, which has not begun`, expected: 'runs that have something to keep', action: `Cancel it: souffleur queue cancel ${id}`,
  });
}
