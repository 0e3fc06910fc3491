import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncodedExample } from '../../main/train/encoding.ts';
import type { ModelSource } from '../../main/train/model-source.ts';
import { answerWithoutPrompt, answerWithPrompts, compareAnswers, measureSensitivity, splitIntoUnits, withoutPlacedRows, withoutRows, type EffectBench } from '../../main/train/prompt-effect.ts';
import type { PromptMatrix } from '../../main/train/prompt-geometry.ts';
import { openTinyT5, randomValues, tinyFamilies } from '../model/tiny-t5.ts';
import { createRunner } from './runner.ts';
import { rte, rules, splits } from './training-trial.ts';

const examples = [...splits.dev, ...splits.test];
let source: ModelSource;
let bench: EffectBench;
let answers = 0;

function matrix(values: Float32Array): PromptMatrix {
  return { values, rows: values.length / source.config.width, width: source.config.width };
}

function concatenate(parts: readonly Float32Array[]): PromptMatrix {
  return matrix(Float32Array.from(parts.flatMap((part) => [...part])));
}

/** @param slots tokens before it and rows, each */
const place = (example: EncodedExample, slots: readonly [number, number][]): EncodedExample =>
  ({ ...example, softRows: slots.filter(([, count]) => count > 0).map(([tokensBefore, count]) => ({ tokensBefore, rows: count })) });

beforeAll(async () => {
  source = await openTinyT5({ config: tinyFamilies['T5 1.1 (gated, untied)'] });
  bench = {
    openRunner: (promptRows, parameters) => createRunner(source, { promptRows, parameters }),
    rules, format: rte, microBatch: 'auto',
    onAnswers: (count) => { answers += count; },
    isCancelled: () => false,
  };
});
afterAll(() => { answers = 0; });

describe('answers with a prompt', () => {
  it('of several prompts in shared passes are each one’s own', async () => {
    // More than share a pass.
    const prompts = Array.from({ length: 11 }, (_, seed) => matrix(randomValues(3 * source.config.width, seed, 3)));
    const together = await answerWithPrompts(bench, prompts, examples);
    expect(together).toHaveLength(11);
    for (const at of [0, 7, 10]) {
      const [alone] = await answerWithPrompts(bench, [prompts[at] as PromptMatrix], examples) ?? [];
      expect(together?.[at]?.predictions.map(({ answer }) => answer)).toEqual(alone?.predictions.map(({ answer }) => answer));
      expect(compareAnswers(together?.[at]?.predictions ?? [], alone?.predictions ?? []).largestLogProbabilityChange).toBeLessThan(1e-4);
    }
  });

  it('are counted one by one for whoever waits', async () => {
    const before = answers;
    await answerWithoutPrompt(bench, examples);
    await answerWithPrompts(bench, [matrix(randomValues(2 * source.config.width, 1)), matrix(randomValues(2 * source.config.width, 2))], examples);
    expect(answers - before).toBe(3 * examples.length);
  });

  it('are null when the work is to end', async () => {
    const stopped = { ...bench, isCancelled: () => true };
    expect(await answerWithoutPrompt(stopped, examples)).toBeNull();
    expect(await measureSensitivity(stopped, matrix(randomValues(2 * source.config.width, 1)), { examples, mostUnits: 2 })).toBeNull();
  });

  it('differ from the bare model’s where decoded texts do, by the largest change of a log-probability', async () => {
    const bare = await answerWithoutPrompt(bench, examples);
    const [prompted] = await answerWithPrompts(bench, [matrix(randomValues(4 * source.config.width, 3, 40))], examples) ?? [];
    expect(compareAnswers(bare?.predictions ?? [], bare?.predictions ?? [])).toEqual({ examples: examples.length, differing: 0, largestLogProbabilityChange: 0 });
    const difference = compareAnswers(bare?.predictions ?? [], prompted?.predictions ?? []);
    expect(difference.differing).toBe(bare?.predictions.filter(({ answer }, i) => answer !== prompted?.predictions[i]?.answer).length);
    expect(difference.differing).toBeGreaterThan(0);
    expect(difference.largestLogProbabilityChange).toBe(Math.max(...(bare?.predictions ?? []).flatMap(({ logProbabilities }, i) =>
      (logProbabilities ?? []).map((value, label) => Math.abs(value - (prompted?.predictions[i]?.logProbabilities?.[label] ?? Number.NaN))))));
  });
});

