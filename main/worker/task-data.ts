/** A job's data files as examples. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pvp } from '../contract/pvp.ts';
import type { Sampling, TrainJob } from '../contract/worker-protocol.ts';
import { writeFileAtomicSync } from '../store/atomic-file.ts';
import type { Dataset, DatasetRequest } from '../task/dataset.ts';
import { discoverLabels, readDataset } from '../task/dataset.ts';
import type { LabelWord, TaskExample, TaskFormat } from '../task/format.ts';
import { findFormat } from '../task/index.ts';
import { wordsFromValues } from '../task/label-words.ts';
import { applyPattern } from '../task/pattern/apply-pattern.ts';
import { openDataFile } from '../task/reading/data-file.ts';
import { drawSample } from '../task/sampling.ts';
import { encodeExample, type EncodedExample, type EncodingRules } from '../train/encoding.ts';
import { createGenerator } from '../train/random.ts';
import type { JobChannel } from './job.ts';

type FileRequest = Pick<DatasetRequest, 'file' | 'format' | 'use'>;

export interface BoundTask {
  readonly format: TaskFormat;
  /** Classes that the training file decided; null for formats with classes of their own. */
  readonly labels: LabelWord[] | null;
}

/** Settles the classes of a format that has none of its own, from the job or from the training file. */
export async function bindTask(task: { format: string; labels: readonly LabelWord[] | null; pvp?: Pvp }, trainFile: string | null): Promise<BoundTask> {
  const format = task.pvp === undefined ? findFormat(task.format) : applyPattern(findFormat(task.format), task.pvp);
  if (format.anyClasses === undefined) return { format, labels: null };
  const labels = task.labels ?? (trainFile === null ? [] : wordsFromValues(await discoverLabels(await openDataFile(trainFile), format)));
  return { format: format.anyClasses.forLabels(labels), labels: [...labels] };
}

export interface Splits<Example> {
  readonly train: readonly Example[];
  readonly dev: readonly Example[] | null;
  readonly test: readonly Example[] | null;
}

/** What was drawn for a few-shot run, as its folder keeps it: ids in the file's order. */
interface SampleRecord extends Sampling {
  readonly file: string;
  readonly train: readonly string[];
  /** Null where the development file is used whole. */
  readonly dev: readonly string[] | null;
}

/**
 * A training job's examples; a few-shot job's are drawn, and every member's folder gets `sample.json`, which names them.
 * @throws {Problem} as readDataset and drawSample.
 */
export async function readSplits(job: TrainJob, { format }: BoundTask, channel: JobChannel): Promise<Splits<TaskExample>> {
  const { files, sampling } = job;
  const train = await readWhole({ file: files.train, format, use: 'train' }, channel);
  const test = files.test === null ? null : await readExamples({ file: files.test, format, use: 'evaluate' }, channel);
  const dev = files.dev === null ? null : await readExamples({ file: files.dev, format, use: 'evaluate' }, channel);
  if (sampling === null) return { train: train.examples, dev, test };
  const sample = drawSample({
    train,
    // Read again: what is one example to train on may be another to answer.
    evaluation: sampling.devExamples === null ? null : await readDataset({ file: files.train, format, use: 'evaluate' }),
    labels: format.labels,
    trainExamples: sampling.trainExamples,
    devExamples: sampling.devExamples ?? 0,
    random: createGenerator(sampling.dataSeed, 'sampling'),
  });
  keepSample(job, { ...sampling, file: files.train, train: sample.train.map(({ id }) => id), dev: sample.dev?.map(({ id }) => id) ?? null });
  return { train: sample.train, dev: sample.dev ?? dev, test };
}

function keepSample({ members }: TrainJob, record: SampleRecord): void {
  for (const { runDirectory } of members) {
    mkdirSync(runDirectory, { recursive: true });
    writeFileAtomicSync(join(runDirectory, 'sample.json'), `${JSON.stringify(record, null, 1)}\n`);
  }
}

/** As readSplits, encoded; cut inputs are reported as warnings. */
export async function loadSplits(job: TrainJob, { task, rules, channel }: { task: BoundTask; rules: EncodingRules; channel: JobChannel }): Promise<Splits<EncodedExample>> {
  const { train, dev, test } = await readSplits(job, task, channel);
  const encode = (examples: readonly TaskExample[], file: string): EncodedExample[] => {
    const encoded = examples.map((example) => encodeExample(rules, example));
    warnOfCuts(encoded, { file, rules, channel });
    return encoded;
  };
  const { files } = job;
  return {
    train: encode(train, files.train),
    dev: dev === null ? null : encode(dev, files.dev ?? files.train),
    test: test === null ? null : encode(test, files.test ?? ''),
  };
}

/** Reads one file; what is odd about it is reported as warnings. */
export async function readExamples(request: FileRequest, channel: JobChannel): Promise<readonly TaskExample[]> {
  return (await readWhole(request, channel)).examples;
}

async function readWhole(request: FileRequest, channel: JobChannel): Promise<Dataset> {
  const dataset = await readDataset(request);
  for (const { code, line, message } of dataset.warnings) {
    channel.emit({ kind: 'warning', code, message: `${request.file}${line === null ? '' : `, line ${line}`}: ${message}` });
  }
  return dataset;
}

/** Reads and encodes one file; what is odd about it is reported as warnings. */
export async function loadExamples(
  request: FileRequest,
  rules: EncodingRules,
  channel: JobChannel,
): Promise<EncodedExample[]> {
  const encoded = (await readExamples(request, channel)).map((example) => encodeExample(rules, example));
  warnOfCuts(encoded, { file: request.file, rules, channel });
  return encoded;
}

/** One warning a file. */
export function warnOfCuts(encoded: readonly EncodedExample[], { file, rules, channel }: { file: string; rules: EncodingRules; channel: JobChannel }): void {
  const cut = encoded.filter((example) => example.isTruncated).length;
  if (cut === 0) return;
  const message = `${file}: ${cut} of ${encoded.length} inputs are longer than ${rules.maxSourceTokens} tokens and were cut (maxSourceTokens)`;
  channel.emit({ kind: 'warning', code: 'inputs-truncated', message });
}
