import { StatisticsError } from './statistics-error.ts';

/**
 * Holm's step-down correction (1979): adjusted p-values in the order given. A null (no test was possible) stays null and counts for
 * nothing.
 * @throws {StatisticsError} when a p-value is outside 0 … 1.
 */
export function adjustByHolm(pValues: readonly (number | null)[]): (number | null)[] {
  const tested: { pValue: number; place: number }[] = [];
  for (const [place, pValue] of pValues.entries()) {
    if (pValue === null) continue;
    requireProbability(pValue);
    tested.push({ pValue, place });
  }
  tested.sort((left, right) => left.pValue - right.pValue);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let floor = 0;
  for (const [rank, { pValue, place }] of tested.entries()) {
    floor = Math.max(floor, Math.min(1, pValue * (tested.length - rank)));
    adjusted[place] = floor;
  }
  return adjusted;
}

function requireProbability(pValue: number): void {
  if (pValue >= 0 && pValue <= 1) return;
  throw new StatisticsError({
    code: 'statistics-not-a-probability',
    found: `the p-value ${pValue}`,
    expected: 'one from 0 to 1',
    action: 'Give null where no test was possible.',
  });
}
