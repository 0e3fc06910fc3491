/**
 * `npm run pretrain`: trains the built-in backbone from nothing with the product's own engine. Resumes from its folder; the same
 * seed and step counts give the same model on the same machine.
 */
import { existsSync, mkdirSync, appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { writeFileAtomicSync } from '../../main/store/atomic-file.ts';
import { loadTokenizerSync, type Tokenizer } from '../../main/token/index.ts';
import type { T5Config } from '../../main/model/config.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import { clipGradients } from '../../main/train/optimizer.ts';
import { createGenerator } from '../../main/train/random.ts';
import { drawBatch, type BatchPlan } from './batches.ts';
import { backboneConfig, backboneConfigJson } from './config.ts';
import { initialWeights, type NamedTensor } from './initial-weights.ts';
import type { Stage } from './mixture/index.ts';
import { createMuon, type MuonOptimizer } from './muon.ts';
import { probeSkills } from './probe.ts';
import { buildTokenizer } from './tokenizer.ts';

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: 'pretraining' },
    'span-steps': { type: 'string', default: '9000' },
    'lm-steps': { type: 'string', default: '7000' },
    'learning-rate': { type: 'string', default: '0.003' },
    examples: { type: 'string', default: '64' },
    passes: { type: 'string', default: '2' },
    'save-every': { type: 'string', default: '500' },
    'probe-every': { type: 'string', default: '1000' },
    'probe-questions': { type: 'string', default: '1024' },
    'stop-after': { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});

const spanSteps = Number(options['span-steps']);
const totalSteps = spanSteps + Number(options['lm-steps']);
const warmupSteps = 200;
/** The last part of each stage, in which the rate falls to a tenth. */
const decayShare = 0.3;
const gradientLimit = 1;

const curveFile = 'curve.csv';
const skillsFile = 'skills.jsonl';

mkdirSync(options.folder, { recursive: true });
await main(options.folder);

async function main(folder: string): Promise<void> {
  const { tokenizer, config } = prepareFolder(folder);
  const parameters = initialWeights(config, Number(options.seed));
  const backend = createOnnxBackend({ provider: 'cpu', threads: Number(options.threads) });
  const optimizer = await createMuon(backend, parameters);
  const runner = new ModelRunner({ backend, config, frozen: { directory: folder, tensors: new Map() }, promptRows: 0, parameters, dropoutRate: 0 });
  const progress = await restore(folder, { parameters, optimizer });
  keepLines(folder, progress.step);
  const trainer: Trainer = {
    runner, optimizer, parameters, tokenizer,
    plan: { tokenizer, seed: Number(options.seed), examples: Number(options.examples), passes: Number(options.passes) },
    gradients: parameters.map(({ values }) => new Float32Array(values.length)),
  };
  const firstStep = progress.step;
  const clock = { beganMs: performance.now(), savedMs: performance.now() };
  while (progress.step < totalSteps) {
    await trainStep(trainer, progress);
    const { step } = progress;
    const isStageEnd = step === spanSteps || step === totalSteps;
    if (step % 50 === 0 || isStageEnd) tellProgress(folder, progress, (step - firstStep) / ((performance.now() - clock.beganMs) / 1000));
    if (step % Number(options['probe-every']) === 0 || isStageEnd) await tellSkills(folder, trainer, progress);
    if (step % Number(options['save-every']) === 0 || isStageEnd) {
      progress.seconds += (performance.now() - clock.savedMs) / 1000;
      clock.savedMs = performance.now();
      save(folder, { parameters, optimizer, progress });
    }
    if (isStageEnd) writeFileAtomicSync(join(folder, `${stageOf(step - 1).stage}.safetensors`), encodeSafetensors(asTensors(parameters), { format: 'pt' }));
    if (Number(options['stop-after']) > 0 && step - firstStep >= Number(options['stop-after'])) break;
  }
  await runner.close();
  await optimizer.close();
  process.stderr.write(`\n${progress.step} steps, ${(progress.seconds / 60).toFixed(1)} minutes, ${(progress.tokens / 1e6).toFixed(1)} million tokens\n`);
}

