/** Two runs of a comparison, in the order that a person named them. Pure. */
import type { ComparisonSummary } from '../../../main/contract/api/comparison-report.ts';

type Pair = ComparisonSummary['pairs'][number];
type Outcome = Pair['outcome'];
type Confusion = NonNullable<Pair['confusion']>;

/** @returns the pair as a against b, turned round where the report has it the other way; undefined for runs that are not in it */
export function findPair({ pairs }: ComparisonSummary, a: string, b: string): Pair | undefined {
  const found = pairs.find((pair) => pair.a === a && pair.b === b);
  if (found !== undefined) return found;
  const reverse = pairs.find((pair) => pair.a === b && pair.b === a);
  return reverse === undefined ? undefined : turn(reverse);
}

function turn({ a, b, outcome, byQuestion, confusion }: Pair): Pair {
  return { a: b, b: a, outcome: turnOutcome(outcome), byQuestion: byQuestion === null ? null : turnOutcome(byQuestion), confusion: confusion === null ? null : transpose(confusion) };
}

function turnOutcome(outcome: Outcome): Outcome {
  const { quadrants, difference, bootstrap, effect } = outcome;
  return {
    ...outcome,
    quadrants: { ...quadrants, 'only-a': quadrants['only-b'], 'only-b': quadrants['only-a'] },
    difference: -difference,
    bootstrap: bootstrap === null ? null : { ...bootstrap, low: -bootstrap.high, high: -bootstrap.low },
    effect: effect === null ? null : -effect,
  };
}

function transpose({ rows, columns, counts }: Confusion): Confusion {
  return { rows: columns, columns: rows, counts: columns.map((_, column) => rows.map((__, row) => counts[row]?.[column] ?? 0)) };
}

export type Verdict = 'above' | 'tied' | 'too-few' | 'untested';

/** As the core's own sentence has it: significant is p < 0.05 after the correction, and under 50 examples no difference found says nothing. */
const level = 0.05;
const fewExamples = 50;

export function judge({ adjustedPValue, total }: Outcome): Verdict {
  if (adjustedPValue === null) return 'untested';
  if (adjustedPValue < level) return 'above';
  return total < fewExamples ? 'too-few' : 'tied';
}
