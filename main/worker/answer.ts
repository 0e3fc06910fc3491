/**
 * Prompts that answer a file of any length, labelled or not: rows are read, answered and written piece by piece, so that memory does not
 * grow with the file.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AnswerJob } from '../contract/worker-protocol.ts';
import { publishFileSync, temporaryPathIn } from '../store/atomic-file.ts';
import { withFile } from '../task/dataset.ts';
import type { TaskExample, TaskFormat } from '../task/format.ts';
import { DataObservation } from '../task/observation.ts';
import { openDataFile, readRows } from '../task/reading/data-file.ts';
import { encodeExample } from '../train/encoding.ts';
import { answerExamples, predictionLines } from '../train/evaluation.ts';
import type { ModelRunner } from '../train/model-runner.ts';
import { createJobRunner, openJobModel, type JobModel } from './job-model.ts';
import type { JobChannel } from './job.ts';
import { ProgressReport } from './progress-report.ts';
import { bindTask } from './task-data.ts';
import { loadMembers } from './trained-members.ts';

/** Enough for passes of examples of equal length, little in memory. */
const examplesPerPiece = 1024;
/** Ids beyond so many are taken as they are. */
const mostIds = 5_000_000;

export async function answer(job: AnswerJob, channel: JobChannel): Promise<void> {
  const { format } = await bindTask(job.task, null);
  // Before the model: what is wrong with the last row is said at once, and the progress has an end.
  const total = await countExamples(job.dataFile, format);
  const model = await openJobModel(job);
  const placement = model.method.place(model.settings, model.source.config);
  const parameters = (await loadMembers(job, placement)).flat();
  const runner = createJobRunner(job, model, { placement, parameters, dropoutRate: 0 });
  const files = job.members.map(({ predictionsFile }) => ({ target: predictionsFile, temporary: temporaryPathIn(dirname(predictionsFile)) }));
  const descriptors = files.map(({ temporary }) => openSync(temporary, 'wx'));
  try {
    const isWhole = await answerPieces(job, { model, runner, format, total, channel }, (member, lines) => void writeSync(descriptors[member] as number, lines));
    if (!isWhole) return channel.emit({ kind: 'cancelled', step: 0 });
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
    await runner.close();
    if (channel.isCancelled()) for (const { temporary } of files) rmSync(temporary, { force: true });
  }
  for (const { temporary, target } of files) publishFileSync(temporary, target);
  channel.emit({ kind: 'answered', result: { examples: total } });
}

async function countExamples(file: string, format: TaskFormat): Promise<number> {
  let total = 0;
  for await (const row of readRows(await openDataFile(file), () => {})) total += withFile(file, () => format.examples(row, 'evaluate')).length;
  return total;
}

interface Bench {
  readonly model: JobModel;
  readonly runner: ModelRunner;
  readonly format: TaskFormat;
  readonly total: number;
  readonly channel: JobChannel;
}

/** @returns whether it came to the end. */
async function answerPieces(
  { dataFile, members }: AnswerJob,
  { model: { rules, settings }, runner, format, total, channel }: Bench,
  keep: (member: number, lines: string) => void,
): Promise<boolean> {
  const report = new ProgressReport(channel, () => performance.now());
  let done = 0;
  let cut = 0;
  for await (const piece of readPieces(dataFile, format)) {
    const examples = piece.map((example) => encodeExample(rules, example));
    cut += examples.filter(({ isTruncated }) => isTruncated).length;
    const before = done;
    const answers = await answerExamples({
      runner, rules, format, examples, microBatch: settings.microBatch, prompts: members.map((_, prompt) => prompt),
      onProgress: (inPiece) => report.update({ phase: 'evaluate', done: before + inPiece, total: total * members.length }),
      isCancelled: () => channel.isCancelled(),
    });
    if (answers === null) return false;
    for (const [member, predictions] of answers.entries()) keep(member, predictionLines(predictions));
    done += piece.length * members.length;
  }
  if (cut > 0) channel.emit({ kind: 'warning', code: 'inputs-truncated', message: `${dataFile}: ${cut} of ${total} inputs are longer than ${rules.maxSourceTokens} tokens and were cut (maxSourceTokens)` });
  return true;
}

async function* readPieces(file: string, format: TaskFormat): AsyncGenerator<TaskExample[]> {
  const observation = new DataObservation({ mostIds });
  let piece: TaskExample[] = [];
  for await (const row of readRows(await openDataFile(file), () => {})) {
    for (const example of withFile(file, () => format.examples(row, 'evaluate'))) piece.push(observation.add(example));
    if (piece.length < examplesPerPiece) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}
