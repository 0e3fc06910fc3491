import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Feeds } from '../../main/backend/backend.ts';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import { GraphBuilder } from '../../main/graph/index.ts';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import { encodingOutputs, forwardOutputs, isDropoutInput, scoringOutputs, trainingOutputs, type Outputs, type T5Layout } from '../../main/model/t5-program.ts';
import { sourceFeeds, targetFeeds, type MicroBatch } from '../../main/train/batch.ts';
import type { ModelSource } from '../../main/train/model-source.ts';
import { createGenerator } from '../../main/train/random.ts';
import { relativeError } from '../golden/compare.ts';
import { openTinyT5, randomValues, tinyFamilies } from './tiny-t5.ts';
import { tfjsLogits, tfjsLoss, type TfjsT5 } from './tfjs-t5.ts';

const backend = createOnnxBackend({ provider: 'cpu', threads: 1 });
const promptRows = 3;
const sources = [[5, 9, 12, 7, 1], [4, 1], [33, 2, 8, 1]];
const targets = [[7, 3, 1], [11, 1], [6, 6, 20, 1]];
const shape = { batch: 3, source: 8, target: 6 };
const tokenWeight = 1 / targets.flat().length;

const micro = { shape, examples: sources.map((source, row) => exampleOf(source, targets[row] ?? [])) };

function exampleOf(source: number[], target: number[]): MicroBatch['examples'][number] {
  return { example: { id: '', input: '', target: null, label: null, group: null, answers: [], line: 1 }, source, target, isTruncated: false };
}

function rowsOf(values: Float32Array | BigInt64Array, width: number): number[][] {
  const all = Array.from<bigint | number, number>(values, Number);
  return Array.from({ length: all.length / width }, (_, row) => all.slice(row * width, (row + 1) * width));
}

/** Feeds of the test batch: the source, the targets, the prompt. */
function feedsOf({ config }: ModelSource, batch: MicroBatch, prompt: Float32Array) {
  const targetIds = batch.examples.map(({ target }) => target ?? []);
  return { ...sourceFeeds(batch), ...targetFeeds(targetIds, batch.shape.target, { startId: config.decoderStartId, weight: tokenWeight }), prompt };
}

function layoutOf({ config }: ModelSource, rows = promptRows): T5Layout {
  return { config, promptRows: rows, prompts: 1, trainedWeights: new Set(), trainables: rows === 0 ? [] : ['prompt'] };
}

async function run(source: ModelSource, outputs: Outputs, feeds: Feeds | ((name: string, size: number) => Float32Array | undefined)): Promise<Record<string, Float32Array>> {
  const program = await backend.compile({ name: 'test', outputs, frozen: source.frozen });
  try {
    const given = typeof feeds === 'function'
      ? Object.fromEntries([...program.inputs].map(([name, type]) => [name, feeds(name, type.shape.reduce((product, extent) => product * extent, 1)) ?? new Float32Array()]))
      : feeds;
    const results = await program.run(given);
    return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
  } finally {
    await program.close();
  }
}

interface Reference {
  logits: Float32Array;
  loss: number;
  promptGradient: Float32Array;
}

