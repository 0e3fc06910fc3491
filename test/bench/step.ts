/**
 * One prompt-tuning step on a random T5, timed: the same code that `tune` runs, optimizer included.
 * `test/bench/peers/peft_step.py` measures the same step with PEFT on PyTorch.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { GraphBuilder } from '../../main/graph/index.ts';
import { promptTuning } from '../../main/method/prompt-tuning.ts';
import { trainingOutputs } from '../../main/model/t5-program.ts';
import { splitIntoMicroBatches } from '../../main/train/batch.ts';
import type { EncodedExample } from '../../main/train/encoding.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import { openModelSource } from '../../main/train/model-source.ts';
import { createOptimizer } from '../../main/train/optimizer.ts';
import { createGenerator } from '../../main/train/random.ts';
import { countMatrixFlops } from './flops.ts';
import { writeRandomModel } from './random-model.ts';
import type { SizeName } from './sizes.ts';

export interface StepOptions {
  size: SizeName;
  batch: number;
  source: number;
  target: number;
  prompt: number;
  threads: number;
  steps: number;
  lengths: 'full' | 'mixed';
  microBatch: number | 'auto';
  profilePrefix: string | null;
}

export interface StepFigures {
  /** Seconds a step, medians. */
  wall_s: number;
  cpu_s: number;
  /** Of the whole process, 10⁶ bytes, the mapped weights included. */
  peak_rss_mb: number;
  /** Matrix operations of the step per second, and the rate of a plain product in the same process. */
  gflops: number;
  gemm_gflops: number;
  /** Share of source positions that were padding. */
  padding: number;
}

const warmUpSteps = 2;

export async function measureStep(options: StepOptions): Promise<StepFigures> {
  const folder = writeRandomModel(options.size);
  try {
    return await measure(folder, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string, options: StepOptions): Promise<StepFigures> {
  const source = await openModelSource(folder, { cacheDirectory: join(folder, 'cache'), fingerprint: null });
  const settings = promptTuning.schema.parse({ promptLength: options.prompt, init: 'random-uniform', microBatch: options.microBatch });
  const { trainables } = promptTuning.place(settings, source.config);
  const random = createGenerator(1, 'initialisation');
  const parameters = trainables.map((trainable) => ({
    ...trainable,
    values: Float32Array.from({ length: trainable.shape.reduce((product, extent) => product * extent, 1) }, () => random.next() - 0.5),
  }));
  const { threads, profilePrefix } = options;
  const runner = new ModelRunner({
    backend: createOnnxBackend({ provider: 'cpu', threads, ...(profilePrefix === null ? {} : { profilePrefix }) }),
    config: source.config, frozen: source.frozen, promptRows: options.prompt, parameters, dropoutRate: 0,
  });
  const optimizer = createOptimizer(settings, parameters);
  const micros = splitIntoMicroBatches(randomExamples(options, source.config.vocabularySize), { microBatch: settings.microBatch, promptRows: options.prompt });
  const gradients = parameters.map(({ values }) => new Float32Array(values.length));
  const step = async (): Promise<void> => {
    for (const gradient of gradients) gradient.fill(0);
    for (const micro of micros) {
      await runner.accumulateGradients(micro, gradients, { tokenWeight: 1 / (options.batch * options.target), dropout: createGenerator(1, 'dropout') });
    }
    optimizer.step(gradients, settings.learningRate);
  };
  for (let i = 0; i < warmUpSteps; i += 1) await step();
  const times = await timed(step, options.steps);
  await runner.close();
  const flops = micros.reduce((total, { shape }) => total + stepFlops(source.config, options, shape), 0);
  const cells = micros.reduce((total, { shape }) => total + shape.batch * shape.source, 0);
  const tokens = micros.reduce((total, { examples }) => total + examples.reduce((sum, example) => sum + example.source.length, 0), 0);
  const peak = process.resourceUsage().maxRSS * 1024;
  return {
    wall_s: times.wall, cpu_s: times.cpu, peak_rss_mb: peak / 1e6,
    gflops: flops / times.wall / 1e9, gemm_gflops: await measureMatrixRate(threads), padding: 1 - tokens / cells,
  };
}

function stepFlops(config: Parameters<typeof trainingOutputs>[0]['config'], { prompt }: StepOptions, shape: Parameters<typeof trainingOutputs>[1]): number {
  const layout = { config, promptRows: prompt, prompts: 1, trainables: ['prompt'], trainedWeights: new Set<string>() };
  return countMatrixFlops(Object.values(trainingOutputs(layout, shape, { dropout: 'none' })));
}

/** @param options `batch` is how many. */
export function randomExamples({ batch, source, target, lengths }: Pick<StepOptions, 'batch' | 'source' | 'target' | 'lengths'>, vocabulary: number): EncodedExample[] {
  const random = createGenerator(2, 'data-order');
  const ids = (length: number): number[] => Array.from({ length }, () => 3 + random.integerBelow(vocabulary - 3));
  return Array.from({ length: batch }, (_, row) => ({
    example: { id: String(row), input: '', target: null, label: null, group: null, answers: [], line: 1 },
    source: ids(lengths === 'full' ? source : Math.max(1, Math.floor((source * (row + 1)) / batch))),
    target: ids(target),
    isTruncated: false,
  }));
}

async function timed(step: () => Promise<void>, steps: number): Promise<{ wall: number; cpu: number }> {
  const walls: number[] = [];
  const cpus: number[] = [];
  for (let i = 0; i < steps; i += 1) {
    const wallStart = performance.now();
    const cpuStart = process.cpuUsage();
    await step();
    const cpu = process.cpuUsage(cpuStart);
    walls.push((performance.now() - wallStart) / 1000);
    cpus.push((cpu.user + cpu.system) / 1e6);
  }
  return { wall: median(walls), cpu: median(cpus) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] ?? Number.NaN : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Median rate of a 1024³ float32 product on the same runtime, eight products a run so that the call's own cost does not count. */
async function measureMatrixRate(threads: number): Promise<number> {
  const extent = 1024;
  const products = 8;
  const g = new GraphBuilder();
  const a = g.input('a', { dtype: 'f32', shape: [extent, extent] });
  const b = g.input('b', { dtype: 'f32', shape: [extent, extent] });
  let product = a;
  for (let i = 0; i < products; i += 1) product = g.matmul(product, b, { scale: 1 / extent });
  const program = await createOnnxBackend({ provider: 'cpu', threads }).compile({ name: 'matrix-rate', outputs: { y: g.reduceMax(product, [0, 1]) }, frozen: null });
  const feeds = { a: new Float32Array(extent ** 2).fill(0.5), b: new Float32Array(extent ** 2).fill(0.5) };
  const run = async (): Promise<void> => void (await program.run(feeds));
  await run();
  const { wall } = await timed(run, 9);
  await program.close();
  return (2 * extent ** 3 * products) / wall / 1e9;
}
