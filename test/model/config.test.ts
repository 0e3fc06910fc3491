import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { Problem } from '../../main/contract/problem.ts';
import { parseT5Config } from '../../main/model/config.ts';
import { parseStrictJson } from '../../main/model/strict-json.ts';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import { goldenConfig } from './make-files.ts';

const place = { file: 'config.json' };
/** t5-small as it was first published: fields that came later are missing. */
const oldConfig = {
  architectures: ['T5WithLMHeadModel'], d_ff: 2048, d_kv: 64, d_model: 512, decoder_start_token_id: 0, dropout_rate: 0.1, eos_token_id: 1,
  initializer_factor: 1.0, is_encoder_decoder: true, layer_norm_epsilon: 1e-6, model_type: 't5', n_positions: 512, num_heads: 8, num_layers: 6,
  output_past: true, pad_token_id: 0, relative_attention_num_buckets: 32, task_specific_params: {}, vocab_size: 32128,
};
const mt5Config = {
  architectures: ['MT5ForConditionalGeneration'], model_type: 'mt5', d_ff: 1024, d_kv: 64, d_model: 512, num_heads: 6, num_layers: 8,
  num_decoder_layers: 8, vocab_size: 250112, feed_forward_proj: 'gated-gelu', tie_word_embeddings: false,
};

function codeOf(json: unknown): string | undefined {
  try {
    parseT5Config(json, place);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.code;
    throw thrown;
  }
}

function countParameters(change: Record<string, unknown>): number {
  const config = parseT5Config({ ...mt5Config, vocab_size: 32128, ...change }, place);
  return expectedTensors(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

function namesOf(change: Record<string, unknown>): string[] {
  return expectedTensors(parseT5Config({ ...oldConfig, ...change }, place)).map(({ name }) => name);
}

function parse(text: string | Uint8Array): unknown {
  return parseStrictJson(Buffer.from(text as string), { file: 'x.json' });
}

function jsonCodeOf(text: string | Uint8Array): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown.code;
    throw thrown;
  }
}

describe('parseT5Config', () => {
  test('reads a first-generation T5 with the defaults of its time: ReLU, distance 128, tied and scaled', () => {
    expect(parseT5Config(oldConfig, place)).toEqual({
      modelType: 't5', vocabularySize: 32128, width: 512, keyWidth: 64, heads: 8, feedForwardWidth: 2048, encoderLayers: 6, decoderLayers: 6,
      relativeBuckets: 32, relativeMaxDistance: 128, normEpsilon: 1e-6, feedForward: 'relu', tiedHead: true, scaleDecoderOutput: true,
      dropoutRate: 0.1, padId: 0, eosId: 1, decoderStartId: 0,
    });
  });

  test('reads mT5: gated, not tied, not scaled, also where the file leaves its defaults out', () => {
    const wanted = { modelType: 'mt5', feedForward: 'gated-gelu', tiedHead: false, scaleDecoderOutput: false };
    expect(parseT5Config(mt5Config, place)).toMatchObject(wanted);
    const { feed_forward_proj: _projection, tie_word_embeddings: _tie, ...bare } = mt5Config;
    expect(parseT5Config(bare, place)).toMatchObject(wanted);
  });

  test('scaling follows scale_decoder_outputs where it stands, else tying', () => {
    expect(parseT5Config({ ...oldConfig, tie_word_embeddings: true, scale_decoder_outputs: false }, place)).toMatchObject({ tiedHead: true, scaleDecoderOutput: false });
    expect(parseT5Config({ ...oldConfig, tie_word_embeddings: false }, place)).toMatchObject({ tiedHead: false, scaleDecoderOutput: false });
  });

  test('takes the encoder’s depth where the decoder’s is null, and the pad id as decoder start', () => {
    expect(parseT5Config({ ...oldConfig, num_decoder_layers: null, decoder_start_token_id: undefined, pad_token_id: 3 }, place)).toMatchObject({ decoderLayers: 6, decoderStartId: 3 });
  });

  test('says which model it found instead', () => {
    const bert = { architectures: ['BertForMaskedLM'], model_type: 'bert', hidden_size: 768 };
    expect(() => parseT5Config(bert, place)).toThrow(/architectures: BertForMaskedLM, model_type: bert/);
    expect(() => parseT5Config({ ...oldConfig, model_type: 'umt5', architectures: ['UMT5ForConditionalGeneration'] }, place)).toThrow(/UMT5 has a relative bias in every layer/);
  });

  const rows: [string, unknown, string][] = [
    ['null', null, 'config-not-object'],
    ['a list', [oldConfig], 'config-not-object'],
    ['BLOOM', { architectures: ['BloomForCausalLM'], model_type: 'bloom', n_embed: 64 }, 'config-wrong-model'],
    ['GPT-2', { architectures: ['GPT2LMHeadModel'], model_type: 'gpt2' }, 'config-wrong-model'],
    ['an encoder alone', { ...oldConfig, architectures: ['T5EncoderModel'] }, 'config-wrong-model'],
    ['LongT5', { ...oldConfig, model_type: 'longt5', architectures: ['LongT5ForConditionalGeneration'] }, 'config-wrong-model'],
    ['no type at all', { d_model: 512 }, 'config-wrong-model'],
    ['a name from the prototype', { ...oldConfig, architectures: ['toString'], model_type: undefined }, 'config-wrong-model'],
    ['a missing size', { ...oldConfig, d_model: undefined }, 'config-field-missing'],
    ['a negative size', { ...oldConfig, d_model: -512 }, 'config-field-range'],
    ['an absurd size', { ...oldConfig, vocab_size: 1e12 }, 'config-field-range'],
    ['no layers', { ...oldConfig, num_layers: 0 }, 'config-field-range'],
    ['half a head', { ...oldConfig, num_heads: 7.5 }, 'config-field-type'],
    ['a size in words', { ...oldConfig, d_ff: '2048' }, 'config-field-type'],
    ['a list of end tokens', { ...oldConfig, eos_token_id: [1, 2] }, 'config-field-type'],
    ['an end token outside the vocabulary', { ...oldConfig, eos_token_id: 32128 }, 'config-field-range'],
    ['infinite buckets', { ...oldConfig, relative_attention_num_buckets: Infinity }, 'config-field-range'],
    ['a distance inside the exact buckets', { ...oldConfig, relative_attention_max_distance: 16 }, 'config-field-range'],
    ['tying in words', { ...oldConfig, tie_word_embeddings: 'no' }, 'config-field-type'],
    ['gated SiLU', { ...oldConfig, feed_forward_proj: 'gated-silu' }, 'config-unsupported-activation'],
    ['plain GELU', { ...oldConfig, feed_forward_proj: 'gelu' }, 'config-unsupported-activation'],
    ['the other GELU form', { ...oldConfig, feed_forward_proj: 'gated-gelu', dense_act_fn: 'gelu' }, 'config-unsupported-activation'],
  ];
  test.each(rows)('refuses %s', (_what, json, code) => {
    expect(codeOf(json)).toBe(code);
  });

  test('any value in any field gives a configuration within bounds or a Problem', () => {
    const fields = Object.keys(JSON.parse(goldenConfig('t5-v1_0/model')) as object);
    fc.assert(fc.property(fc.constantFrom(...fields), fc.oneof(fc.jsonValue(), fc.double(), fc.integer()), (field, value) => {
      const json: unknown = JSON.parse(goldenConfig('t5-v1_0/model', { [field]: value }));
      const code = codeOf(json);
      if (code === undefined) expect(expectedTensors(parseT5Config(json, place)).length).toBeGreaterThan(0);
      else expect(code).toMatch(/^config-/);
    }), { numRuns: 500 });
  });
});