function prepareFolder(folder: string): { tokenizer: Tokenizer; config: T5Config } {
  const file = join(folder, 'tokenizer.json');
  if (!existsSync(file)) writeFileSync(file, buildTokenizer().tokenizerJson);
  const vocabularySize = (JSON.parse(readFileSync(file, 'utf8')) as { model: { vocab: unknown[] } }).model.vocab.length;
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(backboneConfigJson(vocabularySize), null, 2)}\n`);
  return { tokenizer: loadTokenizerSync(file), config: backboneConfig(vocabularySize) };
}

interface Trainer {
  readonly runner: ModelRunner;
  readonly optimizer: MuonOptimizer;
  readonly parameters: readonly NamedTensor[];
  readonly tokenizer: Tokenizer;
  readonly plan: BatchPlan;
  /** Filled anew by every step. */
  readonly gradients: readonly Float32Array[];
}

/** @param step counted from 0. @returns its stage, and how much of that stage lies before it. */
function stageOf(step: number): { stage: Stage; progress: number } {
  return step < spanSteps
    ? { stage: 'span-corruption', progress: step / spanSteps }
    : { stage: 'lm-adaptation', progress: (step - spanSteps) / (totalSteps - spanSteps) };
}

async function trainStep({ runner, optimizer, plan, gradients }: Trainer, progress: Progress): Promise<void> {
  const { step } = progress;
  const batch = drawBatch(plan, { step, ...stageOf(step) });
  const targets = batch.reduce((sum, { examples }) => sum + examples.reduce((total, { target }) => total + (target?.length ?? 0), 0), 0);
  for (const gradient of gradients) gradient.fill(0);
  let loss = 0;
  for (const pass of batch) {
    loss += await runner.accumulateGradients(pass, gradients, { tokenWeight: 1 / targets, dropout: createGenerator(0, 'dropout') });
    progress.tokens += pass.examples.reduce((total, { source, target }) => total + source.length + (target?.length ?? 0), 0);
  }
  if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} at step ${step}: start again from the last state with a lower rate`);
  clipGradients(gradients, gradientLimit);
  await optimizer.step(gradients, rateAt(step));
  progress.step += 1;
  progress.mean = progress.mean === 0 ? loss : 0.99 * progress.mean + 0.01 * loss;
}

function tellProgress(folder: string, { step, tokens, mean }: Progress, stepsPerSecond: number): void {
  const { stage } = stageOf(step - 1);
  const minutesLeft = ((totalSteps - step) / stepsPerSecond / 60).toFixed(0);
  process.stderr.write(`\r${stage} ${step}/${totalSteps}  loss ${mean.toFixed(3)}  ${stepsPerSecond.toFixed(2)} steps/s  ${minutesLeft} min left   `);
  appendFileSync(join(folder, curveFile), `${step},${stage},${tokens},${mean.toFixed(4)}\n`);
}

async function tellSkills(folder: string, { runner, tokenizer }: Trainer, { step, tokens, mean }: Progress): Promise<void> {
  const { stage } = stageOf(step - 1);
  const skills = await probeSkills(runner, tokenizer, { stage, questions: Number(options['probe-questions']) });
  appendFileSync(join(folder, skillsFile), `${JSON.stringify({ step, stage, tokens, loss: mean, skills })}\n`);
}

/** Lines behind the state that is gone on from will be written again. */
function keepLines(folder: string, step: number): void {
  for (const name of [curveFile, skillsFile]) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '' && Number(/\d+/.exec(line)?.[0]) <= step);
    writeFileAtomicSync(file, lines.map((line) => `${line}\n`).join(''));
  }
}

/** Warm-up, a plateau, and a fall to a tenth at the end of each stage; the second stage runs at half the rate. */
function rateAt(step: number): number {
  const { progress } = stageOf(step);
  const peak = Number(options['learning-rate']) * (step < spanSteps ? 1 : 0.5);
  const warm = Math.min(1, (step + 1) / warmupSteps);
  const fall = progress > 1 - decayShare ? 1 - 0.9 * ((progress - (1 - decayShare)) / decayShare) : 1;
  return peak * warm * fall;
}

interface State {
  readonly parameters: readonly NamedTensor[];
  readonly optimizer: MuonOptimizer;
}

interface Progress {
  step: number;
  seconds: number;
  tokens: number;
  /** Exponential mean of the loss; 0 before the first step. */
  mean: number;
}

function save(folder: string, { parameters, optimizer, progress }: State & { progress: Progress }): void {
  const tensors = [
    ...asTensors(parameters).map((tensor) => ({ ...tensor, name: `parameter/${tensor.name}` })),
    ...[...optimizer.moments].map(([name, data]) => ({ name: `moment/${name}`, shape: [data.length], data })),
  ];
  writeFileAtomicSync(join(folder, 'state.safetensors'), encodeSafetensors(tensors, { state: JSON.stringify({ ...progress, updates: optimizer.updates }) }));
}

async function restore(folder: string, { parameters, optimizer }: State): Promise<Progress> {
  const file = join(folder, 'state.safetensors');
  if (!existsSync(file)) return { step: 0, seconds: 0, tokens: 0, mean: 0 };
  const { entries, metadata } = await readSafetensorsHeader(file);
  const meta = JSON.parse(metadata['state'] ?? '{}') as Progress & { updates: number };
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const read = (name: string, into: Float32Array): void => {
    const entry = byName.get(name);
    if (entry === undefined) throw new Error(`${file} lacks ${name}: it belongs to another size of model`);
    into.set(readTensorAsFloat32Sync(entry));
  };
  for (const { name, values } of parameters) read(`parameter/${name}`, values);
  for (const [name, moment] of optimizer.moments) read(`moment/${name}`, moment);
  optimizer.updates = meta.updates;
  const { updates: _updates, ...progress } = meta;
  return progress;
}

function asTensors(parameters: readonly NamedTensor[]): { name: string; shape: readonly number[]; data: Float32Array }[] {
  return parameters.map(({ name, shape, values }) => ({ name, shape, data: values }));
}
