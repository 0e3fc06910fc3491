/** Process entry point: one training job. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, TrainJob, TrainMember } from '../contract/worker-protocol.ts';
import { findMethod } from '../method/index.ts';
import type { TrainingSettings } from '../method/part/training-settings.ts';
import { removeStaleTemporaryFiles, writeFileAtomicSync } from '../store/atomic-file.ts';
import { readArrayFile } from '../train/array-file.ts';
import { predictionLines, requireSelectable } from '../train/evaluation.ts';
import { freshProgress, trainToEnd, type LoopHooks, type LoopResult, type TrainingRun } from '../train/loop.ts';
import { createOptimizer } from '../train/optimizer.ts';
import { emptyParameters, type Parameter } from '../train/parameter.ts';
import { createGenerator } from '../train/random.ts';
import { restoreState, type Progress } from '../train/training-state.ts';
import { performDesignRuns } from './design-run.ts';
import { createJobRunner, openJobModel, type JobModel } from './job-model.ts';
import { serveOneJob, type JobChannel } from './job.ts';
import { ProgressReport } from './progress-report.ts';
import { bindTask, loadSplits, type BoundTask } from './task-data.ts';

const stateFile = 'state.safetensors';

serveOneJob(async (job: Job, channel) => {
  if (job.kind !== 'train') throw new Error(`this worker trains; it was given a job to ${job.kind}`);
  await (findMethod(job.method).trains === 'nothing' ? performDesignRuns : train)(job, channel);
});

async function train(job: TrainJob, channel: JobChannel): Promise<void> {
  for (const member of job.members) {
    const stopped = await trainMember({ ...job, ...member }, channel);
    if (stopped !== null) return channel.emit({ kind: 'cancelled', step: stopped });
  }
  channel.emit({ kind: 'trained' });
}

type MemberJob = TrainJob & TrainMember;

/** @returns the step at which it was cancelled, or null. */
async function trainMember(job: MemberJob, channel: JobChannel): Promise<number | null> {
  mkdirSync(job.runDirectory, { recursive: true });
  removeStaleTemporaryFiles(job.runDirectory);
  channel.emit({ kind: 'progress', phase: 'prepare', done: 0, total: 1, loss: null, learningRate: null, perSecond: null, etaSeconds: null });
  const model = await openJobModel(job);
  const { method, settings, source, rules } = model;
  const task = await bindTask(job.task, job.files.train);
  const examples = await loadSplits(job, { task, rules, channel });
  requireSelectable(task.format, examples, settings.selectBy);
  const state = join(job.runDirectory, stateFile);
  // Killed before its first state: beginning again is resuming.
  const resumes = job.resume && existsSync(state);
  if (job.resume && !resumes) channel.emit({ kind: 'warning', code: 'no-saved-state', message: 'no state was saved; the run begins again at its first step' });
  const placement = method.place(settings, source.config);
  const parameters = resumes
    ? emptyParameters(placement.trainables)
    : await initialParameters(model, { task, seed: job.seed });
  const runner = createJobRunner(job, model, { placement, parameters, dropoutRate: settings.dropout });
  const optimizer = createOptimizer(settings, parameters);
  const progress = resumes ? await restoreState(state, { parameters, optimizer }) : freshProgress(job.seed);
  removeUnnamedTrained(job.runDirectory, progress);
  const run: TrainingRun = { runner, optimizer, settings, seed: job.seed, rules, format: task.format, ...examples, hooks: createHooks(job, channel, settings) };
  // The core may have died before it heard of these.
  const firstStep = progress.step - progress.recentLosses.length + 1;
  if (progress.recentLosses.length > 0) channel.emit({ kind: 'losses', runId: job.runId, firstStep, losses: progress.recentLosses });
  for (const record of progress.checkpoints) channel.emit({ kind: 'checkpoint', runId: job.runId, record });
  const result = await trainToEnd(run, progress);
  await runner.close();
  if (result === null) return progress.step;
  channel.emit({ kind: 'run-trained', runId: job.runId, result: describeResult(result, { task, run }) });
  return null;
}

async function initialParameters({ method, settings, source, rules }: JobModel, { task, seed }: { task: BoundTask; seed: number }): Promise<Parameter[]> {
  const { trainables } = method.place(settings, source.config);
  const values = await method.initialise(settings, {
    model: source.config,
    embeddingRow: (id) => source.embeddingRow(id),
    tokenize: (text) => rules.tokenizer.encode(text),
    labels: task.format.labels ?? [],
    weight: (name) => source.readWeight(name),
    readArray: readArrayFile,
    random: createGenerator(seed, 'initialisation'),
  });
  return trainables.map((trainable, i) => ({ ...trainable, values: values[i] as Float32Array }));
}

/** A worker killed between two files leaves tensors that its state does not name: of full tuning, gigabytes. */
function removeUnnamedTrained(runDirectory: string, { checkpoints }: Progress): void {
  const named = new Set(checkpoints.filter(({ file }) => file !== null).map(({ step }) => trainedFile(step)));
  for (const name of readdirSync(runDirectory)) {
    if (/^trained-\d+\.safetensors$/.test(name) && !named.has(name)) rmSync(join(runDirectory, name), { force: true });
  }
}

const trainedFile = (step: number): string => `trained-${step}.safetensors`;

function createHooks(job: MemberJob, channel: JobChannel, settings: TrainingSettings): LoopHooks {
  const report = new ProgressReport(channel, () => performance.now());
  const write = (name: string, bytes: Uint8Array | string): string => {
    const file = join(job.runDirectory, name);
    writeFileAtomicSync(file, bytes);
    return file;
  };
  return {
    onStep({ step, loss, smoothedLoss, learningRate }) {
      report.addLoss(job.runId, step, loss);
      report.update({ phase: 'train', done: step, total: settings.steps, loss: smoothedLoss, learningRate });
    },
    onEvaluation(done, total) {
      report.flushLosses();
      report.update({ phase: 'evaluate', done, total });
    },
    onCheckpoint: (record) => {
      report.flushLosses();
      channel.emit({ kind: 'checkpoint', runId: job.runId, record });
    },
    isCancelled: () => channel.isCancelled(),
    keepTrained: (step, bytes) => write(trainedFile(step), bytes),
    dropTrained: (file) => rmSync(file, { force: true }),
    keepPredictions: (step, split, result) => write(`predictions-${split}-${step}.jsonl`, predictionLines(result.predictions)),
    saveState(bytes) {
      // Before the state moves on: a resumed run does not repeat these steps, so nobody would report their losses again.
      report.flushLosses();
      write(stateFile, bytes);
    },
    nowSeconds: () => performance.now() / 1000,
  };
}

function describeResult({ progress, best, test, paddingShare }: LoopResult, { task, run }: { task: BoundTask; run: TrainingRun }) {
  return {
    steps: progress.step,
    labels: task.labels,
    bestStep: best.step,
    finalLoss: progress.smoothedLoss ?? Number.NaN,
    checkpoints: progress.checkpoints,
    test,
    trainableParameters: run.runner.parameters.reduce((total, { values }) => total + values.length, 0),
    paddingShare,
    truncatedExamples: run.train.filter((example) => example.isTruncated).length,
    seconds: progress.seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}
