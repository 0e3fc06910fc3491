import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InitialisationContext } from '../../main/method/method.ts';
import { promptTuning } from '../../main/method/prompt-tuning.ts';
import { parseT5Config } from '../../main/model/config.ts';
import { createGenerator } from '../../main/train/random.ts';
import { tinyFamilies } from '../model/tiny-t5.ts';

const model = { ...parseT5Config(tinyFamilies.mT5, {}), vocabularySize: 6000, width: 4 };
const pieces: Record<string, number[]> = { yes: [5100], 'not at all': [5200, 5300, 5400], 'a b c': [10, 11, 12] };

/** Row `id` says its id in its first element and id² in its second. */
function context(more: Partial<InitialisationContext> = {}, seed = 1): InitialisationContext {
  return {
    model, labels: ['yes', 'not at all'], random: createGenerator(seed, 'initialisation'),
    embeddingRow: (id) => Float32Array.of(id, id * id, 0, 1),
    tokenize: (text) => pieces[text] ?? [],
    weight: () => { throw new Error('a prompt starts from no weight'); },
    readArray: () => Promise.reject(new Error('no array was asked for')),
    ...more,
  };
}

async function rowsOf(settings: Record<string, unknown>, given = context()): Promise<number[][]> {
  const parsed = promptTuning.schema.parse(settings);
  const [values = new Float32Array()] = await promptTuning.initialise(parsed, given);
  expect(values.length).toBe(parsed.promptLength * model.width);
  return Array.from({ length: parsed.promptLength }, (_, row) => [...values.subarray(row * model.width, (row + 1) * model.width)]);
}

const readArray = () => Promise.resolve({ shape: [2, 4], data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]) });
const idsOf = (rows: number[][]): number[] => rows.map(([id = Number.NaN]) => id);

