/** A data file as examples of a task. */
import { Problem } from '../contract/problem.ts';
import type { DataWarning, LabelWord, SplitUse, TaskExample, TaskFormat } from './format.ts';
import { mostClasses, tooManyClasses, wordsFromValues } from './label-words.ts';
import { DataObservation } from './observation.ts';
import { type DataFile, openDataFile, readRows } from './reading/data-file.ts';

/** Characters of text kept in memory at once; ReCoRD, the largest task known, has about 130 million. */
const mostCharacters = 400_000_000;
const mostExamples = 5_000_000;

export interface DatasetRequest {
  file: string;
  format: TaskFormat;
  use: SplitUse;
  /** At most this many rows of the file; a row may be several examples. */
  limit?: number;
  /** Classes of a format for any classes. Training without them takes those of the file; evaluation needs them. */
  labels?: readonly LabelWord[];
}

export interface Dataset {
  examples: TaskExample[];
  /** The row of the file, from 0, that each example came from: lines do not tell, for a JSON list may be a single one. */
  exampleRows: number[];
  warnings: DataWarning[];
  /** Rows read from the file. */
  rows: number;
  /** The format, with its classes bound. */
  format: TaskFormat;
}

/**
 * Reads a file for training or evaluation. Streams the file; the examples stay.
 * @throws {Problem} with file and line: what openDataFile, readRows and the format throw; `unlabeled-file` and `unlabeled-rows` in
 * training, `no-examples`, `dataset-too-large`, and what checkLabelWords throws.
 */
export async function readDataset(request: DatasetRequest): Promise<Dataset> {
  const { file, use, limit = Number.POSITIVE_INFINITY } = request;
  const data = await openDataFile(file);
  const format = await bindLabels(data, request);
  const warnings: DataWarning[] = [];
  const observation = new DataObservation({ mostIds: mostExamples });
  const examples: TaskExample[] = [];
  const exampleRows: number[] = [];
  let rows = 0;
  let characters = 0;
  let lastInput = '';
  for await (const row of readRows(data, (warning) => warnings.push(warning))) {
    for (const example of withFile(file, () => format.examples(row, use))) {
      examples.push(observation.add(example));
      exampleRows.push(row.index);
      // Examples of one query share their text.
      if (example.input !== lastInput) characters += example.input.length;
      lastInput = example.input;
    }
    rows += 1;
    if (characters > mostCharacters || examples.length > mostExamples) throw datasetTooLarge(file, row.line);
    if (rows >= limit) break;
  }
  if (use === 'train') requireLabels(file, observation, examples.length);
  if (examples.length === 0) throw noExamples(file);
  return { examples, exampleRows, warnings: [...warnings, ...observation.warnings({ isClosed: format.labels !== null })], rows, format };
}

/** Runs a format on a row; its Problems get the file's name. */
export function withFile<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const { code, kind, found, expected, action, place } = thrown;
    throw new Problem({ code, kind, found, expected, action, place: { file, ...place }, cause: thrown });
  }
}

async function bindLabels(data: DataFile, { file, format, use, limit, labels }: DatasetRequest): Promise<TaskFormat> {
  const { anyClasses } = format;
  if (anyClasses === undefined) return format;
  if (labels !== undefined) return withFile(file, () => anyClasses.forLabels(labels));
  if (use === 'evaluate') {
    throw new Problem({
      code: 'labels-not-bound',
      found: `the format ${format.id} without classes`,
      expected: 'the classes of the training file',
      action: 'Give the labels, or read the training file first.',
      place: { file },
    });
  }
  const values = await discoverLabels(data, format, limit);
  if (values.size === 0) return format;
  return withFile(file, () => anyClasses.forLabels(wordsFromValues(values)));
}

/**
 * The distinct labels of a file, in order of first appearance.
 * @throws {Problem} `too-many-classes`.
 */
export async function discoverLabels(data: DataFile, format: TaskFormat, limit = Number.POSITIVE_INFINITY): Promise<Set<string>> {
  const values = new Set<string>();
  for await (const row of readRows(data, () => {})) {
    const value = withFile(data.file, () => format.anyClasses?.labelOf(row) ?? null);
    if (value !== null) values.add(value);
    if (values.size > mostClasses) throw tooManyClasses(values.size, { file: data.file, line: row.line });
    if (row.index + 1 >= limit) break;
  }
  return values;
}

function requireLabels(file: string, observation: DataObservation, examples: number): void {
  const { unlabeled } = observation;
  if (unlabeled === null) return;
  if (unlabeled.count === examples) {
    throw new Problem({
      code: 'unlabeled-file',
      found: 'no label in any row',
      expected: 'a label in every row that is trained on',
      action: 'This is a file for evaluation only; train on the file that has the labels.',
      place: { file },
    });
  }
  throw new Problem({
    code: 'unlabeled-rows',
    found: unlabeled.count === 1 ? 'a row without a label' : `${unlabeled.count} examples without a label, the first here`,
    expected: 'a label in every row that is trained on',
    action: 'Add the labels or remove the rows. An empty label, - and -1 mean none; if they are classes of yours, give the labels.',
    place: { file, line: unlabeled.line },
  });
}

function noExamples(file: string): Problem {
  return new Problem({
    code: 'no-examples',
    found: 'rows, and no example among them to train on',
    expected: 'at least one',
    action: 'Check the labels: WSC, for one, trains only on rows whose label is true.',
    place: { file },
  });
}

function datasetTooLarge(file: string, line: number): Problem {
  return new Problem({
    code: 'dataset-too-large',
    found: `more than ${mostCharacters.toLocaleString('en')} characters or ${mostExamples.toLocaleString('en')} examples up to here`,
    expected: 'a data set that fits in memory',
    action: 'Read fewer rows with a limit, or split the file.',
    place: { file, line },
  });
}
