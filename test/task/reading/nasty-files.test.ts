/** Files as the world makes them: each is read as rows, or refused with a code and a line. */
import { describe, expect, it } from 'vitest';
import type { DataRow, DataWarning } from '../../../main/task/format.ts';
import { openDataFile, readRows } from '../../../main/task/reading/data-file.ts';
import { maxRowCharacters } from '../../../main/task/reading/lines.ts';
import { temporaryFiles } from '../temporary.ts';

interface NastyFile {
  title: string;
  name: string;
  content: string | Uint8Array;
  /** [line, value, value, …] of every row. */
  rows?: (readonly unknown[])[];
  fields?: string[];
  warnings?: { code: string; line: number | null }[];
  error?: { code: string; line?: number; column?: number; byteOffset?: number; says?: string };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const utf16be = (text: string): Uint8Array => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();

const files: NastyFile[] = [
  // Encodings
  { title: 'UTF-8 with a byte order mark', name: 'a.csv', content: '\uFEFFlabel,text\n1,ä\n', fields: ['label', 'text'], rows: [[2, '1', 'ä']] },
  { title: 'UTF-16 little endian from a Windows editor', name: 'a.tsv', content: Buffer.from('\uFEFFlabel\ttext\r\n1\tä😀\r\n', 'utf16le'), rows: [[2, '1', 'ä😀']] },
  { title: 'UTF-16 big endian', name: 'a.tsv', content: utf16be('label\ttext\n1\tß\n'), rows: [[2, '1', 'ß']] },
  { title: 'UTF-16 cut inside a character', name: 'a.tsv', content: Buffer.from('\uFEFFlabel\ttext\n1\tab', 'utf16le').subarray(0, -1), error: { code: 'invalid-utf16', says: 'cut' } },
  { title: 'UTF-16 without a byte order mark', name: 'a.tsv', content: Buffer.from('label\ttext\n', 'utf16le'), error: { code: 'nul-character', line: 1, byteOffset: 1 } },
  { title: 'Latin-1', name: 'a.tsv', content: latin1('label\ttext\n1\tgut\n0\tschön\n'), error: { code: 'invalid-utf8', line: 3, byteOffset: 22, says: 'Latin-1' } },
  { title: 'GB18030', name: 'a.tsv', content: Buffer.concat([Buffer.from('label\ttext\n1\t'), bytes(0xb7, 0xbf, 0xbc, 0xe4, 0xba, 0xdc, 0xba, 0xc3)]), error: { code: 'invalid-utf8', line: 2, byteOffset: 13, says: 'GB18030' } },
  { title: 'UTF-8 cut inside the last character', name: 'a.tsv', content: Buffer.from('label\ttext\n1\t好').subarray(0, -1), error: { code: 'invalid-utf8', line: 2, byteOffset: 13 } },
  { title: 'a surrogate written in UTF-8', name: 'a.tsv', content: bytes(0x61, 0x09, 0xed, 0xa0, 0x80, 0x0a), error: { code: 'invalid-utf8', line: 1, byteOffset: 2 } },
  { title: 'a NUL in the middle', name: 'a.tsv', content: 'label\ttext\n1\tgut\n0\tsch\0n\n', error: { code: 'nul-character', line: 3, byteOffset: 22 } },
  // Not text
  { title: 'an empty file', name: 'a.csv', content: '', error: { code: 'empty-file' } },
  { title: 'only white space', name: 'a.csv', content: ' \n\n  ', error: { code: 'empty-file' } },
  { title: 'only a byte order mark', name: 'a.csv', content: '\uFEFF', error: { code: 'empty-file' } },
  { title: 'a zip called .csv', name: 'a.csv', content: bytes(0x50, 0x4b, 0x03, 0x04, 0, 0), error: { code: 'binary-file', says: 'zip' } },
  { title: 'a Parquet file', name: 'a.jsonl', content: Buffer.from('PAR1\0\0'), error: { code: 'parquet-invalid', says: 'cut' } },
  { title: 'a PNG', name: 'a.tsv', content: bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a), error: { code: 'binary-file', says: 'PNG' } },
  { title: 'gzip', name: 'a.jsonl', content: bytes(0x1f, 0x8b, 8, 0), error: { code: 'binary-file', says: 'gunzip' } },
  { title: 'an unknown binary', name: 'a.tsv', content: bytes(0x0a, 0x01, 0x02, 0xc9, 0xff), error: { code: 'invalid-utf8', says: 'binary' } },
  // Headers
  { title: 'no header, numbers in the last column', name: 'a.tsv', content: 'fine film\t1\ndull\t0', fields: ['column1', 'column2'], rows: [[1, 'fine film', '1'], [2, 'dull', '0']] },
  { title: 'a header of unknown words over numbers', name: 'a.tsv', content: 'satz\tklasse\ngut\t1\nschlecht\t0\n', fields: ['satz', 'klasse'], rows: [[2, 'gut', '1'], [3, 'schlecht', '0']] },
  { title: 'a sentence that is a field name, beside a number', name: 'a.tsv', content: 'question\t1\nanswer\t0\n', fields: ['column1', 'column2'], rows: [[1, 'question', '1'], [2, 'answer', '0']] },
  { title: 'the same column twice', name: 'a.csv', content: 'label,text,text\n1,a,b\n', error: { code: 'duplicate-column', line: 1, says: 'columns 2 and 3' } },
  { title: 'pandas\' column without a name', name: 'a.csv', content: ',text,label\n0,fine,1\n', fields: ['column1', 'text', 'label'], rows: [[2, '0', 'fine', '1']], warnings: [{ code: 'unnamed-column', line: 1 }] },
  { title: 'a header and nothing else', name: 'a.csv', content: 'text,label\n', error: { code: 'no-rows' } },
  { title: 'a column called __proto__', name: 'a.csv', content: 'text,__proto__,label\nfine,x,1\n', fields: ['text', '__proto__', 'label'], rows: [[2, 'fine', 'x', '1']] },
  // CSV
  { title: 'line breaks in quotes keep the lines exact', name: 'a.csv', content: 'text,label\n"a\nb\r\nc",1\nd,0\n"e",1\n', rows: [[2, 'a\nb\r\nc', '1'], [5, 'd', '0'], [6, 'e', '1']] },
  { title: 'a ragged row after line breaks in quotes', name: 'a.csv', content: 'text,label\n"a\nb",1\nd\n', error: { code: 'ragged-row', line: 4, says: '1 field' } },
  { title: 'an extra comma', name: 'a.csv', content: 'text,label\na,b,1\n', error: { code: 'ragged-row', line: 2, says: '3 fields' } },
  { title: 'a quote never closed', name: 'a.csv', content: 'text,label\nfine,1\n"a,0\nb,1\nc,0\n', error: { code: 'csv-quote-not-closed', line: 3 } },
  { title: 'a quote in the middle', name: 'a.csv', content: 'text,label\nfine,1\nthe "best" film,0\n', error: { code: 'csv-stray-quote', line: 3 } },
  { title: 'text after a closing quote', name: 'a.csv', content: 'text,label\n"fine" film,1\n', error: { code: 'csv-stray-quote', line: 2 } },
  { title: 'CRLF and LF mixed, no last line end', name: 'a.csv', content: 'text,label\r\na,1\nb,0\r\nc,1', rows: [[2, 'a', '1'], [3, 'b', '0'], [4, 'c', '1']] },
  { title: 'empty lines between and at the end', name: 'a.csv', content: 'text,label\n\na,1\n\n\n', rows: [[3, 'a', '1']], warnings: [{ code: 'blank-lines', line: 2 }] },
  { title: 'empty lines at the end', name: 'a.csv', content: 'text,label\na,1\n\n\n', rows: [[2, 'a', '1']], warnings: [{ code: 'trailing-blank-lines', line: 3 }] },
  { title: 'line ends of the old Macintosh', name: 'a.csv', content: 'text,label\ra,1\rb,0', error: { code: 'old-line-ends' } },
  // TSV
  { title: 'quotes in TSV are text', name: 'a.tsv', content: '"so"-called "art\t0\nit \'s "fine"\t1\n', rows: [[1, '"so"-called "art', '0'], [2, 'it \'s "fine"', '1']] },
  { title: 'a TSV row without a TAB', name: 'a.tsv', content: 'label\ttext\n1\tgut\nschlecht\n', error: { code: 'ragged-row', line: 3, says: 'without quoting' } },
  { title: 'an empty last field', name: 'a.tsv', content: 'label\ttext\n1\t\n', rows: [[2, '1', '']] },
  { title: 'TSV called .csv', name: 'a.csv', content: 'label\ttext\n1\tgood, but long\n0\tbad\n', rows: [[2, '1', 'good, but long'], [3, '0', 'bad']] },
  { title: 'CSV called .tsv', name: 'a.tsv', content: 'label,text\n1,good\n0,bad\n', rows: [[2, '1', 'good'], [3, '0', 'bad']] },
  { title: 'other line separators of Unicode do not end a line', name: 'a.tsv', content: 'label\ttext\n1\ta\u2028b\u0085c\u000bd\n', rows: [[2, '1', 'a\u2028b\u0085c\u000bd']] },
  // JSON
  { title: 'JSON Lines called .json', name: 'a.json', content: '{"text":"a"}\n{"text":"b"}\n', rows: [[1, 'a'], [2, 'b']] },
  { title: 'JSON Lines called .csv', name: 'a.csv', content: '{"text":"a, b"}\r\n{"text":"c"}', rows: [[1, 'a, b'], [2, 'c']] },
  { title: 'one row of JSON', name: 'a.jsonl', content: '{"text":"a"}', rows: [[1, 'a']] },
  { title: 'a list of objects', name: 'a.json', content: '[\n {"text": "a",\n  "n": [1, {"x": "]"}]},\n {"text": "b\\"}"}\n]\n', rows: [[2, 'a', [1, { x: ']' }]], [4, 'b"}']] },
  { title: 'an object with the list under data', name: 'a.json', content: '{"version": "data",\n "data": [{"text": "a"},\n {"text": "b"}], "more": [{"text": "c"}]}', rows: [[2, 'a'], [3, 'b']] },
  { title: 'an empty list', name: 'a.json', content: '[]', error: { code: 'no-rows' } },
  { title: 'an object without a list', name: 'a.json', content: '{"a": {"data": [{}]},\n "b": 1}\n', error: { code: 'no-list' } },
  { title: 'a list cut in the middle of an object', name: 'a.json', content: '[{"text": "a"},\n {"text": "b', error: { code: 'invalid-json', line: 2, says: 'cut' } },
  { title: 'a list without its end', name: 'a.json', content: '[{"text": "a"}\n', error: { code: 'invalid-json', says: 'cut' } },
  { title: 'a comma too many in a list', name: 'a.json', content: '[{"text": "a"},\n]', error: { code: 'invalid-json', line: 2, column: 1 } },
  { title: 'two lists', name: 'a.json', content: '[{"text": "a"}]\n[{"text": "b"}]', error: { code: 'invalid-json', line: 2, column: 1 } },
  { title: 'a list of texts', name: 'a.json', content: '[\n"a", "b"]', error: { code: 'row-not-object', line: 2, column: 1 } },
  { title: 'a broken object in a list', name: 'a.json', content: '[{"text": "a"},\n  {"text": b}]', error: { code: 'invalid-json', line: 2, column: 12 } },
  { title: 'a broken line', name: 'a.jsonl', content: '{"text":"a"}\n{"text":"b",}\n', error: { code: 'invalid-json', line: 2, column: 13 } },
  { title: 'a cut last line', name: 'a.jsonl', content: '{"text":"a"}\n{"text":"b', error: { code: 'invalid-json', line: 2, column: 11, says: 'cut' } },
  { title: 'a broken first line', name: 'a.jsonl', content: '{"text": a}\n{"text":"b"}\n', error: { code: 'invalid-json', line: 1, column: 10 } },
  { title: 'a first line that ends too early', name: 'a.jsonl', content: '{"text":\n{"text":"b"}\n', error: { code: 'invalid-json', line: 1, column: 9 } },
  { title: 'Python\'s NaN', name: 'a.jsonl', content: '{"text":"a","label":NaN}\n', error: { code: 'invalid-json', line: 1, column: 21 } },
  { title: 'a list as a row', name: 'a.jsonl', content: '{"text":"a"}\n["b"]\n', error: { code: 'row-not-object', line: 2 } },
  { title: 'null as a row', name: 'a.jsonl', content: '{"text":"a"}\nnull\n', error: { code: 'row-not-object', line: 2 } },
  { title: 'empty lines in JSON Lines', name: 'a.jsonl', content: '\n{"text":"a"}\n\n{"text":"b"}\n\n', rows: [[2, 'a'], [4, 'b']], warnings: [{ code: 'blank-lines', line: 1 }] },
  { title: 'a key called __proto__', name: 'a.jsonl', content: '{"__proto__":{"text":"x"},"text":"a"}', fields: ['__proto__', 'text'], rows: [[1, { text: 'x' }, 'a']] },
  { title: 'brackets a million deep', name: 'a.json', content: `[{"text":${'['.repeat(1_000_000)}`, error: { code: 'invalid-json', says: 'cut' } },
  // Size
  { title: 'a JSON line longer than any row', name: 'a.jsonl', content: `{"text":"a"}\n{"text":"${'x'.repeat(maxRowCharacters)}"}`, error: { code: 'row-too-long', line: 2 } },
  { title: 'an object in a list longer than any row', name: 'a.json', content: `[{"text":"${'x'.repeat(maxRowCharacters)}"}]`, error: { code: 'row-too-long', line: 1 } },
  { title: 'a TSV line longer than any row', name: 'a.tsv', content: `a\t1\n${'x'.repeat(maxRowCharacters + 1)}\t0`, error: { code: 'row-too-long', line: 2 } },
  { title: 'a CSV quote that swallows megabytes', name: 'a.csv', content: `text,label\nfine,1\n"${'x,1\n'.repeat(maxRowCharacters / 4 + 1)}`, error: { code: 'row-too-long', line: 3 } },
  { title: 'a million TABs', name: 'a.tsv', content: `${'\t'.repeat(1_000_000)}\n`.repeat(2), error: { code: 'too-many-fields', line: 1 } },
  { title: 'two thousand keys', name: 'a.jsonl', content: `{"text":"a"}\n{${Array.from({ length: 2000 }, (_, n) => `"k${n}":1`).join(',')}}`, error: { code: 'too-many-fields', line: 2 } },
  { title: 'a row of a million characters', name: 'a.jsonl', content: `{"text":"${'好'.repeat(1_000_000)}"}`, rows: [[1, '好'.repeat(1_000_000)]] },
];

