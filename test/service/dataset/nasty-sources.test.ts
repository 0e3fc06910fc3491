/** Sources as the world makes them, imported: each gives exactly these rows, or is refused with a code and a line and leaves nothing. */
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../../main/service/dataset/import.ts';
import { surroundingsOf } from '../../../main/service/dataset/source.ts';
import type { ReadingChoices } from '../../../main/task/reading/choices.ts';
import { makeBench, type Bench } from '../fixture/workspace.ts';
import { importOf, makeZip, renameInZip, storedLines, temporaryFolder, writeFile } from './make-sources.ts';

interface NastySource {
  title: string;
  name: string;
  content: string | Uint8Array | (() => Uint8Array | Promise<Uint8Array>);
  choices?: Partial<ReadingChoices>;
  table?: string;
  /** Stored lines of the only split. */
  lines?: string[];
  columns?: string[];
  error?: { code: string; line?: number; says?: string };
}

const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData'], more: object = {}): Buffer => Buffer.from(parquetWriteBuffer({ columnData, ...more }));
const texts = parquet([{ name: 'text', data: ['a', 'b', 'ä'], type: 'STRING' }, { name: 'label', data: [1n, 0n, 2n ** 60n + 1n], type: 'INT64' }], { rowGroupSize: 2 });
const two = ['{"text":"a","label":"1"}', '{"text":"b","label":"0"}'];

