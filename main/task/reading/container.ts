/** What a file is, by its first bytes; its name decides only where the content leaves it open. */
import { extname } from 'node:path';
import { Problem } from '../../contract/problem.ts';
import type { DataSample } from '../format.ts';
import type { DelimiterChoice } from './choices.ts';
import { locateJsonError } from './json-error.ts';

export type Container = DataSample['container'];
export type Delimiter = Exclude<DelimiterChoice, 'auto'>;

/** What a text is made of; `delimiter` where it is a table. */
export interface TextForm {
  container: Exclude<Container, 'parquet'>;
  delimiter: Delimiter | null;
}

const parquetMagic = Buffer.from('PAR1');

/** Whether the first bytes are those of a Parquet file. */
export function isParquet(head: Uint8Array): boolean {
  return parquetMagic.every((byte, index) => head[index] === byte);
}

const magics: readonly { name: string; bytes: readonly number[]; advice: string }[] = [
  { name: 'a zip archive (or an Excel or Word file)', bytes: [0x50, 0x4b, 0x03, 0x04], advice: 'Import an archive with `souffleur datasets import`, or unpack it; save a sheet as CSV in UTF-8.' },
  { name: 'a gzip archive', bytes: [0x1f, 0x8b], advice: 'Unpack it with gunzip.' },
  { name: 'an xz archive', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], advice: 'Unpack it with unxz.' },
  { name: 'a bzip2 archive', bytes: [0x42, 0x5a, 0x68], advice: 'Unpack it with bunzip2.' },
  { name: 'a zstd archive', bytes: [0x28, 0xb5, 0x2f, 0xfd], advice: 'Unpack it with unzstd.' },
  { name: 'a 7z archive', bytes: [0x37, 0x7a, 0xbc, 0xaf], advice: 'Unpack it.' },
  { name: 'a PNG picture', bytes: [0x89, 0x50, 0x4e, 0x47], advice: 'Choose a text file.' },
  { name: 'a JPEG picture', bytes: [0xff, 0xd8, 0xff], advice: 'Choose a text file.' },
  { name: 'a PDF document', bytes: [0x25, 0x50, 0x44, 0x46, 0x2d], advice: 'Choose a text file.' },
  { name: 'an SQLite database', bytes: [...Buffer.from('SQLite format 3\0')], advice: 'Export the table as CSV.' },
  { name: 'an old Excel or Word file', bytes: [0xd0, 0xcf, 0x11, 0xe0], advice: 'Save the sheet as CSV in UTF-8.' },
  { name: 'an Arrow file', bytes: [...Buffer.from('ARROW1')], advice: 'Export it as JSON Lines or CSV.' },
  { name: 'a NumPy array', bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], advice: 'Choose a text file.' },
  { name: 'a program', bytes: [0x7f, 0x45, 0x4c, 0x46], advice: 'Choose a text file.' },
];

/** @throws {Problem} `binary-file`, saying what it looks like. */
export function refuseBinary(head: Uint8Array, file: string): void {
  const magic = magics.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  if (magic === undefined) return;
  throw new Problem({
    code: 'binary-file',
    found: magic.name,
    expected: 'JSON Lines, JSON, CSV, TSV or Parquet',
    action: magic.advice,
    place: { file },
  });
}

/**
 * What a text is made of, by its beginning.
 * @param head the first characters, cut anywhere; `isWhole` when they are the whole text.
 * @param delimiter as chosen by a person: then the text is a table.
 * @throws {Problem} `old-line-ends` for a text whose lines end with CR only.
 */
export function detectContainer(head: string, { file, isWhole, delimiter }: { file: string; isWhole: boolean; delimiter: DelimiterChoice }): TextForm {
  if (delimiter === 'auto') {
    const text = head.trimStart();
    if (text.startsWith('[')) return { container: 'json', delimiter: null };
    if (text.startsWith('{')) return { container: jsonContainer(text), delimiter: null };
  }
  if (!head.includes('\n') && /\r(?!$)/.test(head)) {
    throw new Problem({
      code: 'old-line-ends',
      found: 'lines that end with CR only',
      expected: 'LF or CRLF',
      action: 'Save the file with the line ends of today.',
      place: { file },
    });
  }
  if (delimiter !== 'auto') return tableOf(delimiter);
  const lines = head.split('\n').filter((line) => line.trim() !== '');
  return tableOf(detectSeparator(isWhole || lines.length === 1 ? lines : lines.slice(0, -1), extname(file).toLowerCase()));
}

