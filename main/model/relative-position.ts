/**
 * T5's relative position buckets: near distances get one bucket each, far ones share logarithmically growing ones
 * (Raffel et al. 2020 §2.1; transformers, models/t5/modeling_t5.py, _relative_position_bucket).
 */

export interface BucketRule {
  readonly buckets: number;
  readonly maxDistance: number;
  /** Both directions (encoder) or only the past (decoder). */
  readonly direction: 'both' | 'past';
}

/** @param distance key position − query position, in tokens. @returns the bucket, 0 … buckets − 1. */
export function relativePositionBucket(distance: number, rule: BucketRule): number {
  const { maxDistance, direction } = rule;
  const buckets = direction === 'both' ? Math.floor(rule.buckets / 2) : rule.buckets;
  const base = direction === 'both' && distance > 0 ? buckets : 0;
  const span = direction === 'both' ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(buckets / 2);
  if (span < exact) return base + span;
  // float32 as in the reference: a distance that falls on a boundary must land in the same bucket.
  const share = Math.fround(Math.fround(Math.log(Math.fround(span / exact))) / Math.fround(Math.log(maxDistance / exact)));
  const far = exact + Math.trunc(Math.fround(share * (buckets - exact)));
  return base + Math.min(far, buckets - 1);
}

/** @returns buckets for every pair, row-major [queries, keys], both counted from position 0. */
export function relativePositionBuckets(queries: number, keys: number, rule: BucketRule): number[] {
  const byDistance = new Map<number, number>();
  const ids: number[] = [];
  for (let query = 0; query < queries; query += 1) {
    for (let key = 0; key < keys; key += 1) {
      const distance = key - query;
      let bucket = byDistance.get(distance);
      if (bucket === undefined) {
        bucket = relativePositionBucket(distance, rule);
        byDistance.set(distance, bucket);
      }
      ids.push(bucket);
    }
  }
  return ids;
}