describe('expectedTensors', () => {
  test('counts the parameters that the T5 1.1 table names: 77.0 M for small, 247.65 M for base', () => {
    // https://arxiv.org/abs/2104.08691, table of model sizes; the exact numbers are those of google/t5-v1_1-{small,base}.
    expect(countParameters({})).toBe(76_961_152);
    expect(countParameters({ d_ff: 2048, d_model: 768, num_heads: 12, num_layers: 12, num_decoder_layers: 12 })).toBe(247_577_856);
  });

  test('names a head only when it is not tied', () => {
    expect(namesOf({ tie_word_embeddings: true })).not.toContain('lm_head.weight');
    expect(namesOf({ tie_word_embeddings: false })).toEqual([...namesOf({ tie_word_embeddings: true }), 'lm_head.weight']);
  });
});

describe('parseStrictJson', () => {
  test('reads every JSON value as JSON.parse does', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)));
    }), { numRuns: 500 });
  });

  test.each(['0.0E0991160516961091', `1${'0'.repeat(200)}`, `0.${'1'.repeat(200)}`, '-0', '1e-400'])('reads the number %.30s as JSON.parse does', (text) => {
    expect(parse(text)).toBe(JSON.parse(text));
  });

  test('refuses what JSON.parse refuses', () => {
    const damaged = fc.json({ maxDepth: 4 }).chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length), fc.string({ maxLength: 2 })));
    fc.assert(fc.property(damaged, ([text, at, insert]) => {
      const changed = text.slice(0, at) + insert + text.slice(at + 1);
      let valid = true;
      try {
        JSON.parse(changed);
      } catch {
        valid = false;
      }
      const found = jsonCodeOf(changed);
      // A repeated key may stand before the damage.
      if (!valid) expect(['json-syntax', 'json-duplicate-key']).toContain(found);
      // JSON.parse keeps the last of two equal keys; nothing else may differ.
      else expect([undefined, 'json-duplicate-key']).toContain(found);
    }), { numRuns: 1000 });
  });

  test.each([
    ['{"a":1,"a":2}', 'json-duplicate-key'],
    ['{"__proto__":1,"__proto__":2}', 'json-duplicate-key'],
    ['{"a":1,"\\u0061":2}', 'json-duplicate-key'],
    ['['.repeat(100), 'json-too-deep'],
    [`[${'0,'.repeat(300_000)}0]`, 'json-too-many-values'],
    ['', 'json-syntax'],
    ['{"a":', 'json-syntax'],
    ['{"a":NaN}', 'json-syntax'],
    ['"\\', 'json-syntax'],
  ])('%.30s is %s', (text, expected) => {
    expect(jsonCodeOf(text)).toBe(expected);
  });

  test('refuses UTF-16 and Latin-1 as not UTF-8 or not JSON, with a sentence', () => {
    expect(jsonCodeOf(Buffer.from('\ufeff{"a":1}', 'utf16le'))).toBe('json-not-utf8');
    expect(jsonCodeOf(Buffer.from('{"a":"\u00e9"}', 'latin1'))).toBe('json-not-utf8');
  });

  test('gives line and column', () => {
    expect(() => parse('{\n  "a": 1,\n  "b" 2}')).toThrow(/line 3, column 7/);
  });
});