const sources: NastySource[] = [
  // Encodings
  { title: 'UTF-16 little endian', name: 'a.csv', content: utf16('text,label\r\na,1\r\nb,0\r\n'), lines: two },
  { title: 'UTF-16 big endian', name: 'a.tsv', content: utf16('text\tlabel\na\t1\nb\t0\n').swap16(), lines: two },
  { title: 'UTF-8 with a byte order mark', name: 'a.csv', content: '\uFEFFtext,label\na,1\nb,0\n', lines: two },
  { title: 'Latin-1, unnamed', name: 'a.csv', content: latin1('text,label\na,1\nschön,0\n'), error: { code: 'invalid-utf8', line: 3, says: 'name the encoding' } },
  { title: 'Latin-1, named', name: 'a.csv', content: latin1('text,label\nschön,1\nb,0\n'), choices: { encoding: 'windows-1252' }, lines: ['{"text":"schön","label":"1"}', '{"text":"b","label":"0"}'] },
  { title: 'GB18030, named', name: 'a.tsv', content: Buffer.from([0x74, 0x65, 0x78, 0x74, 0x09, 0x6c, 0x61, 0x62, 0x65, 0x6c, 0x0a, 0xb7, 0xbf, 0x09, 0x31, 0x0a]), choices: { encoding: 'gb18030' }, lines: ['{"text":"房","label":"1"}'] },
  { title: 'bytes that are not of the named encoding', name: 'a.csv', content: Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0xff, 0xff, 0x2c, 0x31, 0x0a]), choices: { encoding: 'shift_jis' }, error: { code: 'invalid-encoding' } },
  { title: 'a NUL', name: 'a.csv', content: 'text,label\na,1\nb\0,0\n', error: { code: 'nul-character', line: 3 } },
  { title: 'no bytes', name: 'a.csv', content: '', error: { code: 'empty-file' } },
  // Tables
  { title: 'quotes and line breaks in quotes', name: 'a.csv', content: 'text,label\r\n"a ""b""\nc",1\r\n"d, e",0\r\n', lines: ['{"text":"a \\"b\\"\\nc","label":"1"}', '{"text":"d, e","label":"0"}'] },
  { title: 'a ragged row behind a line break in quotes', name: 'a.csv', content: 'text,label\n"a\nb",1\nc\n', error: { code: 'ragged-row', line: 4 } },
  { title: 'CR alone', name: 'a.csv', content: 'text,label\ra,1\r', error: { code: 'old-line-ends' } },
  { title: 'semicolons', name: 'a.csv', content: 'text;label\n"a;b";1\nc;0\n', lines: ['{"text":"a;b","label":"1"}', '{"text":"c","label":"0"}'] },
  { title: 'bars, named', name: 'a.txt', content: 'text|label\na,b|1\nc|0\n', choices: { delimiter: '|' }, lines: ['{"text":"a,b","label":"1"}', '{"text":"c","label":"0"}'] },
  { title: 'TABs in CSV', name: 'a.csv', content: 'text,label\na\tb,1\nc\td,0\n', choices: { delimiter: ',' }, lines: ['{"text":"a\\tb","label":"1"}', '{"text":"c\\td","label":"0"}'] },
  { title: 'a trailing delimiter', name: 'a.csv', content: 'text,label,\na,1,\nb,0,\n', columns: ['text', 'label', 'column3'], lines: ['{"text":"a","label":"1","column3":""}', '{"text":"b","label":"0","column3":""}'] },
  { title: 'an empty header cell', name: 'a.csv', content: ',text,label\n0,a,1\n', columns: ['column1', 'text', 'label'], lines: ['{"column1":"0","text":"a","label":"1"}'] },
  { title: 'a header of the same name twice', name: 'a.csv', content: 'text,text,label\na,b,1\n', error: { code: 'duplicate-column', line: 1 } },
  { title: 'only a header', name: 'a.csv', content: 'text,label\n', error: { code: 'no-rows' } },
  { title: 'a header that looks like data, named', name: 'a.csv', content: 'spruch,art\nfoo,bar\n', choices: { header: 'present' }, columns: ['spruch', 'art'], lines: ['{"spruch":"foo","art":"bar"}'] },
  { title: 'data that looks like a header, named', name: 'a.csv', content: 'text,label\nb,0\n', choices: { header: 'absent' }, columns: ['column1', 'column2'], lines: ['{"column1":"text","column2":"label"}', '{"column1":"b","column2":"0"}'] },
  { title: 'numbers as column names', name: 'a.csv', content: 'text,1,0\na,b,c\n', choices: { header: 'present' }, columns: ['text', '1', '0'], lines: ['{"0":"c","1":"b","text":"a"}'] },
  { title: 'a quote never closed', name: 'a.csv', content: 'text,label\n"a,1\nb,0\n', error: { code: 'csv-quote-not-closed', line: 2 } },
  { title: 'bare quotes in TSV', name: 'a.tsv', content: 'text\tlabel\nso "called\t1\n', lines: ['{"text":"so \\"called","label":"1"}'] },
  { title: 'leading zeros and white space', name: 'a.csv', content: 'text,label\n 007 ,01\n', lines: ['{"text":" 007 ","label":"01"}'] },
  // JSON
  { title: 'a list of objects over several lines', name: 'a.json', content: '[\n {"text": "a",\n  "label": 1.0},\n {"text": "b", "label": 12345678901234567890}\n]', lines: ['{"text":"a","label":1.0}', '{"text":"b","label":12345678901234567890}'] },
  { title: 'an object of lists', name: 'a.json', content: '{\n "text": ["a", "b]"],\n "label": [1, -0]\n}', columns: ['text', 'label'], lines: ['{"text":"a","label":1}', '{"text":"b]","label":-0}'] },
  { title: 'an object of lists of different lengths', name: 'a.json', content: '{\n "text": ["a", "b"],\n "label": [1]\n}', error: { code: 'columns-differ', line: 3 } },
  { title: 'an object of lists with something else', name: 'a.json', content: '{"text": ["a"],\n "n": 1,\n "x": [\n1]}', error: { code: 'columns-not-lists', line: 2 } },
  { title: 'an object of lists that is cut', name: 'a.json', content: '{"text": ["a"],\n "label": [1', error: { code: 'invalid-json', line: 2, says: 'cut' } },
  { title: 'a broken value in an object of lists', name: 'a.json', content: '{\n"text": ["a", "b"],\n"label": [1,\n x]}', error: { code: 'invalid-json', line: 4 } },
  { title: 'an object of empty lists', name: 'a.json', content: '{"text": [], "label": []}', error: { code: 'no-rows' } },
  { title: 'a cut list', name: 'a.json', content: '[{"text":"a"},\n{"text":', error: { code: 'invalid-json', line: 2, says: 'cut' } },
  { title: 'numbers as keys, in another order', name: 'a.jsonl', content: '{"text":"a","2":"x","1":"y"}\n', columns: ['text', '2', '1'], lines: ['{"1":"y","2":"x","text":"a"}'] },
  { title: 'keys of Object.prototype', name: 'a.jsonl', content: '{"__proto__":{"x":1},"constructor":"c","toString":"t","text":"a"}\n', columns: ['__proto__', 'constructor', 'toString', 'text'], lines: ['{"__proto__":{"x":1},"constructor":"c","toString":"t","text":"a"}'] },
  { title: 'half a surrogate pair', name: 'a.jsonl', content: '{"text":"\\ud83d","label":1}\n', lines: ['{"text":"\\ud83d","label":1}'] },
  { title: 'types that change from row to row', name: 'a.jsonl', content: '{"text":"a","label":1}\n{"text":"b","label":"1"}\n{"text":"c","label":[true,null]}\n', lines: ['{"text":"a","label":1}', '{"text":"b","label":"1"}', '{"text":"c","label":[true,null]}'] },
  { title: 'columns that come later', name: 'a.jsonl', content: '{"text":"a"}\n{"label":1,"text":"b"}\n', columns: ['text', 'label'], lines: ['{"text":"a"}', '{"label":1,"text":"b"}'] },
  { title: 'lists nested ten thousand deep', name: 'a.jsonl', content: `{"text":"a","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}\n`, error: { code: 'row-too-deep', line: 1 } },
  { title: 'a broken line', name: 'a.jsonl', content: '{"text":"a"}\n{"text":"b"\n', error: { code: 'invalid-json', line: 2 } },
  { title: 'a line of three megabytes', name: 'a.jsonl', content: `{"text":"a"}\n{"text":"${'x'.repeat(3_000_000)}"}\n`, error: { code: 'row-too-long', line: 2 } },
  // Parquet
  { title: 'Parquet of two row groups, with a large integer', name: 'a.parquet', content: texts, columns: ['text', 'label'], lines: ['{"text":"a","label":1}', '{"text":"b","label":0}', '{"text":"ä","label":1152921504606846977}'] },
  { title: 'Parquet called .csv', name: 'a.csv', content: texts, columns: ['text', 'label'], lines: ['{"text":"a","label":1}', '{"text":"b","label":0}', '{"text":"ä","label":1152921504606846977}'] },
  { title: 'Parquet without its end', name: 'a.parquet', content: texts.subarray(0, -20), error: { code: 'parquet-invalid', says: 'cut' } },
  { title: 'Parquet with a damaged page', name: 'a.parquet', content: () => Buffer.from(texts).fill(0xff, 4, 40), error: { code: 'parquet-invalid' } },
  { title: 'Parquet with a table of contents beyond the file', name: 'a.parquet', content: () => { const bytes = Buffer.from(texts); bytes.writeUInt32LE(0x7fffffff, bytes.length - 8); return bytes; }, error: { code: 'parquet-invalid' } },
  { title: 'Parquet with pictures', name: 'a.parquet', content: parquet([{ name: 'image', data: [Uint8Array.from([0xff, 0xd8, 0xff])], type: 'BYTE_ARRAY' }]), error: { code: 'parquet-not-text' } },
  // Archives
  { title: 'a zip in a zip’s usual shape', name: 'glue.zip', content: () => makeZip([{ name: 'glue/a.txt', content: 'read me' }, { name: 'glue/train.csv', content: 'text,label\na,1\nb,0\n' }, { name: '__MACOSX/._train.csv', content: 'x' }]), lines: two },
  { title: 'a zip of several tables, one named', name: 'super.zip', table: 'BoolQ', content: () => makeZip([{ name: 'BoolQ/train.jsonl', content: '{"text":"a"}\n' }, { name: 'CB/train.jsonl', content: '{"text":"b"}\n' }]), lines: ['{"text":"a"}'] },
  { title: 'a zip of several tables, none named', name: 'super.zip', content: () => makeZip([{ name: 'BoolQ/train.jsonl', content: '{"text":"a"}\n' }, { name: 'CB/train.jsonl', content: '{"text":"b"}\n' }]), error: { code: 'table-needed', says: 'BoolQ, CB' } },
  { title: 'a zip with a broken row', name: 'b.zip', content: () => makeZip([{ name: 'train.csv', content: 'text,label\na,1\nb\n' }]), error: { code: 'ragged-row', line: 3, says: 'b.zip/train.csv' } },
  { title: 'a zip slip', name: 'slip.zip', content: async () => renameInZip(await makeZip([{ name: 'aa/evil.csv', content: 'text,label\na,1\n' }]), 'aa/evil', '../evil'), error: { code: 'archive-suspicious' } },
  { title: 'an absolute name in a zip', name: 'slip.zip', content: async () => renameInZip(await makeZip([{ name: 'a/evil.csv', content: 'text,label\na,1\n' }]), 'a/evil', '//evil'), error: { code: 'archive-suspicious' } },
  { title: 'a link in a zip', name: 'link.zip', content: () => makeZip([{ name: 'train.csv', content: '/etc/passwd', mode: 0o120777 }]), error: { code: 'archive-suspicious', says: 'symbolic link' } },
  { title: 'a zip bomb', name: 'bomb.zip', content: () => makeZip([{ name: 'train.csv', content: new Uint8Array(40_000_000) }]), error: { code: 'archive-suspicious', says: 'unpacks from' } },
  { title: 'a zip whose entry is longer than it says', name: 'liar.zip', content: async () => shortenDeclaredSize(await makeZip([{ name: 'train.csv', content: `text,label\n${'a,1\n'.repeat(1000)}` }])), error: { code: 'archive-invalid' } },
  { title: 'a cut zip', name: 'cut.zip', content: async () => (await makeZip([{ name: 'train.csv', content: 'text,label\na,1\n' }])).subarray(0, -10), error: { code: 'archive-invalid' } },
  { title: 'a zip without data', name: 'none.zip', content: () => makeZip([{ name: 'README.md', content: 'hello' }]), error: { code: 'no-data-files' } },
  // Other
  { title: 'a picture called .csv', name: 'a.csv', content: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a]), error: { code: 'binary-file' } },
  { title: 'JSON Lines called .csv', name: 'a.csv', content: '{"text":"a, b"}\n', lines: ['{"text":"a, b"}'] },
];

