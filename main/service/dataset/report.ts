/** Checking a source: every row is read and looked at, nothing is kept; an import is the same with a hand that writes. */
import type { CheckRequest, DatasetReport, SplitReport } from '../../contract/api/datasets.ts';
import { type Problem, toProblem } from '../../contract/problem.ts';
import { parseModelName } from '../../store/identifiers.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import type { DataSample } from '../../task/format.ts';
import { findFormat } from '../../task/index.ts';
import type { ReadingChoices } from '../../task/reading/choices.ts';
import { openDataFile, readRows } from '../../task/reading/data-file.ts';
import { keysInFileOrder } from '../../task/reading/exact-json.ts';
import { loadTokenizerSync } from '../../token/index.ts';
import type { DatasetColumn } from '../../store/datasets-table.ts';
import type { TokenCounter } from './lengths.ts';
import { type SettledMapping, settleMapping } from './mapping.ts';
import { pickSplit, pickTable, shownAs, withSource } from './source.ts';
import type { OpenedSource, SourceFile, SourceSurroundings, SourceTable } from './source-file.ts';
import { SplitObserver } from './split-observer.ts';
import { type SplitRow, SplitReader } from './split-rows.ts';

/** Rows that decide the mapping, and that a preview shows. */
const sampleRows = 100;

/** Takes every row of a split; `finish` comes after the last, with the columns in the order of the source. */
export interface SplitSink {
  add(row: SplitRow): Promise<void> | void;
  finish(columns: readonly DatasetColumn[]): Promise<void>;
}

/** @throws {Problem} of a source that cannot be opened; rows that cannot be read are in the report */
export function checkDataset(workspace: ReadableWorkspace | null, request: CheckRequest, surroundings: SourceSurroundings): Promise<DatasetReport> {
  return withSource(request.source, surroundings, (opened) => reportSource(workspace, opened, { request, surroundings, badRows: 'note', sinkOf: () => null }));
}

export interface Reporting {
  request: CheckRequest;
  surroundings: SourceSurroundings;
  /** `refuse` ends at the first row that cannot be read. */
  badRows: 'note' | 'refuse';
  sinkOf(split: string): SplitSink | null;
}

/** Reads the table that was asked for, split by split. */
export async function reportSource(workspace: ReadableWorkspace | null, opened: OpenedSource, reporting: Reporting): Promise<DatasetReport> {
  const { request } = reporting;
  const table = pickTable(opened, request.table);
  const sample = await sampleTable(table, request.choices);
  const settled = settleMapping(sample, { workspace, given: request.mapping });
  const counter = makeCounter(workspace, request.model);
  const splits: SplitReport[] = [];
  const inputs: { split: string; inputs: ReadonlyMap<number, number> }[] = [];
  const total = table.splits.flatMap(({ files }) => files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytesBefore = 0;
  for (const { split, files } of table.splits) {
    const observer = observerFor(settled, { counter, request });
    const tell = (bytes: number): void => reporting.surroundings.tell?.({ done: Math.min(total, bytesBefore + bytes), total, unit: 'bytes' });
    const columns = await readSplit(files, { settled, observer, reporting, sink: reporting.sinkOf(split), tell });
    splits.push(observer.report(split, columns));
    inputs.push({ split, inputs: observer.inputs });
    bytesBefore += files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
  return {
    table: table.table, mapping: settled.mapping, origin: settled.origin, splits, overlaps: findOverlaps(inputs),
    isImportable: splits.every(({ badRows, rows }) => badRows === 0 && rows > 0),
  };
}

function observerFor({ mapping }: SettledMapping, { counter, request }: { counter: TokenCounter | null; request: CheckRequest }): SplitObserver {
  const { sourceTokens, targetTokens } = request;
  return new SplitObserver({ format: mapping.format === null ? null : findFormat(mapping.format), counter, limits: { sourceTokens, targetTokens } });
}

interface SplitReading {
  settled: SettledMapping;
  observer: SplitObserver;
  reporting: Reporting;
  sink: SplitSink | null;
  tell(bytes: number): void;
}

async function readSplit(files: readonly SourceFile[], { settled, observer, reporting, sink, tell }: SplitReading): Promise<readonly DatasetColumn[]> {
  const reader = new SplitReader(files, { choices: reporting.request.choices, mapping: settled.mapping });
  const rows = reader.rows({
    onFile: (file, data) => observer.addFile(file, data),
    warn: (warning) => observer.warn(warning),
    onBadRow: reporting.badRows === 'refuse' ? undefined : (problem: Problem) => observer.addBadRow(problem),
    onBytes: tell,
    signal: reporting.surroundings.signal,
  });
  for await (const row of rows) {
    observer.add(row.row);
    // A promise a row would cost more than the row.
    const written = sink?.add(row);
    if (written !== undefined) await written;
  }
  await sink?.finish(reader.registry.columns);
  return reader.registry.columns;
}

/** @returns the pairs of splits that share inputs */
function findOverlaps(splits: readonly { split: string; inputs: ReadonlyMap<number, number> }[]): DatasetReport['overlaps'] {
  return splits.flatMap((left, index) => splits.slice(index + 1).flatMap((right) => {
    let count = 0;
    let first: { leftLine: number; rightLine: number } | null = null;
    for (const [key, rightLine] of right.inputs) {
      const leftLine = left.inputs.get(key);
      if (leftLine === undefined) continue;
      count += 1;
      first ??= { leftLine, rightLine };
    }
    return first === null ? [] : [{ left: left.split, right: right.split, count, ...first }];
  }));
}

/** The first rows of the split to train on; broken ones are passed over. */
export async function sampleTable(table: SourceTable, choices: ReadingChoices, split: string | null = null): Promise<DataSample> {
  const [file] = pickSplit(table, split).files;
  if (file === undefined) throw new Error('a split without a file');
  try {
    const data = await openDataFile(await file.open(), choices);
    const rows: DataSample['rows'][number][] = [];
    const fields = new Set<string>();
    const listener = { onColumns: (names: readonly string[]) => names.forEach((name) => fields.add(name)), onBadRow: () => {} };
    for await (const row of readRows(data, () => {}, listener)) {
      for (const key of keysInFileOrder(row)) fields.add(key);
      rows.push(row);
      if (rows.length === sampleRows) break;
    }
    return { fileName: file.label.split('/').at(-1) ?? file.label, container: data.container, fields: [...fields], rows };
  } catch (thrown) {
    throw shownAs(toProblem(thrown), file.shown);
  }
}

/** @param model a name in the workspace; null counts nothing. @throws {Problem} `model-not-found`, those of the tokenizer */
export function makeCounter(workspace: ReadableWorkspace | null, model: string | null): TokenCounter | null {
  if (model === null || workspace === null) return null;
  const tokenizer = loadTokenizerSync(workspace.models.get(parseModelName(model)).directory);
  return (text) => tokenizer.encode(text).length;
}
