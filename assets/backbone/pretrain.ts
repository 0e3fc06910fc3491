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
import { loadTokenizerSync } from '../../main/token/index.ts';
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

mkdirSync(options.folder, { recursive: true });
await main(options.folder);

async function main(folder: string): Promise<void> {
  const tokenizerFile = join(folder, 'tokenizer.json');
  if (!existsSync(tokenizerFile)) writeFileSync(tokenizerFile, buildTokenizer().tokenizerJson);
  const vocabularySize = (JSON.parse(readFileSync(tokenizerFile, 'utf8')) as { model: { vocab: unknown[] } }).model.vocab.length;
  const tokenizer = loadTokenizerSync(tokenizerFile);
  const config = backboneConfig(vocabularySize);
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(backboneConfigJson(vocabularySize), null, 2)}\n`);
  const parameters = initialWeights(config, Number(options.seed));
  const backend = createOnnxBackend({ provider: 'cpu', threads: Number(options.threads) });
  const optimizer = await createMuon(backend, parameters);
  let { step, seconds, tokens } = await restore(folder, { parameters, optimizer });
  const runner = new ModelRunner({
    backend, config, frozen: { directory: folder, tensors: new Map() }, promptRows: 0, parameters, dropoutRate: 0,
  });
  const plan: BatchPlan = { tokenizer, seed: Number(options.seed), examples: Number(options.examples), passes: Number(options.passes) };
  const gradients = parameters.map(({ values }) => new Float32Array(values.length));
  const dropout = createGenerator(0, 'dropout');
  const firstStep = step;
  let mean = 0;
  let startedMs = performance.now();
  const beganMs = startedMs;
  while (step < totalSteps) {
    const stage: Stage = step < spanSteps ? 'span-corruption' : 'lm-adaptation';
    const within = stage === 'span-corruption' ? step / spanSteps : (step - spanSteps) / (totalSteps - spanSteps);
    const batch = drawBatch(plan, { step, stage, progress: within });
    const targets = batch.reduce((sum, { examples }) => sum + examples.reduce((total, { target }) => total + (target?.length ?? 0), 0), 0);
    for (const gradient of gradients) gradient.fill(0);
    let loss = 0;
    for (const pass of batch) {
      loss += await runner.accumulateGradients(pass, gradients, { tokenWeight: 1 / targets, dropout });
      tokens += pass.examples.reduce((total, { source, target }) => total + source.length + (target?.length ?? 0), 0);
    }
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss} at step ${step}: start again from the last state with a lower rate`);
    clipGradients(gradients, gradientLimit);
    await optimizer.step(gradients, rateAt(step, within));
    step += 1;
    mean = mean === 0 ? loss : 0.99 * mean + 0.01 * loss;
    const isEnd = step === spanSteps || step === totalSteps;
    if (step % 50 === 0 || isEnd) {
      const rate = (step - firstStep) / ((performance.now() - beganMs) / 1000);
      process.stderr.write(`\r${stage} ${step}/${totalSteps} loss ${mean.toFixed(3)}  ${rate.toFixed(2)} steps/s  ${((totalSteps - step) / rate / 60).toFixed(0)} min left   `);
      appendFileSync(join(folder, 'curve.csv'), `${step},${stage},${tokens},${mean.toFixed(4)}\n`);
    }
    if (step % Number(options['probe-every']) === 0 || isEnd) {
      const skills = await probeSkills(runner, tokenizer, stage);
      appendFileSync(join(folder, 'skills.jsonl'), `${JSON.stringify({ step, stage, tokens, loss: mean, skills })}\n`);
    }
    if (step % Number(options['save-every']) === 0 || isEnd) {
      seconds += (performance.now() - startedMs) / 1000;
      startedMs = performance.now();
      save(folder, { parameters, optimizer, meta: { step, seconds, tokens } });
    }
    if (isEnd) writeFileAtomicSync(join(folder, `${stage}.safetensors`), encodeSafetensors(parameters.map(({ name, shape, values }) => ({ name, shape, data: values })), { format: 'pt' }));
    if (Number(options['stop-after']) > 0 && step - firstStep >= Number(options['stop-after'])) break;
  }
  await runner.close();
  await optimizer.close();
  process.stderr.write(`\n${step} steps, ${(seconds / 60).toFixed(1)} minutes, ${(tokens / 1e6).toFixed(1)} million tokens\n`);
}

/** Warm-up, a plateau, and a fall to a tenth at the end of each stage; the second stage runs at half the rate. */
function rateAt(step: number, within: number): number {
  const peak = Number(options['learning-rate']) * (step < spanSteps ? 1 : 0.5);
  const warm = Math.min(1, (step + 1) / warmupSteps);
  const fall = within > 1 - decayShare ? 1 - 0.9 * ((within - (1 - decayShare)) / decayShare) : 1;
  return peak * warm * fall;
}

interface State {
  readonly parameters: readonly NamedTensor[];
  readonly optimizer: MuonOptimizer;
}

interface Meta {
  step: number;
  seconds: number;
  tokens: number;
}

function save(folder: string, { parameters, optimizer, meta }: State & { meta: Meta }): void {
  const tensors = [
    ...parameters.map(({ name, shape, values }) => ({ name: `parameter/${name}`, shape, data: values })),
    ...[...optimizer.moments].map(([name, data]) => ({ name: `moment/${name}`, shape: [data.length], data })),
  ];
  writeFileAtomicSync(join(folder, 'state.safetensors'), encodeSafetensors(tensors, { state: JSON.stringify({ ...meta, updates: optimizer.updates }) }));
}

async function restore(folder: string, { parameters, optimizer }: State): Promise<Meta> {
  const file = join(folder, 'state.safetensors');
  if (!existsSync(file)) return { step: 0, seconds: 0, tokens: 0 };
  const { entries, metadata } = await readSafetensorsHeader(file);
  const meta = JSON.parse(metadata['state'] ?? '{}') as Meta & { updates: number };
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const read = (name: string, into: Float32Array): void => {
    const entry = byName.get(name);
    if (entry === undefined) throw new Error(`${file} lacks ${name}: it belongs to another size of model`);
    into.set(readTensorAsFloat32Sync(entry));
  };
  for (const { name, values } of parameters) read(`parameter/${name}`, values);
  for (const [name, moment] of optimizer.moments) read(`moment/${name}`, moment);
  optimizer.updates = meta.updates;
  return meta;
}
