/** Means with their intervals over one setting: what stands where. Pure. */
import type { Family } from '../method-look.ts';

export interface IntervalPoint {
  /** As it is named at the axis. */
  value: string;
  mean: number;
  low: number | null;
  high: number | null;
  /** How many values the mean is of. */
  count: number;
}

export interface IntervalLine {
  id: string;
  title: string;
  family: Family;
  points: readonly IntervalPoint[];
}

/** Every value once: numbers from the least to the greatest, anything else in the order of appearance. */
export function axisValues(lines: readonly IntervalLine[], scale: 'log' | 'names'): readonly string[] {
  const values = [...new Set(lines.flatMap(({ points }) => points.map(({ value }) => value)))];
  return scale === 'log' ? values.toSorted((a, b) => Number(a) - Number(b)) : values;
}

/** Where a value stands between 0 and 1: names evenly, numbers by their logarithm; a single one in the middle. */
export function placeValue(value: string, { values, scale }: { values: readonly string[]; scale: 'log' | 'names' }): number {
  if (scale === 'names') return (values.indexOf(value) + 0.5) / Math.max(1, values.length);
  const logs = values.map((one) => Math.log(Number(one)));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  return most === least ? 0.5 : 0.06 + (0.88 * (Math.log(Number(value)) - least)) / (most - least);
}
