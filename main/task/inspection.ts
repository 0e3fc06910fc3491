/** What a file holds, before anyone decides what to do with it. */
import { Problem } from '../contract/problem.ts';
import { discoverLabels, withFile } from './dataset.ts';
import type { DataWarning, TaskFormat } from './format.ts';
import { listed } from './fields.ts';
import { detectFormat } from './index.ts';
import { wordsFromValues } from './label-words.ts';
import { DataObservation, comparedExamples } from './observation.ts';
import { type DataFile, openDataFile, readRows, readSample } from './reading/data-file.ts';
import type { TextEncoding } from './reading/encoding.ts';

/** Rows that the format refuses are told one by one up to this many. */
const mostRowProblems = 20;

export interface FileInspection {
  /** The task format that fits best, or null. */
  format: string | null;
  encoding: TextEncoding;
  rows: number;
  fields: readonly string[];
  /** Target text → examples. */
  labels: Record<string, number>;
  warnings: DataWarning[];
}

/**
 * Reads a whole file and says what it is. Streams; memory does not grow with the file beyond what tells repeats apart.
 * A row that does not fit the format becomes a warning, so that all of them are seen at once.
 * @throws {Problem} for a file that cannot be read as rows at all.
 */
export async function inspectFile(file: string): Promise<FileInspection> {
  const data = await openDataFile(file);
  const sample = await readSample(data);
  const warnings: DataWarning[] = [];
  const detected = detectFormat(sample);
  if (detected.alternatives.length > 0) {
    warnings.push({ code: 'format-ambiguous', line: null, message: `It could as well be ${detected.alternatives.join(' or ')}; name the format.` });
  }
  const bound = await bindFound(data, detected.format, warnings);
  const observation = new DataObservation({ mostIds: comparedExamples });
  let rows = 0;
  let refused = 0;
  for await (const row of readRows(data, (warning) => warnings.push(warning))) {
    rows += 1;
    if (bound === null) continue;
    try {
      for (const example of bound.examples(row, 'evaluate')) observation.add(example);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      refused += 1;
      if (refused <= mostRowProblems) warnings.push(rowWarning(thrown, row.line));
    }
  }
  if (refused > mostRowProblems) warnings.push({ code: 'more-problems', line: null, message: `${refused - mostRowProblems} more rows do not fit.` });
  if (bound !== null) warnings.push(...observation.warnings({ isClosed: bound.labels !== null }));
  if (detected.format === null) {
    warnings.push({ code: 'no-format', line: null, message: `No task format fits the fields ${listed(sample.fields)}.` });
  }
  const labels = bound?.labels === null ? {} : Object.fromEntries(observation.targets);
  return { format: detected.format?.id ?? null, encoding: data.encoding, rows, fields: sample.fields, labels, warnings };
}

/** A format for any classes gets the file's own, as training would; a file whose labels cannot be classes keeps only the warning. */
async function bindFound(data: DataFile, format: TaskFormat | null, warnings: DataWarning[]): Promise<TaskFormat | null> {
  if (format?.anyClasses === undefined) return format;
  const { anyClasses } = format;
  try {
    const values = await discoverLabels(data, format);
    return values.size === 0 ? format : withFile(data.file, () => anyClasses.forLabels(wordsFromValues(values)));
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    warnings.push(rowWarning(thrown, thrown.place.line ?? null));
    return null;
  }
}

function rowWarning(problem: Problem, line: number | null): DataWarning {
  return { code: problem.code, line, message: `Found ${problem.found}; expected ${problem.expected}. ${problem.action}` };
}
