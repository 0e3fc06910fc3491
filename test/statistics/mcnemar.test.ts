import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cohensG, testMcNemar } from '../../main/statistics/mcnemar.ts';
import { StatisticsError } from '../../main/statistics/statistics-error.ts';
import { expectClose, fixtures } from './fixtures/fixtures.ts';

const count = fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 3000 }), fc.nat({ max: 2_000_000 }));

describe("McNemar's test", () => {
  it('agrees with statsmodels, exact and by chi-square, from no discordant example to a million', () => {
    for (const { onlyA, onlyB, exact, chiSquare } of fixtures.mcnemar) {
      const actual = testMcNemar({ onlyA, onlyB });
      const at = { onlyA, onlyB };
      if (exact === null) {
        expect(actual).toMatchObject({ used: 'chi-square', exactPValue: null, pValue: actual.chiSquare.pValue });
      } else {
        expect(actual).toMatchObject({ used: 'exact', exactPValue: actual.pValue });
        expectClose({ actual: actual.pValue, expected: exact, relative: 1e-9, at });
      }
      if (chiSquare === null) continue;
      expectClose({ actual: actual.chiSquare.statistic, expected: chiSquare.statistic, relative: 1e-12, at });
      expectClose({ actual: actual.chiSquare.pValue, expected: chiSquare.pValue, relative: 1e-9, at });
    }
  });

  it('agrees with whole-number arithmetic to 1e-12, down to p = 1e-300', () => {
    const known = fixtures.mcnemar.filter(({ fraction }) => fraction !== undefined);
    expect(known.some(({ fraction }) => (fraction as number) < 1e-250)).toBe(true);
    for (const { onlyA, onlyB, fraction } of known) {
      expectClose({ actual: testMcNemar({ onlyA, onlyB }).pValue, expected: fraction as number, relative: 1e-12, at: { onlyA, onlyB } });
    }
  });

  it('sees no difference where there is none, by either form', () => {
    for (const equal of [0, 1, 5, 400, 600_000]) {
      const { pValue, chiSquare } = testMcNemar({ onlyA: equal, onlyB: equal });
      expect([pValue, chiSquare]).toEqual([1, { statistic: 0, pValue: 1 }]);
    }
  });

  it('stays a probability, does not care which method is called a, and falls as the split grows more uneven', () => {
    fc.assert(fc.property(count, count, (onlyA, onlyB) => {
      const { pValue, chiSquare } = testMcNemar({ onlyA, onlyB });
      for (const p of [pValue, chiSquare.pValue]) expect(p >= 0 && p <= 1).toBe(true);
      expect(testMcNemar({ onlyA: onlyB, onlyB: onlyA })).toMatchObject({ pValue, chiSquare });
      if (onlyA >= onlyB && onlyB > 0) {
        expect(testMcNemar({ onlyA: onlyA + 1, onlyB: onlyB - 1 }).pValue).toBeLessThanOrEqual(pValue);
      }
    }));
  });

  it('refuses counts that are none', () => {
    for (const bad of [-1, 0.5, Number.NaN, Infinity]) {
      expect(() => testMcNemar({ onlyA: bad, onlyB: 1 })).toThrow(StatisticsError);
      expect(() => cohensG({ onlyA: 1, onlyB: bad })).toThrow(StatisticsError);
    }
  });
});

describe("Cohen's g", () => {
  it('is the share of the discordant examples above one half, and mirrors', () => {
    expect(cohensG({ onlyA: 3, onlyB: 1 })).toBe(0.25);
    expect(cohensG({ onlyA: 0, onlyB: 1000 })).toBe(-0.5);
    expect(cohensG({ onlyA: 0, onlyB: 0 })).toBeNull();
    fc.assert(fc.property(count, fc.integer({ min: 1, max: 1000 }), (onlyA, onlyB) => {
      const g = cohensG({ onlyA, onlyB }) as number;
      expect(g).toBeCloseTo(onlyA / (onlyA + onlyB) - 0.5, 12);
      expect(cohensG({ onlyA: onlyB, onlyB: onlyA })).toBe(g === 0 ? 0 : -g);
    }));
  });
});
