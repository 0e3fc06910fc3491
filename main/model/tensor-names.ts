/** The names and shapes of every weight of a T5, as transformers stores them (models/t5/modeling_t5.py). */
import type { T5Config } from './config.ts';

export interface ExpectedTensor {
  name: string;
  /** Row-major; a linear layer's weight is [out, in]. */
  shape: readonly number[];
  /** The fields of config.json that decide each side, for messages. */
  fields: readonly string[];
}

interface Side {
  size: number;
  field: string;
}

/** @returns every weight once, in the order of the forward pass; `lm_head.weight` only when the head is not tied. */
export function expectedTensors(config: T5Config): ExpectedTensor[] {
  const width = { size: config.width, field: 'd_model' };
  const vocabulary = { size: config.vocabularySize, field: 'vocab_size' };
  const tensors = [describe('shared.weight', vocabulary, width)];
  for (let layer = 0; layer < config.encoderLayers; layer += 1) {
    const block = `encoder.block.${layer}.layer`;
    tensors.push(...attention(config, `${block}.0.SelfAttention`, { bias: layer === 0 }), describe(`${block}.0.layer_norm.weight`, width));
    tensors.push(...feedForward(config, `${block}.1.DenseReluDense`), describe(`${block}.1.layer_norm.weight`, width));
  }
  tensors.push(describe('encoder.final_layer_norm.weight', width));
  for (let layer = 0; layer < config.decoderLayers; layer += 1) {
    const block = `decoder.block.${layer}.layer`;
    tensors.push(...attention(config, `${block}.0.SelfAttention`, { bias: layer === 0 }), describe(`${block}.0.layer_norm.weight`, width));
    tensors.push(...attention(config, `${block}.1.EncDecAttention`, { bias: false }), describe(`${block}.1.layer_norm.weight`, width));
    tensors.push(...feedForward(config, `${block}.2.DenseReluDense`), describe(`${block}.2.layer_norm.weight`, width));
  }
  tensors.push(describe('decoder.final_layer_norm.weight', width));
  if (!config.tiedHead) tensors.push(describe('lm_head.weight', vocabulary, width));
  return tensors;
}

/**
 * Weights that real checkpoints hold beside the expected ones and that change nothing: copies of the embedding, and the
 * cross-attention bias of the first checkpoints, which no T5 uses (`_keys_to_ignore_on_load_unexpected` in transformers).
 */
export const superfluousTensors: readonly string[] = [
  'encoder.embed_tokens.weight',
  'decoder.embed_tokens.weight',
  'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight',
];

function attention(config: T5Config, scope: string, { bias }: { bias: boolean }): ExpectedTensor[] {
  const width = { size: config.width, field: 'd_model' };
  const inner = { size: config.heads * config.keyWidth, field: 'num_heads × d_kv' };
  const tensors = ['q', 'k', 'v'].map((part) => describe(`${scope}.${part}.weight`, inner, width));
  tensors.push(describe(`${scope}.o.weight`, width, inner));
  if (bias) {
    const buckets = { size: config.relativeBuckets, field: 'relative_attention_num_buckets' };
    tensors.push(describe(`${scope}.relative_attention_bias.weight`, buckets, { size: config.heads, field: 'num_heads' }));
  }
  return tensors;
}

function feedForward(config: T5Config, scope: string): ExpectedTensor[] {
  const width = { size: config.width, field: 'd_model' };
  const hidden = { size: config.feedForwardWidth, field: 'd_ff' };
  const inputs = config.feedForward === 'gated-gelu' ? ['wi_0', 'wi_1'] : ['wi'];
  return [...inputs.map((part) => describe(`${scope}.${part}.weight`, hidden, width)), describe(`${scope}.wo.weight`, width, hidden)];
}

function describe(name: string, ...sides: Side[]): ExpectedTensor {
  return { name, shape: sides.map(({ size }) => size), fields: sides.map(({ field }) => field) };
}
