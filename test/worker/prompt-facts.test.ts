import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { promptFactsOptionsSchema, promptFactsSchema, type PromptFacts, type PromptFactsQuestion } from '../../main/contract/prompt-facts.ts';
import type { JobEvent, PromptFactsJob, TrainJob, TrainResult } from '../../main/contract/worker-protocol.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { loadTokenizerSync } from '../../main/token/index.ts';
import { openModelSource } from '../../main/train/model-source.ts';
import { tinyFamilies, tokenizerFixture, writeTinyT5 } from '../model/tiny-t5.ts';
import { makeTrainingBench, type TrainingBench } from './training-bench.ts';
import { startWorkerChild } from './worker-child.ts';

const width = 16;

async function train(job: TrainJob): Promise<{ result: TrainResult; warnings: string[] }> {
  const worker = startWorkerChild(job, 'train');
  const { stderr } = await worker.ended;
  const result = worker.events.flatMap(({ event }) => (event.kind === 'run-trained' ? [event.result] : []))[0];
  if (result === undefined) throw new Error(`${JSON.stringify(worker.events.at(-1))}\n${stderr}`);
  return { result, warnings: worker.events.flatMap(({ event }) => (event.kind === 'warning' ? [event.code] : [])) };
}

function factsJob({ folder }: TrainingBench, job: TrainJob, { checkpointFile, options = {} }: { checkpointFile: string; options?: PromptFactsQuestion }): PromptFactsJob {
  const { members: [member], kind: _kind, resume: _resume, ...rest } = job;
  return { ...rest, kind: 'prompt-facts', seed: member?.seed ?? 0, checkpointFile, options: promptFactsOptionsSchema.parse(options), factsFile: join(folder, 'facts.json') };
}

async function end(job: PromptFactsJob): Promise<{ last: JobEvent | undefined; progress: { done: number; total: number }[] }> {
  const worker = startWorkerChild(job, 'infer');
  await worker.ended;
  const progress = worker.events.flatMap(({ event }) => (event.kind === 'progress' ? [{ done: event.done, total: event.total }] : []));
  return { last: worker.events.at(-1)?.event, progress };
}

async function factsOf(job: PromptFactsJob): Promise<PromptFacts> {
  const { last } = await end(job);
  expect(last).toEqual({ kind: 'facts-found', result: { factsFile: job.factsFile } });
  return promptFactsSchema.parse(JSON.parse(readFileSync(job.factsFile, 'utf8')));
}

async function readPrompt(file: string): Promise<Float32Array> {
  const [entry] = (await readSafetensorsHeader(file)).entries;
  return entry === undefined ? new Float32Array() : readTensorAsFloat32Sync(entry);
}

function writePrompt({ folder }: TrainingBench, name: string, values: Float32Array): string {
  const file = join(folder, `${name}.safetensors`);
  writeFileSync(file, encodeSafetensors([{ name: 'prompt', shape: [values.length / width, width], data: values }], { format: 'pt' }));
  return file;
}

