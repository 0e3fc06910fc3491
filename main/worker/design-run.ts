/**
 * Runs of a method that trains nothing: the frozen model answers dev and test once, and the run is over. What such a run leaves looks
 * like any other's: a checkpoint, of step 0 and without tensors, predictions and scores.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointRecord, EvaluateJob, Evaluation, TrainJob, TrainMember, TrainResult } from '../contract/worker-protocol.ts';
import type { Placement } from '../method/method.ts';
import { removeStaleTemporaryFiles, writeFileAtomicSync } from '../store/atomic-file.ts';
import type { TaskExample } from '../task/format.ts';
import type { EncodedExample } from '../train/encoding.ts';
import { evaluateExamples, predictionLines, requireSelectable, toEvaluation } from '../train/evaluation.ts';
import type { ModelRunner } from '../train/model-runner.ts';
import { drawShots, encodeDesigned, encodeShots, readShots, type DrawnShot } from './design.ts';
import { createJobRunner, openDesignModel, type DesignModel } from './job-model.ts';
import type { JobChannel } from './job.ts';
import { ProgressReport } from './progress-report.ts';
import { bindTask, readExamples, readSplits, warnOfCuts, type BoundTask, type Splits } from './task-data.ts';

const nothingTrained: { placement: Placement; parameters: []; dropoutRate: 0 } = { placement: { promptRows: 0, trainables: [] }, parameters: [], dropoutRate: 0 };

/** What the members of a job share. */
interface Bench {
  readonly model: DesignModel;
  readonly task: BoundTask;
  readonly runner: ModelRunner;
  readonly channel: JobChannel;
}

/** @throws {Problem} `few-shot-too-few` and what the model and the data are refused for. */
export async function performDesignRuns(job: TrainJob, channel: JobChannel): Promise<void> {
  channel.emit({ kind: 'progress', phase: 'prepare', done: 0, total: 1, loss: null, learningRate: null, perSecond: null, etaSeconds: null });
  const model = await openDesignModel(job);
  const task = await bindTask(job.task, job.files.train);
  const splits = await readSplits(job, task, channel);
  const bench: Bench = { model, task, channel, runner: createJobRunner(job, model, nothingTrained) };
  let isDone = true;
  for (const member of job.members) isDone = isDone && await performMember(bench, { member, splits, files: job.files });
  await bench.runner.close();
  channel.emit(isDone ? { kind: 'trained' } : { kind: 'cancelled', step: 0 });
}

/** @returns false when cancelled. */
async function performMember(
  bench: Bench,
  { member, splits, files }: { member: TrainMember; splits: Splits<TaskExample>; files: TrainJob['files'] },
): Promise<boolean> {
  const startedMs = performance.now();
  const { model, task, channel } = bench;
  const { runId, runDirectory, seed } = member;
  mkdirSync(runDirectory, { recursive: true });
  removeStaleTemporaryFiles(runDirectory);
  const shots = drawShots(model, { train: splits.train, labels: task.format.labels, seed });
  const dev = splits.dev === null ? null : encodeSplit(bench, shots, { examples: splits.dev, file: files.dev ?? files.train });
  const test = splits.test === null ? null : encodeSplit(bench, shots, { examples: splits.test, file: files.test ?? '' });
  requireSelectable(task.format, { dev, test }, 'score');
  const evaluate = (split: 'dev' | 'test', examples: readonly EncodedExample[] | null): Promise<Evaluation | null> =>
    evaluateSplit(bench, { split, examples: examples ?? [], predictionsFile: join(runDirectory, `predictions-${split}-0.jsonl`) });
  const devEvaluation = dev === null ? null : await evaluate('dev', dev);
  const testEvaluation = test === null ? null : await evaluate('test', test);
  if ((dev !== null && devEvaluation === null) || (test !== null && testEvaluation === null)) return false;
  const file = join(runDirectory, 'trained-0.safetensors');
  writeFileAtomicSync(file, encodeShots(shots));
  const record: CheckpointRecord = { step: 0, file, trainLoss: null, dev: devEvaluation, isBest: true };
  channel.emit({ kind: 'checkpoint', runId, record });
  const truncatedExamples = [...dev ?? [], ...test ?? []].filter(({ isTruncated }) => isTruncated).length;
  channel.emit({ kind: 'run-trained', runId, result: describeResult(record, { task, test: testEvaluation, truncatedExamples, startedMs }) });
  return true;
}

function describeResult(
  record: CheckpointRecord,
  { task, test, truncatedExamples, startedMs }: { task: BoundTask; test: Evaluation | null; truncatedExamples: number; startedMs: number },
): TrainResult {
  return {
    steps: 0,
    labels: task.labels,
    bestStep: record.step,
    finalLoss: null,
    checkpoints: [record],
    test,
    effect: null,
    trainableParameters: 0,
    paddingShare: 0,
    truncatedExamples,
    seconds: (performance.now() - startedMs) / 1000,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

function encodeSplit(
  { model, channel }: Pick<Bench, 'model' | 'channel'>,
  shots: readonly DrawnShot[],
  { examples, file }: { examples: readonly TaskExample[]; file: string },
): EncodedExample[] {
  const encoded = examples.map((example) => encodeDesigned(model, shots, example));
  warnOfCuts(encoded, { file, rules: model.rules, channel });
  return encoded;
}

/** @returns null when cancelled. */
async function evaluateSplit(
  { model, task, runner, channel }: Bench,
  { split, examples, predictionsFile }: { split: Evaluation['split']; examples: readonly EncodedExample[]; predictionsFile: string },
): Promise<Evaluation | null> {
  const report = new ProgressReport(channel, () => performance.now());
  const results = await evaluateExamples({
    runner, prompts: [0], rules: model.rules, format: task.format, examples, microBatch: model.settings.microBatch,
    onProgress: (done) => report.update({ phase: 'evaluate', done, total: examples.length }),
    isCancelled: () => channel.isCancelled(),
  });
  const result = results?.[0];
  if (result === undefined) return null;
  writeFileAtomicSync(predictionsFile, predictionLines(result.predictions));
  return toEvaluation(split, result, predictionsFile);
}

/** Another file with the shots that a run drew. @throws {Problem} as performDesignRuns; `state-unreadable` */
export async function evaluateDesigns(job: EvaluateJob, channel: JobChannel): Promise<void> {
  const model = await openDesignModel(job);
  const task = await bindTask(job.task, null);
  const examples = await readExamples({ file: job.dataFile, format: task.format, use: 'evaluate' }, channel);
  const bench: Bench = { model, task, channel, runner: createJobRunner(job, model, nothingTrained) };
  const evaluations: Evaluation[] = [];
  for (const { checkpointFile, predictionsFile } of job.members) {
    const shots = checkpointFile === null ? [] : await readShots(checkpointFile);
    const encoded = encodeSplit(bench, shots, { examples, file: job.dataFile });
    const evaluation = await evaluateSplit(bench, { split: 'other', examples: encoded, predictionsFile });
    if (evaluation === null) break;
    evaluations.push(evaluation);
  }
  await bench.runner.close();
  channel.emit(evaluations.length < job.members.length ? { kind: 'cancelled', step: 0 } : { kind: 'evaluated', result: evaluations });
}
