import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import type { PlacedRows } from '../../main/task/pattern/encode-parts.ts';
import { sourceFeeds, sourceOrder, targetFeeds, type MicroBatch, type SizedExample } from '../../main/train/batch.ts';
import { decodeGreedily, scoreCandidates } from '../../main/train/decode.ts';
import type { EncodedExample } from '../../main/train/encoding.ts';
import type { TrainingExample } from '../../main/train/model-runner.ts';
import type { ModelSource } from '../../main/train/model-source.ts';
import { createGenerator } from '../../main/train/random.ts';
import { relativeError } from '../golden/compare.ts';
import { tfjsLogits, tfjsLoss } from '../model/tfjs-t5.ts';
import { openTinyT5, randomValues, tinyFamilies } from '../model/tiny-t5.ts';
import { createRunner, encodedExample } from './runner.ts';

const promptRows = 4;
const shape = { batch: 3, source: 16, target: 4 };
/** Two slots, of 3 rows and of 1, at other places in every text: in its middle, at its start and its end, side by side. */
const placed: EncodedExample[] = [
  place([5, 9, 12, 7, 1], [7, 3, 1], [{ tokensBefore: 2, rows: 3 }, { tokensBefore: 4, rows: 1 }]),
  place([4, 1], [11, 1], [{ tokensBefore: 0, rows: 3 }, { tokensBefore: 2, rows: 1 }]),
  place([33, 2, 8, 30, 21, 9, 17, 1], [6, 6, 20, 1], [{ tokensBefore: 5, rows: 3 }, { tokensBefore: 5, rows: 1 }]),
];
const micro: MicroBatch = { shape, examples: placed };
const inFront: MicroBatch = { shape, examples: placed.map(({ softRows: _softRows, ...example }) => example) };
const tokenWeight = 1 / 9;

function place(source: number[], target: number[], softRows: PlacedRows[]): EncodedExample {
  return { ...encodedExample(source, target), softRows };
}

function promptOf(values: Float32Array): { name: string; shape: number[]; values: Float32Array } {
  return { name: 'prompt', shape: [promptRows, values.length / promptRows], values };
}

async function lossAndGradient(source: ModelSource, values: Float32Array, batch: MicroBatch): Promise<{ loss: number; gradient: Float32Array }> {
  const runner = createRunner(source, { promptRows, parameters: [promptOf(values)] });
  const gradient = new Float32Array(values.length);
  const loss = await runner.accumulateGradients(batch, [gradient], { tokenWeight, dropout: createGenerator(1, 'dropout') });
  await runner.close();
  return { loss, gradient };
}

function rowsOf(data: Float32Array | BigInt64Array, width: number): number[][] {
  return Array.from({ length: data.length / width }, (_, row) => Array.from(data.subarray(row * width, (row + 1) * width), Number));
}

