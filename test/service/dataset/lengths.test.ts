import { array, assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LengthObservation } from '../../../main/service/dataset/lengths.ts';

const observe = (lengths: readonly number[]) => {
  const observation = new LengthObservation((text) => text.length, 512);
  for (const length of lengths) observation.add('x'.repeat(length));
  return observation.summary();
};

describe('lengths of texts', () => {
  it('lie in at most forty bins that hold every text once, the longest in the last', () => {
    assert(property(array(nat({ max: 900 }), { minLength: 1, maxLength: 200 }), (lengths) => {
      const summary = observe(lengths);
      expect(summary?.histogram.reduce((sum, count) => sum + count, 0)).toBe(lengths.length);
      expect(summary?.histogram.length).toBeLessThanOrEqual(40);
      expect(summary?.histogram.at(-1)).toBeGreaterThan(0);
    }));
  });

  it('of few tokens get a bin each', () => {
    // One more each for the end of sequence.
    expect(observe([0, 1, 1, 3])?.histogram).toEqual([0, 1, 2, 0, 1]);
  });
});
