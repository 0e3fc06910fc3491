/**
 * Permutation tests of a difference of means over seeds. Two-sided p is twice the smaller one-sided p, at most 1, as in
 * scipy.stats.permutation_test. Arrangements as extreme as the observed one count; equal is equal within 1e-12 of the values' scale
 * (SciPy takes 100 ε of the statistic, which misses ties near zero).
 */
import { createIndexSource } from './index-source.ts';
import { requireFinite, requirePairs } from './statistics-error.ts';

const mostPairsForExact = 20;
const mostCombinationsForExact = 200_000;
const drawnArrangements = 100_000;

export interface SeedScores {
  /** One score for every seed. */
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Of the draws where there are too many arrangements to walk; default 0. */
  readonly seed?: number;
}

export interface PermutationOutcome {
  readonly pValue: number;
  /** Whether every arrangement was looked at; else 100,000 were drawn, and (b + 1) / (m + 1) keeps p above 0. */
  readonly exact: boolean;
  /** What p could not have been below, however large the difference: with few seeds nothing can be significant. */
  readonly smallestPValue: number;
}

/** Arrangements whose sum lies at or below, and at or above, the observed one. */
interface Tally {
  atMost: number;
  atLeast: number;
}

/**
 * Paired, a[i] and b[i] of the same seed: every sign of every difference. Exact to 20 pairs.
 * @returns null for fewer than two pairs.
 * @throws {StatisticsError} when scores are not paired or not finite.
 */
export function permutePairs({ a, b, seed = 0 }: SeedScores): PermutationOutcome | null {
  requirePairs(a, b);
  requireFinite(a);
  requireFinite(b);
  const count = a.length;
  if (count < 2) return null;
  const differences = a.map((value, i) => value - (b[i] as number));
  const observed = total(differences);
  const record = createTally(observed, differences);
  if (count <= mostPairsForExact) {
    visitSigns(differences, record.add);
    return outcome({ tally: record.tally, arrangements: 2 ** count });
  }
  const draw = createIndexSource(seed);
  for (let i = 0; i < drawnArrangements; i += 1) {
    record.add(differences.reduce((sum, difference) => sum + (draw(2) === 0 ? difference : -difference), 0));
  }
  return outcome({ tally: record.tally });
}

/**
 * Unpaired, as where the seeds or their number differ: every division of all scores in two groups of these sizes. Exact to 200,000
 * divisions (ten against ten).
 * @returns null for fewer than two seeds on a side.
 * @throws {StatisticsError} when a score is not finite.
 */
export function permuteGroups({ a, b, seed = 0 }: SeedScores): PermutationOutcome | null {
  requireFinite(a);
  requireFinite(b);
  if (a.length < 2 || b.length < 2) return null;
  // The sum of one group fixes the difference of means.
  const [small, large] = a.length <= b.length ? [a, b] : [b, a];
  const pooled = [...small, ...large];
  const record = createTally(total(small), pooled);
  const combinations = countCombinations(pooled.length, small.length);
  if (combinations <= mostCombinationsForExact) {
    visitCombinations(pooled, small.length, record.add);
    return outcome({ tally: record.tally, arrangements: combinations });
  }
  const draw = createIndexSource(seed);
  for (let i = 0; i < drawnArrangements; i += 1) {
    for (let place = 0; place < small.length; place += 1) {
      const other = place + draw(pooled.length - place);
      [pooled[place], pooled[other]] = [pooled[other] as number, pooled[place] as number];
    }
    let sum = 0;
    for (let place = 0; place < small.length; place += 1) sum += pooled[place] as number;
    record.add(sum);
  }
  return outcome({ tally: record.tally });
}

function createTally(observed: number, values: readonly number[]): { tally: Tally; add: (sum: number) => void } {
  const tolerance = 1e-12 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  const tally = { atMost: 0, atLeast: 0 };
  const add = (sum: number): void => {
    if (sum <= observed + tolerance) tally.atMost += 1;
    if (sum >= observed - tolerance) tally.atLeast += 1;
  };
  return { tally, add };
}

/** @param arrangements all of them; absent when they were drawn. */
function outcome({ tally, arrangements }: { tally: Tally; arrangements?: number }): PermutationOutcome {
  const added = arrangements === undefined ? 1 : 0;
  const of = arrangements ?? drawnArrangements + 1;
  return {
    pValue: Math.min(1, (2 * (Math.min(tally.atMost, tally.atLeast) + added)) / of),
    exact: arrangements !== undefined,
    smallestPValue: 2 / of,
  };
}

function visitSigns(differences: readonly number[], visit: (sum: number) => void): void {
  const descend = (place: number, sum: number): void => {
    const difference = differences[place];
    if (difference === undefined) return visit(sum);
    descend(place + 1, sum + difference);
    descend(place + 1, sum - difference);
  };
  descend(0, 0);
}

function visitCombinations(values: readonly number[], size: number, visit: (sum: number) => void): void {
  const descend = (place: number, missing: number, sum: number): void => {
    if (missing === 0) return visit(sum);
    for (let next = place; next <= values.length - missing; next += 1) {
      descend(next + 1, missing - 1, sum + (values[next] as number));
    }
  };
  descend(0, size, 0);
}

/** C(n, k); exact while it is a safe integer, and infinite at worst. */
function countCombinations(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i += 1) count = (count * (n - k + i)) / i;
  return count;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
