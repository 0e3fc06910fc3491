import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosineOf, describeRows, findNeighbours, normOf, pairwiseCosines, randomRowsLike, rowOf, spreadOf, type PromptMatrix } from '../../main/train/prompt-geometry.ts';
import { createGenerator } from '../../main/train/random.ts';
import { openTinyT5, randomValues, tinyFamilies } from '../model/tiny-t5.ts';

const matrix = (rows: number[][]): PromptMatrix => ({ values: Float32Array.from(rows.flat()), rows: rows.length, width: rows[0]?.length ?? 0 });

/** As a person would write it down: float64 over plain arrays. */
const reference = {
  norm: (row: number[]) => Math.hypot(...row),
  cosine: (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / Math.hypot(...a) / Math.hypot(...b),
};

const prompts = fc.integer({ min: 1, max: 6 }).chain((width) => fc.array(
  fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 },
)).map(matrix);

const search = (more: Partial<Parameters<typeof findNeighbours>[0]>) => ({
  prompt: matrix([[1, 0]]), embedding: new Float32Array(), vocabularySize: 1000, excludedIds: new Set<number>(), count: 3,
  pieceOf: (id: number) => `piece ${id}`, isCancelled: () => false, ...more,
});

describe('the rows of a prompt', () => {
  it('have the norms, means, largest elements and distances that are worked out by hand', () => {
    const [first, second] = describeRows(matrix([[3, 4], [0, -2]]), matrix([[3, 0], [2, 0]]));
    expect(first).toEqual({ norm: 5, mean: 3.5, largest: 4, initial: { distance: 4, cosine: 3 / 5, norm: 3 } });
    expect(second).toEqual({ norm: 2, mean: -1, largest: 2, initial: { distance: Math.sqrt(8), cosine: 0, norm: 2 } });
    expect(describeRows(matrix([[1, 1]]), null)[0]?.initial).toBeNull();
    expect(spreadOf([5, 1, 3, 100])).toEqual({ least: 1, mean: 27.25, median: 4, most: 100 });
  });

  it('of nothing but zeros have no direction', () => {
    const zeros = matrix([[0, 0], [1, 0]]);
    expect(cosineOf(rowOf(zeros, 0), rowOf(zeros, 1))).toBeNull();
    expect(pairwiseCosines(zeros, 10)).toEqual({ rows: [0, 1], cosines: [[null, null], [null, 1]] });
  });

  it('are compared with each other in pairs; of many, those at even distances', () => {
    fc.assert(fc.property(prompts, (prompt) => {
      const { cosines } = pairwiseCosines(prompt, 100);
      for (const [a, row] of cosines.entries()) {
        for (const [b, cosine] of row.entries()) {
          expect(cosine).toEqual(cosines[b]?.[a] ?? null);
          if (cosine !== null) expect(cosine).toBeCloseTo(reference.cosine([...rowOf(prompt, a)], [...rowOf(prompt, b)]), 4);
        }
      }
    }));
    expect(pairwiseCosines({ values: new Float32Array(10), rows: 10, width: 1 }, 4).rows).toEqual([0, 2, 5, 7]);
  });
});

describe('random rows', () => {
  it('are as long as the prompt’s, row by row, and the same for the same seed', () => {
    fc.assert(fc.property(prompts, fc.nat(), (prompt, seed) => {
      const values = randomRowsLike(prompt, createGenerator(seed, 'random-prompt'));
      for (let row = 0; row < prompt.rows; row += 1) {
        const [wanted, found] = [normOf(rowOf(prompt, row)), normOf(rowOf({ ...prompt, values }, row))];
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-6 * wanted + 1e-40);
      }
      expect(randomRowsLike(prompt, createGenerator(seed, 'random-prompt'))).toEqual(values);
    }));
  });

  it('point anywhere: over many the mean direction is nowhere, and no element is larger than the others', () => {
    const prompt: PromptMatrix = { values: new Float32Array(4000 * 8).fill(1), rows: 4000, width: 8 };
    const values = randomRowsLike(prompt, createGenerator(1, 'random-prompt'));
    for (let column = 0; column < 8; column += 1) {
      const elements = Array.from({ length: 4000 }, (_, row) => values[row * 8 + column] ?? 0);
      // Every element has mean 0 and, as the row's squares sum to 8, mean square 1.
      expect(Math.abs(elements.reduce((sum, value) => sum + value, 0) / 4000)).toBeLessThan(5 / Math.sqrt(4000));
      expect(Math.abs(elements.reduce((sum, value) => sum + value * value, 0) / 4000 - 1)).toBeLessThan(0.1);
    }
    expect(randomRowsLike(prompt, createGenerator(2, 'random-prompt'))).not.toEqual(values);
  });
});

describe('the nearest pieces of a vocabulary', () => {
  it('are those that a full sort by cosine finds, in its order, without what is excluded and what lies beyond the pieces', async () => {
    const source = await openTinyT5({ config: tinyFamilies['T5 1.1 (gated, untied)'] });
    const { width, vocabularySize } = source.config;
    const embedding = source.readWeight('shared.weight');
    const prompt: PromptMatrix = { values: randomValues(5 * width, 7), rows: 5, width };
    const excludedIds = new Set([0, 1, 17]);
    const pieces = vocabularySize - 6;
    const found = await findNeighbours(search({ prompt, embedding, vocabularySize: pieces, excludedIds, count: 4 }));
    for (let row = 0; row < prompt.rows; row += 1) {
      const all = Array.from({ length: pieces }, (_, id) => id)
        .filter((id) => !excludedIds.has(id))
        .map((id) => ({ id, piece: `piece ${id}`, cosine: reference.cosine([...rowOf(prompt, row)], [...source.embeddingRow(id)]) }))
        .sort((a, b) => b.cosine - a.cosine || a.id - b.id);
      expect(found?.rows[row]?.map(({ id }) => id)).toEqual(all.slice(0, 4).map(({ id }) => id));
      for (const [i, { cosine }] of (found?.rows[row] ?? []).entries()) expect(cosine).toBeCloseTo(all[i]?.cosine ?? Number.NaN, 5);
    }
    expect(found?.norms).toHaveLength(pieces - 3);
    expect(found?.norms[0]).toBeCloseTo(reference.norm([...source.embeddingRow(2)]), 5);
  });

  it('do not depend on the length of a row, and of equals the lower id comes first', async () => {
    const embedding = Float32Array.from([0, 1, 5, 0, 1, 0, 0, 0, -1, 0]);
    const found = await findNeighbours(search({ prompt: matrix([[1, 0], [2000, 0]]), embedding, vocabularySize: 5 }));
    expect(found?.rows[0]?.map(({ id, cosine }) => [id, cosine])).toEqual([[1, 1], [2, 1], [0, 0]]);
    expect(found?.rows[1]).toEqual(found?.rows[0]);
  });

  it('of a row of zeros are none, and a search ends when it is to', async () => {
    const embedding = Float32Array.from([1, 0, 0, 1]);
    expect((await findNeighbours(search({ prompt: matrix([[0, 0], [1, 0]]), embedding })))?.rows.map((row) => row.length)).toEqual([0, 2]);
    expect(await findNeighbours(search({ embedding, isCancelled: () => true }))).toBeNull();
  });
});
