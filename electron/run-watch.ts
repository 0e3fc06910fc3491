/** Follows the core's events for what the system shows of runs: progress in the taskbar, a word at their end, and no sleep meanwhile. */
import type { QueueReport } from '../main/contract/api/queue.ts';
import type { CoreLink } from './core-link.ts';

export interface RunNews {
  id: string;
  outcome: 'finished' | 'failed';
  /** `prompt-tuning on sst2, seed 1` */
  description: string;
}

export interface RunSurface {
  /** Of everything at work, 0 to 1; null when nothing is. */
  showProgress(fraction: number | null): void;
  keepAwake(isNeeded: boolean): void;
  tellEnded(news: readonly RunNews[]): void;
}

export interface RunWatch {
  /** Runs at work as of the last look. */
  readonly atWork: number;
  stop(): void;
}

/** The taskbar needs no more, and a training run tells of itself ten times a second. */
const lookEveryMs = 1000;
const retryMs = 2000;

export function watchRuns({ client }: Pick<CoreLink, 'client'>, surface: RunSurface, { everyMs = lookEveryMs } = {}): RunWatch {
  const stopping = new AbortController();
  const { signal } = stopping;
  let active = new Map<string, QueueReport['entries'][number]['runs'][number]>();
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const { entries } = await client.queue.list();
    if (signal.aborted) return;
    const before = active;
    active = new Map(entries.filter(isAtWork).flatMap(({ runs }) => runs.map((run) => [run.id, run])));
    surface.showProgress(fractionOf(entries));
    surface.keepAwake(active.size > 0);
    const gone = [...before.values()].filter(({ id }) => !active.has(id));
    const news = await Promise.all(gone.map((run) => describeEnd(client, run)));
    const ended = news.filter((one) => one !== null);
    if (ended.length > 0) surface.tellEnded(ended);
  };
  const lookSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void look().catch(() => {
        // A core that is gone is found out by the stream below.
      });
    }, everyMs);
  };

  void follow({ client, signal, onEvent: lookSoon });
  lookSoon();
  return {
    get atWork() {
      return active.size;
    },
    stop() {
      stopping.abort();
      clearTimeout(timer);
      surface.showProgress(null);
      surface.keepAwake(false);
    },
  };
}

async function follow({ client, signal, onEvent }: Pick<CoreLink, 'client'> & { signal: AbortSignal; onEvent: () => void }): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { event } of await client.events.watch({ after: null }, { signal })) {
        if (event.kind === 'run-progress' || event.kind === 'gap' || (event.kind === 'changed' && (event.subject === 'queue' || event.subject === 'runs'))) onEvent();
      }
    } catch {
      // Lost; the next round asks again.
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
  }
}

function isAtWork({ state }: QueueReport['entries'][number]): boolean {
  return state === 'starting' || state === 'running' || state === 'pausing';
}

/** Mean over the entries at work: the bar only has to move, and to be full at the end. */
export function fractionOf(entries: QueueReport['entries']): number | null {
  const working = entries.filter(isAtWork);
  if (working.length === 0) return null;
  const done = working.map(({ progress }) => (progress === null || progress.total === 0 ? 0 : Math.min(1, progress.done / progress.total)));
  return done.reduce((sum, fraction) => sum + fraction, 0) / working.length;
}

/** @returns null for a run that was paused or cancelled: whoever did that knows */
async function describeEnd(client: CoreLink['client'], { id, method, task, seed }: QueueReport['entries'][number]['runs'][number]): Promise<RunNews | null> {
  try {
    const { status } = await client.runs.show({ run: id });
    return status === 'finished' || status === 'failed' ? { id, outcome: status, description: `${method} · ${task} · seed ${seed}` } : null;
  } catch {
    return null;
  }
}
