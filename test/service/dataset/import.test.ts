import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { previewRequestSchema } from '../../../main/contract/api/datasets.ts';
import { findSplit, listDatasets, readDatasetRows, showDataset } from '../../../main/service/dataset/datasets.ts';
import { parseDatasetReference } from '../../../main/service/dataset/dataset-name.ts';
import { importDataset } from '../../../main/service/dataset/import.ts';
import { previewDataset } from '../../../main/service/dataset/preview.ts';
import { checkDataset } from '../../../main/service/dataset/report.ts';
import { sniffSource, surroundingsOf } from '../../../main/service/dataset/source.ts';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { openCore } from '../../../main/service/core.ts';
import { createRun, planRun } from '../../../main/service/runs.ts';
import { readDataset } from '../../../main/task/dataset.ts';
import { findFormat } from '../../../main/task/index.ts';
import { automatic } from '../../../main/task/reading/choices.ts';
import { makeBench, type Bench } from '../fixture/workspace.ts';
import { checkOf, importOf, storedLines, temporaryFolder, writeFile } from './make-sources.ts';

let bench: Bench;
let folder: string;
beforeEach(() => {
  bench = makeBench();
  folder = join(bench.folder, 'source');
});
afterEach(() => bench.remove());

const bring = (paths: string | readonly string[], changes: Parameters<typeof importOf>[1] = {}) => importDataset(bench.workspace, importOf(paths, changes), surroundingsOf(bench.workspace));
const rte = (rows: readonly string[]): string => rows.map((label, index) => `{"premise":"p${index}","hypothesis":"h","label":"${label}","idx":${index}}\n`).join('');

const readExamples = async (file: string) => (await readDataset({ file, format: findFormat('rte'), use: 'train' })).examples.map(({ id, input, target, label }) => ({ id, input, target, label }));

describe('importing a data set', () => {
  it('again is the same version when nothing changed, the next when something did, and old versions stay', async () => {
    const path = writeFile(folder, 'rte/train.jsonl', rte(['entailment', 'not_entailment']));
    expect(await bring(path)).toMatchObject({ name: 'rte', version: 1, isNew: true, format: 'rte' });
    expect(await bring(path)).toMatchObject({ version: 1, isNew: false });
    const first = findSplit(bench.workspace, parseDatasetReference('rte')).object;
    writeFile(folder, 'rte/train.jsonl', rte(['entailment', 'entailment', 'not_entailment']));
    expect(await bring(path)).toMatchObject({ version: 2, isNew: true });
    expect(findSplit(bench.workspace, parseDatasetReference('rte@1')).object).toBe(first);
    expect(listDatasets(bench.workspace)).toHaveLength(2);
  });

  it('can be undone and redone, and its objects go with the trash, but not those that a run used', async () => {
    await bring(writeFile(folder, 'a.csv', 'text,label\na,1\nb,0\n'), { name: 'a' });
    await bring(writeFile(folder, 'rte.jsonl', rte(['entailment', 'not_entailment'])), { name: 'used' });
    const unused = findSplit(bench.workspace, parseDatasetReference('a')).path;
    const plan = await planRun(bench.workspace, { ...bench.request, files: { train: 'dataset:used', dev: 'dataset:used/all', test: null } });
    const used = findSplit(bench.workspace, parseDatasetReference('used'));
    createRun(bench.workspace, plan, { seed: 1 });
    expect(plan.inputs).toMatchObject([{ role: 'train', path: used.path, sha256: used.object, rowCount: 2 }, { role: 'dev' }]);
    for (const name of ['a', 'used']) bench.workspace.datasets.trash({ name, version: null });
    expect(listDatasets(bench.workspace)).toEqual([]);
    bench.workspace.datasets.restore({ name: 'a', version: 1 });
    expect(listDatasets(bench.workspace).map(({ name }) => name)).toEqual(['a']);
    bench.workspace.datasets.trash({ name: 'a', version: 1 });
    bench.workspace.emptyTrash();
    expect(existsSync(unused)).toBe(false);
    expect(existsSync(used.path)).toBe(true);
    expect(() => showDataset(bench.workspace, { name: 'a', version: null })).toThrow(expect.objectContaining({ code: 'dataset-not-found' }) as Error);
    // A version number is never given twice.
    expect(await bring(join(folder, 'a.csv'), { name: 'a' })).toMatchObject({ version: 2 });
  });

  it('gives a run the same examples under the same ids as the file itself', async () => {
    const path = writeFile(folder, 'rte.jsonl', rte(['entailment', 'not_entailment', 'entailment']).replaceAll(/,"idx":\d+/g, ''));
    await bring(path, { name: 'rte' });
    expect(await readExamples(findSplit(bench.workspace, parseDatasetReference('rte')).path)).toEqual(await readExamples(path));
  });

  it('is stopped in the middle without a trace', async () => {
    const path = writeFile(folder, 'long.jsonl', '{"text":"a","label":"b"}\n'.repeat(100_000));
    const stop = new AbortController();
    const tell = (): void => stop.abort();
    const before = readdirSync(bench.workspace.folder('objects'));
    await expect(importDataset(bench.workspace, importOf(path), surroundingsOf(bench.workspace, { signal: stop.signal, tell }))).rejects.toMatchObject({ code: 'import-cancelled', kind: 'cancelled' });
    expect(readdirSync(bench.workspace.folder('objects'))).toEqual(before);
    expect(listDatasets(bench.workspace)).toEqual([]);
  });
});

