/** The core's one stream of events: numbered, kept for a while, and replayed to whoever comes back. */
import { randomUUID } from 'node:crypto';
import type { CoreEvent, NumberedCoreEvent } from '../contract/api/events.ts';
import { EventQueue } from './event-queue.ts';

export interface StreamPosition {
  core: string;
  sequence: number;
}

export interface EventHub {
  /** Reaches every watcher; a watcher that is too slow loses its place and gets `gap`. */
  publish(event: CoreEvent): void;
  position(): StreamPosition;
  /**
   * Ends when `signal` aborts or the hub closes.
   * @param after the last event seen; null starts from now
   */
  watch(after: StreamPosition | null, signal?: AbortSignal): AsyncIterable<NumberedCoreEvent>;
  close(): void;
}

/** An hour of a training run at ten progress events and ten loss events a second would be 72,000: most come back sooner. */
const mostKept = 20_000;
/** What a watcher may lag behind before it is told to ask anew; bounds the memory of one that stopped reading. */
const mostWaiting = 20_000;

export function createEventHub({ kept: mostEvents = mostKept } = {}): EventHub {
  const core = randomUUID();
  const kept: NumberedCoreEvent[] = [];
  const watchers = new Set<Watcher>();
  let sequence = 0;
  const gap = (): NumberedCoreEvent => ({ core, sequence, event: { kind: 'gap' } });

  const eventsSince = (after: StreamPosition): NumberedCoreEvent[] => {
    const oldest = kept[0]?.sequence ?? sequence + 1;
    const isKnown = after.core === core && after.sequence <= sequence && after.sequence >= oldest - 1;
    return isKnown ? kept.slice(after.sequence - oldest + 1) : [gap()];
  };

  return {
    publish(event) {
      sequence += 1;
      const numbered = { core, sequence, event };
      kept.push(numbered);
      // In batches: shifting an array of this size at every event would cost more than the event.
      if (kept.length > mostEvents * 1.25) kept.splice(0, kept.length - mostEvents);
      for (const watcher of watchers) watcher.push(numbered, gap);
    },
    position: () => ({ core, sequence }),
    watch(after, signal) {
      const watcher = new Watcher();
      for (const event of after === null ? [] : eventsSince(after)) watcher.push(event, gap);
      watchers.add(watcher);
      const leave = (): void => {
        watchers.delete(watcher);
        watcher.queue.close();
      };
      if (signal?.aborted === true) leave();
      signal?.addEventListener('abort', leave, { once: true });
      return follow(watcher, leave);
    },
    close() {
      for (const watcher of watchers) watcher.queue.close();
      watchers.clear();
    },
  };
}

class Watcher {
  readonly queue = new EventQueue<NumberedCoreEvent>();

  push(event: NumberedCoreEvent, gap: () => NumberedCoreEvent): void {
    if (this.queue.length < mostWaiting) this.queue.push(event);
    else this.queue.replace(gap());
  }
}

async function* follow(watcher: Watcher, leave: () => void): AsyncGenerator<NumberedCoreEvent> {
  try {
    yield* watcher.queue;
  } finally {
    leave();
  }
}
