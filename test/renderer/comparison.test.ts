import { describe, expect, it } from 'vitest';
import type { ComparisonSummary } from '../../main/contract/api/comparison-report.ts';
import { linearTicks, logTicks, summarise } from '../../renderer/ui/chart/axis.ts';
import { placeGroups, topOf, type Bar } from '../../renderer/ui/chart/grouped-bars.ts';
import { compareSettings, firstPair, groupRuns, metricsOf, spreadOf, type ComparedRun } from '../../renderer/view/compare/method-groups.ts';
import { findPair, judge } from '../../renderer/view/compare/pair.ts';
import { ballotsOf } from '../../renderer/view/ensembles/ballots.ts';

const run = (id: string, more: Partial<ComparedRun> = {}): ComparedRun => ({
  id, method: 'prompt-tuning', methodTitle: 'Prompt tuning', model: 'm', seed: 1, trainableParameters: 10, storageBytesPerTask: 40, seconds: 1, peakMemoryBytes: 1, scores: { accuracy: 0.5, score: 0.5 }, legalRate: 1, confusion: null, ...more,
});

const outcome = {
  unit: 'example', total: 60, quadrants: { 'both-right': 30, 'only-a': 20, 'only-b': 5, 'both-wrong': 5 }, difference: 0.25, mcnemar: { pValue: 0.01 }, bootstrap: { pValue: 0.01, low: 0.1, high: 0.4 }, adjustedPValue: 0.01, effect: 0.3, sentence: '',
} as const;
const summary: ComparisonSummary = {
  task: 'rte', split: 'test', labels: ['x', 'y'], joined: { examples: 60, unlabelled: 0, leftOut: 0 }, runs: [run('r1'), run('r2')], parameterCounts: null, warnings: [],
  pairs: [{ a: 'r1', b: 'r2', outcome, byQuestion: null, confusion: { rows: ['x', 'y'], columns: ['x', 'y'], counts: [[1, 2], [3, 4]] } }],
};

describe('a pair of runs', () => {
  it('turned round is the same finding from the other side', () => {
    const turned = findPair(summary, 'r2', 'r1');
    expect(turned?.outcome.quadrants).toEqual({ 'both-right': 30, 'only-a': 5, 'only-b': 20, 'both-wrong': 5 });
    expect([turned?.outcome.difference, turned?.outcome.bootstrap?.low, turned?.outcome.bootstrap?.high, turned?.outcome.effect]).toEqual([-0.25, -0.4, -0.1, -0.3]);
    expect(turned?.confusion?.counts).toEqual([[1, 3], [2, 4]]);
    expect(findPair(summary, 'r1', 'r9')).toBeUndefined();
  });

  it('is above, tied, too small to say or untested, as the core’s sentence says', () => {
    expect(judge(outcome)).toBe('above');
    expect(judge({ ...outcome, adjustedPValue: 0.05 })).toBe('tied');
    expect(judge({ ...outcome, adjustedPValue: 0.5, total: 49 })).toBe('too-few');
    expect(judge({ ...outcome, adjustedPValue: null })).toBe('untested');
  });
});

describe('runs as methods', () => {
  const runs = [run('r1'), run('r2', { seed: 2, scores: { accuracy: 0.7, score: 0.7 } }), run('r3', { scores: { accuracy: 0.9, score: 0.9 } }), run('r4', { method: 'full-tuning', methodTitle: 'Model tuning' })];
  const settings = new Map(runs.map(({ id }) => [id, { steps: 10, promptLength: id === 'r3' ? 20 : 8 } as Record<string, unknown>]));

  it('belong together where nothing but the seed differs, and are named by what sets twins apart', () => {
    const groups = groupRuns(runs, settings, { apart: false });
    expect(groups.map(({ title, runs: members }) => [title, members.map(({ id }) => id)])).toEqual([['Prompt tuning (promptLength 8)', ['r1', 'r2']], ['Prompt tuning (promptLength 20)', ['r3']], ['Model tuning', ['r4']]]);
    expect(groupRuns(runs, settings, { apart: true })).toHaveLength(4);
    expect(spreadOf(groups[0] as (typeof groups)[number], 'accuracy')?.mean).toBeCloseTo(0.6);
    expect(spreadOf(groups[0] as (typeof groups)[number], 'accuracy')?.deviation).toBeCloseTo(Math.SQRT2 / 10);
    expect(spreadOf(groups[1] as (typeof groups)[number], 'accuracy')?.deviation).toBeNull();
    expect(firstPair(groups)).toEqual({ a: 'r1', b: 'r3' });
    const design = run('r0', { method: 'prompt-design', methodTitle: 'Zero-shot', trainableParameters: 0 });
    expect(firstPair(groupRuns([design, ...runs.slice(3), ...runs.slice(0, 1)], new Map(), { apart: false }))).toEqual({ a: 'r4', b: 'r1' });
  });

  it('show only settings that differ, and the mean of the metrics only where there are several', () => {
    expect(compareSettings(runs, settings)).toEqual([{ key: 'promptLength', values: ['8', '8', '20', '8'] }]);
    expect(metricsOf(runs)).toEqual(['accuracy']);
    expect(metricsOf([run('r1', { scores: { accuracy: 1, f1: 1, score: 1 } })])).toEqual(['accuracy', 'f1', 'score']);
  });
});

describe('a vote', () => {
  it('tells who stood with it, against it, and who abstained; spelling of an open answer is no dissent', () => {
    const row = { id: '1', group: null, answers: { r1: 'the Blue boat.', r2: 'Anna', r3: '' }, winner: 'blue boat', label: null, votes: 1, wasTie: false, decidedBy: null, abstentions: 1, abstained: ['r3'], target: 'Anna' };
    expect(ballotsOf(row, ['r1', 'r2', 'r3', 'r4'], (id) => id).map(({ stand }) => stand)).toEqual(['agrees', 'dissents', 'abstains', 'dissents']);
  });
});

describe('axes and bars', () => {
  it('have round ticks from an honest zero beyond the largest value', () => {
    expect(linearTicks(0.83)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(0)).toEqual([0, 1]);
    expect(logTicks([1536, 3_542_400, 0])).toEqual([1e3, 1e4, 1e5, 1e6, 1e7]);
    expect(logTicks([])).toEqual([1, 10]);
    expect(summarise([1, 2, 3])).toEqual({ mean: 2, deviation: 1 });
  });

  it('stay inside the width, in order, and the axis reaches the highest whisker or seed', () => {
    const bar = (id: string, value: number, points: readonly number[] = []): Bar => ({ id, title: id, family: 'other', value, deviation: 0.1, points });
    const groups = [{ id: 'g', title: 'g', bars: [bar('a', 0.5), bar('b', 0.6, [0.9])] }, { id: 'h', title: 'h', bars: [bar('c', 0.7)] }];
    const placed = placeGroups(groups, 300).flatMap(({ bars }) => bars);
    for (const [index, { x, width }] of placed.entries()) {
      expect(x).toBeGreaterThanOrEqual(index === 0 ? 0 : (placed[index - 1]?.x ?? 0) + (placed[index - 1]?.width ?? 0));
      expect(x + width).toBeLessThanOrEqual(300);
    }
    expect(topOf(groups)).toBe(0.9);
  });
});
