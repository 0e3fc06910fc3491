import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComparedExample } from '../../main/contract/comparison.ts';
import { comparePairs, type PairSettings } from '../../main/service/comparison-pair.ts';

const labels = ['no', 'yes'];
const answerArbitrary = fc.constantFrom('no', 'yes', ' yes ', 'maybe', '');
const runs = ['r0001', 'r0002', 'r0003'].map((id) => ({ id, name: id }));

function example(index: number, target: string, texts: readonly string[], group: string | null): ComparedExample {
  const answers = texts.map((text) => ({ text, isRight: text.trim() === target, value: Number(text.trim() === target), margin: null }));
  return { id: `row-${index}`, group, input: null, target, answers };
}

const examplesArbitrary = fc
  .array(fc.tuple(fc.constantFrom(...labels), fc.tuple(answerArbitrary, answerArbitrary, answerArbitrary), fc.constantFrom('q1', 'q2', 'q3')), { minLength: 1, maxLength: 12 })
  .map((rows) => rows.map(([target, texts, group], index) => example(index, target, texts, group)));

function settings(examples: readonly ComparedExample[], more: Partial<PairSettings> = {}): PairSettings {
  return { runs, examples, labels, hasQuestions: false, test: 'mcnemar', task: 'boolq', ...more };
}

describe('pairs of runs', () => {
  it('split the examples into four parts without rest, and their confusion counts each once, illegal answers as a class of their own', async () => {
    await fc.assert(fc.asyncProperty(examplesArbitrary, async (examples) => {
      const pairs = await comparePairs(settings(examples));
      expect(pairs.map(({ a, b }) => [a, b])).toEqual([['r0001', 'r0002'], ['r0001', 'r0003'], ['r0002', 'r0003']]);
      for (const { outcome, confusion } of pairs) {
        expect(Object.values(outcome.quadrants).flat().toSorted()).toEqual(examples.map(({ id }) => id).toSorted());
        expect(outcome.total).toBe(examples.length);
        expect(confusion?.counts.flat().reduce((sum, count) => sum + count, 0)).toBe(examples.length);
        const { 'only-a': onlyA, 'only-b': onlyB } = outcome.quadrants;
        expect(outcome.difference).toBeCloseTo((onlyA.length - onlyB.length) / examples.length, 12);
      }
      const illegal = examples.filter(({ answers }) => !labels.includes(answers[0]?.text.trim() ?? '')).length;
      expect(pairs[0]?.confusion?.counts.at(-1)?.reduce((sum, count) => sum + count, 0)).toBe(illegal);
    }), { numRuns: 15 });
  });

  it('are mirrored when the runs change places', async () => {
    await fc.assert(fc.asyncProperty(examplesArbitrary, async (examples) => {
      const two = { runs: runs.slice(0, 2) };
      const [forth] = await comparePairs(settings(examples, two));
      const swapped = examples.map((each) => ({ ...each, answers: each.answers.slice(0, 2).toReversed() }));
      const [back] = await comparePairs(settings(swapped, { runs: two.runs.toReversed() }));
      expect(back?.outcome.quadrants).toEqual({
        'both-right': forth?.outcome.quadrants['both-right'], 'both-wrong': forth?.outcome.quadrants['both-wrong'],
        'only-a': forth?.outcome.quadrants['only-b'], 'only-b': forth?.outcome.quadrants['only-a'],
      });
      expect(back?.outcome).toMatchObject({ mcnemar: forth?.outcome.mcnemar, adjustedPValue: forth?.outcome.adjustedPValue });
      expect(back?.outcome.difference).toBeCloseTo(-(forth?.outcome.difference ?? Number.NaN), 12);
      expect(back?.outcome.bootstrap?.low ?? 0).toBeCloseTo(-(forth?.outcome.bootstrap?.high ?? 0), 12);
      expect(back?.confusion?.counts).toEqual(forth?.confusion?.counts.map((_, row) => forth.confusion?.counts.map((counts) => counts[row])));
    }), { numRuns: 15 });
  });

  it('count a question as right only where all its answers are', async () => {
    const examples = [example(0, 'yes', ['yes', 'yes'], 'q1'), example(1, 'no', ['no', 'yes'], 'q1'), example(2, 'no', ['yes', 'no'], 'q2')];
    const [pair] = await comparePairs(settings(examples, { runs: runs.slice(0, 2), hasQuestions: true }));
    expect(pair?.outcome).toMatchObject({ unit: 'answer', total: 3, quadrants: { 'both-right': ['row-0'], 'only-a': ['row-1'], 'only-b': ['row-2'], 'both-wrong': [] } });
    expect(pair?.byQuestion).toMatchObject({ unit: 'question', total: 2, quadrants: { 'both-right': [], 'only-a': ['q1'], 'only-b': ['q2'], 'both-wrong': [] } });
  });

  it('are corrected for how many there are, and each is told in a sentence', async () => {
    const examples = Array.from({ length: 60 }, (_, index) => example(index, 'yes', ['yes', index < 20 ? 'yes' : 'no', index < 55 ? 'yes' : 'maybe'], null));
    const pairs = await comparePairs(settings(examples));
    const p = pairs.map(({ outcome }) => outcome.mcnemar.pValue);
    expect(p[1]).toBe(0.0625);
    expect(pairs.map(({ outcome }) => outcome.adjustedPValue)).toEqual([3 * (p[0] ?? 0), 0.0625, 2 * (p[2] ?? 0)]);
    expect(pairs[0]?.outcome.sentence).toMatch(/^r0001 is 66\.7 points above r0002 on boolq .*after Holm/);
    expect(pairs[1]?.outcome.sentence).toContain('statistically tied');
    expect(pairs[0]?.outcome.effect).toBe(0.5);
  });

  it('of spans are tested on token F1, where an answer may be half right', async () => {
    const examples = Array.from({ length: 40 }, (_, index) => ({
      ...example(index, 'the boat', [], null), answers: [{ text: 'boat', isRight: true, value: 1, margin: null }, { text: 'a red boat', isRight: false, value: index % 2 === 0 ? 0.8 : 0.5, margin: null }],
    }));
    const [pair] = await comparePairs(settings(examples, { runs: runs.slice(0, 2), labels: null, test: 'bootstrap' }));
    expect(pair).toMatchObject({ confusion: null, outcome: { adjustedPValue: pair?.outcome.bootstrap?.pValue } });
    expect(pair?.outcome.difference).toBeCloseTo(0.35, 12);
  });
});
