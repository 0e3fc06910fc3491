/**
 * Several prompts trained in one pass beside the same prompts trained one after another, on a random model: time, memory, and whether
 * the losses are the same.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { promptTuning } from '../../main/method/prompt-tuning.ts';
import { splitIntoMicroBatches } from '../../main/train/batch.ts';
import { Member, freshProgress } from '../../main/train/member.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import { openModelSource, type ModelSource } from '../../main/train/model-source.ts';
import { createOptimizer } from '../../main/train/optimizer.ts';
import { createGenerator } from '../../main/train/random.ts';
import { writeRandomModel } from './random-model.ts';
import type { SizeName } from './sizes.ts';
import { median, randomExamples } from './step.ts';

export interface EnsembleOptions {
  size: SizeName;
  members: number;
  batch: number;
  source: number;
  target: number;
  prompt: number;
  threads: number;
  /** Timed steps of each way, taken in turns so that both meet the same machine. */
  steps: number;
  microBatch: number | 'auto';
}

export interface EnsembleFigures {
  /** Median seconds of a step of all members. */
  together_s: number;
  separate_s: number;
  time_ratio: number;
  /** The same of processor time, which a busy machine disturbs less. */
  cpu_ratio: number;
  /** Peak resident memory of a process that trains one member, and all together; 10⁶ bytes. */
  one_rss_mb: number;
  together_rss_mb: number;
  memory_ratio: number;
  /** Largest relative difference of a member's loss in any step. */
  loss_difference: number;
}

const warmUpSteps = 2;

/** @param measureAlone peak memory of a process that takes steps of so many members; null leaves memory out. */
export async function measureEnsemble(options: EnsembleOptions, measureAlone: ((members: number) => number) | null): Promise<EnsembleFigures> {
  return withModel(options, async (model) => {
    const together = createTrainer(model, options, options.members);
    const separate = Array.from({ length: options.members }, (_, seed) => createTrainer(model, { ...options, firstSeed: seed }, 1));
    const times: Record<'together' | 'separate', Cost[]> = { together: [], separate: [] };
    let difference = 0;
    for (let step = 0; step < warmUpSteps + options.steps; step += 1) {
      const shared: number[] = [];
      const apart: number[] = [];
      const togetherCost = await costOf(async () => void shared.push(...await together.step()));
      const separateCost = await costOf(async () => {
        for (const trainer of separate) apart.push(...await trainer.step());
      });
      difference = Math.max(difference, ...shared.map((loss, i) => Math.abs(loss / (apart[i] ?? Number.NaN) - 1)));
      if (step < warmUpSteps) continue;
      times.together.push(togetherCost);
      times.separate.push(separateCost);
    }
    for (const trainer of [together, ...separate]) await trainer.close();
    const [one, all] = measureAlone === null ? [0, 0] : [measureAlone(1), measureAlone(options.members)];
    const wallOf = (costs: readonly Cost[]): number => median(costs.map(({ wallSeconds }) => wallSeconds));
    const cpuOf = (costs: readonly Cost[]): number => median(costs.map(({ cpuSeconds }) => cpuSeconds));
    return {
      together_s: wallOf(times.together), separate_s: wallOf(times.separate),
      time_ratio: wallOf(times.together) / wallOf(times.separate), cpu_ratio: cpuOf(times.together) / cpuOf(times.separate),
      one_rss_mb: one / 1e6, together_rss_mb: all / 1e6, memory_ratio: one === 0 ? 0 : all / one, loss_difference: difference,
    };
  });
}

interface Cost {
  wallSeconds: number;
  cpuSeconds: number;
}

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const [start, cpuStart] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpuStart);
  return { wallSeconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** @returns the peak resident memory of a process of its own, in bytes. @param entry the script that prints it for `ensemble-memory`. */
export function measureInProcess(entry: string, argumentList: readonly string[], members: number): number {
  const { stdout } = spawnSync(process.execPath, [entry, 'ensemble-memory', ...argumentList, '--members', String(members)], { encoding: 'utf8', env: process.env });
  return Number(stdout.trim());
}

/** Takes a few steps of so many members and nothing else. @returns the peak of this process, in bytes. */
export async function peakMemoryOf(options: EnsembleOptions): Promise<number> {
  return withModel(options, async (model) => {
    const trainer = createTrainer(model, options, options.members);
    for (let step = 0; step < warmUpSteps + options.steps; step += 1) await trainer.step();
    await trainer.close();
    return process.resourceUsage().maxRSS * 1024;
  });
}

async function withModel<Result>({ size }: EnsembleOptions, work: (model: ModelSource) => Promise<Result>): Promise<Result> {
  const folder = writeRandomModel(size);
  const cacheDirectory = mkdtempSync(join(tmpdir(), 'souffleur-cache-'));
  try {
    return await work(await openModelSource(folder, { cacheDirectory, fingerprint: null }));
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(cacheDirectory, { recursive: true });
  }
}

interface Trainer {
  /** @returns every member's loss. */
  step(): Promise<number[]>;
  close(): Promise<void>;
}

/** Members of seeds from `firstSeed` on; a member is the same whoever it is trained with. */
function createTrainer(model: ModelSource, options: EnsembleOptions & { firstSeed?: number }, count: number): Trainer {
  const settings = promptTuning.schema.parse({ promptLength: options.prompt, init: 'random-uniform', batchSize: options.batch, microBatch: options.microBatch });
  const train = randomExamples({ ...options, batch: 4 * options.batch, lengths: 'full' }, model.config.vocabularySize);
  const members = Array.from({ length: count }, (_, index) => {
    const seed = (options.firstSeed ?? 0) + index;
    const random = createGenerator(seed, 'initialisation');
    const parameters = promptTuning.place(settings, model.config).trainables.map((trainable) => ({
      ...trainable, values: Float32Array.from({ length: options.prompt * model.config.width }, () => random.next() - 0.5),
    }));
    return new Member({ index, seed, parameters, optimizer: createOptimizer(settings, parameters), progress: freshProgress(seed) }, train.length);
  });
  const runner = new ModelRunner({
    backend: createOnnxBackend({ provider: 'cpu', threads: options.threads }), config: model.config, frozen: model.frozen,
    promptRows: options.prompt, parameters: members.flatMap(({ parameters }) => parameters), dropoutRate: 0,
  });
  return {
    async step() {
      const examples = members.flatMap((member) => member.takeBatch(train, { size: options.batch, runner }));
      const sums = { gradients: members.flatMap(({ gradients }) => gradients), losses: new Float64Array(count) };
      for (const micro of splitIntoMicroBatches(examples, { microBatch: settings.microBatch, promptRows: options.prompt })) await runner.accumulateStep(micro, sums);
      return members.map((member) => member.finishStep(sums.losses[member.index] ?? Number.NaN, settings).loss);
    },
    close: () => runner.close(),
  };
}