describe('the mapping of columns', () => {
  it('is guessed from texts and labels, renames what the format does not know, and is remembered by the columns', async () => {
    const content = `review_body,verdict,sentence\n${Array.from({ length: 20 }, (_, n) => `a longer text number ${n},${n % 2 === 0 ? 'good' : 'bad'},x`).join('\n')}\n`;
    const path = writeFile(folder, 'reviews.csv', content);
    const mapping = { format: 'classification', columns: [{ column: 'review_body', role: 'sentence' }, { column: 'verdict', role: 'label' }] };
    const choices = { header: 'present' as const };
    const plain = writeFile(folder, 'plain.csv', content.replace(',sentence', ',source'));
    const guessed = await checkDataset(bench.workspace, checkOf(plain, { choices }), surroundingsOf(bench.workspace));
    expect(guessed).toMatchObject({ origin: 'guess', mapping });
    expect(guessed.splits[0]?.columns).toEqual(['review_body', 'verdict', 'source']);
    const imported = await bring(path, { choices, mapping, saveMappingAs: 'reviews' });
    expect(imported).toMatchObject({ mapping, report: { origin: 'given', splits: [{ examples: 20, labels: [{ label: 'good', count: 10 }, { label: 'bad', count: 10 }] }] } });
    expect(storedLines(bench.workspace, 'reviews')[0]).toBe('{"sentence":"a longer text number 0","label":"good","sentence (column)":"x"}');
    const again = await previewDataset(bench.workspace, previewRequestSchema.parse(checkOf(path, { choices })), surroundingsOf(bench.workspace));
    expect(again).toMatchObject({ origin: 'remembered', mapping, examples: expect.arrayContaining([expect.objectContaining({ input: 'sentence: a longer text number 0', target: 'good' })]) as unknown });
    expect(bench.workspace.datasets.listMappings().map(({ name }) => name).toSorted()).toEqual([null, 'reviews'].toSorted());
  });

  it('that names a column or a role that is not there is refused', async () => {
    const path = writeFile(folder, 'a.csv', 'text,label\na,1\nb,0\n');
    await expect(bring(path, { mapping: { format: 'classification', columns: [{ column: 'nope', role: 'sentence' }] } })).rejects.toMatchObject({ code: 'mapping-invalid' });
    await expect(bring(path, { mapping: { format: 'classification', columns: [{ column: 'text', role: 'premise' }] } })).rejects.toMatchObject({ code: 'mapping-invalid' });
  });
});

describe('the report', () => {
  it('finds empty cells, repeats, contradictions, missing labels, overlaps and rows that cannot be read, each with its line', async () => {
    writeFile(folder, 'train.csv', 'text,label\ngood,1\ngood,1\nbad,0\nbad,1\n,0\nopen,-\n');
    writeFile(folder, 'test.csv', 'text,label\nnew,1\ngood,1\nragged\nshort,1,2\n');
    const report = await checkDataset(null, checkOf(folder), surroundingsOf(null));
    const [train, test] = report.splits;
    expect(train).toMatchObject({
      split: 'train', rows: 6, duplicates: { count: 1, line: 3, earlierLine: 2 }, contradictions: { count: 1, line: 5, earlierLine: 4 }, unlabeled: { count: 1, line: 7 },
      emptyCells: [{ column: 'text', count: 1, line: 6 }], misfits: 1, misfitNotes: [{ code: 'empty-text', line: 6 }], labels: [{ label: '1', count: 3 }, { label: '0', count: 1 }], isSingleClass: false,
    });
    expect(test).toMatchObject({ split: 'test', rows: 2, badRows: 2, badRowNotes: [{ code: 'ragged-row', line: 4 }, { code: 'ragged-row', line: 5 }], isSingleClass: true });
    expect(report).toMatchObject({ overlaps: [{ left: 'train', right: 'test', count: 1, leftLine: 2, rightLine: 3 }], isImportable: false });
    await expect(bring(folder)).rejects.toMatchObject({ code: 'ragged-row', place: { line: 4, file: join(folder, 'test.csv') } });
  });
});

