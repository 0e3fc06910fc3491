import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapPairs, bootstrapPairsFrom } from '../../main/statistics/bootstrap.ts';
import { createIndexSource, type IndexSource } from '../../main/statistics/index-source.ts';
import { StatisticsError } from '../../main/statistics/statistics-error.ts';
import { expectClose, fixtures } from './fixtures/fixtures.ts';

function replay(indices: readonly number[]): IndexSource {
  let next = 0;
  return () => indices[next++] as number;
}

describe('an index source', () => {
  it('draws the indices that the same algorithm draws in Python, for every kind of seed and bound', () => {
    for (const { seed, bound, indices } of fixtures.index) {
      const draw = createIndexSource(seed);
      expect(indices.map(() => draw(bound)), `${seed} ${bound}`).toEqual(indices);
    }
  });

  it('draws every index equally often', () => {
    const draw = createIndexSource(7);
    const seen = new Float64Array(10);
    for (let i = 0; i < 100_000; i += 1) {
      const index = draw(10);
      seen[index] = (seen[index] as number) + 1;
    }
    // Six standard deviations of a count of ten thousand.
    for (const times of seen) expect(Math.abs(times - 10_000)).toBeLessThan(600);
  });
});

describe('the paired bootstrap', () => {
  it('finds what NumPy finds over the same resamples, from given indices and from a seed', () => {
    for (const { a, b, resamples, seed, indices, ...expected } of fixtures.bootstrap) {
      const draw = indices === undefined ? createIndexSource(seed as number) : replay(indices);
      const actual = bootstrapPairsFrom({ a: Float64Array.from(a), b: Float64Array.from(b), draw, resamples });
      for (const key of ['difference', 'low', 'high', 'pValue'] as const) {
        const at = { key, seed, a };
        const found = actual?.[key] ?? null;
        // The differences of these shares cancel to nothing, where NumPy's rounding leaves 1e-17.
        if (Math.abs(expected[key]) < 1e-15) expect(Math.abs(found as number), JSON.stringify(at)).toBeLessThan(1e-15);
        else expectClose({ actual: found, expected: expected[key], relative: 1e-9, at });
      }
    }
  });

  it('takes ten thousand resamples from a seed, the same every time', () => {
    const given = fixtures.bootstrap.find(({ seed, resamples }) => seed === 1 && resamples === 10_000);
    const { a, b, pValue } = given as NonNullable<typeof given>;
    expect(bootstrapPairs({ a, b, seed: 1 })?.pValue).toBeCloseTo(pValue, 12);
    expect(bootstrapPairs({ a, b, seed: 1 })).toEqual(bootstrapPairs({ a, b, seed: 1 }));
    expect(bootstrapPairs({ a, b, seed: 2 })).not.toEqual(bootstrapPairs({ a, b, seed: 1 }));
  });

  it('has the difference inside its interval, p in 0 … 1, and mirrors when a and b change places', () => {
    const pair = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(fc.property(fc.array(pair, { minLength: 2, maxLength: 30 }), fc.nat(), (pairs, seed) => {
      const a = pairs.map(([first]) => first);
      const b = pairs.map(([, second]) => second);
      const run = (first: number[], second: number[]) => {
        const found = bootstrapPairsFrom({ a: first, b: second, draw: createIndexSource(seed), resamples: 400 });
        return found as NonNullable<typeof found>;
      };
      const { difference, low, high, pValue } = run(a, b);
      expect(low).toBeLessThanOrEqual(difference + 1e-12);
      expect(high).toBeGreaterThanOrEqual(difference - 1e-12);
      expect(pValue > 0 && pValue <= 1).toBe(true);
      const mirrored = run(b, a);
      expect(mirrored.difference).toBeCloseTo(-difference, 12);
      expect(mirrored.low).toBeCloseTo(-high, 12);
      expect(mirrored.high).toBeCloseTo(-low, 12);
      expect(mirrored.pValue).toBe(pValue);
    }), { numRuns: 60 });
  });

  it('is certain of nothing where all differences are zero, and has nothing to say about one example', () => {
    expect(bootstrapPairs({ a: [1, 0, 1], b: [1, 0, 1], seed: 0 })).toEqual({ difference: 0, low: 0, high: 0, pValue: 1 });
    expect(bootstrapPairs({ a: [1], b: [0], seed: 0 })).toBeNull();
    expect(bootstrapPairs({ a: [], b: [], seed: 0 })).toBeNull();
  });

  it('covers the true difference about as often as it says', () => {
    const draw = createIndexSource(99);
    const rounds = 200;
    let covered = 0;
    for (let round = 0; round < rounds; round += 1) {
      const a = Array.from({ length: 80 }, () => (draw(100) < 80 ? 1 : 0));
      const b = Array.from({ length: 80 }, () => (draw(100) < 70 ? 1 : 0));
      const found = bootstrapPairsFrom({ a, b, draw, resamples: 300 });
      if (found !== null && found.low <= 0.1 && found.high >= 0.1) covered += 1;
    }
    expect(covered / rounds).toBeGreaterThan(0.88);
    expect(covered / rounds).toBeLessThan(0.99);
  });

  it('refuses scores that are not paired or not finite', () => {
    expect(() => bootstrapPairs({ a: [1, 0], b: [1], seed: 0 })).toThrow(/2 scores beside 1/);
    expect(() => bootstrapPairs({ a: [1, Number.NaN], b: [1, 1], seed: 0 })).toThrow(StatisticsError);
  });
});
