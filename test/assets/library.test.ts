import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { libraryFiles } from '../../assets/library/files.ts';
import { maskedKey } from '../../assets/library/library-task.ts';
import { scoreSingleFields } from '../../assets/library/shortcuts.ts';
import { drawSplits, splitNames } from '../../assets/library/split.ts';
import { libraryTasks } from '../../assets/library/task/index.ts';
import { readDataset } from '../../main/task/dataset.ts';
import { findFormat } from '../../main/task/index.ts';

const folder = join(import.meta.dirname, '../../assets/library');

describe('the library’s files', () => {
  it('are what the script makes, byte for byte', () => {
    for (const [path, text] of libraryFiles()) expect(readFileSync(join(folder, path), 'utf8') === text, path).toBe(true);
  });
});

describe.each(libraryTasks.map((task, number) => ({ task, number })))('$task.id', ({ task, number }) => {
  let splits: ReturnType<typeof drawSplits>;
  beforeAll(() => {
    splits = drawSplits(task, 1000 + number);
  });

  it('leaks nothing: no two items are alike once people and towns are masked', () => {
    const keys = splitNames.flatMap((split) => splits[split].map(maskedKey));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBe(task.sizes.train + task.sizes.dev + task.sizes.test);
  });

  it('is balanced in every split', () => {
    for (const split of splitNames) {
      const counts = task.labels.map((label) => splits[split].filter((item) => item.label === label).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });

  it('gives no label away in one field alone', () => {
    const fields = Object.entries(scoreSingleFields(splits.train, splits.test));
    // A task of one field is its whole input: there is nothing to leave out.
    if (task.labels.length < 2 || fields.length === 1 || task.id === 'wsc') return;
    const majority = 1 / task.labels.length;
    // Four standard errors of a share over the test split.
    const margin = 4 * Math.sqrt((majority * (1 - majority)) / task.sizes.test);
    for (const [field, accuracy] of fields) expect(accuracy, field).toBeLessThan(majority + margin);
  });

  it('is read by its format, every row with a label', async () => {
    const file = join(folder, task.id, `test.${task.file}`);
    const { examples, warnings } = await readDataset({ file, format: findFormat(task.format), use: 'evaluate' });
    expect(warnings).toEqual([]);
    expect(examples.length).toBeGreaterThanOrEqual(task.sizes.test);
    expect(examples.every(({ target, input }) => target !== null && input !== '')).toBe(true);
    expect(new Set(examples.map(({ id }) => id)).size).toBe(examples.length);
  });
});