describe('a source', () => {
  it('of several files and folders is sorted into tables and splits', async () => {
    for (const name of ['BoolQ/train.jsonl', 'BoolQ/val.jsonl', 'CB/train.jsonl', 'mnli/dev_matched.tsv', 'mnli/dev_mismatched.tsv']) writeFile(folder, name, name.endsWith('tsv') ? 'text\tlabel\na\t1\n' : '{"text":"a"}\n');
    writeFile(folder, 'parquet/train/0000.csv', 'text,label\na,1\n');
    writeFile(folder, 'parquet/train/0001.csv', 'text,label\nb,1\n');
    writeFile(folder, 'notes.md', 'x');
    const { tables, skipped } = await sniffSource({ kind: 'paths', paths: [folder] }, automatic, surroundingsOf(null));
    expect(tables.map(({ table, splits }) => [table, splits.map(({ split, files }) => `${split}:${files.length}`)])).toEqual([
      ['BoolQ', ['train:1', 'dev:1']], ['CB', ['train:1']], ['mnli', ['dev-matched:1', 'dev-mismatched:1']], ['parquet', ['train:2']],
    ]);
    expect(skipped).toEqual([{ label: 'notes.md', reason: 'not a data file by its name' }]);
    await bring(folder, { table: 'parquet', name: 'shards' });
    expect(storedLines(bench.workspace, 'shards')).toEqual(['{"text":"a","label":"1"}', '{"text":"b","label":"1"}']);
    expect((await readDatasetRows(bench.workspace, { name: 'shards', version: null, split: null, from: 1, limit: 5 })).rows).toMatchObject([{ index: 1, cells: ['b', '1'] }]);
  });
});

const sniff = (path: string) => sniffSource({ kind: 'paths', paths: [path] }, automatic, surroundingsOf(null));

describe('what is no data', () => {
  it('is told for what it is: a checkpoint of T5, a prompt of another program, a pack', async () => {
    const model = join(folder, 'model');
    for (const [name, text] of [['config.json', '{"model_type":"t5"}'], ['tokenizer.json', '{}'], ['model.safetensors', 'x']] as const) writeFile(model, name, text);
    writeFile(join(folder, 'peft'), 'adapter_config.json', '{}');
    writeFile(join(folder, 'peft'), 'adapter_model.safetensors', 'x');
    expect(await sniff(model)).toMatchObject({ insteadOfData: 'model', tables: [], suggestedName: 'model' });
    expect(await sniff(join(folder, 'peft'))).toMatchObject({ insteadOfData: 'pack' });
    for (const name of ['a.promptpack', 'a.npy', 'a.pt']) expect(await sniff(writeFile(folder, name, 'x'))).toMatchObject({ insteadOfData: 'pack' });
  });

  it('does not hide data that lies beside a configuration, nor another kind of model', async () => {
    const both = join(folder, 'both');
    writeFile(both, 'config.json', '{"model_type":"t5"}');
    writeFile(both, 'train.csv', 'text,label\na,1\n');
    expect(await sniff(both)).toMatchObject({ insteadOfData: null, tables: [{ splits: [{ split: 'train' }] }] });
    writeFile(join(folder, 'bert'), 'config.json', '{"model_type":"bert"}');
    await expect(sniff(join(folder, 'bert'))).rejects.toMatchObject({ code: 'no-data-files' });
  });
});

describe('over the contract', () => {
  it('an import is work that ends, tells that data sets changed, and gives its result; a dropped file needs no path', async () => {
    const outside = temporaryFolder();
    const core = openCore(join(outside, 'workspace'), { create: 'if-missing' });
    try {
      const client = createLocalClient(core);
      const { grant } = core.files.add(writeFile(outside, 'drop.csv', 'text,label\na,1\nb,0\n'));
      const source = { kind: 'paths' as const, paths: [grant] };
      expect(await client.datasets.preview({ source })).toMatchObject({ rows: [{ line: 2, cells: ['a', '1'] }, { line: 3 }], mapping: { format: 'classification' } });
      const { task } = await client.datasets.import({ source, name: 'dropped' });
      while ((await client.work.show({ task })).state === 'running') await new Promise((resolve) => void setTimeout(resolve, 20));
      expect(await client.work.show({ task })).toMatchObject({ state: 'done', problem: null });
      expect(await client.datasets.imported({ task })).toMatchObject({ name: 'dropped', version: 1 });
      expect(await client.datasets.list({})).toMatchObject([{ name: 'dropped', splits: [{ split: 'all', rows: 2, reference: 'dataset:dropped@1/all' }] }]);
      const path = join(outside, 'out.json');
      await client.datasets.export({ name: 'dropped', form: 'json', path });
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual([{ text: 'a', label: '1' }, { text: 'b', label: '0' }]);
      const { grant: intoFolder } = core.files.add(outside);
      await client.datasets.export({ name: 'dropped', form: 'jsonl', path: intoFolder, fileName: 'out.jsonl' });
      expect(readFileSync(join(outside, 'out.jsonl'), 'utf8')).toBe('{"text":"a","label":"1"}\n{"text":"b","label":"0"}\n');
      await client.datasets.remove({ name: 'dropped' });
      expect(await client.datasets.list({})).toEqual([]);
      expect(await client.datasets.restore({ name: 'dropped' })).toHaveLength(1);
    } finally {
      await core.work.close();
      core.workspace.close();
    }
  });
});
