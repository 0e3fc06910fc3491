/** First values of a T5, with the variances of transformers' `_init_weights` (models/t5/modeling_t5.py, after mesh-tensorflow). */
import { expectedTensors } from '../../main/model/tensor-names.ts';
import type { T5Config } from '../../main/model/config.ts';
import { createRandom, type Random } from '../world/index.ts';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export function initialWeights(config: T5Config, seed: number): NamedTensor[] {
  const tensors = expectedTensors(config).map(({ name, shape }, stream) => {
    const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    if (name.includes('layer_norm')) return { name, shape, values: values.fill(1) };
    const normal = normals(createRandom(seed, stream));
    const deviation = deviationOf(name, config);
    for (let i = 0; i < values.length; i += 1) values[i] = normal() * deviation;
    return { name, shape, values };
  });
  leanTowardsMatching(new Map(tensors.map(({ name, values }) => [name, values])), config);
  return tensors;
}

/** How strongly a head looks at a neighbour, or away from itself, at first: well above a match of two equal words (√k). */
const lean = 6;
const selfBucket = 0;
const beforeBucket = 1;
const afterBucket = 17;

/**
 * Queries start as the keys: a word looks at its equals. Two heads look at the word before, one at the word after, the others away
 * from themselves. Telling equal words from different ones is then learned in 200 steps of 32 examples; without it not in 600.
 */
function leanTowardsMatching(weights: ReadonlyMap<string, Float32Array>, { keyWidth, heads, encoderLayers, decoderLayers }: T5Config): void {
  const attentions = [
    ...Array.from({ length: encoderLayers }, (_, i) => `encoder.block.${i}.layer.0.SelfAttention`),
    ...Array.from({ length: decoderLayers }, (_, i) => `decoder.block.${i}.layer.1.EncDecAttention`),
  ];
  for (const attention of attentions) {
    const keys = weights.get(`${attention}.k.weight`);
    const queries = weights.get(`${attention}.q.weight`);
    if (keys === undefined || queries === undefined) throw new Error(`no ${attention}`);
    for (let i = 0; i < queries.length; i += 1) queries[i] = keys[i]! * keyWidth ** -0.5;
  }
  const bias = weights.get('encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight');
  if (bias === undefined) throw new Error('no relative bias');
  bias.fill(0);
  bias[beforeBucket * heads] = lean;
  bias[beforeBucket * heads + 1] = lean;
  bias[afterBucket * heads + 2] = lean;
  for (let head = 3; head < heads; head += 1) bias[selfBucket * heads + head] = -lean;
}

function deviationOf(name: string, { width, keyWidth, heads, feedForwardWidth }: T5Config): number {
  if (name === 'shared.weight') return 1;
  if (name.endsWith('.q.weight')) return (width * keyWidth) ** -0.5;
  if (name.endsWith('.o.weight')) return (heads * keyWidth) ** -0.5;
  if (name.endsWith('.wo.weight')) return feedForwardWidth ** -0.5;
  // Keys, values, feed-forward inputs and the bias; the head too, whose 1 in transformers is far too loud for a fresh model.
  return width ** -0.5;
}

/** Box–Muller. */
function normals(random: Random): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
