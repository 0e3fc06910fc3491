/**
 * Trains the built-in backbone from nothing with the product's own engine. Goes on from its folder; the same seed and step counts give the
 * same model on the same machine.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { Problem } from '../../main/contract/problem.ts';
import type { T5Config } from '../../main/model/config.ts';
import { encodeSafetensors } from '../../main/model/safetensors.ts';
import { writeFileAtomicSync } from '../../main/store/atomic-file.ts';
import { loadTokenizerSync, type Tokenizer } from '../../main/token/index.ts';
import { ModelRunner } from '../../main/train/model-runner.ts';
import { clipGradients } from '../../main/train/optimizer.ts';
import { createGenerator } from '../../main/train/random.ts';
import { runScript } from '../script.ts';
import { drawBatch } from './batches.ts';
import { backboneConfig, backboneConfigJson } from './config.ts';
import { initialWeights, type NamedTensor } from './initial-weights.ts';
import { appendLoss, appendSkills, keepLines } from './journal.ts';
import { createMuon, type MuonOptimizer } from './muon.ts';
import { readPretrainingOptions, type PretrainingOptions } from './options.ts';
import { probeSkills } from './probe.ts';
import { asTensors, restoreState, saveState, type Progress } from './saved-state.ts';
import { rateAt, stageAt, type Schedule } from './schedule.ts';
import { buildTokenizer } from './tokenizer.ts';

const gradientLimit = 1;

await runScript(async () => pretrain(readPretrainingOptions(process.argv.slice(2))));

async function pretrain(options: PretrainingOptions): Promise<void> {
  const { folder } = options;
  const interruption = watchInterruption();
  const trainer = await openTrainer(options);
  const { runner, optimizer, parameters, schedule, tokenizer } = trainer;
  const progress = await restoreState(folder, { parameters, optimizer });
  keepLines(folder, progress.step);
  const lastStep = schedule.spanSteps + schedule.lmSteps;
  const stopStep = options['stop-after'] === 0 ? lastStep : Math.min(lastStep, progress.step + options['stop-after']);
  const firstStep = progress.step;
  const beganMs = performance.now();
  let savedMs = beganMs;
  while (progress.step < stopStep && !interruption.isAsked()) {
    await trainStep(trainer, progress);
    const { step } = progress;
    const { stage } = stageAt(schedule, step - 1);
    const isStageEnd = step === schedule.spanSteps || step === lastStep;
    if (step % 50 === 0 || isStageEnd) appendLoss(folder, stage, progress);
    if (step % 50 === 0 || isStageEnd || step === firstStep + 1) {
      const stepsPerSecond = (step - firstStep) / ((performance.now() - beganMs) / 1000);
      process.stderr.write(`\r${stage} ${step}/${lastStep}  loss ${progress.mean.toFixed(3)}  ${stepsPerSecond.toFixed(2)} steps/s  ${((lastStep - step) / stepsPerSecond / 60).toFixed(0)} min left   `);
    }
    if (step % options['probe-every'] === 0 || isStageEnd) {
      appendSkills(folder, stage, progress, await probeSkills(runner, tokenizer, { stage, questions: options['probe-questions'] }));
    }
    // Before the state that lies behind it: a kill in between must not lose the stage.
    if (isStageEnd) writeFileAtomicSync(join(folder, `${stage}.safetensors`), encodeSafetensors(asTensors(parameters), { format: 'pt' }));
    if (step % options['save-every'] === 0 || step === stopStep || isStageEnd || interruption.isAsked()) {
      progress.seconds += (performance.now() - savedMs) / 1000;
      savedMs = performance.now();
      saveState(folder, { parameters, optimizer }, progress);
    }
  }
  await runner.close();
  await optimizer.close();
  const rest = progress.step < lastStep ? `; the same command goes on to ${lastStep}` : '';
  process.stderr.write(`\n${progress.step} steps, ${(progress.seconds / 60).toFixed(1)} minutes, ${(progress.tokens / 1e6).toFixed(1)} million tokens${rest}\n`);
}

interface Trainer {
  readonly runner: ModelRunner;
  readonly optimizer: MuonOptimizer;
  readonly parameters: readonly NamedTensor[];
  readonly tokenizer: Tokenizer;
  readonly schedule: Schedule;
  readonly options: PretrainingOptions;
  /** Filled anew by every step. */
  readonly gradients: readonly Float32Array[];
}

async function openTrainer(options: PretrainingOptions): Promise<Trainer> {
  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const { tokenizer, config } = prepareFolder(folder);
  const parameters = initialWeights(config, options.seed);
  const backend = createOnnxBackend({ provider: 'cpu', threads: options.threads });
  return {
    parameters, tokenizer, options,
    optimizer: await createMuon(backend, parameters),
    runner: new ModelRunner({ backend, config, frozen: { directory: folder, tensors: new Map() }, promptRows: 0, parameters, dropoutRate: 0 }),
    schedule: { spanSteps: options['span-steps'], lmSteps: options['lm-steps'], learningRate: options['learning-rate'] },
    gradients: parameters.map(({ values }) => new Float32Array(values.length)),
  };
}

function prepareFolder(folder: string): { tokenizer: Tokenizer; config: T5Config } {
  const file = join(folder, 'tokenizer.json');
  if (!existsSync(file)) writeFileAtomicSync(file, buildTokenizer().tokenizerJson);
  const tokenizer = loadTokenizerSync(file);
  const vocabularySize = (JSON.parse(readFileSync(file, 'utf8')) as { model: { vocab: unknown[] } }).model.vocab.length;
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(backboneConfigJson(vocabularySize), null, 2)}\n`);
  return { tokenizer, config: backboneConfig(vocabularySize) };
}

async function trainStep({ runner, optimizer, tokenizer, schedule, options, gradients }: Trainer, progress: Progress): Promise<void> {
  const { step } = progress;
  const batch = drawBatch({ ...options, tokenizer }, { step, ...stageAt(schedule, step) });
  const targets = batch.reduce((sum, { examples }) => sum + examples.reduce((total, { target }) => total + (target?.length ?? 0), 0), 0);
  for (const gradient of gradients) gradient.fill(0);
  let loss = 0;
  for (const pass of batch) {
    loss += await runner.accumulateGradients(pass, gradients, { tokenWeight: 1 / targets, dropout: createGenerator(0, 'dropout') });
    progress.tokens += pass.examples.reduce((total, { source, target }) => total + source.length + (target?.length ?? 0), 0);
  }
  if (!Number.isFinite(loss)) {
    throw new Problem({
      code: 'loss-not-finite', kind: 'failure', found: `a loss of ${loss} at step ${step + 1}`, expected: 'a number',
      action: 'The same command goes on from the last state; give it a lower --learning-rate.',
    });
  }
  clipGradients(gradients, gradientLimit);
  await optimizer.step(gradients, rateAt(schedule, step));
  progress.step += 1;
  progress.mean = progress.mean === 0 ? loss : 0.99 * progress.mean + 0.01 * loss;
}

/** The step in hand is finished and saved; asked a second time, the process ends at once. */
function watchInterruption(): { isAsked(): boolean } {
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      asked += 1;
      if (asked > 1) process.exit(130);
      process.stderr.write('\nStopping after this step; the state is being saved.\n');
    });
  }
  return { isAsked: () => asked > 0 };
}
