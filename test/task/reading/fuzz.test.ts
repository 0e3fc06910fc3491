/** Damaged files: always rows or a Problem that names a place in the file, never another error. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../main/contract/problem.ts';
import { readDataset } from '../../../main/task/dataset.ts';
import { findFormat } from '../../../main/task/index.ts';
import { inspectFile } from '../../../main/task/inspection.ts';
import { temporaryFiles } from '../temporary.ts';

const whole: Record<string, { format: string; text: string }> = {
  'a.tsv': { format: 'sst2', text: 'sentence\tlabel\na "quiet" film\t1\nöde und leer\t0\n好看\t1\n' },
  'a.csv': { format: 'mrpc', text: 'label,sentence1,sentence2\nequivalent,"He said, ""no"".","He\ndeclined."\nnot_equivalent,Ice mélts.,Ice floats.\n' },
  'a.jsonl': { format: 'multirc', text: '{"idx":1,"passage":{"text":"T é.","questions":[{"question":"Q?","idx":2,"answers":[{"text":"A","idx":3,"label":1}]}]}}\n'.repeat(2) },
  'b.json': { format: 'record', text: '{"data":[{"passage":{"text":"Bo sang.","entities":[{"start":0,"end":1}]},"idx":5,"qas":[{"query":"@placeholder sang.","idx":8,"answers":[{"text":"Bo"}]}]}]}' },
  'c.jsonl': { format: 'wsc', text: '{"text":"Al sang and he left.","target":{"span1_text":"Al","span2_text":"he","span2_index":3},"label":true,"idx":0}\n' },
};

const write = temporaryFiles();

function damage(bytes: Buffer, kind: 'cut' | 'swap' | 'overwrite' | 'insert' | 'repeat', positions: readonly number[], value: number): Buffer {
  const [first = 0, second = 0] = positions.map((position) => position % bytes.length);
  const [from, to] = first < second ? [first, second] : [second, first];
  switch (kind) {
    case 'cut': return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    case 'swap': return Buffer.concat([bytes.subarray(to), bytes.subarray(from, to), bytes.subarray(0, from)]);
    case 'overwrite': return Buffer.from(bytes.map((byte, index) => (index === from || index === to ? value : byte)));
    case 'insert': return Buffer.concat([bytes.subarray(0, from), Buffer.alloc(1 + (to % 40), value), bytes.subarray(from)]);
    case 'repeat': return Buffer.concat([bytes, bytes.subarray(from), bytes.subarray(0, to)]);
    default: return kind satisfies never;
  }
}

describe('a damaged file', () => {
  it.each(Object.entries(whole))('%s reads as rows or is refused with a Problem', async (name, { format, text }) => {
    const bytes = Buffer.from(text);
    const isSound = await readDataset({ file: write(name, bytes), format: findFormat(format), use: 'train' });
    expect(isSound.examples.length).toBeGreaterThan(0);
    await fc.assert(fc.asyncProperty(
      fc.constantFrom('cut', 'swap', 'overwrite', 'insert', 'repeat'),
      fc.tuple(fc.nat(10_000), fc.nat(10_000)),
      fc.oneof(fc.constantFrom(0x00, 0x09, 0x0a, 0x0d, 0x22, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d, 0xff), fc.nat(255)),
      async (kind, positions, value) => {
        const file = write(name, damage(bytes, kind, positions, value));
        for (const reading of [() => readDataset({ file, format: findFormat(format), use: 'train' }), () => inspectFile(file)]) {
          try {
            const { rows } = await reading();
            expect(rows).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(Problem);
            expect(error).toMatchObject({ kind: 'input', place: { file } });
          }
        }
      },
    ), { numRuns: 250 });
  });
});
