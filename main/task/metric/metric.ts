/**
 * Scores of decoded answers, as T5 computes them (t5/data/glue_utils.py, t5/evaluation/metrics.py), from 0 to 1.
 *
 * A decoded answer is compared with the labels exactly, but for white space around it (T5: string_label_to_class_id). An answer that
 * is no label is class −1: always wrong, and counted apart. Examples without a label are left out of every score.
 */
import { Problem } from '../../contract/problem.ts';
import type { MetricId, TaskExample, TaskFormat } from '../format.ts';
import { type ClassPair, accuracy, binaryF1, confusionOf, groupExactMatch, macroF1 } from './class.ts';
import { isReferentCorrect } from './referent.ts';
import { type SpanPair, spanExactMatch, spanF1 } from './span.ts';

export interface Prediction {
  example: TaskExample;
  /** The decoded text, without EOS. */
  answer: string;
}

interface Confusion {
  /** Names of the rows (true labels); the columns are these and, last, the answers that are no label. */
  labels: readonly string[];
  /** [labels, labels + 1] */
  counts: readonly (readonly number[])[];
}

export interface MetricReport {
  /** 0 to 1. */
  scores: Partial<Record<MetricId, number>>;
  /** Mean of the task's metrics. */
  score: number;
  /** Share of all answers that are labels; for open answers, the share that is not empty. */
  legalRate: number;
  /** Null for open answers. */
  confusion: Confusion | null;
  /** Examples with a label; those of one query count once for span metrics all the same. */
  scored: number;
}

/** Class id of a decoded answer, −1 when it is no label. */
export function answerClass(answer: string, labels: readonly string[]): number {
  return labels.indexOf(answer.trim());
}

/**
 * All metrics of a task.
 * @throws {Problem} `nothing-to-score` when no example has a label or there are no predictions.
 */
export function computeMetrics(format: Pick<TaskFormat, 'labels' | 'metrics'>, predictions: readonly Prediction[]): MetricReport {
  const scored = predictions.filter(({ example }) => example.target !== null);
  if (scored.length === 0) {
    throw new Problem({
      code: 'nothing-to-score',
      found: `${predictions.length} answers, none to an example with a label`,
      expected: 'at least one example with a label',
      action: 'Evaluate on a file that has labels.',
    });
  }
  const { labels } = format;
  const classes = labels === null ? [] : scored.map(({ example, answer }) => classPair(example, answer, labels));
  const spans = labels === null ? onePerQuery(scored) : [];
  const values = format.metrics.map((id): [MetricId, number] => [id, computeOne(id, { labels: labels ?? [], classes, spans, scored })]);
  return {
    scores: Object.fromEntries(values),
    score: mean(values.map(([, value]) => value)),
    legalRate: mean(predictions.map(({ answer }) => Number(labels === null ? answer.trim() !== '' : answerClass(answer, labels) !== -1))),
    confusion: labels === null ? null : { labels, counts: confusionOf(classes, labels.length) },
    scored: scored.length,
  };
}

interface MetricInputs {
  labels: readonly string[];
  classes: readonly ClassPair[];
  spans: readonly SpanPair[];
  scored: readonly Prediction[];
}

function computeOne(id: MetricId, { labels, classes, spans, scored }: MetricInputs): number {
  switch (id) {
    case 'accuracy': return accuracy(classes);
    case 'macro-f1': return macroF1(classes, labels.length);
    case 'f1':
    case 'f1a': return binaryF1(classes);
    case 'question-exact-match': return groupExactMatch(classes);
    case 'span-f1': return mean(spans.map(spanF1));
    case 'span-exact-match': return mean(spans.map(spanExactMatch));
    case 'referent-accuracy': return mean(scored.map(({ example, answer }) => Number(isReferentCorrect(example, answer))));
    default: return id satisfies never;
  }
}

function classPair(example: TaskExample, answer: string, labels: readonly string[]): ClassPair {
  if (example.label === null) throw new Error(`example ${example.id} has a target and no label`);
  return { target: example.label, predicted: answerClass(answer, labels), group: example.group ?? example.id };
}

/** Training copies of a query, one per right answer, would count it several times; the first stands for all. */
function onePerQuery(predictions: readonly Prediction[]): SpanPair[] {
  const first = new Map<string, SpanPair>();
  for (const { example, answer } of predictions) {
    const query = example.group ?? example.id;
    if (!first.has(query)) first.set(query, { answers: example.answers, predicted: answer });
  }
  return [...first.values()];
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
