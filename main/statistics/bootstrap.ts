import { createIndexSource, type IndexSource } from './index-source.ts';
import { requireFinite, requirePairs } from './statistics-error.ts';
import { meanOf, type Interval } from './summary.ts';

export interface PairedScores {
  /** [n] one score for every example. */
  readonly a: ArrayLike<number>;
  /** [n] of the same examples, in the same order. */
  readonly b: ArrayLike<number>;
}

export interface BootstrapSettings extends PairedScores {
  readonly draw: IndexSource;
  readonly resamples: number;
}

export interface BootstrapOutcome extends Interval {
  /** mean(a) − mean(b), as observed; low and high are its 95 % percentile interval. */
  readonly difference: number;
  readonly pValue: number;
}

/**
 * The paired bootstrap over examples, 10,000 resamples from a seed.
 * @returns null for fewer than two examples.
 * @throws {StatisticsError} when the scores are not paired or not finite.
 */
export function bootstrapPairs({ a, b, seed }: PairedScores & { readonly seed: number }): BootstrapOutcome | null {
  return bootstrapPairsFrom({ a, b, draw: createIndexSource(seed), resamples: 10_000 });
}

/**
 * As bootstrapPairs, with indices from anywhere: n draws below n for every resample, one resample after the other. Takes time in
 * resamples × n.
 *
 * The interval is Efron's percentile interval, 2.5 % to 97.5 %, interpolated as NumPy does. p is its inversion: twice the smaller share of
 * resamples on one side of zero (ties count on both), with one added above and below (Davison & Hinkley 1997, §4.2) so that it is never 0.
 */
export function bootstrapPairsFrom({ a, b, draw, resamples }: BootstrapSettings): BootstrapOutcome | null {
  requirePairs(a, b);
  requireFinite(a);
  requireFinite(b);
  const count = a.length;
  if (count < 2) return null;
  const differences = Float64Array.from({ length: count }, (_, i) => (a[i] as number) - (b[i] as number));
  // Sums of shares that cancel end within rounding of zero: they are ties.
  const zero = 1e-12 * differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
  const means = new Float64Array(resamples);
  let atMostZero = 0;
  let atLeastZero = 0;
  for (let resample = 0; resample < resamples; resample += 1) {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += differences[draw(count)] as number;
    means[resample] = sum / count;
    if (sum <= zero) atMostZero += 1;
    if (sum >= -zero) atLeastZero += 1;
  }
  means.sort();
  return {
    difference: meanOf(differences),
    low: quantile(means, 0.025),
    high: quantile(means, 0.975),
    pValue: Math.min(1, (2 * (Math.min(atMostZero, atLeastZero) + 1)) / (resamples + 1)),
  };
}

/** Between the two nearest of sorted values, linearly: NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}
