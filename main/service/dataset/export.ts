/**
 * An imported split as a file again: the rows in their order, the columns by their own names and in their own order, the values as they
 * came. What a form cannot hold is refused with the row, never bent.
 */
import { existsSync, statSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { ExportRequest } from '../../contract/api/datasets.ts';
import { Problem } from '../../contract/problem.ts';
import { publishFileSync, temporaryPathIn, writeProblem } from '../../store/atomic-file.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import type { DataRow } from '../../task/format.ts';
import { openDataFile, readRows } from '../../task/reading/data-file.ts';
import { exactValues } from '../../task/reading/exact-json.ts';
import { numberedNames } from '../../task/reading/header.ts';
import { cellText } from './cell-text.ts';
import { type FoundSplit, findSplit } from './datasets.ts';

type ExportForm = ExportRequest['form'];

const blockCharacters = 1024 * 1024;

export interface ExportedSplit {
  path: string;
  rows: number;
  bytes: number;
}

/**
 * Writes the whole file or none.
 * @throws {Problem} `export-file-exists`, `export-cannot-hold` with the row and the column, `dataset-not-found`, `split-not-found`, those of the disk
 */
export async function exportSplit(workspace: ReadableWorkspace, { name, version, split, form, path, existing }: Omit<ExportRequest, 'fileName'>): Promise<ExportedSplit> {
  const found = findSplit(workspace, { name, version, split });
  const target = resolve(path);
  if (existsSync(target)) requireReplaceable(target, existing);
  if (form === 'csv' || form === 'tsv') checkNames(found, form);
  const temporary = temporaryPathIn(dirname(target));
  try {
    const handle = await open(temporary, 'wx');
    let written: Omit<ExportedSplit, 'path'>;
    try {
      written = await writeRows(handle, found, form);
    } finally {
      await handle.close();
    }
    publishFileSync(temporary, target);
    return { path: target, ...written };
  } catch (thrown) {
    throw thrown instanceof Problem ? thrown : writeProblem(thrown, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

function requireReplaceable(target: string, existing: ExportRequest['existing']): void {
  if (existing === 'replace' && statSync(target).isFile()) return;
  throw new Problem({
    code: 'export-file-exists', found: statSync(target).isFile() ? 'a file that is there already' : 'something that is no file', expected: 'a new file', action: 'Choose another name, or say that the file may be replaced.', place: { file: target },
  });
}

async function writeRows(handle: FileHandle, found: FoundSplit, form: ExportForm): Promise<Omit<ExportedSplit, 'path'>> {
  const writer = writers[form](found);
  let block = writer.begin;
  let rows = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const encoded = Buffer.from(block);
    block = '';
    bytes += encoded.length;
    await handle.writeFile(encoded);
  };
  for await (const row of readRows(await openDataFile(found.path), () => {})) {
    block += writer.row(row, exactValues(row));
    rows += 1;
    if (block.length >= blockCharacters) await flush();
  }
  block += writer.end;
  await flush();
  return { rows, bytes };
}

interface RowWriter {
  begin: string;
  row(row: DataRow, values: Readonly<Record<string, unknown>>): string;
  end: string;
}

const writers: Record<ExportForm, (found: FoundSplit) => RowWriter> = {
  jsonl: (found) => ({ begin: '', row: (_row, values) => `${jsonRow(found, values)}\n`, end: '' }),
  json: (found) => ({ begin: '[', row: (row, values) => `${row.index === 0 ? '\n' : ',\n'}${jsonRow(found, values)}`, end: '\n]\n' }),
  csv: (found) => ({
    begin: hasHeader(found) ? csvRow(found.columns.map(({ source }) => source)) : '',
    row: (row, values) => csvRow(cellsOf(found, row, values, 'csv')),
    end: '',
  }),
  tsv: (found) => ({
    begin: hasHeader(found) ? `${found.columns.map(({ source }) => source).join('\t')}\n` : '',
    row: (row, values) => `${cellsOf(found, row, values, 'tsv').join('\t')}\n`,
    end: '',
  }),
};

/** Keys in the order of the columns; JavaScript's own order differs where a key is a number. */
function jsonRow({ columns }: FoundSplit, values: Readonly<Record<string, unknown>>): string {
  const fields = columns.filter(({ name }) => Object.hasOwn(values, name)).map(({ source, name }) => `${JSON.stringify(source)}:${JSON.stringify(values[name])}`);
  return `{${fields.join(',')}}`;
}

/** A source without a header had its columns numbered; it comes out as it went in. */
function hasHeader({ columns }: FoundSplit): boolean {
  const numbered = numberedNames(columns.length);
  return columns.some(({ source }, index) => source !== numbered[index]);
}

function csvRow(cells: readonly string[]): string {
  return stringify([[...cells]], { record_delimiter: 'unix', quoted_match: /^\s|\s$|^\uFEFF|\r/ });
}

function cellsOf({ columns }: FoundSplit, row: DataRow, values: Readonly<Record<string, unknown>>, form: 'csv' | 'tsv'): string[] {
  const cells = columns.map(({ source, name }) => {
    const text = cellText(values[name]) ?? '';
    if (!text.isWellFormed()) throw cannotHold(row, source, { found: 'half of a surrogate pair', form });
    if (text.includes('\0')) throw cannotHold(row, source, { found: 'a NUL character', form });
    if (form === 'tsv' && /[\t\n\r]/.test(text)) throw cannotHold(row, source, { found: 'a TAB or a line break', form });
    return text;
  });
  // Such a line would be passed over as an empty one.
  if (cells.length === 1 && cells[0]?.trim() === '') throw cannotHold(row, columns[0]?.source ?? '', { found: 'nothing but white space in the only column', form });
  if (row.index === 0 && cells[0]?.startsWith('\uFEFF') === true && form === 'tsv') throw cannotHold(row, columns[0]?.source ?? '', { found: 'a byte order mark in the first cell', form });
  return cells;
}

function checkNames({ columns }: FoundSplit, form: 'csv' | 'tsv'): void {
  const names = columns.map(({ source }) => source);
  const bad = names.find((name, index) => name.trim() === '' || name !== name.trim() || names.indexOf(name) !== index || /[\t\n\r\0]/.test(name) || !name.isWellFormed());
  if (bad === undefined) return;
  throw new Problem({
    code: 'export-cannot-hold', found: `the column name ${JSON.stringify(bad.slice(0, 80))}`, expected: `names that a header of ${form.toUpperCase()} can hold`, action: 'Export as JSON Lines, which holds every name.',
  });
}

function cannotHold({ index }: DataRow, column: string, { found, form }: { found: string; form: 'csv' | 'tsv' }): Problem {
  return new Problem({
    code: 'export-cannot-hold', found: `${found} in row ${index + 1}, column ${JSON.stringify(column.slice(0, 80))}`, expected: `what ${form.toUpperCase()} can hold`,
    action: form === 'tsv' ? 'Export as CSV or JSON Lines.' : 'Export as JSON Lines.',
  });
}
