/** What a file is, by its first bytes; its name decides only where the content leaves it open. */
import { extname } from 'node:path';
import { Problem } from '../../contract/problem.ts';
import type { DataSample } from '../format.ts';
import { locateJsonError } from './json-error.ts';

export type Container = DataSample['container'];

const magics: readonly { name: string; bytes: readonly number[]; advice: string }[] = [
  { name: 'a zip archive (or an Excel or Word file)', bytes: [0x50, 0x4b, 0x03, 0x04], advice: 'Unpack it, or save the sheet as CSV in UTF-8.' },
  { name: 'a Parquet file', bytes: [0x50, 0x41, 0x52, 0x31], advice: 'Export it as JSON Lines or CSV.' },
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
    expected: 'a text file: JSON Lines, JSON, CSV or TSV',
    action: magic.advice,
    place: { file },
  });
}

/**
 * The container of a text by its beginning.
 * @param head the first characters, cut anywhere; `isWhole` when they are the whole text.
 * @throws {Problem} `old-line-ends` for a text whose lines end with CR only.
 */
export function detectContainer(head: string, { file, isWhole }: { file: string; isWhole: boolean }): Container {
  const text = head.trimStart();
  if (text.startsWith('[')) return 'json';
  if (text.startsWith('{')) return isOneObject(text) ? 'json' : 'jsonl';
  if (!head.includes('\n') && /\r(?!$)/.test(head)) {
    throw new Problem({
      code: 'old-line-ends',
      found: 'lines that end with CR only',
      expected: 'LF or CRLF',
      action: 'Save the file with the line ends of today.',
      place: { file },
    });
  }
  const lines = head.split('\n').filter((line) => line.trim() !== '');
  return detectSeparator(isWhole || lines.length === 1 ? lines : lines.slice(0, -1), extname(file).toLowerCase());
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

function detectSeparator(lines: readonly string[], extension: string): 'csv' | 'tsv' {
  const sample = lines.slice(0, 50);
  const tabs = sample.map((line) => line.split('\t').length - 1);
  const isTabbed = (tabs[0] ?? 0) > 0 && tabs.every((count) => count === tabs[0]);
  // Commas in quotes separate nothing; a record over several lines makes the counts differ, which the name then settles.
  const commas = sample.map((line) => line.replaceAll(/"[^"]*"/g, '').split(',').length - 1);
  const isComma = (commas[0] ?? 0) > 0 && commas.every((count) => count === commas[0]);
  if (isTabbed !== isComma) return isTabbed ? 'tsv' : 'csv';
  // A grade, a space, a sentence (SST-5): the commas are the sentences' own.
  if (!isComma && sample.every((line) => /^\d \S/.test(line))) return 'tsv';
  if (extension === '.csv') return 'csv';
  if (extension === '.tsv' || extension === '.tab') return 'tsv';
  return (commas[0] ?? 0) > 0 && (tabs[0] ?? 0) === 0 ? 'csv' : 'tsv';
}
