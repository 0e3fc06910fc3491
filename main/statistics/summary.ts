import { requireFinite, StatisticsError } from './statistics-error.ts';
import { studentQuantile } from './student.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The contract's ScoreSummary. */
export interface Summary {
  readonly values: readonly number[];
  readonly mean: number;
  /** Sample standard deviation (n − 1); null for one value. */
  readonly standardDeviation: number | null;
  /** 95 % of the mean, Student's t; null for one value. Not cut at 0 or 1. */
  readonly interval: Interval | null;
}

/**
 * Mean, spread and 95 % interval of a metric over seeds.
 * @throws {StatisticsError} when there is no value or one is not finite.
 */
export function summarize(values: readonly number[]): Summary {
  requireFinite(values);
  const mean = meanOf(values);
  if (values.length === 1) return { values, mean, standardDeviation: null, interval: null };
  const standardDeviation = standardDeviationOf(values);
  const reach = (studentQuantile(0.975, values.length - 1) * standardDeviation) / Math.sqrt(values.length);
  return { values, mean, standardDeviation, interval: { low: mean - reach, high: mean + reach } };
}

/** Taken from the first value on, so that equal values have exactly their value as mean. @throws {StatisticsError} for no value. */
export function meanOf(values: ArrayLike<number>): number {
  const first = values[0];
  if (first === undefined) {
    throw new StatisticsError({
      code: 'statistics-empty',
      found: 'no scores',
      expected: 'at least one',
      action: 'Wait until a run is finished.',
    });
  }
  let sum = 0;
  for (let i = 1; i < values.length; i += 1) sum += (values[i] as number) - first;
  return first + sum / values.length;
}

/** Sample standard deviation (n − 1) in two passes, the second corrected for the mean's rounding (Chan, Golub & LeVeque 1983). n ≥ 2. */
export function standardDeviationOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let squares = 0;
  let rest = 0;
  for (let i = 0; i < values.length; i += 1) {
    const deviation = (values[i] as number) - mean;
    squares += deviation * deviation;
    rest += deviation;
  }
  return Math.sqrt(Math.max(0, squares - (rest * rest) / values.length) / (values.length - 1));
}