const cosine = (a: number[], b: number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / Math.hypot(...a) / Math.hypot(...b);

/** A model whose decoder does not hear its encoder: no prompt can reach an answer. */
async function writeDeafModel(): Promise<string> {
  const folder = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
  const file = join(folder, 'model.safetensors');
  const tensors = (await readSafetensorsHeader(file)).entries.map((entry) => {
    const data = readTensorAsFloat32Sync(entry);
    return { name: entry.name, shape: entry.shape, data: entry.name.endsWith('EncDecAttention.o.weight') ? data.fill(0) : data };
  });
  writeFileSync(file, encodeSafetensors(tensors, { format: 'pt' }));
  return folder;
}

describe('the facts of a prompt', () => {
  let bench: TrainingBench;
  let job: TrainJob;
  let result: TrainResult;
  let facts: PromptFacts;
  let prompt: Float32Array;

  beforeAll(async () => {
    bench = await makeTrainingBench();
    job = bench.job('trained', { settings: { steps: 8, evaluateEvery: 8 } });
    ({ result } = await train(job));
    const checkpointFile = result.checkpoints[0]?.file ?? '';
    prompt = await readPrompt(checkpointFile);
    facts = await factsOf(factsJob(bench, job, { checkpointFile, options: { neighbours: 4, sensitivityUnits: 2 } }));
  });

  it('hold what the run itself measured, and compare it with zero-shot, its beginning and random rows', () => {
    const dev = result.checkpoints[0]?.dev;
    expect(facts.effect).toMatchObject({ examples: 6, splitExamples: 6, split: 'dev' });
    expect(facts.effect?.prompt.score).toBe(dev?.score);
    expect(facts.effect?.prompt.scores).toEqual(dev?.scores);
    expect(facts.effect?.prompt.loss).toBeCloseTo(dev?.loss ?? Number.NaN, 5);
    expect(facts.effect?.random).toHaveLength(3);
    // Eight steps of 0.3 go far: neither the beginning nor the bare model loses as much.
    expect(facts.effect?.initial?.loss).not.toBeCloseTo(facts.effect?.prompt.loss ?? 0, 3);
    expect(facts.effect?.zeroShot.loss).not.toBeCloseTo(facts.effect?.prompt.loss ?? 0, 3);
    expect(facts.sensitivity).toMatchObject({ examples: 6, units: [{ first: 0, last: 0 }, { first: 1, last: 2 }] });
  });

  it('measure the rows of the file, against the rows that training began with', async () => {
    expect(facts.shape).toEqual([3, width]);
    const source = await openModelSource(job.model.directory, { cacheDirectory: job.model.cacheDirectory, fingerprint: null });
    const tokenizer = loadTokenizerSync(tokenizerFixture);
    for (const [row, { norm, mean, largest, initial }] of facts.rows.entries()) {
      const values = [...prompt.subarray(row * width, (row + 1) * width)];
      expect(norm).toBeCloseTo(Math.hypot(...values), 4);
      expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / width, 5);
      expect(largest).toBe(Math.max(...values.map(Math.abs)));
      // Class labels begin a prompt: row i is the mean of label i's pieces.
      const pieces = [tokenizer.encode('entailment'), tokenizer.encode('not_entailment')][row]?.map((id) => [...source.embeddingRow(id)]);
      if (pieces === undefined) continue;
      const start = values.map((_, i) => pieces.reduce((sum, piece) => sum + (piece[i] ?? 0), 0) / pieces.length);
      expect(initial?.distance).toBeCloseTo(Math.hypot(...values.map((value, i) => value - (start[i] ?? 0))), 4);
      expect(initial?.norm).toBeCloseTo(Math.hypot(...start), 4);
    }
    expect(facts.norms.most).toBe(Math.max(...facts.rows.map(({ norm }) => norm)));
    expect(facts.pairwise.cosines.map((row, i) => row[i])).toEqual([1, 1, 1]);
  });

  it('name the pieces that a search through the whole vocabulary finds, without padding, end of sequence, sentinels and unused rows', async () => {
    const source = await openModelSource(job.model.directory, { cacheDirectory: job.model.cacheDirectory, fingerprint: null });
    const tokenizer = loadTokenizerSync(tokenizerFixture);
    const words = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter((id) => id !== tokenizer.padId && id !== tokenizer.eosId && !/extra_id/.test(tokenizer.pieces([id])[0] ?? ''));
    expect(words.length).toBeLessThan(tokenizer.vocabularySize);
    expect(facts.vocabulary.searched).toBe(words.length);
    for (const [row, { neighbours }] of facts.rows.entries()) {
      const values = [...prompt.subarray(row * width, (row + 1) * width)];
      const all = words.map((id) => ({ id, cosine: cosine(values, [...source.embeddingRow(id)]) })).sort((a, b) => b.cosine - a.cosine || a.id - b.id);
      expect(neighbours.map(({ id }) => id)).toEqual(all.slice(0, 4).map(({ id }) => id));
      expect(neighbours.map(({ piece }) => piece)).toEqual(tokenizer.pieces(neighbours.map(({ id }) => id)));
    }
  });

  it('of a prompt of zeros say so: no norm, no direction, no neighbours, and random rows of the same norms are zeros as well', async () => {
    const checkpointFile = writePrompt(bench, 'zeros', new Float32Array(3 * width));
    const zeros = await factsOf(factsJob(bench, job, { checkpointFile, options: { randomPrompts: 1, sensitivityExamples: 0 } }));
    expect(zeros.zeroRows).toEqual([0, 1, 2]);
    expect(zeros.norms).toEqual({ least: 0, mean: 0, median: 0, most: 0 });
    expect(zeros.rows.map(({ neighbours, initial }) => [neighbours, initial?.cosine])).toEqual([[[], null], [[], null], [[], null]]);
    expect(zeros.pairwise.cosines.flat()).toEqual(Array.from({ length: 9 }, () => null));
    expect(zeros.effect?.random[0]).toEqual(zeros.effect?.prompt);
    expect(zeros).toMatchObject({ sensitivity: null, sensitivityMissing: 'No examples were asked for.' });
  });

  it('without examples are those of the rows alone', async () => {
    const checkpointFile = result.checkpoints[0]?.file ?? '';
    const alone = await factsOf(factsJob(bench, { ...job, files: { ...job.files, dev: join(bench.folder, 'gone.jsonl') } }, { checkpointFile, options: { examples: 0, neighbours: 4 } }));
    expect(alone).toMatchObject({ rows: facts.rows, effect: null, effectMissing: 'No examples were asked for.' });
  });

  it('of a few-shot run are measured on the examples that it drew to choose by', async () => {
    const drawn = { ...job, files: { ...job.files, dev: null }, sampling: { trainExamples: 4, devExamples: 4, dataSeed: 1 } };
    const found = await factsOf(factsJob(bench, drawn, { checkpointFile: result.checkpoints[0]?.file ?? '', options: { sensitivityExamples: 0 } }));
    expect(found.effect).toMatchObject({ split: 'drawn', examples: 4, splitExamples: 4 });
    expect(existsSync(join(bench.folder, 'sample.json'))).toBe(false);
  });

  it('leave out the beginning, and say why, where it cannot be made again', async () => {
    const lost = { ...job, config: { ...job.config, init: 'array', initFile: join(bench.folder, 'gone.npy') } };
    const found = await factsOf(factsJob(bench, lost, { checkpointFile: result.checkpoints[0]?.file ?? '', options: { sensitivityExamples: 0 } }));
    expect(found.initialMissing).toMatch(/gone\.npy.*no such file/);
    expect(found.effect?.initial).toBeNull();
    expect(found.rows.map(({ initial }) => initial)).toEqual([null, null, null]);
  });

  it('of a method that tunes no prompt are refused', async () => {
    const other = bench.job('weights', { method: 'full-tuning' });
    const { last } = await end(factsJob(bench, other, { checkpointFile: result.checkpoints[0]?.file ?? '' }));
    expect(last).toMatchObject({ kind: 'failed', problem: { code: 'method-trains-no-prompt' } });
  });

  it('come with progress that ends at its total, and stop on request without a file', async () => {
    const asked = factsJob(bench, job, { checkpointFile: result.checkpoints[0]?.file ?? '', options: { sensitivityUnits: 3 } });
    // Prompt, zero-shot, beginning and three random prompts; the whole and three without a row.
    expect((await end(asked)).progress.at(-1)).toEqual({ done: 60, total: 60 });
    const stopped = { ...asked, factsFile: join(bench.folder, 'stopped.json') };
    const worker = startWorkerChild(stopped, 'infer');
    worker.child.send({ kind: 'cancel' });
    await worker.ended;
    expect(worker.events.at(-1)?.event).toEqual({ kind: 'cancelled', step: 0 });
    expect(existsSync(stopped.factsFile)).toBe(false);
  });
});

