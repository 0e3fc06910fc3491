import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskExample } from '../../../main/task/format.ts';
import { findFormat } from '../../../main/task/index.ts';
import { judgeAnswer } from '../../../main/task/metric/judgement.ts';
import { computeMetrics } from '../../../main/task/metric/metric.ts';

function example(parts: Partial<TaskExample>): TaskExample {
  return { id: 'e', input: '', target: 'x', label: null, group: null, answers: [], line: 1, ...parts };
}

describe('the judgement of one answer', () => {
  it('has the task’s accuracy as its mean, answers that are no label included', () => {
    const rte = findFormat('rte');
    const words = [...(rte.labels ?? []), 'perhaps', ''];
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: 1 }), fc.constantFrom(...words)), { minLength: 1, maxLength: 30 }), (rows) => {
      const predictions = rows.map(([label, answer]) => ({ example: example({ label, target: rte.labels?.[label] ?? null }), answer }));
      const mean = predictions.reduce((sum, { example: right, answer }) => sum + judgeAnswer(rte, right, answer).value, 0) / rows.length;
      expect(mean).toBeCloseTo(computeMetrics(rte, predictions).scores.accuracy ?? Number.NaN, 12);
    }));
  });

  it('has the task’s span scores as its means', () => {
    const record = findFormat('record');
    const span = fc.array(fc.constantFrom('the', 'blue', 'boat', 'Anna'), { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    fc.assert(fc.property(fc.array(fc.tuple(fc.array(span, { minLength: 1, maxLength: 2 }), span), { minLength: 1, maxLength: 10 }), (rows) => {
      const predictions = rows.map(([answers, answer], index) => ({ example: example({ id: String(index), answers, target: answers[0] ?? null }), answer }));
      const judged = predictions.map(({ example: right, answer }) => judgeAnswer(record, right, answer));
      const { scores } = computeMetrics(record, predictions);
      expect(judged.reduce((sum, { value }) => sum + value, 0) / rows.length).toBeCloseTo(scores['span-f1'] ?? Number.NaN, 12);
      expect(judged.filter(({ isRight }) => isRight).length / rows.length).toBeCloseTo(scores['span-exact-match'] ?? Number.NaN, 12);
    }));
  });

  it('of a referent agrees with the label, also where the answer rightly names another', () => {
    const wsc = findFormat('wsc');
    expect(judgeAnswer(wsc, example({ answers: ['the cat'], label: 1 }), 'cat')).toEqual({ isRight: true, value: 1 });
    expect(judgeAnswer(wsc, example({ answers: ['the cat'], label: 0 }), 'dog')).toEqual({ isRight: true, value: 1 });
    expect(judgeAnswer(wsc, example({ answers: ['the cat'], label: 0 }), 'cat')).toEqual({ isRight: false, value: 0 });
  });
});
