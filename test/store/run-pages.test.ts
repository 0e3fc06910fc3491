import { describe, expect, test } from 'vitest';
import { runNumberOf, type RunId } from '../../main/store/identifiers.ts';
import type { RunQuery } from '../../main/store/run-pages.ts';
import { newRun, openScratchWorkspace } from './fixture.ts';

describe('runs by the page', () => {
  test('5,000 runs are counted, filtered and sorted at once', () => {
    const workspace = openScratchWorkspace();
    workspace.transaction(() => {
      for (let i = 0; i < 5000; i += 1) {
        const { id } = workspace.runs.create({ ...newRun, seed: i, task: i % 2 === 0 ? 'rte' : 'boolq' });
        workspace.runs.changeStatus(id, { to: 'starting' });
        workspace.runs.changeStatus(id, { to: 'finished', finalMetrics: { 'test/score': (i * 7919) % 5000, seconds: i } });
      }
      workspace.runAnnotations.set('r0042' as RunId, { note: 'the odd one', tags: ['paper'], isStarred: true });
    });
    const timed = (query: RunQuery, offset = 0) => {
      const startMs = performance.now();
      const page = workspace.runPages.page(query, { offset, limit: 50 });
      // Some 20 ms on an idle machine.
      expect(performance.now() - startMs).toBeLessThan(400);
      return page;
    };
    expect(timed({})).toMatchObject({ total: 5000 });
    expect(timed({}).ids.slice(0, 2)).toEqual(['r5000', 'r4999']);
    expect(timed({ task: 'rte', order: 'ascending' }, 100).ids[0]).toBe('r0201');
    const best = timed({ sort: 'test' }).ids.map((id) => ((runNumberOf(id) - 1) * 7919) % 5000);
    expect(best).toEqual(Array.from({ length: 50 }, (_, i) => 4999 - i));
    expect(timed({ text: 'ODD ONE' })).toEqual({ total: 1, ids: ['r0042'] });
    expect(timed({ tag: 'paper', onlyStarred: true }).ids).toEqual(['r0042']);
    expect(timed({ statuses: ['failed'] })).toEqual({ total: 0, ids: [] });
    expect(workspace.runAnnotations.listTags()).toEqual(['paper']);
  });

  test('runs without the value that sorts come last, in either order', () => {
    const workspace = openScratchWorkspace();
    const ids = [1, 2, 3].map((seed) => workspace.runs.create({ ...newRun, seed }).id);
    workspace.runs.changeStatus(ids[1] as RunId, { to: 'starting' });
    workspace.runs.changeStatus(ids[1] as RunId, { to: 'finished', finalMetrics: { 'test/score': 0.5 } });
    for (const order of ['ascending', 'descending'] as const) expect(workspace.runPages.page({ sort: 'test', order }, { offset: 0, limit: 9 }).ids[0]).toBe(ids[1]);
  });
});

describe('a thinned curve', () => {
  test('is exact where it is short, and keeps every span’s extremes where it is long', () => {
    const workspace = openScratchWorkspace();
    const { id } = workspace.runs.create(newRun);
    const values = Array.from({ length: 10_000 }, (_, i) => (i === 7777 ? 1000 : Math.sin(i)));
    workspace.metrics.record(id, values.map((value, i) => ({ step: i + 1, key: 'train/loss', value })));
    const thin = workspace.metrics.readThinnedCurve(id, 'train/loss', { mostPoints: 100 });
    expect(thin.pointCount).toBe(10_000);
    expect(thin.points).toHaveLength(100);
    expect(Math.max(...thin.points.map(({ greatest }) => greatest ?? 0))).toBe(1000);
    expect(thin.points[0]?.value).toBeCloseTo(values.slice(0, 100).reduce((sum, value) => sum + value, 0) / 100, 9);
    const whole = workspace.metrics.readThinnedCurve(id, 'train/loss', { mostPoints: 10_000 });
    expect(whole.points.map(({ value }) => value)).toEqual(values);
    expect(workspace.metrics.readThinnedCurve(id, 'dev/score', { mostPoints: 10 })).toEqual({ pointCount: 0, points: [] });
  });

  test('shows a diverged stretch as a gap', () => {
    const workspace = openScratchWorkspace();
    const { id } = workspace.runs.create(newRun);
    workspace.metrics.record(id, [1, Number.NaN, Number.NaN, 4].map((value, i) => ({ step: i, key: 'k', value })));
    expect(workspace.metrics.readThinnedCurve(id, 'k', { mostPoints: 4 }).points.map(({ value }) => value)).toEqual([1, null, null, 4]);
  });
});