describe('a prompt that does nothing', () => {
  it('is found out at the end of its training and in its facts', async () => {
    const bench = await makeTrainingBench(await writeDeafModel());
    const job = bench.job('deaf', { settings: { steps: 2, evaluateEvery: 2 } });
    const { result, warnings } = await train(job);
    expect(result.effect).toEqual({ examples: 6, differing: 0, largestLogProbabilityChange: 0 });
    expect(warnings).toContain('prompt-does-nothing');
    const facts = await factsOf(factsJob(bench, job, { checkpointFile: result.checkpoints[0]?.file ?? '' }));
    expect(facts.effect).toMatchObject({ isIdenticalToZeroShot: true, difference: { examples: 6, differing: 0, largestLogProbabilityChange: 0 } });
    expect(facts.effect?.prompt).toEqual(facts.effect?.zeroShot);
  });

  it('is told apart from one that changes answers, whose changed answers are counted', async () => {
    const bench = await makeTrainingBench();
    const job = bench.job('loud', { settings: { steps: 8, evaluateEvery: 8, learningRate: 100 } });
    const { result, warnings } = await train(job);
    const facts = await factsOf(factsJob(bench, job, { checkpointFile: result.checkpoints[0]?.file ?? '' }));
    expect(facts.effect?.isIdenticalToZeroShot).toBe(false);
    expect(facts.effect?.difference.differing).toBeGreaterThan(0);
    expect(facts.effect?.difference).toEqual(result.effect);
    expect(warnings).not.toContain('prompt-does-nothing');
  });
});
