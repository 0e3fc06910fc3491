import { describe, expect, it } from 'vitest';
import type { ComparisonReport } from '../../../main/contract/comparison.ts';
import type { StudyCell } from '../../../main/contract/study.ts';
import { compareMethods } from '../../../main/service/study/study-comparison.ts';
import type { DefinedMethod, DefinedTask } from '../../../main/service/study/study-definition.ts';
import { summariseScores } from '../../../main/service/study/study-report.ts';

const task = (id: string, metrics = ['accuracy']): DefinedTask => ({
  id, title: id.toUpperCase(), format: id, labels: null, pvp: null, isOpen: metrics.includes('span-f1'), metrics, inputs: [], examples: { train: 1, dev: 1, test: 100 }, majority: { dev: null, test: null },
});
const method = (id: string, title: string): DefinedMethod => ({ id, title, method: id, settings: {}, seeds: [1, 2, 3] });

const cell = (on: string, by: string, scores: number[]): StudyCell => ({
  task: on, method: by, runs: [], summary: summariseScores(scores.map((score) => ({ score }))),
  best: scores.length === 0 ? null : { runId: `r${by}-${on}`, scores: { score: scores[0] ?? 0 } }, ensemble: null, legalRate: 1,
});

const ids = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`);

/** 100 examples of which one run alone is right on some. */
function report(on: string, [a, b]: [string, string], { onlyA, onlyB, bootstrap = 0.5 }: { onlyA: number; onlyB: number; bootstrap?: number }): ComparisonReport {
  const quadrants = { 'both-right': ids(100 - onlyA - onlyB, 'r'), 'only-a': ids(onlyA, 'a'), 'only-b': ids(onlyB, 'b'), 'both-wrong': [] };
  const outcome = {
    unit: 'example' as const, total: 100, quadrants, difference: (onlyA - onlyB) / 100, mcnemar: { pValue: onlyA === 0 ? 0.01 : 1 }, bootstrap: { pValue: bootstrap, low: -0.2, high: 0 },
    adjustedPValue: null, effect: null, sentence: '',
  };
  return {
    task: on, split: 'test', labels: ['no', 'yes'], joined: { examples: 100, unlabelled: 0, leftOut: 0 }, runs: [], examples: [], parameterCounts: null, warnings: [],
    pairs: [{ a: `r${a}-${on}`, b: `r${b}-${on}`, outcome, byQuestion: null, confusion: null }],
  };
}

const methods = [method('pt', 'Prompt tuning'), method('ft', 'Model tuning')];

describe('the methods of a study', () => {
  it('are compared on every task with one correction over all, and told by their best runs and by their means', () => {
    const comparisons = compareMethods({
      tasks: [task('rte'), task('wic')], methods,
      cells: [cell('rte', 'pt', [0.7, 0.71, 0.72]), cell('rte', 'ft', [0.9, 0.91, 0.92]), cell('wic', 'pt', [0.5, 0.6, 0.7]), cell('wic', 'ft', [0.6, 0.6, 0.6])],
      reports: new Map([['rte', report('rte', ['pt', 'ft'], { onlyA: 0, onlyB: 20 })], ['wic', report('wic', ['pt', 'ft'], { onlyA: 5, onlyB: 5 })]]),
    });
    expect(comparisons).toMatchObject([
      { task: 'rte', a: 'pt', b: 'ft', difference: expect.closeTo(-0.2, 12), mcnemar: { pValue: 0.01, onlyA: 0, onlyB: 20 }, adjustedPValue: 0.02, permutation: { pValue: 0.1 } },
      { task: 'wic', difference: expect.closeTo(0, 12), adjustedPValue: 1 },
    ]);
    expect(comparisons[0]?.sentence).toMatch(/^Model tuning is 20\.0 points above Prompt tuning on rte \(.*p = 0\.020 after Holm's correction, n = 100\)\. By the means over the seeds, Model tuning is 20\.0 points above Prompt tuning \(p = 0\.10, 3 seeds each\)\.$/);
    expect(comparisons[1]?.sentence).toMatch(/statistically tied on wic/);
  });

  it('count their seeds in the order in which the sentence names them', () => {
    const [comparison] = compareMethods({
      tasks: [task('rte')], methods, cells: [cell('rte', 'pt', [0.7]), cell('rte', 'ft', [0.9, 0.91, 0.92])],
      reports: new Map([['rte', report('rte', ['pt', 'ft'], { onlyA: 0, onlyB: 20 })]]),
    });
    expect(comparison?.sentence).toMatch(/Model tuning is 21\.0 points above Prompt tuning \(3 and 1 seeds\)\.$/);
  });

  it('are tested by the bootstrap where answers are more or less right, not compared where one has no run, and told apart by id where their titles are equal', () => {
    const twins = [method('short', 'Prompt tuning'), method('long', 'Prompt tuning'), method('later', 'Model tuning')];
    const [comparison, ...others] = compareMethods({
      tasks: [task('record', ['span-f1', 'span-exact-match'])], methods: twins, cells: [cell('record', 'short', [0.5]), cell('record', 'long', [0.6]), cell('record', 'later', [])],
      reports: new Map([['record', report('record', ['short', 'long'], { onlyA: 0, onlyB: 10, bootstrap: 0.03 })]]),
    });
    expect(others).toEqual([]);
    expect(comparison).toMatchObject({ adjustedPValue: 0.03, permutation: null });
    expect(comparison?.sentence).toMatch(/^Prompt tuning \(long\) is 10\.0 points above Prompt tuning \(short\) on record \([^)]*p = 0\.030, n = 100\)\.$/);
  });
});
