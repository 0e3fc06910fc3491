import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cohensDz, hedgesG } from '../../main/statistics/effect-size.ts';
import { StatisticsError } from '../../main/statistics/statistics-error.ts';
import { expectClose, fixtures } from './fixtures/fixtures.ts';

describe('effect sizes over seeds', () => {
  it("agree with SciPy's t statistics and the exact gamma factor", () => {
    for (const { a, b, value } of fixtures.effect.paired) expectClose({ actual: cohensDz(a, b), expected: value, relative: 1e-9, at: { a, b } });
    for (const { a, b, value } of fixtures.effect.unpaired) expectClose({ actual: hedgesG(a, b), expected: value, relative: 1e-9, at: { a, b } });
  });

  it('mirror when a and b change places', () => {
    const seeds = fc.array(fc.integer({ min: 0, max: 100 }).map((right) => right / 100), { minLength: 3, maxLength: 6 });
    fc.assert(fc.property(seeds, seeds, (a, b) => {
      const there = hedgesG(a, b);
      const back = hedgesG(b, a);
      if (there === null) expect(back).toBeNull();
      else expect(there + (back as number)).toBeCloseTo(0, 9);
    }));
  });

  it('are null without spread or with a single seed: no number is honest there', () => {
    expect(cohensDz([0.9], [0.5])).toBeNull();
    expect(cohensDz([0.9, 0.8, 0.7], [0.8, 0.7, 0.6])).toBeNull();
    expect(hedgesG([0.9, 0.8], [0.5])).toBeNull();
    expect(hedgesG([0.1, 0.1, 0.1], [0.3, 0.3])).toBeNull();
  });

  it('refuse scores that are not paired or not finite', () => {
    expect(() => cohensDz([1, 0], [1])).toThrow(StatisticsError);
    expect(() => hedgesG([1, Number.NaN], [1, 0])).toThrow(StatisticsError);
  });
});
