/** A job's data files as encoded examples. */
import type { DatasetRequest } from '../task/dataset.ts';
import { discoverLabels, readDataset } from '../task/dataset.ts';
import type { LabelWord, TaskFormat } from '../task/format.ts';
import { findFormat } from '../task/index.ts';
import { wordsFromValues } from '../task/label-words.ts';
import { openDataFile } from '../task/reading/data-file.ts';
import { encodeExample, type EncodedExample, type EncodingRules } from '../train/encoding.ts';
import type { JobChannel } from './job.ts';

export interface BoundTask {
  readonly format: TaskFormat;
  /** Classes that the training file decided; null for formats with classes of their own. */
  readonly labels: LabelWord[] | null;
}

/** Settles the classes of a format that has none of its own, from the job or from the training file. */
export async function bindTask(task: { format: string; labels: readonly LabelWord[] | null }, trainFile: string | null): Promise<BoundTask> {
  const format = findFormat(task.format);
  if (format.anyClasses === undefined) return { format, labels: null };
  const labels = task.labels ?? (trainFile === null ? [] : wordsFromValues(await discoverLabels(await openDataFile(trainFile), format)));
  return { format: format.anyClasses.forLabels(labels), labels: [...labels] };
}

/** Reads and encodes one file; what is odd about it is reported as warnings. */
export async function loadExamples(
  request: Pick<DatasetRequest, 'file' | 'format' | 'use'>,
  rules: EncodingRules,
  channel: JobChannel,
): Promise<EncodedExample[]> {
  const { examples, warnings } = await readDataset(request);
  for (const { code, line, message } of warnings) {
    channel.emit({ kind: 'warning', code, message: `${request.file}${line === null ? '' : `, line ${line}`}: ${message}` });
  }
  const encoded = examples.map((example) => encodeExample(rules, example));
  const cut = encoded.filter((example) => example.isTruncated).length;
  if (cut > 0) {
    const message = `${request.file}: ${cut} of ${encoded.length} inputs are longer than ${rules.maxSourceTokens} tokens and were cut (maxSourceTokens)`;
    channel.emit({ kind: 'warning', code: 'inputs-truncated', message });
  }
  return encoded;
}
