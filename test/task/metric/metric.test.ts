import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskExample } from '../../../main/task/format.ts';
import { findFormat } from '../../../main/task/index.ts';
import { type ClassPair, accuracy, binaryF1, confusionOf, groupExactMatch, macroF1 } from '../../../main/task/metric/class.ts';
import { isReferentCorrect, namesReferent } from '../../../main/task/metric/referent.ts';
import { normalizeSpan, spanExactMatch, spanF1 } from '../../../main/task/metric/span.ts';
import { answerClass, computeMetrics } from '../../../main/task/metric/metric.ts';

interface Reference {
  classes: {
    name: string; classCount: number; targets: number[]; predictions: number[]; groups: number[];
    accuracy: number; macroF1: number; binaryF1?: number; groupExactMatch: number; confusion: number[][];
  }[];
  spans: { answers: string[]; predicted: string; f1: number; exactMatch: number }[];
  referents: { answer: string; referent: string; names: boolean | null }[];
}
const reference = JSON.parse(readFileSync(join(import.meta.dirname, 'fixture', 'reference.json'), 'utf8')) as Reference;

function classExample(label: number, labels: readonly string[], group: string | null = null): TaskExample {
  return { id: 'x', input: 'x', target: labels[label] ?? null, label, group, answers: [], line: 1 };
}

function openExample(answers: readonly string[], group: string, label: number | null = null): TaskExample {
  return { id: group, input: 'x', target: answers[0] ?? null, label, group, answers, line: 1 };
}

describe('class metrics', () => {
  it.each(reference.classes)('equal scikit-learn for $name', (entry) => {
    const pairs: ClassPair[] = entry.targets.map((target, index) => ({
      target, predicted: entry.predictions[index] ?? -1, group: String(entry.groups[index]),
    }));
    expect(accuracy(pairs)).toBeCloseTo(entry.accuracy, 12);
    expect(macroF1(pairs, entry.classCount)).toBeCloseTo(entry.macroF1, 12);
    expect(groupExactMatch(pairs)).toBeCloseTo(entry.groupExactMatch, 12);
    expect(confusionOf(pairs, entry.classCount)).toEqual(entry.confusion);
    if (entry.binaryF1 !== undefined) expect(binaryF1(pairs)).toBeCloseTo(entry.binaryF1, 12);
  });

  it('lie between 0 and 1 and reach 1 exactly when every answer is right', () => {
    const pairs = fc.array(fc.record({ target: fc.nat(2), predicted: fc.integer({ min: -1, max: 2 }), group: fc.constantFrom('a', 'b') }), { minLength: 1 });
    fc.assert(fc.property(pairs, (sample) => {
      const isPerfect = sample.every(({ target, predicted }) => target === predicted);
      for (const value of [accuracy(sample), groupExactMatch(sample)]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value === 1).toBe(isPerfect);
      }
      expect(macroF1(sample, 3)).toBeLessThanOrEqual(1);
    }));
  });
});

