import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CoreEvent } from '../../main/contract/api/events.ts';
import { Problem } from '../../main/contract/problem.ts';
import { createWorkRegistry } from '../../main/service/work-registry.ts';

const stopped = new Problem({ code: 'stopped', kind: 'cancelled', found: 'a stop', expected: 'the end', action: 'Go on.' });

function make() {
  const events: CoreEvent[] = [];
  return { events, registry: createWorkRegistry((event) => void events.push(event)) };
}

describe('long work', () => {
  it('returns its id at once, tells at most ten times a second but always the last, and ends with its result', async () => {
    const { events, registry } = make();
    const { id, ended } = registry.start({ label: 'Counting', subject: 'datasets', async run({ tell }) {
      for (let done = 0; done <= 1000; done += 1) tell({ done, total: 1000, unit: 'rows' });
      await sleep(1);
      return 'counted';
    } });
    expect(registry.get(id)).toMatchObject({ state: 'running', endedAt: null });
    expect(registry.resultOf(id, 'datasets')).toBeNull();
    expect(await ended).toMatchObject({ id, state: 'done', progress: { done: 1000, total: 1000 }, problem: null });
    expect(registry.resultOf(id, 'datasets')).toBe('counted');
    const progress = events.filter((event) => event.kind === 'task-progress');
    expect(progress.length).toBeLessThan(5);
    expect(progress.at(-1)).toMatchObject({ task: id, done: 1000 });
    expect(events.slice(-2)).toMatchObject([{ kind: 'changed', subject: 'datasets' }, { kind: 'task-ended', task: id, outcome: 'done', problem: null }]);
  });

  it('that throws has failed, also when it throws at once and when nobody waits for it', async () => {
    const { events, registry } = make();
    registry.start({ label: 'Failing', subject: 'models', run: () => {
      throw new Error('boom');
    } });
    await sleep(5);
    expect(registry.list()).toMatchObject([{ state: 'failed', problem: { code: 'unexpected' } }]);
    expect(events.at(-1)).toMatchObject({ kind: 'task-ended', outcome: 'failed' });
  });

  it('is cancelled by its signal; what has ended stays as it ended', async () => {
    const { registry } = make();
    const { id, ended } = registry.start({ label: 'Waiting', subject: 'models', run: ({ signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(stopped));
    }) });
    await sleep(1);
    registry.cancel(id);
    expect(await ended).toMatchObject({ state: 'cancelled', problem: { code: 'stopped' } });
    expect(registry.cancel(id)).toMatchObject({ state: 'cancelled' });
    const done = registry.start({ label: 'Quick', subject: 'models', run: async () => 1 });
    await done.ended;
    expect(registry.cancel(done.id)).toMatchObject({ state: 'done' });
  });

  it('ends before the registry closes: nothing writes afterwards', async () => {
    const { registry } = make();
    let isOver = false;
    registry.start({ label: 'Slow', subject: 'models', async run({ signal }) {
      while (!signal.aborted) await sleep(1);
      await sleep(20);
      isOver = true;
    } });
    await registry.close();
    expect(isOver).toBe(true);
  });

  it('is forgotten after two hundred others have ended, never while it runs', async () => {
    const { registry } = make();
    let release: (() => void) | undefined;
    const running = registry.start({ label: 'Long', subject: 'models', run: () => new Promise<void>((resolve) => {
      release = resolve;
    }) });
    const first = registry.start({ label: 'First', subject: 'models', run: async () => {} });
    await first.ended;
    for (let count = 0; count < 200; count += 1) await registry.start({ label: 'More', subject: 'models', run: async () => {} }).ended;
    expect(() => registry.get(first.id)).toThrow(expect.objectContaining({ code: 'work-not-found' }));
    expect(registry.get(running.id).state).toBe('running');
    release?.();
    await running.ended;
  });
});
