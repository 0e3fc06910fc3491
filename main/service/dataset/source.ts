/** A source of rows, opened for as long as `body` works on it. */
import { join } from 'node:path';
import type { DatasetSource, SniffedSource } from '../../contract/api/datasets.ts';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import type { ReadingChoices } from '../../task/reading/choices.ts';
import { type DataFile, openDataFile, readRows } from '../../task/reading/data-file.ts';
import { readSettings } from '../settings.ts';
import { keysInFileOrder } from '../../task/reading/exact-json.ts';
import { openHubDataset } from './hub-source.ts';
import { openPaths } from './local-source.ts';
import { recognise } from './other-source.ts';
import type { OpenedSource, SourceFile, SourceSurroundings, SourceTable } from './source-file.ts';

/** Rows looked at for the columns of JSON. */
const columnSample = 50;

/** @param workspace null where there is none yet: then nothing is said about the hub, and the hub's own address counts. */
export function surroundingsOf(workspace: ReadableWorkspace | null, given: Pick<SourceSurroundings, 'signal' | 'tell'> = {}): SourceSurroundings {
  const hubEndpoint = workspace === null ? 'https://huggingface.co' : readSettings(workspace).hubEndpoint;
  return { hubEndpoint, downloadFolder: downloadFolderOf(workspace), ...given };
}

/** Where unfinished downloads wait for the next try. */
export function downloadFolderOf(workspace: ReadableWorkspace | null): string {
  return join(workspace?.directory ?? '.', 'downloads');
}

/** @throws {Problem} as openPaths and openHubDataset; whatever `body` throws */
export async function withSource<Result>(source: DatasetSource, surroundings: SourceSurroundings, body: (opened: OpenedSource) => Promise<Result>): Promise<Result> {
  const opened = await openSource(source, surroundings);
  try {
    return await body(opened);
  } catch (thrown) {
    throw surroundings.signal?.aborted === true ? stopped(thrown) : toProblem(thrown);
  } finally {
    await opened.close();
  }
}

function openSource(source: DatasetSource, surroundings: SourceSurroundings): Promise<OpenedSource> {
  switch (source.kind) {
    case 'paths': return openPaths(source.paths, surroundings);
    case 'hub': return openHubDataset(source, surroundings);
    default: return source satisfies never;
  }
}

function stopped(cause: unknown): Problem {
  return new Problem({ code: 'import-cancelled', kind: 'cancelled', found: 'a stop on request', expected: 'the end of the data', action: 'Nothing was imported; start again when you like.', cause });
}

/** Ends the work where it stands. @throws {Problem} `import-cancelled` */
export function requireGoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw stopped(undefined);
}

/** @param table null where there is only one. @throws {Problem} `table-needed`, `table-not-found` */
export function pickTable({ tables, location }: OpenedSource, table: string | null): SourceTable {
  const [first, ...others] = tables;
  const names = tables.map((each) => (each.table === '' ? '""' : each.table)).slice(0, 20).join(', ');
  if (table === null && first !== undefined && others.length === 0) return first;
  const found = tables.find((each) => each.table === table);
  if (found !== undefined) return found;
  throw new Problem({
    code: table === null ? 'table-needed' : 'table-not-found',
    found: table === null ? `${tables.length} tables` : `no table ${JSON.stringify(table.slice(0, 80))}`,
    expected: `one of ${names}`,
    action: 'Say which one with --table.',
    place: { file: location },
  });
}

/** @param split null takes the one to train on, or else the first. @throws {Problem} `split-not-found` */
export function pickSplit({ splits }: SourceTable, split: string | null): SourceTable['splits'][number] {
  const found = split === null ? splits[0] : splits.find((each) => each.split === split);
  if (found !== undefined) return found;
  throw new Problem({
    code: 'split-not-found', found: `no split ${JSON.stringify((split ?? '').slice(0, 80))}`, expected: `one of ${splits.map((each) => each.split).join(', ')}`, action: 'Choose one of these.',
  });
}

/** What a source holds, by a look at the beginning of every file that is at hand. */
export async function sniffSource(source: DatasetSource, choices: ReadingChoices, surroundings: SourceSurroundings): Promise<SniffedSource> {
  const other = source.kind === 'paths' ? await recognise(source.paths) : null;
  if (other !== null) return other;
  return withSource(source, surroundings, async ({ kind, suggestedName, tables, skipped }) => ({
    kind, suggestedName, skipped: skipped.slice(0, 200), insteadOfData: null,
    tables: await Promise.all(tables.map(async ({ table, splits }) => ({
      table,
      splits: await Promise.all(splits.map(async ({ split, files }) => {
        const sniffed: SniffedFile[] = [];
        for (const file of files) sniffed.push(await sniffFile(file, choices));
        return { split, files: sniffed };
      })),
    }))),
  }));
}

type SniffedFile = SniffedSource['tables'][number]['splits'][number]['files'][number];

async function sniffFile(file: SourceFile, choices: ReadingChoices): Promise<SniffedFile> {
  const { label, sizeBytes, isLocal } = file;
  if (!isLocal) return { label, sizeBytes, form: null, problem: null };
  try {
    const data = await openDataFile(await file.open(), choices);
    const { columns, hasHeader } = await sniffColumns(data);
    return { label, sizeBytes, form: { container: data.container, encoding: data.encoding, delimiter: data.delimiter, hasHeader, columns }, problem: null };
  } catch (thrown) {
    return { label, sizeBytes, form: null, problem: shownAs(toProblem(thrown), file.shown).toRecord() };
  }
}

/** The columns by the first rows; a table's by its header. */
async function sniffColumns(data: DataFile): Promise<{ columns: string[]; hasHeader: boolean | null }> {
  let hasHeader: boolean | null = null;
  const columns = new Set<string>();
  const onColumns = (names: readonly string[], isNamed: boolean): void => {
    if (data.container === 'csv' || data.container === 'tsv') hasHeader = isNamed;
    for (const name of names) columns.add(name);
  };
  for await (const row of readRows(data, () => {}, { onColumns })) {
    for (const key of keysInFileOrder(row)) columns.add(key);
    if (row.index + 1 >= columnSample) break;
  }
  return { columns: [...columns], hasHeader };
}

/** A problem of a file under the name that the person knows. */
export function shownAs(problem: Problem, shown: string): Problem {
  return new Problem({ ...problem.toRecord(), place: { ...problem.place, file: shown }, cause: problem.cause });
}