describe('span metrics', () => {
  it.each(reference.spans)('follow SQuAD for $predicted against $answers', (entry) => {
    expect(spanF1(entry)).toBeCloseTo(entry.f1, 12);
    expect(spanExactMatch(entry)).toBe(entry.exactMatch);
  });

  it('leave no ASCII punctuation, no article and no double space', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const words = normalizeSpan(`The ${text}, a`).split(' ');
      expect(words.join('')).not.toMatch(/[!-/:-@[-`{-~]/);
      expect(words).not.toContain('the');
      expect(words.length === 1 || !words.includes('')).toBe(true);
    }));
  });
});

describe('the referent of WSC', () => {
  it.each(reference.referents)('is named or not: $answer for $referent', ({ answer, referent, names }) => {
    expect(namesReferent(answer, referent)).toBe(names);
  });

  it('is right for a wrong pair when the answer names something else', () => {
    expect(isReferentCorrect(openExample(['the trophy'], 'a', 0), 'the suitcase')).toBe(true);
    expect(isReferentCorrect(openExample(['the trophy'], 'a', 0), 'trophy')).toBe(false);
    expect(isReferentCorrect(openExample(['the trophy'], 'a', 0), '')).toBe(false);
    expect(isReferentCorrect(openExample(['the trophy'], 'a', 1), 'Trophy')).toBe(true);
  });
});

describe('computeMetrics', () => {
  it('counts an answer that is no label as wrong, in its own column, and in the legal rate', () => {
    const { labels } = findFormat('cb');
    const names = labels ?? [];
    const report = computeMetrics(findFormat('cb'), [
      { example: classExample(0, names), answer: ' entailment\n' },
      { example: classExample(1, names), answer: 'Contradiction' },
      { example: classExample(2, names), answer: 'neutral' },
      { example: classExample(2, names), answer: 'entailment' },
    ]);
    expect(report).toEqual({
      scores: { 'macro-f1': (2 / 3 + 0 + 2 / 3) / 3, accuracy: 0.5 },
      score: ((2 / 3 + 0 + 2 / 3) / 3 + 0.5) / 2,
      legalRate: 0.75,
      confusion: { labels: names, counts: [[1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 1, 0]] },
      scored: 4,
    });
  });

  it('scores MultiRC by answer and by question', () => {
    const names = ['False', 'True'];
    const report = computeMetrics(findFormat('multirc'), [
      { example: classExample(1, names, '1/1'), answer: 'True' },
      { example: classExample(0, names, '1/1'), answer: 'False' },
      { example: classExample(1, names, '1/2'), answer: 'True' },
      { example: classExample(0, names, '1/2'), answer: 'maybe' },
    ]);
    expect(report.scores).toEqual({ f1a: 0.8, 'question-exact-match': 0.5 });
  });

  it('counts a ReCoRD query once, however many of its copies are given', () => {
    const report = computeMetrics(findFormat('record'), [
      { example: openExample(['Lisbon', 'Lisboa'], '1/1'), answer: 'the Lisboa' },
      { example: openExample(['Lisbon', 'Lisboa'], '1/1'), answer: 'Porto' },
      { example: openExample(['Ann Lee'], '1/2'), answer: '' },
      { example: openExample(['Ann Lee'], '1/3'), answer: 'Lee' },
    ]);
    expect(report.scores['span-exact-match']).toBeCloseTo(1 / 3, 12);
    expect(report.scores['span-f1']).toBeCloseTo((1 + 0 + 2 / 3) / 3, 12);
    expect(report.legalRate).toBe(0.75);
    expect(report.confusion).toBeNull();
  });

  it('leaves rows without a label out of the scores but not out of the legal rate', () => {
    const names = ['False', 'True'];
    const unlabeled: TaskExample = { ...classExample(0, names), target: null, label: null };
    const report = computeMetrics(findFormat('boolq'), [{ example: classExample(1, names), answer: 'True' }, { example: unlabeled, answer: 'yes' }]);
    expect(report).toMatchObject({ score: 1, scored: 1, legalRate: 0.5 });
    expect(() => computeMetrics(findFormat('boolq'), [{ example: unlabeled, answer: 'True' }])).toThrow(expect.objectContaining({ code: 'nothing-to-score' }));
    expect(() => computeMetrics(findFormat('boolq'), [])).toThrow(expect.objectContaining({ code: 'nothing-to-score' }));
  });

  it('scores every task 1 for its own targets', () => {
    for (const id of ['boolq', 'cb', 'copa', 'rte', 'wic', 'sst2', 'mrpc', 'qqp', 'multirc']) {
      const format = findFormat(id);
      const labels = format.labels ?? [];
      const predictions = labels.map((label, classId) => ({ example: classExample(classId, labels, String(classId)), answer: label }));
      expect(computeMetrics(format, predictions).score, id).toBe(1);
    }
  });

  it('compares answers with labels by case and whole text', () => {
    expect(['True', ' True ', 'true', 'True.', '', 'True False'].map((answer) => answerClass(answer, ['False', 'True']))).toEqual([1, 1, -1, -1, -1, -1]);
  });
});
