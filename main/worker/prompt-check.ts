/** At the end of every prompt tuning: does the prompt do anything? A few answers of the bare model tell, and cost a second or two. */
import { existsSync, readFileSync } from 'node:fs';
import { examplePredictionSchema, type ExamplePrediction } from '../contract/prediction.ts';
import type { AnswerDifference } from '../contract/prompt-facts.ts';
import type { TrainJob } from '../contract/worker-protocol.ts';
import type { EncodedExample } from '../train/encoding.ts';
import type { MemberEnd } from '../train/loop.ts';
import { answerWithoutPrompt, compareAnswers } from '../train/prompt-effect.ts';
import { createJobRunner, type JobModel } from './job-model.ts';
import type { JobChannel } from './job.ts';
import type { BoundTask } from './task-data.ts';

/** That a prompt which changes one answer in ten leaves all of these alone happens once in thirty times. */
const checkedExamples = 32;

interface Check {
  task: BoundTask;
  dev: readonly EncodedExample[] | null;
  ends: readonly MemberEnd[];
  channel: JobChannel;
}

/**
 * Holds every run's best answers to the first development examples against the bare model's, and warns of those that are all the same.
 * @returns in the order of the runs; null for a run that failed, without development examples, and for methods that train weights
 */
export async function checkEffects(job: TrainJob, model: JobModel, { task, dev, ends, channel }: Check): Promise<(AnswerDifference | null)[]> {
  const answers = ends.map((end) => (end.kind === 'trained' ? readAnswers(end.result.best.dev?.predictionsFile ?? null) : null));
  if (model.method.trains !== 'prompt' || dev === null || answers.every((found) => found === null)) return ends.map(() => null);
  const bare = await answerWithoutPrompt({
    openRunner: (promptRows, parameters) => createJobRunner(job, model, { placement: { promptRows, trainables: [] }, parameters, dropoutRate: 0 }),
    rules: model.rules, format: task.format, microBatch: model.settings.microBatch,
    onAnswers: () => {},
    // So close to the end, the run is finished rather than cancelled.
    isCancelled: () => false,
  }, dev.slice(0, checkedExamples));
  return answers.map((found, i) => {
    if (found === null || bare === null) return null;
    const difference = compareAnswers(bare.predictions, found);
    if (difference.differing === 0) warn(channel, job.members[i]?.runId ?? '', difference);
    return difference;
  });
}

function warn(channel: JobChannel, runId: string, { examples }: AnswerDifference): void {
  const message = `${runId}: the model without the prompt gives the same ${examples} development answers: as far as they show, the prompt does nothing`;
  channel.emit({ kind: 'warning', code: 'prompt-does-nothing', message });
}

/** @returns null where the file is gone or is another's: the check is no reason to lose a run. */
function readAnswers(file: string | null): ExamplePrediction[] | null {
  if (file === null || !existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').slice(0, checkedExamples);
  const parsed = lines.map((line) => examplePredictionSchema.safeParse(JSON.parse(line)));
  return parsed.every(({ success }) => success) ? parsed.flatMap(({ data }) => (data === undefined ? [] : [data])) : null;
}
