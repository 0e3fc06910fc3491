/**
 * Relative position buckets in whole numbers, without a logarithm: an independent statement of the rule of Raffel et al. 2020 §2.1.
 * Below half of the buckets every distance has its own; bucket e + k begins where (distance/e)^n reaches (maximum/e)^k, with n buckets
 * left for the far ones.
 */

export interface ReferenceRule {
  buckets: number;
  maxDistance: number;
  direction: 'both' | 'past';
}

/** @param distance key position − query position. */
export function referenceBucket(distance: number, { buckets, maxDistance, direction }: ReferenceRule): number {
  if (direction === 'past') return oneSided(distance < 0 ? -distance : 0, buckets, maxDistance);
  const half = Math.floor(buckets / 2);
  return oneSided(Math.abs(distance), half, maxDistance) + (distance > 0 ? half : 0);
}

function oneSided(span: number, buckets: number, maxDistance: number): number {
  const near = Math.floor(buckets / 2);
  if (span < near) return span;
  const far = buckets - near;
  const [spanPower, nearPower] = [BigInt(span) ** BigInt(far), BigInt(near) ** BigInt(far)];
  let step = 0;
  while (step + 1 < far && spanPower * BigInt(near) ** BigInt(step + 1) >= BigInt(maxDistance) ** BigInt(step + 1) * nearPower) step += 1;
  return near + step;
}
