import { describe, expect, it } from 'vitest';
import { relativePositionBucket, relativePositionBuckets } from '../../main/model/relative-position.ts';
import { stepBuckets } from '../../main/model/t5-decoder.ts';
import { parseT5Config } from '../../main/model/config.ts';
import { referenceBucket } from './bucket-reference.ts';
import { tinyFamilies } from './tiny-t5.ts';

const rules = [8, 32].flatMap((buckets) => [20, 128].flatMap((maxDistance) =>
  (['both', 'past'] as const).map((direction) => ({ buckets, maxDistance, direction }))));

describe('a relative position', () => {
  it.each(rules)('falls into the bucket that whole numbers give, up to a distance of 2000: %o', (rule) => {
    const distances = Array.from({ length: 4001 }, (_, i) => i - 2000);
    const wrong = distances.filter((distance) => relativePositionBucket(distance, rule) !== referenceBucket(distance, rule));
    expect(wrong).toEqual([]);
  });

  it('has the buckets that T5 is known by: 15 distinct ones over 100 prompt rows, and one for every token from index 90 on', () => {
    const rule = { buckets: 32, maxDistance: 128, direction: 'both' } as const;
    const seen = (token: number): number => new Set(Array.from({ length: 100 }, (_, row) => relativePositionBucket(row - (100 + token), rule))).size;
    expect([seen(0), seen(20), seen(90)]).toEqual([15, 6, 1]);
  });

  it('is laid out with queries as rows', () => {
    expect(relativePositionBuckets(2, 3, { buckets: 8, maxDistance: 20, direction: 'both' })).toEqual([0, 5, 6, 1, 0, 5]);
  });

  it('is the same for a single decoding step as for the whole target', () => {
    const config = parseT5Config(tinyFamilies.mT5, {});
    const length = 40;
    const whole = relativePositionBuckets(length, length, { buckets: 8, maxDistance: 20, direction: 'past' });
    for (const position of [0, 1, 17, 39]) {
      expect(stepBuckets(config, position, length)).toEqual(whole.slice(position * length, (position + 1) * length));
    }
  });
});
