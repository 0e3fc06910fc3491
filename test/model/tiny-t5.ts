/** Small T5 folders with random weights and, where asked, a tokenizer: every family and shape, a few kilobytes each. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseT5Config } from '../../main/model/config.ts';
import { encodeSafetensors } from '../../main/model/safetensors.ts';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import { openModelSource, type ModelSource } from '../../main/train/model-source.ts';
import { createGenerator } from '../../main/train/random.ts';
import { makeFolder } from './make-files.ts';

const base = {
  model_type: 't5', architectures: ['T5ForConditionalGeneration'], vocab_size: 40, d_model: 16, d_kv: 4, num_heads: 3, d_ff: 20,
  num_layers: 2, num_decoder_layers: 2, relative_attention_num_buckets: 8, relative_attention_max_distance: 20,
};

/** config.json by family; heads × d_kv differs from d_model in all of them. */
export const tinyFamilies = {
  'T5 1.0 (ReLU, tied, scaled)': { ...base, feed_forward_proj: 'relu', tie_word_embeddings: true },
  'T5 1.1 (gated, untied)': { ...base, feed_forward_proj: 'gated-gelu', tie_word_embeddings: false, num_decoder_layers: 3 },
  'T5 1.1 with a tied head that is not scaled': { ...base, feed_forward_proj: 'gated-gelu', tie_word_embeddings: true, scale_decoder_outputs: false },
  mT5: { ...base, model_type: 'mt5', architectures: ['MT5ForConditionalGeneration'], vocab_size: 61, num_layers: 1, d_kv: 8 },
} as const;

/** The test tokenizer has 331 pieces; so many rows take any of its ids. */
export const tokenizerFixture = join(import.meta.dirname, '..', 'token', 'fixture', 'tokenizer.json');

export interface TinyModel {
  config: Readonly<Record<string, unknown>>;
  seed?: number;
  tokenizer?: 'none' | 'fixture';
}

/** @returns the folder, gone when the test process ends. */
export function writeTinyT5({ config, seed = 1, tokenizer = 'none' }: TinyModel): string {
  const folder = makeFolder();
  const parsed = parseT5Config(config, {});
  const random = createGenerator(seed, 'initialisation');
  const tensors = expectedTensors(parsed).map(({ name, shape }) => {
    const isGain = name.endsWith('layer_norm.weight');
    const spread = isGain ? 0.4 : name === 'shared.weight' ? 3 : 2 * Math.sqrt(3 / (shape.at(-1) ?? 1));
    const data = Float32Array.from({ length: shape.reduce((product, extent) => product * extent, 1) }, () => Number(isGain) + spread * (random.next() - 0.5));
    return { name, shape, data };
  });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(tensors, { format: 'pt' }));
  if (tokenizer === 'fixture') copyFileSync(tokenizerFixture, join(folder, 'tokenizer.json'));
  return folder;
}

export async function openTinyT5(model: TinyModel): Promise<ModelSource> {
  return openModelSource(writeTinyT5(model), { cacheDirectory: makeFolder(), fingerprint: null });
}

/** @returns values in ±half. */
export function randomValues(count: number, seed: number, half = 0.5): Float32Array {
  const random = createGenerator(seed, 'initialisation');
  return Float32Array.from({ length: count }, () => (random.next() - 0.5) * 2 * half);
}
