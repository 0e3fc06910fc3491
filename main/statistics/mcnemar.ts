import { complementaryErrorFunction } from './error-function.ts';
import { fairBinomialCumulative } from './fair-binomial.ts';
import { StatisticsError } from './statistics-error.ts';

/** Beyond it the two tests agree to three digits, and counting on would only take time. */
const mostDiscordantForExact = 1_000_000;

/** Over the same examples: how many only a, and only b, answered rightly. */
export interface DiscordantCounts {
  readonly onlyA: number;
  readonly onlyB: number;
}

export interface McNemarOutcome extends DiscordantCounts {
  /** Of the test that is used. */
  readonly pValue: number;
  readonly used: 'exact' | 'chi-square';
  /** Two-sided binomial; null beyond a million discordant examples. */
  readonly exactPValue: number | null;
  /** With continuity correction, one degree of freedom. */
  readonly chiSquare: { readonly statistic: number; readonly pValue: number };
}

/**
 * McNemar's test that two methods are right equally often. As statsmodels, but for onlyA = onlyB the chi-square form corrects nothing
 * and p is 1, as in R: statsmodels corrects past zero there, and without discordant examples it gives p = 0.
 * @throws {StatisticsError} when a count is not a whole number ≥ 0.
 */
export function testMcNemar({ onlyA, onlyB }: DiscordantCounts): McNemarOutcome {
  requireCounts(onlyA, onlyB);
  const discordant = onlyA + onlyB;
  const distance = Math.abs(onlyA - onlyB);
  const statistic = distance === 0 ? 0 : (distance - 1) ** 2 / discordant;
  const chiSquare = { statistic, pValue: complementaryErrorFunction(Math.sqrt(statistic / 2)) };
  if (discordant > mostDiscordantForExact) {
    return { onlyA, onlyB, pValue: chiSquare.pValue, used: 'chi-square', exactPValue: null, chiSquare };
  }
  const exactPValue = Math.min(1, 2 * fairBinomialCumulative(Math.min(onlyA, onlyB), discordant));
  return { onlyA, onlyB, pValue: exactPValue, used: 'exact', exactPValue, chiSquare };
}

/**
 * Cohen's g: a's share of the discordant examples above one half, −½ … ½; null without any. Cohen 1988 calls 0.05 small, 0.15 medium
 * and 0.25 large.
 * @throws {StatisticsError} when a count is not a whole number ≥ 0.
 */
export function cohensG({ onlyA, onlyB }: DiscordantCounts): number | null {
  requireCounts(onlyA, onlyB);
  const discordant = onlyA + onlyB;
  return discordant === 0 ? null : (onlyA - onlyB) / (2 * discordant);
}

function requireCounts(...counts: readonly number[]): void {
  if (counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return;
  throw new StatisticsError({
    code: 'statistics-not-a-count',
    found: counts.join(' and '),
    expected: 'two whole numbers of examples, 0 or more',
    action: 'Count the examples that only one of the two answered rightly.',
  });
}
