/** Files that other people made, read where they lie. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../main/task/dataset.ts';
import { findFormat } from '../../../main/task/index.ts';
import { inspectFile } from '../../../main/task/inspection.ts';
import { sharedPath } from '../../shared.ts';

const real: { path: string; format: string; rows: number; examples: number; labels: Record<string, number> }[] = [
  { path: 'superglue/BoolQ/train.jsonl', format: 'boolq', rows: 32, examples: 32, labels: { False: 14, True: 18 } },
  { path: 'superglue/CB/train.jsonl', format: 'cb', rows: 32, examples: 32, labels: { entailment: 19, contradiction: 10, neutral: 3 } },
  { path: 'superglue/COPA/train.jsonl', format: 'copa', rows: 32, examples: 32, labels: { choice1: 14, choice2: 18 } },
  { path: 'superglue/MultiRC/train.jsonl', format: 'multirc', rows: 32, examples: 154, labels: { False: 86, True: 68 } },
  { path: 'superglue/RTE/train.jsonl', format: 'rte', rows: 32, examples: 32, labels: { entailment: 13, not_entailment: 19 } },
  { path: 'superglue/WiC/train.jsonl', format: 'wic', rows: 32, examples: 32, labels: { False: 15, True: 17 } },
  { path: 'sst2/dev.tsv', format: 'sst2', rows: 872, examples: 872, labels: { negative: 428, positive: 444 } },
  { path: 'mrpc/train.csv', format: 'mrpc', rows: 6, examples: 6, labels: { equivalent: 3, not_equivalent: 3 } },
  { path: 'chnsenticorp/train.tsv', format: 'classification', rows: 200, examples: 200, labels: { 0: 99, 1: 101 } },
];

describe('a real file', () => {
  it.for(real)('$path is recognised and read in full', async ({ path, format, rows, examples, labels }, { skip }) => {
    const file = sharedPath(`data/${path}`);
    if (file === null) return skip(`${path} is not beside the repository`);
    const inspection = await inspectFile(file);
    expect(inspection).toMatchObject({ format, encoding: 'utf-8', rows, labels });
    expect(inspection.warnings.map(({ code }) => code)).toEqual(path.startsWith('chnsenticorp') ? ['duplicate-rows'] : []);
    const dataset = await readDataset({ file, format: findFormat(format), use: 'train' });
    expect(dataset.rows).toBe(rows);
    expect(dataset.examples).toHaveLength(examples);
    expect(new Set(dataset.examples.map(({ id }) => id)).size).toBe(examples);
    expect(dataset.examples.every(({ target, label }) => target !== null && target === dataset.format.labels?.[label ?? -1])).toBe(true);
  });

  it('sst2/dev.tsv keeps every quote where it was', async ({ skip }) => {
    const file = sharedPath('data/sst2/dev.tsv');
    if (file === null) return skip('sst2/dev.tsv is not beside the repository');
    const { examples } = await readDataset({ file, format: findFormat('sst2'), use: 'evaluate' });
    const again = examples.map(({ input, label }) => `${input.slice('sentence: '.length)}\t${label}`).join('\n');
    expect(again).toBe(readFileSync(file, 'utf8'));
  });

  it('swag/sample.json, for which there is no format, is told so', async ({ skip }) => {
    const file = sharedPath('data/swag/sample.json');
    if (file === null) return skip('swag/sample.json is not beside the repository');
    const inspection = await inspectFile(file);
    expect(inspection).toMatchObject({ format: null, rows: 10, labels: {}, warnings: [{ code: 'no-format', line: null }] });
    expect(inspection.warnings[0]?.message).toContain('"ending0"');
  });

  it.for([['t5-tiny/pytorch_model.bin', 'binary-file'], ['tokenizer/spiece.model', 'invalid-utf8'], ['t5-tiny/tokenizer.json', 'no-list']] as const)(
    '%s, which is no data set, is refused as %s',
    async ([path, code], { skip }) => {
      const file = sharedPath(`data/${path}`);
      if (file === null) return skip(`${path} is not beside the repository`);
      await expect(inspectFile(file)).rejects.toMatchObject({ code, place: { file } });
    },
  );
});
