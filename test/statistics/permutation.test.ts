import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permuteGroups, permutePairs } from '../../main/statistics/permutation.ts';
import { StatisticsError } from '../../main/statistics/statistics-error.ts';
import { expectClose, fixtures } from './fixtures/fixtures.ts';

/** Shares of a 400-example split: many ties. */
const score = fc.integer({ min: 0, max: 40 }).map((right) => right / 40);
const scores = (maxLength: number) => fc.array(score, { minLength: 2, maxLength });
const pairs = fc.array(fc.tuple(score, score), { minLength: 2, maxLength: 9 });
const tests = { paired: permutePairs, unpaired: permuteGroups } as const;

function pairedPValue(seeds: [number, number][]): number | undefined {
  return permutePairs({ a: seeds.map(([first]) => first), b: seeds.map(([, second]) => second) })?.pValue;
}

describe('the exact permutation tests', () => {
  it.each(['paired', 'unpaired'] as const)('agree with SciPy and with whole fractions (%s)', (kind) => {
    for (const { a, b, scipy, fraction } of fixtures.permutation[kind]) {
      const actual = tests[kind]({ a, b });
      expect(actual?.exact).toBe(true);
      expectClose({ actual: actual?.pValue ?? null, expected: fraction ?? scipy, relative: 1e-12, at: { a, b } });
      // Where SciPy misses ties near zero, the fractions are right and it is not.
      if (fraction === null || Math.abs(scipy - fraction) < 1e-12) {
        expectClose({ actual: actual?.pValue ?? null, expected: scipy, relative: 1e-9, at: { a, b } });
      }
    }
    const missed = fixtures.permutation[kind].filter(({ scipy, fraction }) => fraction !== null && Math.abs(scipy - fraction) >= 1e-12);
    expect(missed.length).toBe(kind === 'paired' ? 0 : 1);
  });

  it('reach their smallest p where everything of a lies above everything of b', () => {
    expect(permutePairs({ a: [0.9, 0.91, 0.92, 0.93, 0.94], b: [0.5, 0.5, 0.5, 0.5, 0.5] })).toEqual({ pValue: 1 / 16, exact: true, smallestPValue: 1 / 16 });
    expect(permuteGroups({ a: [0.9, 0.91, 0.92], b: [0.5, 0.6, 0.7, 0.8] })).toEqual({ pValue: 2 / 35, exact: true, smallestPValue: 2 / 35 });
  });

  it('never fall below their smallest p, and stay probabilities', () => {
    fc.assert(fc.property(scores(6), scores(6), (a, b) => {
      const found = permuteGroups({ a, b });
      expect(found?.pValue).toBeGreaterThanOrEqual((found?.smallestPValue ?? 1) - 1e-15);
      expect(found?.pValue).toBeLessThanOrEqual(1);
    }));
  });

  it('do not care which side is a, in which order the seeds come, or what all scores have in common', () => {
    fc.assert(fc.property(scores(6), scores(6), fc.double({ min: -3, max: 3, noNaN: true }), (a, b, shift) => {
      const pValue = permuteGroups({ a, b })?.pValue;
      expect(permuteGroups({ a: b, b: a })?.pValue).toBe(pValue);
      expect(permuteGroups({ a: a.toReversed(), b: b.toSorted() })?.pValue).toBe(pValue);
      expect(permuteGroups({ a: a.map((value) => value + shift), b: b.map((value) => value + shift) })?.pValue).toBe(pValue);
    }));
    fc.assert(fc.property(pairs, fc.double({ min: -3, max: 3, noNaN: true }), (seeds, shift) => {
      const pValue = pairedPValue(seeds);
      expect(pairedPValue(seeds.map(([first, second]) => [second, first]))).toBe(pValue);
      expect(pairedPValue(seeds.toReversed())).toBe(pValue);
      expect(pairedPValue(seeds.map(([first, second]) => [first + shift, second + shift]))).toBe(pValue);
    }));
  });

  it('have nothing to say about a single seed', () => {
    expect(permutePairs({ a: [0.9], b: [0.5] })).toBeNull();
    expect(permuteGroups({ a: [0.9], b: [0.5, 0.6, 0.7] })).toBeNull();
    expect(permuteGroups({ a: [0.5, 0.6], b: [] })).toBeNull();
  });

  it('refuse scores that are not paired or not finite', () => {
    expect(() => permutePairs({ a: [1, 0], b: [1] })).toThrow(StatisticsError);
    expect(() => permuteGroups({ a: [1, Infinity], b: [1, 0] })).toThrow(StatisticsError);
  });
});

describe('the drawn permutation tests', () => {
  const { a, b, scipy } = fixtures.permutation.drawn[0] as (typeof fixtures.permutation.drawn)[number];

  it('come close to the exact p that SciPy walks to, and are the same for the same seed only', () => {
    const drawn = permuteGroups({ a, b, seed: 1 });
    expect(drawn).toMatchObject({ exact: false, smallestPValue: 2 / 100_001 });
    // Four standard errors of twice a share of 100,000 draws.
    expect(Math.abs((drawn?.pValue ?? 1) - scipy)).toBeLessThan(4 * Math.sqrt((2 * scipy) / 100_000));
    expect(permuteGroups({ a, b, seed: 1 })).toEqual(drawn);
    expect(permuteGroups({ a, b, seed: 2 })).not.toEqual(drawn);
  });

  it('are never 0', () => {
    expect(permuteGroups({ a: a.map((value) => value + 10), b })?.pValue).toBeLessThanOrEqual(4 / 100_001);
    expect(permuteGroups({ a: a.map((value) => value + 10), b })?.pValue).toBeGreaterThanOrEqual(2 / 100_001);
  });

  it('agree with the exact test for the same question', () => {
    // A pair without a difference doubles every arrangement: p stays what it was, but 21 pairs are too many to walk.
    const exactCase = fixtures.permutation.paired.at(-2) as (typeof fixtures.permutation.paired)[number];
    const padded = Array<number>(5).fill(0.5);
    const drawn = permutePairs({ a: [...exactCase.a, ...padded], b: [...exactCase.b, ...padded], seed: 5 });
    expect(drawn?.exact).toBe(false);
    expect(Math.abs((drawn?.pValue ?? 1) - exactCase.scipy)).toBeLessThan(0.01);
  });
});
