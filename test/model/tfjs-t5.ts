/**
 * T5 a second time, on @tensorflow/tfjs in pure JavaScript: an independent forward pass and an independent gradient of the prompt.
 * States stay [b, s, d]; nothing of main/graph or main/model/t5-* is used, only the names of the weights and the configuration.
 */
import * as tf from '@tensorflow/tfjs';
import type { T5Config } from '../../main/model/config.ts';
import { referenceBucket } from './bucket-reference.ts';

export interface TfjsT5 {
  readonly config: T5Config;
  weight(name: string): tf.Tensor;
  /** Multiplies by a dropout mask where the test gives one; `site` as in the graph's inputs, for example `encoder.0.attention.weights`. */
  dropout(site: string, x: tf.Tensor): tf.Tensor;
}

export interface TfjsBatch {
  /** [b][s] */
  readonly sourceIds: readonly (readonly number[])[];
  /** [b][s], 1 for a token. */
  readonly sourceMask: readonly (readonly number[])[];
  /** [b][t], shifted right. */
  readonly decoderIds: readonly (readonly number[])[];
  /** [b][n]: positions in the example's prompt rows and tokens; without it the prompt stands in front. */
  readonly order?: readonly (readonly number[])[];
}

/** @param prompt [p, d] or null. @returns logits [b, t, v]. */
export function tfjsLogits(model: TfjsT5, batch: TfjsBatch, prompt: tf.Tensor | null): tf.Tensor {
  const { states, keyBias } = encode(model, batch, prompt);
  const { config } = model;
  const length = batch.decoderIds[0]?.length ?? 0;
  const ahead = tf.tensor2d(Array.from({ length }, (_, query) => Array.from({ length }, (_unused, key) => (key > query ? -1e9 : 0))));
  const bias = positionBias(model, 'decoder', length).add(ahead.expandDims(0).expandDims(0));
  let x = model.dropout('decoder.input', embed(model, batch.decoderIds));
  for (let layer = 0; layer < config.decoderLayers; layer += 1) {
    const block = `decoder.block.${layer}.layer`;
    x = sublayer(model, x, { site: `decoder.${layer}.attention`, norm: `${block}.0.layer_norm.weight` },
      (y, site) => attention(model, { site, name: `${block}.0.SelfAttention` }, { queries: y, keys: y, bias }));
    x = sublayer(model, x, { site: `decoder.${layer}.cross`, norm: `${block}.1.layer_norm.weight` },
      (y, site) => attention(model, { site, name: `${block}.1.EncDecAttention` }, { queries: y, keys: states, bias: keyBias }));
    x = sublayer(model, x, { site: `decoder.${layer}.feed-forward`, norm: `${block}.2.layer_norm.weight` },
      (y, site) => feedForward(model, { site, name: `${block}.2.DenseReluDense` }, y));
  }
  x = model.dropout('decoder.final', rmsNorm(model, x, 'decoder.final_layer_norm.weight'));
  if (config.scaleDecoderOutput) x = x.mul(config.width ** -0.5);
  return linear(model, x, config.tiedHead ? 'shared.weight' : 'lm_head.weight');
}

/** Σ weight · −log p(target), as the training graph's loss. @param targets [b][t] ids and weights. */
export function tfjsLoss(logits: tf.Tensor, targets: { ids: readonly (readonly number[])[]; weights: readonly (readonly number[])[] }): tf.Scalar {
  const depth = logits.shape[2] ?? 0;
  const picked = tf.oneHot(tf.tensor2d(targets.ids.map((row) => [...row]), undefined, 'int32'), depth).mul(tf.logSoftmax(logits)).sum(-1);
  return picked.mul(tf.tensor2d(targets.weights.map((row) => [...row]))).sum().neg().asScalar();
}

