/** Numbers as a paper prints them. Scores are shares from 0 to 1 and become points of 100. ASCII but for ±, so that TeX takes them. */

/** "81.2 ± 1.3 (5)": mean, standard deviation and number of runs, in points; "81.2 (1)" for a single run. */
export function meanAndSpread({ mean, standardDeviation, values }: {
  readonly mean: number;
  readonly standardDeviation: number | null;
  readonly values: readonly number[];
}): string {
  const spread = standardDeviation === null ? '' : ` ± ${pointsText(standardDeviation)}`;
  return `${pointsText(mean)}${spread} (${values.length})`;
}

/** A share in points with one decimal, never "-0.0". */
export function pointsText(share: number): string {
  const text = (share * 100).toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}

/** "p = 0.42", "p = 0.003", "p < 0.001". Never rounds to the other side of 0.05, nor up to certainty. */
export function pValueText(pValue: number): string {
  if (pValue < 0.001) return 'p < 0.001';
  if (pValue > 0.99) return pValue === 1 ? 'p = 1' : 'p > 0.99';
  if (pValue >= 0.0495 && pValue < 0.05) return 'p < 0.05';
  return `p = ${pValue.toFixed(pValue < 0.0995 ? 3 : 2)}`;
}