/** Half of the uncompressed size in the table of contents. */
function shortenDeclaredSize(zip: Buffer): Buffer {
  const changed = Buffer.from(zip);
  const at = changed.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02])) + 24;
  changed.writeUInt32LE(changed.readUInt32LE(at) >> 1, at);
  return changed;
}

const folder = temporaryFolder();
let bench: Bench;
beforeAll(() => {
  bench = makeBench();
});
afterAll(() => bench.remove());

const objects = (): string[] => readdirSync(bench.workspace.folder('objects'));

describe('a nasty source', () => {
  it('is one of more than forty', () => expect(sources.length).toBeGreaterThan(40));

  it.each(sources.map((source, number) => ({ ...source, number })))('$title', async ({ number, name, content, choices, table, lines, columns, error }) => {
    const path = writeFile(folder, join(String(number), name), typeof content === 'function' ? await content() : content);
    const before = objects();
    const request = importOf(path, { ...(choices === undefined ? {} : { choices }), table: table ?? null, name: `n${number}` });
    const outcome = importDataset(bench.workspace, request, surroundingsOf(bench.workspace));
    if (error !== undefined) {
      const { code, line, says } = error;
      const thrown: unknown = await outcome.then(() => null, (problem: unknown) => problem);
      expect(thrown).toMatchObject({ name: 'Problem', code, kind: 'input', ...(line === undefined ? {} : { place: { line } }) });
      expect((thrown as Error).message).toContain(says ?? '');
      expect((thrown as Error).message).toContain(name);
      expect((thrown as Error).message.length).toBeLessThan(900);
      expect(objects()).toEqual(before);
      return;
    }
    const imported = await outcome;
    expect(storedLines(bench.workspace, `n${number}`)).toEqual(lines);
    if (columns !== undefined) expect(imported.splits[0]?.columns).toEqual(columns);
    expect(imported.splits[0]?.rows).toBe(lines?.length);
  });

  it('that links out of its folder is imported without the link', async () => {
    const inside = join(folder, 'linked');
    writeFile(inside, 'train.csv', 'text,label\na,1\nb,0\n');
    symlinkSync('/etc/passwd', join(inside, 'test.csv'));
    symlinkSync(folder, join(inside, 'loop'));
    const imported = await importDataset(bench.workspace, importOf(inside, { name: 'linked' }), surroundingsOf(bench.workspace));
    expect(imported.splits.map(({ split }) => split)).toEqual(['train']);
  });
});