/** Loss and gradient of a T5 that shares no line with ours; it takes the rows in an order that is written out here once more. */
function byTfjs(source: ModelSource, values: Float32Array): { loss: number; gradient: Float32Array } {
  const order = placed.map(({ softRows = [] }) => {
    const items = Array.from({ length: shape.source }, (_, token) => ({ index: promptRows + token, at: token }));
    const rows = softRows.flatMap(({ tokensBefore, rows: count }) => Array.from({ length: count }, () => tokensBefore - 0.5)).map((at, index) => ({ index, at }));
    return [...items, ...rows].toSorted((a, b) => a.at - b.at || a.index - b.index).map(({ index }) => index);
  });
  return tf.tidy(() => {
    const weights = new Map(expectedTensors(source.config).map(({ name, shape: extents }) => [name, tf.tensor(source.readWeight(name), [...extents])]));
    const model = { config: source.config, weight: (name: string) => weights.get(name) as tf.Tensor, dropout: (_site: string, x: tf.Tensor) => x };
    const { sourceIds, sourceMask } = sourceFeeds(micro);
    const targets = targetFeeds(placed.map(({ target }) => target ?? []), shape.target, { startId: source.config.decoderStartId, weight: tokenWeight });
    const batch = { sourceIds: rowsOf(sourceIds, shape.source), sourceMask: rowsOf(sourceMask, shape.source), decoderIds: rowsOf(targets.decoderIds, shape.target), order };
    const wanted = { ids: rowsOf(targets.targetIds, shape.target), weights: rowsOf(targets.targetWeights, shape.target) };
    const { value, grad } = tf.valueAndGrad((prompt) => tfjsLoss(tfjsLogits(model, batch, prompt), wanted))(tf.tensor(values, [promptRows, source.config.width]));
    return { loss: value.dataSync()[0] ?? Number.NaN, gradient: grad.dataSync() as Float32Array };
  });
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(Object.entries(tinyFamilies))('soft rows within the text, %s', (_name, config) => {
  let source: ModelSource;
  let prompt: Float32Array;
  beforeAll(async () => {
    source = await openTinyT5({ config });
    prompt = randomValues(promptRows * source.config.width, 7, 2);
  });

  it('have the loss and the gradient that an independent T5 on tfjs gives them, each example’s slots elsewhere', async () => {
    const [ours, theirs] = [await lossAndGradient(source, prompt, micro), byTfjs(source, prompt)];
    expect(relativeError([ours.loss], [theirs.loss])).toBeLessThan(1e-5);
    expect(relativeError(ours.gradient, [...theirs.gradient])).toBeLessThan(1e-4);
    const front = await lossAndGradient(source, prompt, inFront);
    expect(relativeError(front.gradient, [...theirs.gradient]), 'a batch that tells places apart').toBeGreaterThan(0.01);
  });

  it('that are the embeddings of words are these words: the model scores and answers the same', async () => {
    const words = [5, 9, 12, 7];
    const rows = Float32Array.from(words.flatMap((id) => [...source.embeddingRow(id)]));
    const written = placed.map(({ source: tokens, softRows = [], target, example }): EncodedExample => {
      const text: number[] = [];
      let used = 0;
      for (let token = 0; token <= tokens.length; token += 1) {
        for (const { tokensBefore, rows: count } of softRows) if (tokensBefore === token) text.push(...words.slice(used, used += count));
        if (token < tokens.length) text.push(tokens[token] ?? 0);
      }
      return { example, source: text, target, isTruncated: false };
    });
    const soft = createRunner(source, { promptRows, parameters: [promptOf(rows)] });
    const hard = createRunner(source, { promptRows: 0, parameters: [] });
    const answersOf = async (runner: typeof soft, examples: readonly EncodedExample[]) => {
      const encoded = await runner.encode({ shape, examples });
      const { sums } = await scoreCandidates(runner, encoded, [[7, 3, 1], [11, 1]]);
      return { sums: [...sums], answers: await decodeGreedily(runner, encoded, { prefix: [], ends: new Set([1]), maxTokens: 4 }) };
    };
    const [ours, theirs] = [await answersOf(soft, placed), await answersOf(hard, written)];
    await Promise.all([soft.close(), hard.close()]);
    expect(ours.answers).toEqual(theirs.answers);
    expect(relativeError(ours.sums, theirs.sums)).toBeLessThan(1e-5);
  });
});

describe('passes with soft rows', () => {
  let source: ModelSource;
  let prompt: Float32Array;
  beforeAll(async () => {
    source = await openTinyT5({ config: tinyFamilies['T5 1.1 (gated, untied)'] });
    prompt = randomValues(promptRows * source.config.width, 7, 2);
  });

  it('give every prompt of a group the loss and gradient that it has alone', async () => {
    const prompts = [prompt, randomValues(prompt.length, 8, 2)];
    const runner = createRunner(source, { promptRows, parameters: prompts.map(promptOf) });
    const examples = prompts.flatMap((_, index) => placed.map((example): TrainingExample => ({ ...example, prompt: index, tokenWeight, dropout: [1, 2, 3, 4] })));
    const sums = { gradients: prompts.map(({ length }) => new Float32Array(length)), losses: new Float64Array(2) };
    await runner.accumulateStep({ shape: { ...shape, batch: 6 }, examples }, sums);
    await runner.close();
    for (const [index, values] of prompts.entries()) {
      const alone = await lossAndGradient(source, values, micro);
      expect(relativeError([sums.losses[index] ?? 0], [alone.loss])).toBeLessThan(1e-5);
      expect(relativeError(sums.gradients[index], [...alone.gradient])).toBeLessThan(1e-4);
    }
  });

  it('give an example the same loss alone as beside longer ones and beside one whose prompt stands in front', async () => {
    const mixed = { shape, examples: [placed[0], inFront.examples[1], placed[2]] as EncodedExample[] };
    const together = await lossAndGradient(source, prompt, mixed);
    const apart = [];
    for (const example of mixed.examples) {
      const alone = { batch: 1, source: example.source.length, target: example.target?.length ?? 0 };
      apart.push(await lossAndGradient(source, prompt, { shape: alone, examples: [example] }));
    }
    expect(relativeError([together.loss], [apart.reduce((sum, { loss }) => sum + loss, 0)])).toBeLessThan(1e-5);
    expect(relativeError(together.gradient, [...apart.reduce((sum, { gradient }) => sum.map((x, i) => x + (gradient[i] ?? 0)), new Float32Array(prompt.length))])).toBeLessThan(1e-4);
  });

  it('whose slots all stand in front of the text have the numbers of a prompt without slots, to the last bit', async () => {
    const slots = [{ tokensBefore: 0, rows: 3 }, { tokensBefore: 0, rows: 1 }];
    const ordered = await lossAndGradient(source, prompt, { shape, examples: placed.map((example) => ({ ...example, softRows: slots })) });
    expect(ordered).toEqual(await lossAndGradient(source, prompt, inFront));
  });
});

describe('the order of rows and tokens', () => {
  it('has every row and every token of an example once, tokens and rows each in their order, padding last', () => {
    const example = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 5, maxLength: 5 })).map(([length, places]): SizedExample => ({
      source: Array.from({ length }, () => 3), target: null,
      softRows: places.map((at) => Math.min(at, length)).toSorted((a, b) => a - b).map((tokensBefore) => ({ tokensBefore, rows: 1 })),
    }));
    fc.assert(fc.property(fc.array(example, { minLength: 1, maxLength: 4 }), (examples) => {
      const order = sourceOrder({ examples, shape: { batch: examples.length, source: 12, target: 1 } }, 5);
      for (const [row, { source, softRows = [] }] of examples.entries()) {
        const own = Array.from(order.subarray(row * 17, (row + 1) * 17), (index) => Number(index) - row * 17);
        expect(own.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 17 }, (_, i) => i));
        expect(own.filter((index) => index < 5)).toEqual([0, 1, 2, 3, 4]);
        expect(own.filter((index) => index >= 5)).toEqual(Array.from({ length: 12 }, (_, i) => i + 5));
        expect(own.slice(5 + source.length).every((index) => index >= 5 + source.length)).toBe(true);
        for (const [slot, { tokensBefore }] of softRows.entries()) expect(own.slice(0, own.indexOf(slot)).filter((index) => index >= 5)).toHaveLength(tokensBefore);
      }
    }));
  });

  it('is refused for an example with other rows than its run trains', () => {
    const examples = [{ source: [3], target: null, softRows: [{ tokensBefore: 1, rows: 2 }] }];
    expect(() => sourceOrder({ examples, shape: { batch: 1, source: 4, target: 1 } }, 3)).toThrow('2 prompt rows');
  });
});