const write = temporaryFiles();

async function readAll(file: string): Promise<{ rows: DataRow[]; warnings: DataWarning[] }> {
  const rows: DataRow[] = [];
  const warnings: DataWarning[] = [];
  for await (const row of readRows(await openDataFile(file), (warning) => warnings.push(warning))) rows.push(row);
  return { rows, warnings };
}

describe('a nasty file', () => {
  it.each(files.filter((entry) => entry.rows !== undefined))('is read: $title', async (entry) => {
    const { rows, warnings } = await readAll(write(entry.name, entry.content));
    expect(rows.map((row) => [row.line, ...Object.values(row.values)])).toEqual(entry.rows);
    expect(rows.map((row) => row.index)).toEqual([...rows.keys()]);
    if (entry.fields !== undefined) expect(Object.keys(rows[0]?.values ?? {})).toEqual(entry.fields);
    expect(warnings.map(({ code, line }) => ({ code, line }))).toEqual(entry.warnings ?? []);
  });

  it.each(files.filter((entry) => entry.error !== undefined))('is refused: $title', async (entry) => {
    const file = write(entry.name, entry.content);
    const thrown: unknown = await readAll(file).then(() => null, (error: unknown) => error);
    const { code, says, ...place } = entry.error ?? { code: 'none' };
    expect(thrown).toMatchObject({ name: 'Problem', code, kind: 'input', place: { file, ...place } });
    expect((thrown as Error).message).toContain(says ?? '');
    expect((thrown as Error).message.length).toBeLessThan(700);
  });

  it('that is a folder, or that is not there, is named', async () => {
    await expect(openDataFile(import.meta.dirname)).rejects.toMatchObject({ code: 'not-a-file', found: 'a folder' });
    await expect(openDataFile('/nowhere/at/all.csv')).rejects.toMatchObject({ code: 'system-enoent', place: { file: '/nowhere/at/all.csv' } });
  });
});
