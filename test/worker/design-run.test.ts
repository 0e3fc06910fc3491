/** Runs that train nothing: zero-shot, instructions and shots, against the same text given by hand. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluateJob, Job, JobEvent, TrainJob, TrainResult } from '../../main/contract/worker-protocol.ts';
import { readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { makeTrainingBench, type TrainingBench } from './training-bench.ts';
import { startWorkerChild } from './worker-child.ts';

interface Row {
  premise: string;
  hypothesis: string;
  label: string;
  idx: number;
}

let bench: TrainingBench;
beforeAll(async () => {
  bench = await makeTrainingBench();
});

async function perform(job: Job): Promise<readonly JobEvent[]> {
  const worker = startWorkerChild(job, job.kind === 'train' ? 'train' : 'infer');
  const { stderr } = await worker.ended;
  if (worker.events.length === 0) throw new Error(stderr);
  return worker.events.map(({ event }) => event);
}

function resultOf(events: readonly JobEvent[]): TrainResult {
  const result = events.flatMap((event) => (event.kind === 'run-trained' ? [event.result] : []))[0];
  if (result === undefined || events.at(-1)?.kind !== 'trained') throw new Error(JSON.stringify(events.at(-1)));
  return result;
}

const design = (name: string, settings: Record<string, unknown>, more: Parameters<TrainingBench['job']>[1] = {}): TrainJob =>
  bench.job(name, { method: 'prompt-design', settings, ...more });
const folderOf = (job: TrainJob): string => job.members[0]?.runDirectory ?? '';
const read = (job: TrainJob, name: string): string => readFileSync(join(folderOf(job), name), 'utf8');
const rowsOf = (file: string): Row[] => readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Row);
const withoutIds = (predictions: string): object[] => predictions.trim().split('\n').map((line) => {
  const { id: _id, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return rest;
});

async function shotsOf(job: TrainJob): Promise<{ id: string; input: string; answer: string }[]> {
  const { entries, metadata } = await readSafetensorsHeader(join(folderOf(job), 'trained-0.safetensors'));
  expect(entries).toEqual([]);
  return JSON.parse(metadata['shots'] ?? '') as { id: string; input: string; answer: string }[];
}

const evaluate = (job: TrainJob, checkpointFile: string | null, dataFile: string): EvaluateJob => ({
  kind: 'evaluate', model: job.model, method: job.method, config: job.config, task: job.task, dataFile,
  members: [{ checkpointFile, predictionsFile: join(bench.folder, 'again.jsonl') }], runtime: job.runtime,
});

describe('a run of prompt design', () => {
  it('with no settings is the bare model on the task’s own inputs, without a step or a tensor', async () => {
    const job = design('zero', {});
    const result = resultOf(await perform(job));
    expect(result).toMatchObject({
      steps: 0, bestStep: 0, finalLoss: null, trainableParameters: 0, test: { split: 'test', examples: 5 },
      checkpoints: [{ step: 0, trainLoss: null, isBest: true, dev: { split: 'dev', examples: 6 } }],
    });
    expect(await shotsOf(job)).toEqual([]);
    expect(readdirSync(folderOf(job)).toSorted()).toEqual(['predictions-dev-0.jsonl', 'predictions-test-0.jsonl', 'trained-0.safetensors']);
    const bare = { ...evaluate(bench.job('unused'), null, bench.files.dev) };
    expect((await perform(bare)).at(-1)).toMatchObject({ kind: 'evaluated', result: [{ scores: result.checkpoints[0]?.dev?.scores, loss: result.checkpoints[0]?.dev?.loss }] });
    expect(readFileSync(join(bench.folder, 'again.jsonl'), 'utf8')).toBe(read(job, 'predictions-dev-0.jsonl'));
  });

  it('answers exactly as the bare model does when a person writes the same text into the file', async () => {
    const job = design('written', { instruction: 'one good man', separator: ' at sea ', shots: 2, cue: 'here', maxSourceTokens: 400 }, { files: { test: null } });
    resultOf(await perform(job));
    const [first, second] = await shotsOf(job);
    const byHand = join(bench.folder, 'by-hand.jsonl');
    // The format writes `hypothesis: … premise: …`; everything in front goes into the hypothesis and what is behind into the premise.
    const front = `one good man at sea ${first?.input} here ${first?.answer} at sea ${second?.input} here ${second?.answer} at sea `;
    expect(front.startsWith('one good man at sea hypothesis: ')).toBe(true);
    writeFileSync(byHand, rowsOf(bench.files.dev).map((row) => `${JSON.stringify({
      premise: `${row.premise} here`, label: row.label, idx: row.idx, hypothesis: `${first?.input.slice('hypothesis: '.length)} here ${first?.answer} at sea ${second?.input} here ${second?.answer} at sea hypothesis: ${row.hypothesis}`,
    })}\n`).join(''));
    const same = design('written-by-hand', { instruction: 'one good man at sea', maxSourceTokens: 400 }, { files: { dev: byHand, test: null } });
    resultOf(await perform(same));
    expect(read(same, 'predictions-dev-0.jsonl')).toBe(read(job, 'predictions-dev-0.jsonl'));
    const zero = design('not-written', { maxSourceTokens: 400 }, { files: { test: null } });
    resultOf(await perform(zero));
    expect(withoutIds(read(zero, 'predictions-dev-0.jsonl'))).not.toEqual(withoutIds(read(job, 'predictions-dev-0.jsonl')));
  });

  it('draws its shots balanced from the training file by the run’s seed, and an evaluation later shows the same', async () => {
    const jobs = [3, 3, 4].map((seed, index) => design(`shots-${index}`, { shots: 4, maxSourceTokens: 400 }, { seed }));
    for (const job of jobs) resultOf(await perform(job));
    const [first, again, other] = await Promise.all(jobs.map((job) => shotsOf(job)));
    expect(first?.map(({ answer }) => answer)).toEqual(['entailment', 'not_entailment', 'entailment', 'not_entailment']);
    const trainRows = new Map(rowsOf(bench.files.train).map(({ idx, premise, hypothesis, label }) => [String(idx), { input: `hypothesis: ${hypothesis} premise: ${premise}`, answer: label }]));
    for (const { id, ...text } of first ?? []) expect(text).toEqual(trainRows.get(id));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const job = jobs[0] as TrainJob;
    expect((await perform(evaluate(job, join(folderOf(job), 'trained-0.safetensors'), bench.files.test))).at(-1)).toMatchObject({ kind: 'evaluated', result: [{ examples: 5 }] });
    expect(readFileSync(join(bench.folder, 'again.jsonl'), 'utf8')).toBe(read(job, 'predictions-test-0.jsonl'));
  });

  it('draws shots and development rows of a few-shot sample apart from each other', async () => {
    const job = design('few', { shots: 2, maxSourceTokens: 400 }, { files: { dev: null }, sampling: { trainExamples: 4, devExamples: 4, dataSeed: 1 } });
    resultOf(await perform(job));
    const sample = JSON.parse(read(job, 'sample.json')) as { train: string[]; dev: string[] };
    const shots = await shotsOf(job);
    expect(shots).toHaveLength(2);
    for (const { id } of shots) {
      expect(sample.train).toContain(id);
      expect(sample.dev).not.toContain(id);
    }
  });

  it('lets shots go rather than the input, and warns when even the input is cut', async () => {
    const files = { test: null };
    const [tight, hopeless] = [design('tight', { shots: 8, maxSourceTokens: 110 }, { files }), design('hopeless', { instruction: 'rain falls '.repeat(40), maxSourceTokens: 60 }, { files })];
    const events = await perform(tight);
    expect(resultOf(events).truncatedExamples).toBe(0);
    expect(events.filter((event) => event.kind === 'warning' && event.code === 'inputs-truncated')).toEqual([]);
    const cut = await perform(hopeless);
    expect(resultOf(cut).truncatedExamples).toBe(6);
    expect(cut).toContainEqual(expect.objectContaining({ kind: 'warning', code: 'inputs-truncated' }));
  });

  it('is refused, with the counts, where a class has too few rows for the shots', async () => {
    expect((await perform(design('greedy', { shots: 16 }))).at(-1)).toMatchObject({
      kind: 'failed', problem: { code: 'few-shot-too-few', found: 'too few examples: entailment 5 of 8, not_entailment 8 of 8' },
    });
  });

  it('with a checkpoint of another method fails in a sentence', async () => {
    const trained = bench.job('trained', { settings: { steps: 1, evaluateEvery: 1 } });
    resultOf(await perform(trained));
    expect((await perform(evaluate(design('unused', {}), join(folderOf(trained), 'trained-1.safetensors'), bench.files.dev))).at(-1)).toMatchObject({
      kind: 'failed', problem: { code: 'state-unreadable' },
    });
  });
});
