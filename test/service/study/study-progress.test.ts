import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateRemaining } from '../../../main/service/study/study-progress.ts';

const unit = (method: string, seeds: number[] = [1]) => ({ task: 'rte', method, seeds });

describe('the time that a study still needs', () => {
  it('is that of the waiting cells, each as long as finished cells of its method were on average', () => {
    const measured = [{ method: 'pt', cells: 5, seconds: 50 }, { method: 'pt', cells: 1, seconds: 16 }, { method: 'ft', cells: 1, seconds: 100 }];
    expect(estimateRemaining({ measured, waiting: [unit('pt', [1, 2]), unit('ft')], current: null })).toEqual({ seconds: 2 * 11 + 100, isLeast: false });
  });

  it('goes by the cell at work for a method that was never measured, and says so where one is unknown', () => {
    const current = { ...unit('pt', [1, 2]), elapsedSeconds: 10, etaSeconds: 30 };
    expect(estimateRemaining({ measured: [], waiting: [unit('pt')], current })).toEqual({ seconds: 30 + 20, isLeast: false });
    expect(estimateRemaining({ measured: [], waiting: [unit('ft')], current })).toEqual({ seconds: 30, isLeast: true });
    expect(estimateRemaining({ measured: [], waiting: [unit('ft')], current: { ...current, etaSeconds: null } })).toBeNull();
  });

  it('counts what a cell at work does behind its training when cells of its method were measured', () => {
    const measured = [{ method: 'pt', cells: 1, seconds: 100 }];
    expect(estimateRemaining({ measured, waiting: [], current: { ...unit('pt'), elapsedSeconds: 60, etaSeconds: 10 } })).toEqual({ seconds: 40, isLeast: false });
    expect(estimateRemaining({ measured, waiting: [], current: { ...unit('pt'), elapsedSeconds: 130, etaSeconds: null } })).toEqual({ seconds: 0, isLeast: false });
  });

  it('is nothing when nothing is left, and never negative', () => {
    expect(estimateRemaining({ measured: [], waiting: [], current: null })).toEqual({ seconds: 0, isLeast: false });
    const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
    const method = fc.constantFrom('pt', 'ft');
    fc.assert(fc.property(
      fc.array(fc.record({ method, cells: fc.integer({ min: 1, max: 9 }), seconds })), fc.array(method), fc.option(fc.record({ method, elapsedSeconds: seconds, etaSeconds: fc.option(seconds) })),
      (measured, waiting, current) => {
        const remaining = estimateRemaining({ measured, waiting: waiting.map((id) => unit(id)), current: current === null ? null : { ...unit(current.method), ...current } });
        expect(remaining?.seconds ?? 0).toBeGreaterThanOrEqual(0);
        if (waiting.every((id) => measured.some((time) => time.method === id)) && current === null) expect(remaining?.isLeast).toBe(false);
      },
    ));
  });
});
