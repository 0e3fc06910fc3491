/** Process entry point: one training job, of one run or of several that share a frozen model. */
import { existsSync, mkdirSync } from 'node:fs';
import type { AnswerDifference } from '../contract/prompt-facts.ts';
import type { Job, TrainJob, TrainMember, TrainResult } from '../contract/worker-protocol.ts';
import { findMethod } from '../method/index.ts';
import { removeStaleTemporaryFiles } from '../store/atomic-file.ts';
import type { EncodedExample } from '../train/encoding.ts';
import { requireSelectable } from '../train/evaluation.ts';
import { trainToEnd, type LoopResult, type MemberEnd } from '../train/loop.ts';
import { freshProgress, type MemberParts } from '../train/member.ts';
import { createOptimizer } from '../train/optimizer.ts';
import { emptyParameters } from '../train/parameter.ts';
import { restoreState } from '../train/training-state.ts';
import { performDesignRuns } from './design-run.ts';
import { initialParameters } from './initial-values.ts';
import { createJobRunner, openJobModel, type JobModel } from './job-model.ts';
import { serveOneJob, type JobChannel } from './job.ts';
import { checkEffects } from './prompt-check.ts';
import { createHooks, removeUnnamedTrained } from './run-files.ts';
import { settleStates, statePath } from './saved-states.ts';
import { bindTask, loadSplits, type BoundTask } from './task-data.ts';

serveOneJob(async (job: Job, channel) => {
  if (job.kind !== 'train') throw new Error(`this worker trains; it was given a job to ${job.kind}`);
  await (findMethod(job.method).trains === 'nothing' ? performDesignRuns : train)(job, channel);
});

async function train(job: TrainJob, channel: JobChannel): Promise<void> {
  for (const { runDirectory } of job.members) {
    mkdirSync(runDirectory, { recursive: true });
    removeStaleTemporaryFiles(runDirectory);
  }
  channel.emit({ kind: 'progress', phase: 'prepare', done: 0, total: 1, loss: null, learningRate: null, perSecond: null, etaSeconds: null });
  const model = await openJobModel(job);
  const { method, settings, source, rules } = model;
  const task = await bindTask(job.task, job.files.train);
  const examples = await loadSplits(job, { task, rules, channel });
  requireSelectable(task.format, examples, settings.selectBy);
  if (job.resume) await settleStates(job.members.map(({ runDirectory }) => runDirectory));
  const members: MemberParts[] = [];
  for (const [index, member] of job.members.entries()) members.push(await beginMember(model, { member, index, resume: job.resume, task, channel }));
  const parameters = members.flatMap((member) => member.parameters);
  const runner = createJobRunner(job, model, { placement: method.place(settings, source.config), parameters, dropoutRate: settings.dropout });
  const hooks = createHooks(job.members, channel, { steps: settings.steps });
  const ends = await trainToEnd({ runner, settings, rules, format: task.format, ...examples, members, hooks });
  await runner.close();
  if (ends === null) return channel.emit({ kind: 'cancelled', step: Math.min(...members.map(({ progress }) => progress.step)) });
  const effects = await checkEffects(job, model, { task, dev: examples.dev, ends, channel });
  for (const [i, end] of ends.entries()) {
    const member = members[i] as MemberParts;
    reportEnd({ runId: job.members[i]?.runId ?? '', end, effect: effects[i] ?? null, member, task, train: examples.train, channel });
  }
  channel.emit({ kind: 'trained' });
}

interface Beginning {
  member: TrainMember;
  index: number;
  resume: boolean;
  task: BoundTask;
  channel: JobChannel;
}

/** A run at its first step, or where its saved state left it. */
async function beginMember(model: JobModel, { member, index, resume, task, channel }: Beginning): Promise<MemberParts> {
  const { method, settings, source } = model;
  const { runId, runDirectory, seed } = member;
  const state = statePath(runDirectory);
  // Killed before its first state: beginning again is resuming.
  const resumes = resume && existsSync(state);
  if (resume && !resumes) channel.emit({ kind: 'warning', code: 'no-saved-state', message: `no state of ${runId} was saved; it begins again at its first step` });
  const parameters = resumes ? emptyParameters(method.place(settings, source.config).trainables) : await initialParameters(model, { task, seed });
  const optimizer = createOptimizer(settings, parameters);
  const progress = resumes ? await restoreState(state, { parameters, optimizer }) : freshProgress(seed);
  removeUnnamedTrained(runDirectory, progress);
  // The core may have died before it heard of these.
  const firstStep = progress.step - progress.recentLosses.length + 1;
  if (progress.recentLosses.length > 0) channel.emit({ kind: 'losses', runId, firstStep, losses: [...progress.recentLosses] });
  for (const record of progress.checkpoints) channel.emit({ kind: 'checkpoint', runId, record });
  return { index, seed, parameters, optimizer, progress };
}

interface Ending {
  runId: string;
  end: MemberEnd;
  effect: AnswerDifference | null;
  member: MemberParts;
  task: BoundTask;
  train: readonly EncodedExample[];
  channel: JobChannel;
}

function reportEnd({ runId, end, effect, member, task, train, channel }: Ending): void {
  if (end.kind === 'failed') return channel.emit({ kind: 'run-failed', runId, problem: end.problem.toRecord() });
  channel.emit({ kind: 'run-trained', runId, result: describeResult(end.result, { effect, task, member, train }) });
}

function describeResult(
  { progress, best, test, paddingShare }: LoopResult,
  { effect, task, member, train }: Pick<Ending, 'effect' | 'task' | 'member' | 'train'>,
): TrainResult {
  return {
    steps: progress.step,
    labels: task.labels,
    bestStep: best.step,
    finalLoss: progress.smoothedLoss ?? Number.NaN,
    checkpoints: progress.checkpoints,
    test,
    effect,
    trainableParameters: member.parameters.reduce((total, { values }) => total + values.length, 0),
    paddingShare,
    truncatedExamples: train.filter((example) => example.isTruncated).length,
    seconds: progress.seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}
