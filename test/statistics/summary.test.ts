import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatisticsError } from '../../main/statistics/statistics-error.ts';
import { summarize } from '../../main/statistics/summary.ts';
import { expectClose, fixtures } from './fixtures/fixtures.ts';

const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 12 });

describe('a summary', () => {
  it("has NumPy's mean, deviation and SciPy's 95 % interval", () => {
    for (const { values, mean, standardDeviation, low, high } of fixtures.summary) {
      const actual = summarize(values);
      expect(actual.values).toBe(values);
      expectClose({ actual: actual.mean, expected: mean, relative: 1e-12, at: values });
      if (standardDeviation === null || low === null || high === null) {
        expect(actual).toEqual({ values, mean, standardDeviation: null, interval: null });
        continue;
      }
      expectClose({ actual: actual.standardDeviation, expected: standardDeviation, relative: 1e-9, at: values });
      expectClose({ actual: actual.interval?.low ?? null, expected: low, relative: 1e-9, at: values });
      expectClose({ actual: actual.interval?.high ?? null, expected: high, relative: 1e-9, at: values });
    }
  });

  it('finds no spread at all in equal values', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 2, max: 9 }), (value, count) => {
      const { mean, standardDeviation, interval } = summarize(Array<number>(count).fill(value));
      expect({ mean, standardDeviation, interval }).toEqual({ mean: value, standardDeviation: 0, interval: { low: value, high: value } });
    }));
  });

  it('has its mean inside the interval, and both between the extremes of what it saw or around them', () => {
    fc.assert(fc.property(scores, (values) => {
      const { mean, interval } = summarize(values);
      expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-15);
      expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-15);
      expect(interval?.low).toBeLessThanOrEqual(mean);
      expect(interval?.high).toBeGreaterThanOrEqual(mean);
    }));
  });

  it('refuses no values and values that are no numbers, and names the place', () => {
    expect(() => summarize([])).toThrow(StatisticsError);
    expect(() => summarize([0.5, Number.NaN])).toThrow(/NaN as value 2 of 2/);
    expect(() => summarize([Infinity])).toThrow(StatisticsError);
  });
});