describe('a prompt that starts from', () => {
  it('class labels has label i in row i, the mean of its pieces, and other pieces of the first 5000 behind, none twice', async () => {
    const rows = await rowsOf({ promptLength: 100 });
    expect(rows[0]).toEqual([5100, 5100 ** 2, 0, 1]);
    expect(rows[1]?.[0]).toBeCloseTo(5300, 2);
    expect((rows[1]?.[1] ?? 0) / ((5200 ** 2 + 5300 ** 2 + 5400 ** 2) / 3)).toBeCloseTo(1, 6);
    expect(rows[1]?.[3]).toBeCloseTo(1, 6);
    const rest = idsOf(rows.slice(2));
    expect(new Set(rest).size).toBe(98);
    expect(Math.max(...rest)).toBeLessThan(5000);
    expect(idsOf(await rowsOf({ promptLength: 100 }, context({}, 2))).slice(2)).not.toEqual(rest);
  });

  it('the texts of its slots has their tokens there, repeated or cut; the slots between have the method’s own start, label i in row i of theirs', async () => {
    const slots = [{ rows: 2, from: null }, { rows: 5, from: 'a b c' }, { rows: 1, from: null }, { rows: 2, from: 'not at all' }];
    const ids = idsOf(await rowsOf({ promptLength: 10 }, context({ slots })));
    expect([ids[0], Math.round(ids[1] ?? 0), ...ids.slice(2, 7), ...ids.slice(8)]).toEqual([5100, 5300, 10, 11, 12, 10, 11, 5200, 5300]);
    expect(ids[7]).toBeLessThan(5000);
  });

  it('slots without a text is what it is in front of the text', async () => {
    const slots = [{ rows: 3, from: null }, { rows: 7, from: null }];
    expect(await rowsOf({ promptLength: 10 }, context({ slots }))).toEqual(await rowsOf({ promptLength: 10 }));
  });

  it('the texts of all its slots asks for no labels', async () => {
    expect(idsOf(await rowsOf({ promptLength: 1 }, context({ labels: [], slots: [{ rows: 1, from: 'yes' }] })))).toEqual([5100]);
  });

  it('an array is that array, whatever its slots begin from', async () => {
    const slots = [{ rows: 1, from: 'yes' }, { rows: 1, from: null }];
    expect(await rowsOf({ promptLength: 2, init: 'array', initFile: 'p.npy' }, context({ slots, readArray }))).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]]);
  });

  it('a text without tokens is refused', async () => {
    await expect(rowsOf({ promptLength: 1 }, context({ slots: [{ rows: 1, from: ' ' }] }))).rejects.toMatchObject({ code: 'init-text-empty' });
  });

  it('more labels than it has rows leaves the last labels out', async () => {
    expect(idsOf(await rowsOf({ promptLength: 1 }))).toEqual([5100]);
  });

  it('labels needs a task that has some', async () => {
    await expect(rowsOf({}, context({ labels: [] }))).rejects.toMatchObject({ code: 'init-without-labels', kind: 'input' });
  });

  it('the vocabulary draws without replacement, unless more rows than ids are wanted', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.nat(), async (promptLength, initVocabulary, seed) => {
      const ids = idsOf(await rowsOf({ init: 'sampled-vocabulary', promptLength, initVocabulary }, context({}, seed)));
      expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < initVocabulary)).toBe(true);
      if (promptLength <= initVocabulary) expect(new Set(ids).size).toBe(promptLength);
    }));
    const all = idsOf(await rowsOf({ init: 'sampled-vocabulary', promptLength: 1000, initVocabulary: 1_000_000 }));
    expect(new Set(all).size).toBe(1000);
    expect(Math.max(...all)).toBeLessThan(model.vocabularySize);
    expect(Math.max(...all)).toBeGreaterThan(5000);
  });

  it('a string has a row per token, cut where it is longer, filled from the vocabulary where it is shorter', async () => {
    expect(idsOf(await rowsOf({ init: 'string', initText: 'a b c', promptLength: 2 }))).toEqual([10, 11]);
    const longer = idsOf(await rowsOf({ init: 'string', initText: 'a b c', promptLength: 6 }));
    expect(longer.slice(0, 3)).toEqual([10, 11, 12]);
    expect(new Set(longer.slice(3)).size).toBe(3);
    await expect(rowsOf({ init: 'string' })).rejects.toMatchObject({ code: 'init-text-empty' });
  });

  it.each([['random-uniform', -0.5, 0.5], ['random-uniform-positive', 0, 0.5]])('%s lies between %d and %d, all over', async (init, least, most) => {
    const values = (await rowsOf({ init, promptLength: 1000 })).flat();
    expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...values)).toBeLessThan(most);
    expect(Math.min(...values)).toBeLessThan(least + 0.01);
    expect(Math.max(...values)).toBeGreaterThan(most - 0.01);
    // Five standard deviations of a mean of 4000.
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - (least + most) / 2)).toBeLessThan((5 * (most - least)) / Math.sqrt(12 * 4000));
  });

  it('an array takes it as it is, and only in its own shape', async () => {
    const array = { shape: [2, 4], data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]) };
    const given = context({ readArray: () => Promise.resolve(array) });
    const settings = { init: 'array', initFile: 'prompt.npy' };
    expect(await rowsOf({ ...settings, promptLength: 2 }, given)).toEqual([[1, 2, 3, 4], [5, 6, 7, 8]]);
    await expect(rowsOf({ ...settings, promptLength: 3 }, given)).rejects.toMatchObject({
      code: 'init-array-shape', found: 'an array of shape [2,4]', expected: '[3,4]: promptLength × the model’s width', place: { file: 'prompt.npy' },
    });
    for (const shape of [[4, 2], [8], [1, 2, 4]]) {
      await expect(rowsOf({ ...settings, promptLength: 2 }, context({ readArray: () => Promise.resolve({ ...array, shape }) }))).rejects.toMatchObject({ code: 'init-array-shape' });
    }
    await expect(rowsOf({ init: 'array' }, given)).rejects.toMatchObject({ code: 'init-file-missing' });
  });

  it('another run’s prompt has that prompt’s first rows, cut where it is longer, filled from the vocabulary where it is shorter', async () => {
    const source = { shape: [3, 4], data: Float32Array.from([1.5, 2, 3, 4, 5.25, 6, 7, 8, 9.125, 10, 11, 12]) };
    const given = (): InitialisationContext => context({ readArray: (path) => (path === '/objects/abc' ? Promise.resolve(source) : Promise.reject(new Error(path))) });
    const settings = { init: 'checkpoint', initCheckpoint: 'r0001/300', initFile: '/objects/abc' };
    const rows = [[1.5, 2, 3, 4], [5.25, 6, 7, 8], [9.125, 10, 11, 12]];
    expect(await rowsOf({ ...settings, promptLength: 3 }, given())).toEqual(rows);
    expect(await rowsOf({ ...settings, promptLength: 2 }, given())).toEqual(rows.slice(0, 2));
    const longer = await rowsOf({ ...settings, promptLength: 6, initVocabulary: 40 }, given());
    expect(longer.slice(0, 3)).toEqual(rows);
    expect(new Set(idsOf(longer.slice(3))).size).toBe(3);
    expect(Math.max(...idsOf(longer.slice(3)))).toBeLessThan(40);
  });

  it('another run’s prompt of another width is refused with both widths', async () => {
    const given = context({ readArray: () => Promise.resolve({ shape: [2, 8], data: new Float32Array(16) }) });
    await expect(rowsOf({ init: 'checkpoint', initCheckpoint: 'r0001/300', initFile: '/objects/abc', promptLength: 2 }, given)).rejects.toMatchObject({
      code: 'init-checkpoint-width', found: 'the prompt r0001/300 of shape [2,8]', expected: 'a prompt of width 4, this model’s',
    });
  });
});
