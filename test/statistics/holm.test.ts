import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustByHolm } from '../../main/statistics/holm.ts';
import { StatisticsError } from '../../main/statistics/statistics-error.ts';
import { expectClose, fixtures } from './fixtures/fixtures.ts';

const pValues = fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 20 });

describe("Holm's correction", () => {
  it('agrees with statsmodels, ties and tiny values too', () => {
    for (const { pValues, adjusted } of fixtures.holm) {
      for (const [place, actual] of adjustByHolm(pValues).entries()) {
        expectClose({ actual, expected: adjusted[place] as number, relative: 1e-12, at: { pValues, place } });
      }
    }
  });

  it('passes over what was not tested', () => {
    expect(adjustByHolm([null, 0.01, null, 0.04])).toEqual([null, 0.02, null, 0.04]);
    expect(adjustByHolm([null, null])).toEqual([null, null]);
    expect(adjustByHolm([])).toEqual([]);
  });

  it('keeps the order of the p-values, never lowers one, lies at or below Bonferroni, and moves with its place', () => {
    fc.assert(fc.property(pValues, (given) => {
      const adjusted = adjustByHolm(given);
      const tested = given.flatMap((pValue, place) => (pValue === null ? [] : [{ pValue, adjusted: adjusted[place] as number }]));
      expect(adjusted.map((value) => value === null)).toEqual(given.map((value) => value === null));
      for (const one of tested) {
        expect(one.adjusted).toBeGreaterThanOrEqual(one.pValue);
        expect(one.adjusted).toBeLessThanOrEqual(Math.min(1, one.pValue * tested.length));
        for (const other of tested) {
          if (one.pValue <= other.pValue) expect(one.adjusted).toBeLessThanOrEqual(other.adjusted);
        }
      }
      expect(adjustByHolm(given.toReversed())).toEqual(adjusted.toReversed());
    }));
  });

  it('refuses what is no probability', () => {
    for (const bad of [-0.1, 1.1, Number.NaN]) expect(() => adjustByHolm([0.5, bad])).toThrow(StatisticsError);
  });
});
