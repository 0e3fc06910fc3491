/** What training leaves in the runs' folders, and how a worker speaks of it. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainMember } from '../contract/worker-protocol.ts';
import { writeFileAtomicSync } from '../store/atomic-file.ts';
import { predictionLines } from '../train/evaluation.ts';
import type { LoopHooks } from '../train/group.ts';
import type { StepReport } from '../train/member.ts';
import type { Progress } from '../train/training-state.ts';
import type { JobChannel } from './job.ts';
import { ProgressReport } from './progress-report.ts';
import { replaceStates } from './saved-states.ts';

const trainedFile = (step: number): string => `trained-${step}.safetensors`;

/** A worker killed between two files leaves tensors that its state does not name: of full tuning, gigabytes. */
export function removeUnnamedTrained(runDirectory: string, { checkpoints }: Progress): void {
  const named = new Set(checkpoints.filter(({ file }) => file !== null).map(({ step }) => trainedFile(step)));
  for (const name of readdirSync(runDirectory)) {
    if (/^trained-\d+\.safetensors$/.test(name) && !named.has(name)) rmSync(join(runDirectory, name), { force: true });
  }
}

/** @param options `steps` of each run. */
export function createHooks(members: readonly TrainMember[], channel: JobChannel, options: { steps: number }): LoopHooks {
  const report = new ProgressReport(channel, () => performance.now());
  const memberOf = (index: number): TrainMember => {
    const member = members[index];
    if (member === undefined) throw new Error(`no run ${index} in this job`);
    return member;
  };
  const write = (index: number, name: string, bytes: Uint8Array | string): string => {
    const file = join(memberOf(index).runDirectory, name);
    writeFileAtomicSync(file, bytes);
    return file;
  };
  return {
    onStep(reports) {
      for (const { member, step, loss } of reports) report.addLoss(memberOf(member).runId, step, loss);
      report.update({ phase: 'train', total: options.steps, ...summarise(reports) });
    },
    onEvaluation(done, total) {
      report.flushLosses();
      report.update({ phase: 'evaluate', done, total });
    },
    onCheckpoint(member, record) {
      report.flushLosses();
      channel.emit({ kind: 'checkpoint', runId: memberOf(member).runId, record });
    },
    isCancelled: () => channel.isCancelled(),
    isStopped: () => channel.isStopped(),
    keepTrained: (member, step, bytes) => write(member, trainedFile(step), bytes),
    dropTrained: (file) => rmSync(file, { force: true }),
    keepPredictions: (member, { step, split }, result) => write(member, `predictions-${split}-${step}.jsonl`, predictionLines(result.predictions)),
    saveStates(states) {
      // Before the states move on: a resumed run does not repeat these steps, so nobody would report their losses again.
      report.flushLosses();
      replaceStates(states.map(({ member, bytes }) => ({ runDirectory: memberOf(member).runDirectory, bytes })));
    },
    nowSeconds: () => performance.now() / 1000,
  };
}

/** Runs that take a step together are at the same one. */
function summarise(reports: readonly StepReport[]): { done: number; loss: number; learningRate: number } {
  const [{ step = 0, learningRate = 0 } = {}] = reports;
  return { done: step, learningRate, loss: reports.reduce((sum, { smoothedLoss }) => sum + smoothedLoss, 0) / reports.length };
}
