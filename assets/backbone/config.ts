/** Size of the built-in backbone and its files. Two stages of 3.5 million parameters in bfloat16 stay below 20 MB together. */
import { parseT5Config, type T5Config } from '../../main/model/config.ts';

/** T5 1.1's form (gated GELU, untied head) at a small size. @param vocabularySize pieces of the tokenizer; rows are rounded up to 64. */
export function backboneConfigJson(vocabularySize: number): Record<string, unknown> {
  // No whole number where transformers wants a fraction: JSON has no 1.0 here, and its reader is strict.
  return {
    architectures: ['T5ForConditionalGeneration'],
    model_type: 't5',
    d_model: 192,
    d_kv: 32,
    num_heads: 6,
    d_ff: 512,
    num_layers: 4,
    num_decoder_layers: 2,
    vocab_size: Math.ceil(vocabularySize / 64) * 64,
    relative_attention_num_buckets: 32,
    relative_attention_max_distance: 128,
    feed_forward_proj: 'gated-gelu',
    dense_act_fn: 'gelu_new',
    is_gated_act: true,
    layer_norm_epsilon: 1e-6,
    dropout_rate: 0.1,
    is_encoder_decoder: true,
    tie_word_embeddings: false,
    pad_token_id: 0,
    eos_token_id: 1,
    decoder_start_token_id: 0,
    use_cache: true,
    dtype: 'float32',
  };
}

export function backboneConfig(vocabularySize: number): T5Config {
  return parseT5Config(backboneConfigJson(vocabularySize), { file: 'config.json' });
}