function tableOf(delimiter: Delimiter): TextForm {
  return { container: delimiter === '\t' ? 'tsv' : 'csv', delimiter };
}

function jsonContainer(text: string): TextForm['container'] {
  if (isOneObject(text)) return beginsWithList(text) && !/^\{\s*"data"\s*:\s*\[\s*\{/.test(text) ? 'json-columns' : 'json';
  return isObjectOfLists(text) ? 'json-columns' : 'jsonl';
}

function beginsWithList(text: string): boolean {
  return /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[/.test(text);
}

/** A single line of lists of the same length: as a row it would have no text at all, so it is a table by columns. */
function isObjectOfLists(text: string): boolean {
  const lineEnd = text.indexOf('\n');
  if (lineEnd !== -1 && text.slice(lineEnd).trim() !== '') return false;
  if (!beginsWithList(text)) return false;
  try {
    const lists = Object.values(JSON.parse(text) as object) as unknown[];
    return lists.every((list) => Array.isArray(list) && list.length === (lists[0] as unknown[]).length);
  } catch {
    // A first line beyond what was looked at: rows of that length are refused anyway, a table by columns is not.
    return lineEnd === -1 && locateJsonError(text) === text.length;
  }
}

/**
 * Whether the text is one object over the whole file, with its rows in a list under `data`, and not an object a line: its first line
 * is a beginning of JSON that the second line does not begin anew, or it holds `data` and nothing follows it.
 */
function isOneObject(text: string): boolean {
  const lineEnd = text.indexOf('\n');
  const firstLine = lineEnd === -1 ? text : text.slice(0, lineEnd);
  const following = lineEnd === -1 ? '' : text.slice(lineEnd).trim();
  const error = locateJsonError(firstLine);
  if (error === null) return following === '' && /"data"\s*:\s*\[/.test(firstLine);
  const isUnfinished = error === firstLine.length || firstLine.slice(error).trim() === '';
  if (lineEnd === -1) return isUnfinished && /^\{(?:[^{}[\]]*,)?\s*"data"\s*:\s*\[\s*(?:\{|$)/.test(firstLine);
  return isUnfinished && !following.startsWith('{');
}

function detectSeparator(lines: readonly string[], extension: string): Delimiter {
  const sample = lines.slice(0, 50);
  const tabs = sample.map((line) => line.split('\t').length - 1);
  const isTabbed = isSteady(tabs);
  const commas = countOutsideQuotes(sample, ',');
  const isComma = isSteady(commas);
  if (isTabbed !== isComma) return isTabbed ? '\t' : ',';
  // A grade, a space, a sentence (SST-5): the commas are the sentences' own.
  if (!isComma && sample.every((line) => /^\d \S/.test(line))) return '\t';
  // Spreadsheets write semicolons where the comma is the decimal sign.
  const other = isComma ? undefined : ([';', '|'] as const).find((separator) => sample.length > 1 && isSteady(countOutsideQuotes(sample, separator)));
  if (other !== undefined && extension !== '.tsv' && extension !== '.tab') return other;
  if (extension === '.csv') return ',';
  if (extension === '.tsv' || extension === '.tab') return '\t';
  return (commas[0] ?? 0) > 0 && (tabs[0] ?? 0) === 0 ? ',' : '\t';
}

function isSteady(counts: readonly number[]): boolean {
  return (counts[0] ?? 0) > 0 && counts.every((count) => count === counts[0]);
}

/** In quotes nothing is separated; a record over several lines makes the counts differ, which the name then settles. */
function countOutsideQuotes(lines: readonly string[], separator: string): number[] {
  return lines.map((line) => line.replaceAll(/"[^"]*"/g, '').split(separator).length - 1);
}
