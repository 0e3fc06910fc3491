import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ComparisonReport } from '../../main/contract/comparison.ts';
import { compareRuns, type ComparisonRequest } from '../../main/service/comparison.ts';
import { createRun, planRun } from '../../main/service/runs.ts';
import type { RunId } from '../../main/store/identifiers.ts';
import { findFormat } from '../../main/task/index.ts';
import { readDataset } from '../../main/task/dataset.ts';
import { makeBench, type Bench } from './fixture/workspace.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.remove());

function writeRows(name: string, rows: readonly object[]): string {
  const file = join(bench.folder, name);
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

const rte = (count: number, premise = 'p') => Array.from({ length: count }, (_, index) => ({
  premise: `${premise}${index}`, hypothesis: 'h', label: index % 2 === 0 ? 'entailment' : 'not_entailment', idx: index,
}));

const multircRow = (idx: number, answers: readonly number[]) => ({
  idx, passage: { text: 'P', questions: [{ idx: 0, question: 'q', answers: answers.map((label, index) => ({ idx: index, text: `a${index}`, label })) }] },
});

const recordRow = (idx: number) => ({
  idx: { passage: 0, query: idx }, passage: 'Anna saw the blue boat.', query: '@placeholder saw', entities: ['Anna', 'the blue boat'], answers: ['the blue boat'],
});

interface Finished {
  test: string;
  format?: string;
  train?: string;
  labels?: string[];
  seed?: number;
  /** By place in the file; the right answer where there is none. */
  answers?: Readonly<Record<number, string>>;
  /** Order of the rows in the predictions file. */
  isReversed?: boolean;
  fewShot?: { examples: number; dataSeed: number };
  /** The drawn ones, for a few-shot run. */
  rows?: readonly number[];
}

/** A finished run with answers as a worker writes them, but without a worker. */
async function finishRun({ test, format = 'rte', train, labels, seed = 1, answers = {}, isReversed = false, fewShot, rows: drawn }: Finished): Promise<RunId> {
  const { workspace } = bench;
  const plan = await planRun(workspace, { ...bench.request, format, labels: labels ?? null, fewShot: fewShot ?? null, files: { train: train ?? bench.trainFile, dev: null, test } });
  const { id } = createRun(workspace, plan, { seed });
  const bound = plan.config.labels;
  const { examples, format: known } = await readDataset({ file: test, format: findFormat(format), use: 'evaluate', ...(bound === null ? {} : { labels: bound }) });
  const lines = examples.flatMap(({ id: example, group, target, label }, place) => {
    if (drawn?.includes(place) === false) return [];
    const answer = answers[place] ?? target ?? '';
    const answeredLabel = known.labels === null ? null : known.labels.indexOf(answer.trim());
    const logProbabilities = known.labels?.map((_, candidate) => (candidate === answeredLabel ? -0.25 : -2.5)) ?? null;
    return [`${JSON.stringify({ id: example, group, answer, target, answeredLabel, label, logProbabilities, normalisedLogProbabilities: logProbabilities })}\n`];
  });
  const object = workspace.objects.putObject(Buffer.from((isReversed ? lines.toReversed() : lines).join('')));
  const weights = workspace.objects.putObject(Buffer.from(`prompt of ${id}`));
  workspace.checkpoints.record({ run: id, step: 4, weights, resumeState: null, devMetrics: {}, isBest: true });
  workspace.predictions.record({ run: id, step: 4, split: fewShot === undefined ? 'test' : 'dev', object });
  workspace.runs.changeStatus(id, { to: 'starting' });
  workspace.runs.changeStatus(id, { to: 'finished', finalMetrics: { trainableParameters: 96, seconds: 3, peakMemoryBytes: 1000 } });
  return id;
}

const compare = (runs: readonly RunId[], more: Partial<ComparisonRequest> = {}): Promise<ComparisonReport> => compareRuns(bench.workspace, { runs, split: 'test', scope: 'all', ...more });

describe('a comparison of finished runs', () => {
  it('tells scores, costs, who was right where, with the texts of the examples and both answers', async () => {
    const test = writeRows('test.jsonl', rte(6));
    const runs = [await finishRun({ test, answers: { 0: 'not_entailment', 1: 'perhaps' } }), await finishRun({ test, seed: 2, answers: { 1: 'entailment', 2: '' } })];
    const report = await compare(runs);
    expect(report.joined).toEqual({ examples: 6, unlabelled: 0, leftOut: 0 });
    expect(report.runs[0]).toMatchObject({ id: runs[0], methodTitle: 'Prompt tuning', seed: 1, trainableParameters: 96, storageBytesPerTask: `prompt of ${runs[0]}`.length, seconds: 3, peakMemoryBytes: 1000 });
    expect(report.runs.map(({ scores, legalRate }) => [scores['accuracy'], legalRate])).toEqual([[4 / 6, 5 / 6], [4 / 6, 5 / 6]]);
    expect(report.pairs[0]?.outcome.quadrants).toEqual({ 'both-right': ['3', '4', '5'], 'only-a': ['2'], 'only-b': ['0'], 'both-wrong': ['1'] });
    expect(report.runs[0]?.confusion).toEqual({ rows: ['entailment', 'not_entailment'], columns: ['entailment', 'not_entailment', 'no label'], counts: [[2, 1, 0], [0, 2, 1]] });
    expect(report.pairs[0]?.confusion?.counts).toEqual([[1, 0, 1], [1, 2, 0], [1, 0, 0]]);
    expect(report.examples[0]).toEqual({
      id: '0', group: null, input: 'hypothesis: h premise: p0', target: 'entailment',
      answers: [{ text: 'not_entailment', isRight: false, value: 0, margin: -2.25 }, { text: 'entailment', isRight: true, value: 1, margin: 2.25 }],
    });
    expect(report.warnings).toEqual([]);
  });

  it('is the same whatever the order of the stored answers', async () => {
    const test = writeRows('test.jsonl', rte(12));
    const [a, b, c] = [await finishRun({ test, answers: { 3: 'x' } }), await finishRun({ test, answers: { 5: 'x' } }), await finishRun({ test, answers: { 5: 'x' }, isReversed: true })] as const;
    const [straight, reversed] = [await compare([a, b]), await compare([a, c])];
    expect(JSON.parse(JSON.stringify(reversed).replaceAll(c, b)) as object).toMatchObject({ examples: straight.examples, pairs: straight.pairs });
  });

  it('over different files is refused with the counts, or joined on what they share, scores included', async () => {
    const whole = await finishRun({ test: writeRows('whole.jsonl', rte(6)), answers: { 5: 'entailment' } });
    const part = await finishRun({ test: writeRows('part.jsonl', rte(4)), answers: { 0: 'not_entailment' } });
    await expect(compare([whole, part])).rejects.toMatchObject({ code: 'examples-differ', found: `${whole} with 6, ${part} with 4 examples, 4 in common` });
    const report = await compare([whole, part], { scope: 'common' });
    expect(report.joined).toEqual({ examples: 4, unlabelled: 0, leftOut: 2 });
    expect(report.runs.map(({ scores }) => scores['accuracy'])).toEqual([1, 0.75]);
    expect(report.warnings).toEqual(['2 examples are not in the test file of every run and were left out.']);
  });

  it('never takes two examples for one because files number their rows alike', async () => {
    const one = await finishRun({ test: writeRows('one.jsonl', rte(4, 'first ')) });
    const other = await finishRun({ test: writeRows('other.jsonl', rte(4, 'second ')) });
    await expect(compare([one, other], { scope: 'common' })).rejects.toMatchObject({ code: 'no-common-examples', found: expect.stringContaining('4 more ids that stand for different examples') });
  });

  it('goes on without the texts where the one file of all runs is gone, but not where files differ', async () => {
    const test = writeRows('test.jsonl', rte(4));
    const runs = [await finishRun({ test }), await finishRun({ test, answers: { 1: 'entailment' } })];
    const other = await finishRun({ test: writeRows('other.jsonl', rte(5)) });
    rmSync(test);
    const report = await compare(runs);
    expect(report.examples.map(({ input }) => input)).toEqual([null, null, null, null]);
    expect(report.warnings).toEqual([`The texts of the examples are not shown: ${test} is gone or was changed.`]);
    expect(report.pairs[0]?.outcome.quadrants['only-a']).toEqual(['1']);
    await expect(compare([runs[0] as RunId, other])).rejects.toMatchObject({ code: 'data-unavailable', place: { file: test } });
  });

  it('of few-shot runs on dev knows that their dev examples were drawn from the training file', async () => {
    const train = writeRows('pool.jsonl', rte(8));
    const [one, other] = [await finishRun({ test: train, train, fewShot: { examples: 4, dataSeed: 1 }, rows: [0, 1, 2, 3] }), await finishRun({ test: train, train, fewShot: { examples: 4, dataSeed: 2 }, rows: [2, 3, 4, 5] })];
    await expect(compare([one, other], { split: 'dev' })).rejects.toMatchObject({ code: 'examples-differ', found: expect.stringContaining('2 in common') });
    const report = await compare([one, other], { split: 'dev', scope: 'common' });
    expect(report.examples.map(({ id, input }) => [id, input])).toEqual([['2', 'hypothesis: h premise: p2'], ['3', 'hypothesis: h premise: p3']]);
  });

  it('leaves examples without a label out of every count', async () => {
    const test = writeRows('test.jsonl', rte(4).map((row, index) => (index === 3 ? { ...row, label: undefined } : row)));
    const report = await compare([await finishRun({ test }), await finishRun({ test })]);
    expect(report.joined).toEqual({ examples: 3, unlabelled: 1, leftOut: 0 });
    expect(report.pairs[0]?.outcome.total).toBe(3);
  });

  it('of answers to questions counts answers and questions (MultiRC)', async () => {
    const test = writeRows('test.jsonl', [multircRow(0, [1, 0]), multircRow(1, [1, 1])]);
    const train = writeRows('train.jsonl', [multircRow(0, [1, 0])]);
    const report = await compare([await finishRun({ test, train, format: 'multirc' }), await finishRun({ test, train, format: 'multirc', answers: { 0: 'False', 1: 'True' } })]);
    expect(report.pairs[0]?.outcome).toMatchObject({ unit: 'answer', total: 4, quadrants: { 'only-a': ['0/0/0', '0/0/1'] } });
    expect(report.pairs[0]?.byQuestion).toMatchObject({ unit: 'question', total: 2, quadrants: { 'only-a': ['0/0'], 'both-right': ['1/0'] } });
    expect(report.runs[1]?.scores).toMatchObject({ 'question-exact-match': 0.5 });
  });

  it('of spans gives every answer its token F1', async () => {
    const test = writeRows('test.jsonl', [recordRow(0), recordRow(1)]);
    const report = await compare([await finishRun({ test, train: test, format: 'record' }), await finishRun({ test, train: test, format: 'record', answers: { 1: 'boat' } })]);
    expect(report.examples[1]?.answers.map(({ isRight, value }) => [isRight, value])).toEqual([[true, 1], [false, 2 / 3]]);
    expect(report).toMatchObject({ labels: null, runs: [{ confusion: null }, { scores: { 'span-exact-match': 0.5 } }], pairs: [{ confusion: null }] });
  });

  it('is refused for other tasks, other classes, unfinished runs, the same run twice, one run', async () => {
    const test = writeRows('test.jsonl', rte(2));
    const run = await finishRun({ test });
    const words = writeRows('words.jsonl', [{ text: 'a', label: 'x' }, { text: 'b', label: 'y' }]);
    const classes = await finishRun({ test: words, train: words, format: 'classification' });
    const otherClasses = await finishRun({ test: words, train: words, format: 'classification', labels: ['x=good', 'y=bad'] });
    const queued = createRun(bench.workspace, await planRun(bench.workspace, bench.request), { seed: 1 }).id;
    await expect(compare([run, classes])).rejects.toMatchObject({ code: 'tasks-differ' });
    await expect(compare([classes, otherClasses])).rejects.toMatchObject({ code: 'labels-differ' });
    await expect(compare([run, queued])).rejects.toMatchObject({ code: 'run-not-finished' });
    await expect(compare([run, run])).rejects.toMatchObject({ code: 'run-repeated' });
    await expect(compare([run])).rejects.toMatchObject({ code: 'too-few-runs' });
    await expect(compare([run, classes], { split: 'dev' })).rejects.toMatchObject({ code: 'tasks-differ' });
    await expect(compare([run, await finishRun({ test })], { split: 'dev' })).rejects.toMatchObject({ code: 'predictions-missing' });
  });
});
