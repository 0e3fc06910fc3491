/** Long work of the core that is no run, under ids: started at once, told of by events, stopped on request, its result kept for a while. */
import { randomUUID } from 'node:crypto';
import type { ChangedSubject, CoreEvent } from '../contract/api/events.ts';
import type { WorkRecord } from '../contract/api/work.ts';
import type { JobEvent } from '../contract/worker-protocol.ts';
import { Problem, toProblem } from '../contract/problem.ts';

type WorkProgress = Omit<Extract<CoreEvent, { kind: 'task-progress' }>, 'kind' | 'task' | 'label' | 'perSecond' | 'etaSeconds'>;

export interface WorkContext {
  /** Aborts when the work is to stop. */
  readonly signal: AbortSignal;
  /** Of this work. */
  readonly id: string;
  /** May be called as often as wanted; at most ten a second become events, rate and time left are added. */
  tell(progress: WorkProgress): void;
}

export interface WorkRequest<Result> {
  label: string;
  subject: ChangedSubject;
  /** @returns what `resultOf` gives; a rejection ends the work as failed, or as cancelled where its problem says so. */
  run(context: WorkContext): Promise<Result>;
}

export interface WorkRegistry {
  /** Returns at once; `run` begins in the same turn. */
  start<Result>(request: WorkRequest<Result>): { id: string; ended: Promise<WorkRecord> };
  /** The latest first. */
  list(): WorkRecord[];
  /** @throws {Problem} `work-not-found` */
  get(id: string): WorkRecord;
  /**
   * What finished work returned; null while it runs and when it failed.
   * @param subject of the service that asks: another's result is not its own. @throws {Problem} `work-not-found`
   */
  resultOf(id: string, subject: ChangedSubject): unknown;
  /** @throws {Problem} `work-not-found` */
  cancel(id: string): WorkRecord;
  /** Cancels everything and waits for its end: nothing may write to the workspace afterwards. */
  close(): Promise<void>;
}

interface Work {
  record: WorkRecord;
  result: unknown;
  readonly stop: AbortController;
  readonly ended: Promise<WorkRecord>;
}

const mostEnded = 200;
const tellIntervalMs = 100;

/** @param publish where events go */
export function createWorkRegistry(publish: (event: CoreEvent) => void): WorkRegistry {
  const all = new Map<string, Work>();

  const find = (id: string): Work => {
    const work = all.get(id);
    if (work === undefined) throw notFound(id);
    return work;
  };

  const forgetOld = (): void => {
    const ended = [...all].filter(([, { record }]) => record.state !== 'running');
    for (const [id] of ended.slice(0, Math.max(0, ended.length - mostEnded))) all.delete(id);
  };

  return {
    start<Result>({ label, subject, run }: WorkRequest<Result>) {
      const id = randomUUID();
      const stop = new AbortController();
      const teller = createTeller((progress) => {
        const work = all.get(id);
        if (work !== undefined) work.record = { ...work.record, progress: { done: progress.done, total: progress.total } };
        publish({ kind: 'task-progress', task: id, label, ...progress });
      });
      const end = (state: 'done' | 'failed' | 'cancelled', problem: Problem | null): WorkRecord => {
        const work = find(id);
        teller.flush();
        work.record = { ...work.record, state, endedAt: new Date().toISOString(), problem: problem?.toRecord() ?? null };
        // What changed first: whoever waits for the end then finds it.
        publish({ kind: 'changed', subject, id: null });
        publish({ kind: 'task-ended', task: id, outcome: state, problem: work.record.problem });
        forgetOld();
        return work.record;
      };
      // Deferred: the record must be there when the body tells its first progress.
      const ended = Promise.resolve().then(() => run({ signal: stop.signal, id, tell: teller.tell })).then(
        (result) => {
          find(id).result = result;
          return end('done', null);
        },
        (thrown: unknown) => {
          const problem = toProblem(thrown);
          return end(problem.kind === 'cancelled' ? 'cancelled' : 'failed', problem);
        },
      );
      all.set(id, {
        record: { id, label, subject, state: 'running', progress: null, startedAt: new Date().toISOString(), endedAt: null, problem: null },
        result: null, stop, ended,
      });
      return { id, ended };
    },
    list: () => [...all.values()].map(({ record }) => record).toReversed(),
    get: (id) => find(id).record,
    resultOf(id, subject) {
      const { record, result } = find(id);
      if (record.subject !== subject) throw notFound(id);
      return result;
    },
    cancel(id) {
      const work = find(id);
      work.stop.abort();
      return work.record;
    },
    async close() {
      for (const { stop } of all.values()) stop.abort();
      await Promise.all([...all.values()].map(({ ended }) => ended));
    },
  };
}

function notFound(id: string): Problem {
  return new Problem({
    code: 'work-not-found',
    found: `no such work ${JSON.stringify(id.slice(0, 80))} since the program started`,
    expected: 'the id that the starting call returned',
    action: 'Look at what the service concerned says now; what was finished is there.',
  });
}

/** @returns what a worker's events become: its progress is the work's. */
export function tellJobProgress(tell: WorkContext['tell']): (event: JobEvent) => void {
  return (event) => {
    if (event.kind === 'progress') tell({ done: event.done, total: event.total, unit: event.phase === 'train' ? 'steps' : 'examples' });
  };
}

type ToldProgress = WorkProgress & { perSecond: number | null; etaSeconds: number | null };

/** Thins progress out and measures it; the last word is kept for `flush`. */
function createTeller(pass: (progress: ToldProgress) => void): { tell(progress: WorkProgress): void; flush(): void } {
  let startedMs: number | null = null;
  let firstDone = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let waiting: WorkProgress | null = null;
  const send = (progress: WorkProgress, nowMs: number): void => {
    lastMs = nowMs;
    waiting = null;
    const seconds = (nowMs - (startedMs ?? nowMs)) / 1000;
    const perSecond = seconds > 0 ? (progress.done - firstDone) / seconds : null;
    const left = progress.total === null ? null : progress.total - progress.done;
    pass({ ...progress, perSecond, etaSeconds: left === null || perSecond === null || perSecond <= 0 ? null : left / perSecond });
  };
  return {
    tell(progress) {
      const nowMs = performance.now();
      if (startedMs === null) [startedMs, firstDone] = [nowMs, progress.done];
      if (nowMs - lastMs >= tellIntervalMs) send(progress, nowMs);
      else waiting = progress;
    },
    flush() {
      if (waiting !== null) send(waiting, performance.now());
    },
  };
}
