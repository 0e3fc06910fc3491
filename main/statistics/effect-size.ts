import { stirlingRemainder } from './gamma.ts';
import { requireFinite, requirePairs } from './statistics-error.ts';
import { meanOf, standardDeviationOf } from './summary.ts';

/**
 * Cohen's d_z over paired seeds: the mean difference in standard deviations of the differences. Null for fewer than two pairs or where all
 * differences are equal.
 * @throws {StatisticsError} when scores are not paired or not finite.
 */
export function cohensDz(a: readonly number[], b: readonly number[]): number | null {
  requirePairs(a, b);
  requireFinite(a);
  requireFinite(b);
  if (a.length < 2) return null;
  const differences = a.map((value, i) => value - (b[i] as number));
  return ratio({ difference: meanOf(differences), spread: standardDeviationOf(differences), of: [...a, ...b] });
}

/**
 * Hedges' g over unpaired seeds: the difference of means in pooled standard deviations, made unbiased by the exact gamma factor
 * (Hedges 1981, equation 6e). Null for fewer than two seeds on a side or where no side spreads.
 * @throws {StatisticsError} when a score is not finite.
 */
export function hedgesG(a: readonly number[], b: readonly number[]): number | null {
  requireFinite(a);
  requireFinite(b);
  if (a.length < 2 || b.length < 2) return null;
  const degreesOfFreedom = a.length + b.length - 2;
  const squares = (a.length - 1) * standardDeviationOf(a) ** 2 + (b.length - 1) * standardDeviationOf(b) ** 2;
  const d = ratio({ difference: meanOf(a) - meanOf(b), spread: Math.sqrt(squares / degreesOfFreedom), of: [...a, ...b] });
  return d === null ? null : d * unbiasing(degreesOfFreedom);
}

/** Spread that is only rounding would make a difference look boundless. */
function ratio({ difference, spread, of }: { difference: number; spread: number; of: readonly number[] }): number | null {
  const scale = of.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return spread <= 1e-14 * scale ? null : difference / spread;
}

/** Γ(m / 2) / (√(m / 2) Γ((m − 1) / 2)), for m ≥ 2, by Stirling's formula and its remainder. */
function unbiasing(m: number): number {
  const half = m / 2;
  const below = half - 0.5;
  return Math.exp(below * Math.log1p(0.5 / below) - 0.5 + stirlingRemainder(half) - stirlingRemainder(below)) * Math.sqrt(below / half);
}
