import { describe, expect, it } from 'vitest';
import { complementaryErrorFunction } from '../../main/statistics/error-function.ts';
import { stirlingRemainder } from '../../main/statistics/gamma.ts';
import { StatisticsError } from '../../main/statistics/statistics-error.ts';
import { studentQuantile, studentUpperTail } from '../../main/statistics/student.ts';
import { expectClose, fixtures } from './fixtures/fixtures.ts';

/** Near the middle of the distribution SciPy loses up to half its digits. */
function isItselfRight({ scipy, exact }: { readonly scipy: number; readonly exact: number }): boolean {
  return Math.abs(scipy - exact) <= 1e-10 * Math.abs(exact);
}

describe("Student's t", () => {
  it('has the quantiles that fifty digits give, to 1e-12, and those of SciPy, to 1e-9', () => {
    const { quantiles } = fixtures.student;
    for (const { probability, degreesOfFreedom, scipy, exact } of quantiles) {
      const actual = studentQuantile(probability, degreesOfFreedom);
      expectClose({ actual, expected: exact, relative: 1e-12, at: { probability, degreesOfFreedom } });
      if (isItselfRight({ scipy, exact })) expectClose({ actual, expected: scipy, relative: 1e-9, at: { probability, degreesOfFreedom } });
    }
    expect([quantiles.length, quantiles.filter(isItselfRight).length]).toEqual([195, 193]);
  });

  it('has the upper tails that fifty digits give, far out too', () => {
    const { tails } = fixtures.student;
    for (const { t, degreesOfFreedom, scipy, exact } of tails) {
      const actual = studentUpperTail(t, degreesOfFreedom);
      expectClose({ actual, expected: exact, relative: 1e-12, at: { t, degreesOfFreedom } });
      if (isItselfRight({ scipy, exact })) expectClose({ actual, expected: scipy, relative: 1e-9, at: { t, degreesOfFreedom } });
    }
    expect([tails.length, tails.filter(isItselfRight).length]).toEqual([48, 47]);
  });

  it('is the closed forms for one and two degrees of freedom, at every size of tail', () => {
    for (let exponent = -100; exponent <= -1; exponent += 1) {
      const probability = 10 ** exponent;
      expectClose({ actual: studentQuantile(probability, 1), expected: -1 / Math.tan(Math.PI * probability), relative: 1e-12, at: exponent });
      const alpha = 4 * probability * (1 - probability);
      const expected = (2 * probability - 1) * Math.sqrt(2 / alpha);
      expectClose({ actual: studentQuantile(probability, 2), expected, relative: 1e-12, at: exponent });
    }
  });

  it('refuses what has no quantile', () => {
    for (const [probability, degreesOfFreedom] of [[0, 5], [1, 5], [Number.NaN, 5], [0.5, 0], [0.5, Infinity], [0.5, Number.NaN]] as const) {
      expect(() => studentQuantile(probability, degreesOfFreedom)).toThrow(StatisticsError);
    }
  });
});

describe('the complementary error function', () => {
  it('agrees with fifty digits, on both sides of its change of method', () => {
    for (const { z, scipy, exact } of fixtures.erfc) {
      expectClose({ actual: complementaryErrorFunction(z), expected: exact, relative: 2e-13, at: z });
      expectClose({ actual: complementaryErrorFunction(z), expected: scipy, relative: 1e-9, at: z });
    }
  });
});

describe("what Stirling's formula leaves out", () => {
  it('agrees with fifty digits to 2e-15, on both sides of where its series begins', () => {
    for (const { x, exact } of fixtures.stirling) expect(Math.abs(stirlingRemainder(x) - exact), `at ${x}`).toBeLessThan(2e-15);
  });
});