describe('leaving rows out', () => {
  it('goes row by row where there are few, else block by block, every row once', () => {
    expect(splitIntoUnits(3, 25)).toEqual([{ first: 0, last: 0 }, { first: 1, last: 1 }, { first: 2, last: 2 }]);
    for (const [rows, most] of [[100, 25], [7, 3], [1, 1], [1000, 999]] as const) {
      const units = splitIntoUnits(rows, most);
      expect(units.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i))).toEqual(Array.from({ length: rows }, (_, row) => row));
      const sizes = units.map(({ first, last }) => last - first + 1);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(units.length).toBe(Math.min(rows, most));
    }
  });

  it('is evaluating the prompt that was written down without them', async () => {
    const { width } = source.config;
    const rows = Array.from({ length: 5 }, (_, row) => randomValues(width, 20 + row, 5));
    const found = await measureSensitivity(bench, concatenate(rows), { examples, mostUnits: 3 });
    expect(found?.units.map(({ first, last }) => [first, last])).toEqual([[0, 0], [1, 2], [3, 4]]);
    const [whole] = await answerWithPrompts(bench, [concatenate(rows)], examples) ?? [];
    expect(found?.whole.loss).toBeCloseTo(whole?.loss ?? Number.NaN, 5);
    for (const { first, last, without, lossChange, scoreChange } of found?.units ?? []) {
      const [result] = await answerWithPrompts(bench, [concatenate(rows.filter((_, row) => row < first || row > last))], examples) ?? [];
      expect(without.loss).toBeCloseTo(result?.loss ?? Number.NaN, 5);
      expect(without.score).toBe(result?.score);
      expect(lossChange).toBeCloseTo((result?.loss ?? 0) - (whole?.loss ?? 0), 5);
      expect(scoreChange).toBeCloseTo((result?.score ?? 0) - (whole?.score ?? 0), 10);
      expect(Math.abs(lossChange ?? 0)).toBeGreaterThan(1e-4);
    }
  });

  it('of the only row leaves the bare model', async () => {
    const found = await measureSensitivity(bench, matrix(randomValues(source.config.width, 4, 5)), { examples, mostUnits: 25 });
    const bare = await answerWithoutPrompt(bench, examples);
    expect(found?.units.map(({ without }) => without.loss)).toEqual([bare?.loss]);
  });

  it('of a prompt within the text shortens the slots that they stand in', async () => {
    const { width } = source.config;
    const rows = Array.from({ length: 4 }, (_, row) => randomValues(width, 40 + row, 5));
    const [example] = examples;
    if (example === undefined) throw new Error('no example');
    expect(withoutPlacedRows(place(example, [[0, 1], [2, 3]]), { first: 0, last: 1 })).toEqual(place(example, [[2, 2]]));
    expect(withoutRows(concatenate(rows), { first: 1, last: 2 })).toEqual(concatenate([rows[0] as Float32Array, rows[3] as Float32Array]));

    const placed = examples.filter(({ source: ids }) => ids.length >= 2).map((each) => place(each, [[0, 1], [2, 3]]));
    const found = await measureSensitivity(bench, concatenate(rows), { examples: placed, mostUnits: 4 });
    for (const { first, without } of found?.units ?? []) {
      const left = placed.map((each) => place(each, first === 0 ? [[2, 3]] : [[0, 1], [2, 2]]));
      const [result] = await answerWithPrompts(bench, [concatenate(rows.filter((_, row) => row !== first))], left) ?? [];
      expect(without.loss).toBeCloseTo(result?.loss ?? Number.NaN, 5);
    }
    const bare = await answerWithoutPrompt(bench, placed);
    expect(bare?.loss).toBe((await answerWithoutPrompt(bench, examples.filter(({ source: ids }) => ids.length >= 2)))?.loss);
  });
});
