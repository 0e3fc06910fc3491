/** A pair's finding with its numbers written, ready for a sentence in any language. */
import type { ComparisonSummary } from '../../../main/contract/api/comparison-report.ts';
import { decimalText, percentText } from '../../text/number.ts';
import { judge, type Verdict } from './pair.ts';

type Pair = ComparisonSummary['pairs'][number];

export interface WrittenFinding {
  verdict: Verdict;
  a: string;
  b: string;
  task: string;
  gap: string;
  isEqual: boolean;
  interval: { low: string; high: string } | null;
  p: string;
  test: 'mcnemar' | 'bootstrap';
  pairs: number;
  examples: number;
}

/** Names the one ahead first. */
export function findingOf({ runs, pairs, task }: ComparisonSummary, { a, b, outcome }: Pair): WrittenFinding {
  const { difference, bootstrap, adjustedPValue, total } = outcome;
  const isTurned = difference < 0;
  const nameOf = (id: string): string => `${id} (${runs.find((run) => run.id === id)?.methodTitle ?? ''})`;
  const [low, high] = bootstrap === null ? [null, null] : isTurned ? [-bootstrap.high, -bootstrap.low] : [bootstrap.low, bootstrap.high];
  return {
    verdict: judge(outcome),
    a: nameOf(isTurned ? b : a),
    b: nameOf(isTurned ? a : b),
    task,
    gap: percentText(Math.abs(difference)),
    isEqual: difference === 0,
    interval: low === null || high === null ? null : { low: percentText(low), high: percentText(high) },
    p: pText(adjustedPValue),
    // The core tests values that are right or wrong by McNemar's test, and token F1 by the bootstrap.
    test: runs.some(({ scores }) => 'span-f1' in scores) ? 'bootstrap' : 'mcnemar',
    pairs: pairs.length,
    examples: total,
  };
}

export function pText(p: number | null): string {
  if (p === null) return '–';
  return p < 0.001 ? `p < ${decimalText(0.001, 3)}` : `p = ${decimalText(p, p < 0.1 ? 3 : 2)}`;
}
