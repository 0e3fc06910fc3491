/** Ablations are what differs in one setting alone, and papers' numbers are set beside the right columns. */
import { describe, expect, it } from 'vitest';
import type { PublishedResult } from '../../../main/contract/api/published.ts';
import type { StudyReport } from '../../../main/contract/study.ts';
import { axisValues, placeValue } from '../../../renderer/ui/chart/interval-plot.ts';
import { findAblations, findGhosts, lookIdOf, stateOf } from '../../../renderer/view/studies/findings.ts';

const summary = (mean: number): StudyReport['cells'][number]['summary'] => ({ score: { values: [mean], mean, standardDeviation: null, interval: null } });

function reportOf(settings: readonly Record<string, unknown>[]): StudyReport {
  const methods = settings.map((own, index) => ({ id: `m${index}`, method: 'prompt-tuning', title: `m${index}`, settings: own, trainableParameters: 1, storageBytesPerTask: 1 }));
  return {
    name: 's', model: { name: 'm', fingerprint: 'f', parameterCount: 1 }, split: 'test', methods, comparisons: [],
    tasks: [{ id: 't', title: 't', format: 'sst2', metrics: ['accuracy'], majority: null, examples: { train: 1, dev: 1, test: 1 } }],
    cells: methods.map(({ id }, index) => ({ task: 't', method: id, runs: [], summary: summary(index / 10), best: null, ensemble: null, legalRate: null })),
  };
}

describe('an ablation', () => {
  it('is a line over the lengths of methods that differ in nothing else, from the shortest on', () => {
    const [line, ...others] = findAblations(reportOf([{ promptLength: 20, init: 'a', steps: 5 }, { promptLength: 1, init: 'a', steps: 5 }, { promptLength: 100, init: 'a', steps: 9 }]), 'promptLength');
    expect(others).toEqual([]);
    expect(line?.points.map(({ method, value }) => [method, value])).toEqual([['m1', '1'], ['m0', '20']]);
  });

  it('is several lines where another setting differs too, each named by it', () => {
    const grid = ['a', 'b'].flatMap((init) => [1, 5].map((promptLength) => ({ promptLength, init })));
    expect(findAblations(reportOf(grid), 'promptLength').map(({ title, points }) => [title, points.length])).toEqual([['init a', 2], ['init b', 2]]);
    expect(findAblations(reportOf(grid), 'init').map(({ title }) => title)).toEqual(['promptLength 1', 'promptLength 5']);
  });

  it('is none where every method has the same value', () => {
    expect(findAblations(reportOf([{ promptLength: 5, steps: 1 }, { promptLength: 5, steps: 2 }]), 'promptLength')).toEqual([]);
  });

  it('stands on a logarithmic axis with equal steps for equal factors', () => {
    const values = axisValues([{ id: '', title: '', family: 'other', points: ['100', '1', '10'].map((value) => ({ value, mean: 0, low: null, high: null, count: 1 })) }], 'log');
    expect(values).toEqual(['1', '10', '100']);
    const [a, b, c] = values.map((value) => placeValue(value, { values, scale: 'log' }));
    expect((b ?? 0) - (a ?? 0)).toBeCloseTo((c ?? 0) - (b ?? 0));
    expect(placeValue('5', { values: ['5'], scale: 'log' })).toBe(0.5);
  });
});

const printed = (changes: Partial<PublishedResult>): PublishedResult => ({
  table: 't', task: 'SST-2', format: 'sst2', method: 'Vanilla PT', methodId: 'prompt-tuning', aggregate: 'mean', model: 'T5-XXL', metric: 'accuracy', metricAsPrinted: 'Acc.', value: 70.5, standardDeviation: 15.5, unit: 'percent', status: 'printed', isBest: false, note: null, ...changes,
});

it('a paper’s number is a share beside the method that it is of, and stays absent where its source lost it', () => {
  const results = [printed({}), printed({ format: 'rte' }), printed({ methodId: null }), printed({ unit: 'count' }), printed({ value: null, standardDeviation: null, status: 'lost-in-deck' })];
  expect(findGhosts(results, { format: 'sst2', method: 'prompt-tuning' }).map(({ value, standardDeviation }) => [value, standardDeviation])).toEqual([[0.705, 0.155], [null, null]]);
});

it('words without training look like the reference, with shots or an instruction like prompt design', () => {
  expect(lookIdOf({ method: 'prompt-design', settings: { shots: 0, instruction: '' } })).toBe('zero-shot');
  expect(lookIdOf({ method: 'prompt-design', settings: { shots: 4, instruction: '' } })).toBe('prompt-design');
  expect(stateOf('starting')).toBe('running');
  expect(stateOf(undefined)).toBe('queued');
});
