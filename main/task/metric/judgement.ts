/** One answer by itself, for tests over examples: the metrics of a whole file are in metric.ts. */
import type { TaskExample, TaskFormat } from '../format.ts';
import { answerClass } from './metric.ts';
import { isReferentCorrect } from './referent.ts';
import { spanExactMatch, spanF1 } from './span.ts';

export interface Judgement {
  isRight: boolean;
  /** 0 or 1; for spans the token F1, best over the accepted answers. */
  value: number;
}

/** @param example with a label. @returns right as the task's own metrics see it; an answer that is no label is wrong. */
export function judgeAnswer(format: Pick<TaskFormat, 'labels' | 'metrics'>, example: TaskExample, answer: string): Judgement {
  if (format.labels !== null) return binary(answerClass(answer, format.labels) === example.label);
  if (format.metrics.includes('referent-accuracy')) return binary(isReferentCorrect(example, answer));
  const span = { answers: example.answers, predicted: answer };
  return { isRight: spanExactMatch(span) === 1, value: spanF1(span) };
}

function binary(isRight: boolean): Judgement {
  return { isRight, value: Number(isRight) };
}
