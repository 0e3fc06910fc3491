/** Reports with numbers that differ everywhere, and names that are somebody's attack. */
import type { ComparedExample, ComparedPair, ComparisonReport, PairOutcome } from '../../../main/contract/comparison.ts';
import type { StudyCell, StudyReport } from '../../../main/contract/study.ts';
import { hostileTexts } from './hostile.ts';

const labels = ['entailment', '100 % | not_entailment'];

/** Four examples, one in each quadrant, then as many more as wanted that both get right. */
function examplesOf(count: number): ComparedExample[] {
  return Array.from({ length: count }, (_, index) => {
    const [isRightA, isRightB] = [index !== 2 && index !== 3, index !== 1 && index !== 3];
    const answer = (isRight: boolean, margin: number) => ({ text: isRight ? (labels[0] ?? '') : (hostileTexts[index] ?? ''), isRight, value: Number(isRight), margin });
    return {
      id: `row-${index}`, group: null, input: `premise: ${hostileTexts[index % hostileTexts.length] ?? ''}`, target: labels[0] ?? '',
      answers: [answer(isRightA, 1.5 + index), answer(isRightB, -0.25 - index)],
    };
  });
}

export function comparisonReport({ count = hostileTexts.length } = {}): ComparisonReport {
  const examples = examplesOf(count);
  const idsWhere = (a: boolean, b: boolean) => examples.filter(({ answers }) => answers[0]?.isRight === a && answers[1]?.isRight === b).map(({ id }) => id);
  const outcome: PairOutcome = {
    unit: 'example', total: count,
    quadrants: { 'both-right': idsWhere(true, true), 'only-a': idsWhere(true, false), 'only-b': idsWhere(false, true), 'both-wrong': idsWhere(false, false) },
    difference: -0.01234, mcnemar: { pValue: 0.0421 }, bootstrap: { pValue: 0.21, low: -0.0512, high: 0.0271 }, adjustedPValue: 0.0842, effect: -0.0625,
    sentence: 'r0001 and r0002 are statistically tied.',
  };
  const pair: ComparedPair = {
    a: 'r0001', b: 'r0002', outcome, byQuestion: null,
    confusion: { rows: [...labels, 'no label'], columns: [...labels, 'no label'], counts: [[11, 12, 13], [14, 15, 16], [17, 18, 19]] },
  };
  const run = { model: 'tiny_100%', confusion: { rows: labels, columns: [...labels, 'no label'], counts: [[21, 22, 23], [24, 25, 26]] } };
  return {
    task: 'rte', split: 'test', labels, joined: { examples: count, unlabelled: 1, leftOut: 2 },
    runs: [
      {
        ...run, id: 'r0001', method: 'prompt-tuning', methodTitle: 'Prompt tuning', seed: 3, trainableParameters: 20_480, storageBytesPerTask: 82_000, seconds: 75.3,
        peakMemoryBytes: 734_003_200, scores: { accuracy: 0.73214, 'macro-f1': 0.7, score: 0.71607 }, legalRate: 0.995,
      },
      {
        ...run, id: 'r0002', method: 'full-tuning', methodTitle: 'Model tuning', seed: 4, trainableParameters: 11_135_332_352, storageBytesPerTask: null, seconds: null,
        peakMemoryBytes: null, scores: { accuracy: 0.74448, 'macro-f1': 0.69999, score: 0.722235 }, legalRate: 1,
      },
    ],
    pairs: [pair],
    examples,
    parameterCounts: [{ method: 'prompt-tuning', title: 'Prompt tuning', trainableParameters: 20_480, share: 0.00041, storageBytesPerTask: 81_920, source: 'Lester et al. 2021: P·d' }],
    warnings: ['2 examples are not in the test file of every run and were left out.'],
  };
}

/** @param means [task][method] of the score. */
export function studyReport(means: readonly (readonly number[])[], { pValue = 0.004 } = {}): StudyReport {
  const methods = (means[0] ?? []).map((_, index) => ({
    id: `m${index}`, method: 'prompt-tuning', title: `${hostileTexts[index + 2] ?? ''} ${index}`, settings: {}, trainableParameters: 20_480 + index, storageBytesPerTask: 81_920 + index,
  }));
  const tasks = means.map((_, index) => ({
    id: `t${index}`, title: `task_${index} & 100 %`, format: 'rte', metrics: ['accuracy'], majority: { accuracy: 0.5 + index / 100, score: 0.5 + index / 100 },
    examples: { train: 10, dev: 10, test: 10 },
  }));
  const cells = means.flatMap((row, task) => row.map((mean, method): StudyCell => ({
    task: `t${task}`, method: `m${method}`,
    runs: [1, 2].map((seed) => ({
      runId: `r${seed}`, seed, status: 'finished', dev: { score: mean }, test: { score: mean }, legalRate: 1, seconds: 10 + seed, peakMemoryBytes: 1, curve: { loss: [], dev: [] },
    })),
    summary: { score: { values: [mean - 0.01, mean + 0.01], mean, standardDeviation: 0.0141, interval: { low: mean - 0.1, high: mean + 0.1 } } },
    best: { runId: 'r2', scores: { score: mean + 0.01 } },
    ensemble: method === 0 ? { members: 2, scores: { score: mean + 0.005 }, ties: 0, abstentions: 0 } : null,
    legalRate: 0.975,
  })));
  return {
    name: 'A study of \\LaTeX & 50 % #hash', model: { name: 'tiny', fingerprint: 'f', parameterCount: 5_000_000 }, split: 'test', tasks, methods, cells,
    comparisons: means.map((row, task) => ({
      task: `t${task}`, a: 'm0', b: 'm1', difference: (row[0] ?? 0) - (row[1] ?? 0), mcnemar: { pValue: pValue / 3, onlyA: 3, onlyB: 9 }, bootstrap: { pValue: 0.01, low: -0.2, high: -0.01 },
      permutation: null, adjustedPValue: pValue, effect: -0.25, sentence: `m1 is above m0 on t${task} (p = ${pValue}).`,
    })),
  };
}
