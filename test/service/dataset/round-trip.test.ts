/** Any table, in through every form and out through every form, is the table that it was. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import * as fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportRequestSchema, type ExportRequest } from '../../../main/contract/api/datasets.ts';
import { exportSplit } from '../../../main/service/dataset/export.ts';
import { importDataset } from '../../../main/service/dataset/import.ts';
import { surroundingsOf } from '../../../main/service/dataset/source.ts';
import { sharedPath } from '../../shared.ts';
import { makeBench, type Bench } from '../fixture/workspace.ts';
import { importOf, temporaryFolder, writeFile } from './make-sources.ts';

const folder = temporaryFolder();
let bench: Bench;
beforeAll(() => {
  bench = makeBench();
});
afterAll(() => bench.remove());

interface Table {
  names: string[];
  rows: string[][];
}

/** What every form can say: texts without NUL or half a surrogate pair, names that a header can hold, at least two columns. */
const cell = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('', ' ', '"', '""', 'a,b', 'a;b', '\n', '\r\n', '\r', '\t', '007', '-', '{"a":1}', '\uFEFF', '#', '=1+1', '\u2028'))
  .map((text) => text.replaceAll('\0', ''));
const columnName = fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom('text', 'label', '1', '0', '__proto__', 'constructor', 'idx', 'ä,"b"'))
  .map((name) => name.replaceAll(/[\0\t\r\n]/g, '').trim()).filter((name) => name !== '');
const tables: fc.Arbitrary<Table> = fc.uniqueArray(columnName, { minLength: 2, maxLength: 5 }).chain((names) =>
  fc.array(fc.array(cell, { minLength: names.length, maxLength: names.length }), { minLength: 1, maxLength: 30 }).map((rows) => ({ names, rows })));

const objectText = ({ names }: Table, row: readonly string[]): string => `{${names.map((name, index) => `${JSON.stringify(name)}:${JSON.stringify(row[index])}`).join(',')}}`;
const isPlain = ({ rows }: Table): boolean => rows.flat().every((text) => !/[\t\r\n]/.test(text)) && rows.every(([first]) => first?.startsWith('\uFEFF') !== true);

/** Each writes the table as another program would. */
const written: Record<string, (table: Table) => string | Buffer | null> = {
  'csv': ({ names, rows }) => stringify([names, ...rows], { quoted: true }),
  'tsv': (table) => (isPlain(table) && !table.names[0]?.startsWith('\uFEFF') ? [table.names, ...table.rows].map((row) => row.join('\t')).join('\n') : null),
  'jsonl': (table) => table.rows.map((row) => objectText(table, row)).join('\r\n'),
  'list.json': (table) => `[${table.rows.map((row) => objectText(table, row)).join(' ,\n ')}]`,
  'columns.json': ({ names, rows }) => `{${names.map((name, index) => `${JSON.stringify(name)}: ${JSON.stringify(rows.map((row) => row[index]))}`).join(',\n')}}`,
  'parquet': ({ names, rows }) => Buffer.from(parquetWriteBuffer({ columnData: names.map((name, index) => ({ name, data: rows.map((row) => row[index] ?? ''), type: 'STRING' as const })), rowGroupSize: 7 })),
};
const forms = ['csv', 'tsv', 'jsonl', 'json'] as const;

const importFile = (path: string, header: 'present' | 'auto') =>
  importDataset(bench.workspace, importOf(path, { name: 'trip', choices: { header, delimiter: path.endsWith('.csv') ? ',' : path.endsWith('.tsv') ? '\t' : 'auto' } }), surroundingsOf(bench.workspace));
const exportTo = (form: ExportRequest['form'], path: string) => exportSplit(bench.workspace, exportRequestSchema.parse({ name: 'trip', form, path, existing: 'replace' }));

describe('a table that is imported', () => {
  it.each(Object.keys(written))('from %s comes out of every form as it went in, columns in their order', async (kind) => {
    await fc.assert(fc.asyncProperty(tables, fc.constantFrom(...forms), async (table, form) => {
      const content = written[kind]?.(table) ?? null;
      if (content === null || (form === 'tsv' && !isPlain(table))) return;
      const imported = await importFile(writeFile(folder, `in.${kind}`, content), 'present');
      expect(imported.splits[0]?.columns).toEqual(table.names);
      const out = join(folder, `out.${form}`);
      const { rows } = await exportTo(form, out);
      expect(rows).toBe(table.rows.length);
      await importFile(out, 'present');
      const plain = join(folder, 'plain.jsonl');
      await exportTo('jsonl', plain);
      expect(readFileSync(plain, 'utf8').trimEnd().split('\n')).toEqual(table.rows.map((row) => objectText(table, row)));
      rmSync(out);
    }), { numRuns: 12 });
  });

  it('from JSON keeps every value of JSON to the last digit', async () => {
    const line = '{"idx":12345678901234567890,"x":1.0,"y":-0,"z":1e400,"list":[1.50,{"b":null,"a":[]}],"t":"\\ud800","2":true,"1":"é"}';
    await importFile(writeFile(folder, 'exact.jsonl', `${line}\n{"idx":1}\n`), 'auto');
    const out = join(folder, 'exact-out.jsonl');
    await exportTo('jsonl', out);
    expect(readFileSync(out, 'utf8')).toBe(`${line}\n{"idx":1}\n`);
  });

  it('is refused where a form cannot hold it, and no file is left', async () => {
    await importFile(writeFile(folder, 'tabs.jsonl', '{"a":"x","b":"y"}\n{"a":"x\\ty","b":"\\ud800"}\n'), 'auto');
    const out = join(folder, 'refused.tsv');
    await expect(exportTo('tsv', out)).rejects.toMatchObject({ code: 'export-cannot-hold', found: expect.stringContaining('row 2, column "a"') as string });
    await expect(exportTo('csv', out)).rejects.toMatchObject({ code: 'export-cannot-hold', found: expect.stringContaining('surrogate') as string });
    expect(() => readFileSync(out)).toThrow();
  });

  const sst2 = sharedPath('data/sst2/dev.tsv');
  it.skipIf(sst2 === null)('is Stanford’s SST-2 with its 872 rows, byte for byte (needs shared data)', async () => {
    const imported = await importFile(sst2 ?? '', 'auto');
    expect(imported).toMatchObject({ mapping: { format: 'sst2' }, splits: [{ split: 'dev', rows: 872 }], report: { isImportable: true } });
    const out = join(folder, 'sst2.tsv');
    await exportTo('tsv', out);
    expect(readFileSync(out, 'utf8')).toBe(`${readFileSync(sst2 ?? '', 'utf8')}\n`);
  });
});
