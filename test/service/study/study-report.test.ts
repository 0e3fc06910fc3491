import { describe, expect, it } from 'vitest';
import type { StudyRun } from '../../../main/contract/study.ts';
import { chooseBest, summariseScores, thinCurve } from '../../../main/service/study/study-report.ts';

const run = (runId: string, dev: number | null, test: number): StudyRun => ({
  runId, seed: 1, status: 'finished', dev: dev === null ? null : { score: dev }, test: { score: test }, legalRate: 1, seconds: 1, peakMemoryBytes: 1, curve: { loss: [], dev: [] },
});

describe('the best run', () => {
  it('is the one that dev chose, whatever test says; of equals the first', () => {
    expect(chooseBest([run('r1', 0.5, 0.9), run('r2', 0.7, 0.1), run('r3', 0.7, 0.8)])?.runId).toBe('r2');
    expect(chooseBest([run('r1', null, 0.9), run('r2', null, 1)])?.runId).toBe('r1');
    expect(chooseBest([])).toBeNull();
  });
});

describe('the summary of a cell', () => {
  it('is made for every metric over the runs that have it', () => {
    const summary = summariseScores([{ score: 0.5, f1: 0.4 }, { score: 0.7 }]);
    expect(summary['score']).toMatchObject({ values: [0.5, 0.7], mean: 0.6, standardDeviation: expect.closeTo(Math.SQRT1_2 / 5, 12) });
    expect(summary['f1']).toMatchObject({ values: [0.4], standardDeviation: null, interval: null });
    expect(summariseScores([])).toEqual({});
  });
});

describe('a long curve', () => {
  it('is thinned to means of equal stretches that lose no step’s weight and end at the last step', () => {
    const points = Array.from({ length: 1000 }, (_, step) => ({ step: step + 1, value: step }));
    const thin = thinCurve(points, 100);
    expect(thin).toHaveLength(100);
    expect(thin[0]).toEqual({ step: 10, value: 4.5 });
    expect(thin.at(-1)?.step).toBe(1000);
    expect(thin.reduce((sum, { value }) => sum + value, 0) / 100).toBeCloseTo(499.5, 9);
    expect(thinCurve(points.slice(0, 100), 100)).toEqual(points.slice(0, 100));
  });
});