/** Loss, logits and d loss / d prompt by tfjs. */
function byTfjs(source: ModelSource, prompt: Float32Array, mask: (site: string) => Float32Array | null): Reference {
  return tf.tidy(() => {
    const weights = new Map(expectedTensors(source.config).map(({ name, shape: extents }) => [name, tf.tensor(source.readWeight(name), [...extents])]));
    const model: TfjsT5 = {
      config: source.config,
      weight: (name) => weights.get(name) as tf.Tensor,
      dropout: (site, x) => {
        const values = mask(site);
        return values === null ? x : x.mul(tf.tensor(values, x.shape));
      },
    };
    const feeds = feedsOf(source, micro, prompt);
    const batch = {
      sourceIds: rowsOf(feeds.sourceIds, shape.source), sourceMask: rowsOf(feeds.sourceMask, shape.source), decoderIds: rowsOf(feeds.decoderIds, shape.target),
    };
    const expected = { ids: rowsOf(feeds.targetIds, shape.target), weights: rowsOf(feeds.targetWeights, shape.target) };
    const rows = tf.tensor(prompt, [promptRows, source.config.width]);
    const { value, grad } = tf.valueAndGrad((p) => tfjsLoss(tfjsLogits(model, batch, p), expected))(rows);
    return {
      logits: tfjsLogits(model, batch, rows).dataSync() as Float32Array, loss: value.dataSync()[0] ?? Number.NaN, promptGradient: grad.dataSync() as Float32Array,
    };
  });
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe.each(Object.entries(tinyFamilies))('%s', (_name, config) => {
  let source: ModelSource;
  let prompt: Float32Array;
  beforeAll(async () => {
    source = await openTinyT5({ config });
    prompt = randomValues(promptRows * source.config.width, 7, 2);
  });

  it('has the logits, the loss and the gradient of the prompt that an independent T5 on tfjs has', async () => {
    const reference = byTfjs(source, prompt, () => null);
    const forward = await run(source, forwardOutputs(layoutOf(source), shape), feedsOf(source, micro, prompt));
    const training = await run(source, trainingOutputs(layoutOf(source), shape, { dropout: 'none' }), feedsOf(source, micro, prompt));
    expect(relativeError(forward['logits'], [...reference.logits])).toBeLessThan(1e-5);
    expect(relativeError(forward['loss'], [reference.loss])).toBeLessThan(1e-5);
    expect(relativeError(training['loss'], [reference.loss])).toBeLessThan(1e-5);
    expect(relativeError(training['gradient/prompt'], [...reference.promptGradient])).toBeLessThan(1e-4);
  });

  it('drops out at the same places as an independent T5 does, given the same masks', async () => {
    const masks = new Map<string, Float32Array>();
    const random = createGenerator(3, 'dropout');
    const feeds = feedsOf(source, micro, prompt);
    const training = await run(source, trainingOutputs(layoutOf(source), shape, { dropout: 'masks' }), (name, size) => {
      if (!isDropoutInput(name)) return feeds[name as keyof typeof feeds] as Float32Array;
      const mask = Float32Array.from({ length: size }, () => (random.next() < 0.25 ? 0 : 1 / 0.75));
      masks.set(name.slice('dropout/'.length), mask);
      return mask;
    });
    const used = new Set<string>();
    const reference = byTfjs(source, prompt, (site) => {
      used.add(site);
      return masks.get(site) ?? null;
    });
    expect([...used].toSorted()).toEqual([...masks.keys()].toSorted());
    expect(relativeError(training['loss'], [reference.loss])).toBeLessThan(1e-5);
    expect(relativeError(training['gradient/prompt'], [...reference.promptGradient])).toBeLessThan(1e-4);
  });

  it('gives an example the same logits alone as padded in a batch', async () => {
    const { logits: all = new Float32Array() } = await run(source, forwardOutputs(layoutOf(source), shape), feedsOf(source, micro, prompt));
    for (const [row, example] of micro.examples.entries()) {
      const alone: MicroBatch = { shape: { batch: 1, source: example.source.length, target: example.target?.length ?? 0 }, examples: [example] };
      const { logits } = await run(source, forwardOutputs(layoutOf(source), alone.shape), feedsOf(source, alone, prompt));
      const start = row * shape.target * source.config.vocabularySize;
      expect(relativeError(logits, [...all.subarray(start, start + alone.shape.target * source.config.vocabularySize)])).toBeLessThan(1e-5);
    }
  });

  it('lets every prompt row be attended to: the embedding of a text’s first tokens as the prompt is that text', async () => {
    const text = [5, 9, 12, 7, 4, 1];
    const target = [7, 3, 1];
    const asText: MicroBatch = { shape: { batch: 1, source: 6, target: 3 }, examples: [exampleOf(text, target)] };
    const behind: MicroBatch = { shape: { batch: 1, source: 8, target: 3 }, examples: [exampleOf(text.slice(promptRows), target)] };
    const rows = Float32Array.from(text.slice(0, promptRows).flatMap((id) => [...source.embeddingRow(id)]));
    const whole = await run(source, forwardOutputs(layoutOf(source, 0), asText.shape), feedsOf(source, asText, new Float32Array()));
    const prompted = await run(source, forwardOutputs(layoutOf(source), behind.shape), feedsOf(source, behind, rows));
    expect(relativeError(prompted['logits'], [...whole['logits'] ?? []])).toBeLessThan(1e-5);
  });

  it('scores candidates as the log-softmax of their teacher-forced logits does', async () => {
    const candidates = [[7, 3, 1], [11, 1], [6, 6, 20, 1]];
    const target = 4;
    const encoded = await run(source, encodingOutputs(layoutOf(source), shape), { ...sourceFeeds(micro), prompt });
    const given = targetFeeds(candidates, target, { startId: source.config.decoderStartId, weight: 1 });
    const { logProbabilities } = await run(source, scoringOutputs(layoutOf(source), { ...shape, target, candidates: candidates.length }), {
      ...encoded, candidateDecoderIds: given.decoderIds, candidateIds: given.targetIds, candidateWeights: given.targetWeights,
    });
    const expected: number[] = [];
    for (const { source: text } of micro.examples) {
      for (const candidate of candidates) {
        const one: MicroBatch = { shape: { batch: 1, source: shape.source, target }, examples: [exampleOf([...text], candidate)] };
        const { logits = new Float32Array() } = await run(source, forwardOutputs(layoutOf(source), one.shape), feedsOf(source, one, prompt));
        expected.push(candidate.reduce((sum, id, position) => sum + logSoftmax(rowsOf(logits, source.config.vocabularySize)[position] ?? [], id), 0));
      }
    }
    expect(relativeError(logProbabilities, expected)).toBeLessThan(1e-5);
  });
});

function logSoftmax(logits: readonly number[], id: number): number {
  const most = Math.max(...logits);
  return (logits[id] ?? Number.NaN) - most - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
}

describe('the gated activation', () => {
  it('is the tanh form of GELU to 1e-6 from −20 to 20', async () => {
    const x = Float32Array.from({ length: 8001 }, (_, i) => (i - 4000) / 200);
    const g = new GraphBuilder();
    const program = await backend.compile({ name: 'gelu', outputs: { y: g.gelu(g.input('x', { dtype: 'f32', shape: [x.length] })) }, frozen: null });
    const { y } = await program.run({ x });
    await program.close();
    const worst = x.reduce((most, value, i) => {
      const expected = 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)));
      return Math.max(most, Math.abs(Number(y?.data[i]) - expected) / Math.max(1, Math.abs(expected)));
    }, 0);
    expect(worst).toBeLessThan(1e-6);
  });
});
