/** Scores of an evaluation as the flat name → value rows of the workspace, and back. */
import type { Evaluation } from '../contract/worker-protocol.ts';
import type { MetricValues } from '../store/json-column.ts';

/** What a person is told of an evaluation; all between 0 and 1 but the loss. */
export interface EvaluationScores {
  examples: number | null;
  scores: Record<string, number | null>;
  /** Mean of the task's metrics. */
  score: number | null;
  /** Share of decoded answers that are answers at all. */
  legalRate: number | null;
  /** Mean loss per target token. */
  loss: number | null;
}

/** Everything else under the prefix is a metric of the task. */
const ownNames = ['examples', 'score', 'legalRate', 'loss'] as const;

/** @param prefix for example `test/`; empty for none. */
export function writeEvaluation(evaluation: Evaluation, prefix = ''): Record<string, number | null> {
  const { examples, score, legalRate, loss, scores } = evaluation;
  const values = { ...scores, examples, score, legalRate, loss };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** @returns null where nothing was written under the prefix. */
export function readEvaluation(values: MetricValues, prefix = ''): EvaluationScores | null {
  const own = Object.entries(values).filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value] as const);
  const byName = new Map(own);
  if (!byName.has('score')) return null;
  const [examples, score, legalRate, loss] = ownNames.map((name) => byName.get(name) ?? null) as [number | null, number | null, number | null, number | null];
  const scores = Object.fromEntries(own.filter(([name]) => !(ownNames as readonly string[]).includes(name) && !name.includes('/')));
  return { examples, scores, score, legalRate, loss };
}