function encode(model: TfjsT5, batch: TfjsBatch, prompt: tf.Tensor | null): { states: tf.Tensor; keyBias: tf.Tensor } {
  const { config } = model;
  const rows = prompt?.shape[0] ?? 0;
  const text = embed(model, batch.sourceIds);
  const [size = 0, textLength = 0] = text.shape;
  const inFront = prompt === null ? text : tf.concat([tf.tile(prompt.expandDims(0), [size, 1, 1]), text], 1);
  const joined = batch.order === undefined ? inFront
    : tf.stack(tf.unstack(inFront).map((example, row) => tf.gather(example, [...batch.order?.[row] ?? []])));
  const keyBias = tf.tensor(batch.sourceMask.map((row) => [[[...Array.from({ length: rows }, () => 0), ...row.map((one) => (one === 1 ? 0 : -1e9))]]]));
  const bias = positionBias(model, 'encoder', rows + textLength).add(keyBias);
  let x = model.dropout('encoder.input', joined);
  for (let layer = 0; layer < config.encoderLayers; layer += 1) {
    const block = `encoder.block.${layer}.layer`;
    x = sublayer(model, x, { site: `encoder.${layer}.attention`, norm: `${block}.0.layer_norm.weight` },
      (y, site) => attention(model, { site, name: `${block}.0.SelfAttention` }, { queries: y, keys: y, bias }));
    x = sublayer(model, x, { site: `encoder.${layer}.feed-forward`, norm: `${block}.1.layer_norm.weight` },
      (y, site) => feedForward(model, { site, name: `${block}.1.DenseReluDense` }, y));
  }
  return { states: model.dropout('encoder.final', rmsNorm(model, x, 'encoder.final_layer_norm.weight')), keyBias };
}

interface Part {
  readonly site: string;
  readonly name: string;
}

function sublayer(model: TfjsT5, x: tf.Tensor, { site, norm }: { site: string; norm: string }, inner: (y: tf.Tensor, site: string) => tf.Tensor): tf.Tensor {
  return x.add(model.dropout(`${site}.output`, inner(rmsNorm(model, x, norm), site)));
}

function attention(model: TfjsT5, { site, name }: Part, { queries, keys, bias }: { queries: tf.Tensor; keys: tf.Tensor; bias: tf.Tensor }): tf.Tensor {
  const { heads, keyWidth } = model.config;
  const split = (x: tf.Tensor): tf.Tensor => x.reshape([x.shape[0] ?? 0, x.shape[1] ?? 0, heads, keyWidth]).transpose([0, 2, 1, 3]);
  const [q, k, v] = [linear(model, queries, `${name}.q.weight`), linear(model, keys, `${name}.k.weight`), linear(model, keys, `${name}.v.weight`)].map(split) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const weights = model.dropout(`${site}.weights`, tf.softmax(tf.matMul(q, k, false, true).add(bias)));
  const joined = tf.matMul(weights, v).transpose([0, 2, 1, 3]).reshape([queries.shape[0] ?? 0, queries.shape[1] ?? 0, heads * keyWidth]);
  return linear(model, joined, `${name}.o.weight`);
}

function feedForward(model: TfjsT5, { site, name }: Part, x: tf.Tensor): tf.Tensor {
  const hidden = model.config.feedForward === 'relu'
    ? tf.relu(linear(model, x, `${name}.wi.weight`))
    : tanhGelu(linear(model, x, `${name}.wi_0.weight`)).mul(linear(model, x, `${name}.wi_1.weight`));
  return linear(model, model.dropout(`${site}.hidden`, hidden), `${name}.wo.weight`);
}

/** Hendrycks & Gimpel 2016, the tanh form. */
function tanhGelu(x: tf.Tensor): tf.Tensor {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(tf.tanh(inner).add(1));
}

function linear(model: TfjsT5, x: tf.Tensor, name: string): tf.Tensor {
  const [size = 0, length = 0, width = 0] = x.shape;
  const weight = model.weight(name);
  return tf.matMul(x.reshape([size * length, width]) as tf.Tensor2D, weight as tf.Tensor2D, false, true).reshape([size, length, weight.shape[0] ?? 0]);
}

function rmsNorm(model: TfjsT5, x: tf.Tensor, name: string): tf.Tensor {
  return x.mul(tf.rsqrt(x.square().mean(-1, true).add(model.config.normEpsilon))).mul(model.weight(name));
}

function embed(model: TfjsT5, ids: readonly (readonly number[])[]): tf.Tensor {
  return tf.gather(model.weight('shared.weight'), tf.tensor2d(ids.map((row) => [...row]), undefined, 'int32'));
}

/** [1, h, n, n] */
function positionBias(model: TfjsT5, stack: 'encoder' | 'decoder', length: number): tf.Tensor {
  const { relativeBuckets: buckets, relativeMaxDistance: maxDistance } = model.config;
  const direction = stack === 'encoder' ? 'both' : 'past';
  const ids = Array.from({ length }, (_, query) => Array.from({ length }, (_unused, key) => referenceBucket(key - query, { buckets, maxDistance, direction })));
  const table = model.weight(`${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`);
  return tf.gather(table, tf.tensor2d(ids, undefined, 'int32')).transpose([2, 0, 1]).expandDims(0);
}
