import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../main/task/dataset.ts';
import { findFormat } from '../../main/task/index.ts';
import { inspectFile } from '../../main/task/inspection.ts';
import { temporaryFiles } from './temporary.ts';

const write = temporaryFiles();
const jsonLines = (...rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const short = (warnings: readonly { code: string; line: number | null }[]) => warnings.map(({ code, line }) => [code, line]);

describe('reading a data set', () => {
  it('warns once a kind, at the first line, of what is odd without being wrong', async () => {
    const file = write('odd.jsonl', `${jsonLines(
      { passage: 'P', question: 'q1', idx: 1, label: true },
      { passage: 'P', question: 'q1', idx: 1, label: true },
      { passage: 'P', question: 'q1', idx: 3, label: false },
      { passage: 'P', question: 'q1', idx: 1, label: true },
      { passage: 'x'.repeat(30_000), question: 'q2', idx: 4, label: true },
      { passage: 'P', question: 'q3', idx: 5 },
    )}\n\n\n`);
    const { examples, warnings, rows } = await readDataset({ file, format: findFormat('boolq'), use: 'evaluate' });
    expect(rows).toBe(6);
    expect(short(warnings).sort()).toEqual([
      ['contradictory-labels', 3], ['duplicate-rows', 2], ['long-row', 5], ['repeated-id', 2], ['trailing-blank-lines', 7], ['unlabeled-rows', 6],
    ]);
    expect(warnings.find(({ code }) => code === 'duplicate-rows')?.message).toBe('2 examples repeat an earlier one, first at line 2, which is the same as line 1.');
    expect(examples.map(({ id }) => id)).toEqual(['1', '1#2', '3', '1#3', '4', '5']);
    expect(examples.map(({ target }) => target)).toEqual(['True', 'True', 'False', 'True', 'True', null]);
  });

  it('keeps ids unique when a file already has the id that would be made', async () => {
    const file = write('ids.jsonl', jsonLines(...['a', 'a#2', 'a', 'a', 'a#2'].map((idx, n) => ({ passage: 'P', question: `q${n}`, idx, label: true }))));
    const { examples } = await readDataset({ file, format: findFormat('boolq'), use: 'evaluate' });
    expect(new Set(examples.map(({ id }) => id)).size).toBe(5);
    expect(examples.slice(0, 2).map(({ id }) => id)).toEqual(['a', 'a#2']);
  });

  it('warns of a file with a single class, but not of an open task', async () => {
    const file = write('single.jsonl', jsonLines({ passage: 'P', question: 'a', label: true }, { passage: 'P', question: 'b', label: true }));
    expect(short((await readDataset({ file, format: findFormat('boolq'), use: 'train' })).warnings)).toEqual([['single-class', null]]);
    const open = write('open.jsonl', jsonLines(...[1, 2].map((idx) => ({ idx, text: `Al ${idx} sang as he left.`, span1_text: 'Al', span2_text: 'he', span2_index: 4, label: true }))));
    expect((await readDataset({ file: open, format: findFormat('wsc'), use: 'train' })).warnings).toEqual([]);
  });

  it('does not take the copies of a ReCoRD query, one per answer, for repeats or contradictions', async () => {
    const row = { passage: 'Bo and Ann sang.', query: '@placeholder sang.', entities: ['Bo', 'Ann'], answers: ['Bo', 'Ann'], idx: { passage: 1, query: 2 } };
    const { examples, warnings } = await readDataset({ file: write('copies.jsonl', jsonLines(row)), format: findFormat('record'), use: 'train' });
    expect([examples.length, warnings]).toEqual([2, []]);
  });

  it('refuses to train on rows without a label, with a sentence of its own when none has one', async () => {
    const some = write('some.jsonl', jsonLines({ passage: 'P', question: 'a', label: true }, { passage: 'P', question: 'b' }, { passage: 'P', question: 'c', label: -1 }));
    await expect(readDataset({ file: some, format: findFormat('boolq'), use: 'train' })).rejects.toMatchObject({
      code: 'unlabeled-rows', found: '2 examples without a label, the first here', place: { file: some, line: 2 },
    });
    const none = write('none.tsv', 'sentence\nfine\ndull\n');
    await expect(readDataset({ file: none, format: findFormat('sst2'), use: 'train' })).rejects.toMatchObject({ code: 'unlabeled-file', place: { file: none } });
    expect((await readDataset({ file: none, format: findFormat('sst2'), use: 'evaluate' })).examples.map(({ target }) => target)).toEqual([null, null]);
  });

  it('says that nothing is left to train on when WSC has only wrong pairs', async () => {
    const file = write('wrong.jsonl', jsonLines({ text: 'Al sang as he left.', span1_text: 'Bo', span2_text: 'he', span2_index: 3, label: false }));
    await expect(readDataset({ file, format: findFormat('wsc'), use: 'train' })).rejects.toMatchObject({ code: 'no-examples' });
  });

  it('reads no further than the limit, so that a broken row behind it does not matter', async () => {
    const file = write('limit.jsonl', `${jsonLines({ passage: 'P', question: 'a', label: true }, { passage: 'P', question: 'b', label: false })}\nbroken`);
    const { examples, rows } = await readDataset({ file, format: findFormat('boolq'), use: 'train', limit: 2 });
    expect([examples.length, rows]).toEqual([2, 2]);
    await expect(readDataset({ file, format: findFormat('boolq'), use: 'train' })).rejects.toMatchObject({ code: 'invalid-json', place: { line: 3 } });
  });

  it('binds the classes of the training file, which evaluation then takes', async () => {
    const train = write('train.csv', 'text,label\na,yes\nb,no\nc,maybe\n');
    const dev = write('dev.csv', 'text,label\nd,yes\ne,maybe\n');
    const { format } = await readDataset({ file: train, format: findFormat('classification'), use: 'train' });
    expect(format.labels).toEqual(['maybe', 'no', 'yes']);
    expect((await readDataset({ file: dev, format, use: 'evaluate' })).examples.map(({ label }) => label)).toEqual([2, 0]);
  });

  it('takes a text column for labels for what it is', async () => {
    const file = write('swapped.csv', `label,text\n${Array.from({ length: 300 }, (_, n) => `a sentence ${n},1`).join('\n')}\n`);
    await expect(readDataset({ file, format: findFormat('classification'), use: 'train' })).rejects.toMatchObject({ code: 'too-many-classes', place: { file, line: 202 } });
  });

  it('refuses classes that share a value or a word', () => {
    const { anyClasses } = findFormat('pair');
    expect(() => anyClasses?.forLabels([{ value: '0', word: 'no' }, { value: '1', word: 'no' }])).toThrow(expect.objectContaining({ code: 'repeated-class' }));
    expect(() => anyClasses?.forLabels([{ value: '0', word: 'no' }, { value: '0', word: 'yes' }])).toThrow(expect.objectContaining({ code: 'repeated-class' }));
    expect(() => anyClasses?.forLabels([{ value: '0', word: 'no' }, { value: '1', word: ' ' }])).toThrow(expect.objectContaining({ code: 'repeated-class' }));
  });
});

describe('inspecting a file', () => {
  it('lists the rows that do not fit instead of stopping at the first', async () => {
    const file = write('bad.jsonl', jsonLines(
      ...[true, 'perhaps', false, 7].map((label, idx) => ({ passage: 'P', question: `q${idx}`, idx, label })),
      { passage: '', question: 'q', label: true },
    ));
    const inspection = await inspectFile(file);
    expect(inspection).toMatchObject({ format: 'boolq', rows: 5, fields: ['passage', 'question', 'idx', 'label'], labels: { True: 1, False: 1 } });
    expect(short(inspection.warnings)).toEqual([['label-not-allowed', 2], ['label-not-allowed', 4], ['empty-text', 5]]);
  });

  it('tells only the first twenty such rows and counts the others', async () => {
    const file = write('worse.jsonl', jsonLines({ passage: 'P', question: 'q', label: true }, ...Array.from({ length: 30 }, () => ({ passage: 'P', question: '', label: true }))));
    const { warnings } = await inspectFile(file);
    expect(warnings.filter(({ code }) => code === 'empty-text')).toHaveLength(20);
    expect(warnings).toContainEqual({ code: 'more-problems', line: null, message: '10 more rows do not fit.' });
  });

  it('says when another format fits as well', async () => {
    const file = write('both.jsonl', jsonLines(...['entailment', 'entailment'].map((label) => ({ premise: 'p', hypothesis: 'h', label }))));
    const inspection = await inspectFile(file);
    expect(inspection.format).toBe('cb');
    expect(inspection.warnings[0]).toEqual({ code: 'format-ambiguous', line: null, message: 'It could as well be rte; name the format.' });
  });

  it('counts labels of any classes as the file writes them', async () => {
    const inspection = await inspectFile(write('any.csv', 'text,label\na,yes\nb,no\nc,yes\n'));
    expect(inspection).toMatchObject({ format: 'classification', labels: { yes: 2, no: 1 }, warnings: [] });
  });

  it('reads a large file without holding it', () => {
    const row = `${'lorem ipsum dolor sit amet '.repeat(40)}\t1\n`;
    const file = write('large.tsv', row.repeat(110_000));
    const script = `
      import { inspectFile } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../main/task/inspection.ts')).href)};
      process.stdout.write(JSON.stringify(await inspectFile(${JSON.stringify(file)})));
    `;
    // The file has 119 MB, the heap a third of that; a reader that held the text would die.
    const printed = execFileSync(process.execPath, ['--max-old-space-size=40', '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(printed)).toMatchObject({ format: 'sst2', rows: 110_000 });
  });
});
