/** T5 sizes as published (Raffel et al. 2020; T5 1.1: t5x gin files), and that of the built-in backbone: shapes only, the weights are random. */
import { backboneConfigJson } from '../../assets/backbone/config.ts';
import { parseT5Config, type T5Config } from '../../main/model/config.ts';

export const sizeNames = ['tiny', 'built-in', 'small', 'v1_1-small', 'v1_1-base', 'v1_1-large'] as const;
export type SizeName = (typeof sizeNames)[number];

const shapes: Readonly<Record<SizeName, Readonly<Record<string, unknown>>>> = {
  tiny: { d_model: 64, d_kv: 16, num_heads: 4, d_ff: 128, num_layers: 2, vocab_size: 384, feed_forward_proj: 'gated-gelu' },
  'built-in': backboneConfigJson(1500),
  small: { d_model: 512, d_kv: 64, num_heads: 8, d_ff: 2048, num_layers: 6, feed_forward_proj: 'relu' },
  'v1_1-small': { d_model: 512, d_kv: 64, num_heads: 6, d_ff: 1024, num_layers: 8, feed_forward_proj: 'gated-gelu' },
  'v1_1-base': { d_model: 768, d_kv: 64, num_heads: 12, d_ff: 2048, num_layers: 12, feed_forward_proj: 'gated-gelu' },
  'v1_1-large': { d_model: 1024, d_kv: 64, num_heads: 16, d_ff: 2816, num_layers: 24, feed_forward_proj: 'gated-gelu' },
};

/** @returns what a config.json of that size says. */
export function configJson(size: SizeName): Record<string, unknown> {
  return { model_type: 't5', architectures: ['T5ForConditionalGeneration'], vocab_size: 32_128, tie_word_embeddings: size === 'small', ...shapes[size] };
}

export function configOf(size: SizeName): T5Config {
  return parseT5Config(configJson(size), {});
}
