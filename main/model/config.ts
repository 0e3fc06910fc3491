/**
 * config.json of a Hugging Face hub folder as a checked T5 configuration.
 * Field meanings and defaults: transformers, models/t5/configuration_t5.py and models/mt5/configuration_mt5.py.
 */
import { Problem } from '../contract/problem.ts';
import type { ProblemPlace } from '../contract/problem.ts';
import { isJsonObject, quote } from './strict-json.ts';

/** `relu`: wo·relu(wi·x) (T5 1.0). `gated-gelu`: wo·(gelu(wi_0·x) ⊙ wi_1·x) with the tanh form of GELU (T5 1.1, Flan, mT5). */
type FeedForward = 'relu' | 'gated-gelu';

export interface T5Config {
  modelType: 't5' | 'mt5';
  /** Rows of the embedding; may exceed the tokenizer's pieces (32,128 rows for 32,100 pieces). */
  vocabularySize: number;
  /** d_model. */
  width: number;
  /** d_kv, per head; heads × keyWidth may differ from width. */
  keyWidth: number;
  heads: number;
  /** d_ff. */
  feedForwardWidth: number;
  encoderLayers: number;
  decoderLayers: number;
  relativeBuckets: number;
  /** In tokens; positions at least this far apart share the last bucket. */
  relativeMaxDistance: number;
  normEpsilon: number;
  feedForward: FeedForward;
  /** Whether the head is the embedding. From config.json alone this is a claim; `openHubFolder` settles it by the weights. */
  tiedHead: boolean;
  /** Whether the decoder's output is multiplied by width^-1/2 before the head. */
  scaleDecoderOutput: boolean;
  dropoutRate: number;
  padId: number;
  eosId: number;
  decoderStartId: number;
}

/**
 * @param json the parsed config.json.
 * @param place the file, for messages.
 * @throws {Problem} `config-not-object`, `config-wrong-model`, `config-field-missing`, `config-field-type`, `config-field-range`,
 *   `config-unsupported-activation`.
 */
export function parseT5Config(json: unknown, place: ProblemPlace): T5Config {
  if (!isJsonObject(json)) {
    throw problem('config-not-object', place, json === null ? 'null' : `a ${Array.isArray(json) ? 'list' : typeof json}`, 'an object with the model’s sizes');
  }
  const fields: Fields = { json, place };
  const modelType = readModelType(fields);
  const mt5 = modelType === 'mt5';
  const encoderLayers = readInteger(fields, 'num_layers', { maximum: 512 });
  const vocabularySize = readInteger(fields, 'vocab_size', { minimum: 2, maximum: 4_000_000 });
  const relativeBuckets = readInteger(fields, 'relative_attention_num_buckets', { minimum: 4, maximum: 4096, fallback: 32 });
  const id = { minimum: 0, maximum: vocabularySize - 1 };
  const padId = readInteger(fields, 'pad_token_id', { ...id, fallback: 0 });
  const tiedHead = readBoolean(fields, 'tie_word_embeddings', { fallback: !mt5 });
  return {
    modelType,
    vocabularySize,
    width: readInteger(fields, 'd_model', { maximum: 65_536 }),
    keyWidth: readInteger(fields, 'd_kv', { maximum: 65_536 }),
    heads: readInteger(fields, 'num_heads', { maximum: 4096 }),
    feedForwardWidth: readInteger(fields, 'd_ff', { maximum: 1_048_576 }),
    encoderLayers,
    decoderLayers: readInteger(fields, 'num_decoder_layers', { maximum: 512, fallback: encoderLayers }),
    relativeBuckets,
    // The decoder's exact buckets are the first half: a maximum below them would make the logarithm's base at most 1.
    relativeMaxDistance: readInteger(fields, 'relative_attention_max_distance', {
      minimum: Math.floor(relativeBuckets / 2) + 1, maximum: 1_000_000, fallback: 128,
    }),
    normEpsilon: readNumber(fields, 'layer_norm_epsilon', { minimum: 1e-30, maximum: 1, fallback: 1e-6 }),
    feedForward: readFeedForward(fields, mt5 ? 'gated-gelu' : 'relu'),
    tiedHead,
    // transformers 5 writes its own field; before it, tying and scaling were one switch.
    scaleDecoderOutput: readBoolean(fields, 'scale_decoder_outputs', { fallback: tiedHead }),
    dropoutRate: readNumber(fields, 'dropout_rate', { minimum: 0, maximum: 0.999, fallback: 0.1 }),
    padId,
    eosId: readInteger(fields, 'eos_token_id', { ...id, fallback: 1 }),
    decoderStartId: readInteger(fields, 'decoder_start_token_id', { ...id, fallback: padId }),
  };
}

interface Fields {
  json: Record<string, unknown>;
  place: ProblemPlace;
}

const knownArchitectures: Readonly<Record<string, T5Config['modelType']>> = {
  T5ForConditionalGeneration: 't5',
  /** The name of the same class in the first T5 configurations. */
  T5WithLMHeadModel: 't5',
  MT5ForConditionalGeneration: 'mt5',
};

function readModelType({ json, place }: Fields): T5Config['modelType'] {
  const modelType = json['model_type'];
  const architectures = Array.isArray(json['architectures']) ? json['architectures'] : [];
  const known = architectures.map((name) => (typeof name === 'string' && Object.hasOwn(knownArchitectures, name) ? knownArchitectures[name] : undefined));
  const isKnownType = modelType === 't5' || modelType === 'mt5';
  const named = known.find((type) => type !== undefined);
  if ((isKnownType || modelType === undefined) && (named !== undefined || architectures.length === 0)) {
    // mT5 checkpoints named T5ForConditionalGeneration exist; the type decides the defaults.
    const type = isKnownType ? modelType : named;
    if (type !== undefined) return type;
  }
  const found = [
    architectures.length === 0 ? 'no architectures' : `architectures: ${architectures.slice(0, 4).map((name) => quoteWord(name)).join(', ')}`,
    modelType === undefined ? 'no model_type' : `model_type: ${quoteWord(modelType)}`,
  ].join(', ');
  const action = modelType === 'umt5'
    ? 'UMT5 has a relative bias in every layer and is not supported; take T5 1.1, Flan-T5 or mT5.'
    : 'Choose a T5 checkpoint: T5 1.0, T5 1.1, LM-adapted T5, Flan-T5 or mT5.';
  throw problem('config-wrong-model', place, found, 'T5ForConditionalGeneration or MT5ForConditionalGeneration, model_type t5 or mt5', action);
}

function quoteWord(value: unknown): string {
  if (typeof value !== 'string') return describe(value);
  return /^[\w.-]{1,80}$/.test(value) ? value : quote(value);
}

/**
 * transformers derives `dense_act_fn` and `is_gated_act` from `feed_forward_proj`, then lets the stored fields win.
 * `gelu_pytorch_tanh` is `gelu_new` under another name.
 */
function readFeedForward(fields: Fields, fallback: FeedForward): FeedForward {
  const projection = readText(fields, 'feed_forward_proj') ?? fallback;
  const gated = readBoolean(fields, 'is_gated_act', { fallback: projection.startsWith('gated-') });
  const activation = readText(fields, 'dense_act_fn') ?? (projection === 'gated-gelu' ? 'gelu_new' : projection.replace(/^gated-/, ''));
  if (!gated && activation === 'relu') return 'relu';
  if (gated && (activation === 'gelu_new' || activation === 'gelu_pytorch_tanh')) return 'gated-gelu';
  throw problem(
    'config-unsupported-activation',
    fields.place,
    `feed_forward_proj ${quote(projection)} (activation ${quote(activation)}, ${gated ? 'gated' : 'not gated'})`,
    'relu, or gated-gelu in its tanh form (gelu_new)',
    'Choose a T5 1.0, T5 1.1, LM-adapted, Flan-T5 or mT5 checkpoint.',
  );
}

interface Range {
  minimum?: number;
  maximum: number;
  fallback?: number;
}

function readInteger(fields: Fields, key: string, range: Range): number {
  const value = readNumber(fields, key, { minimum: 1, ...range });
  if (!Number.isInteger(value)) {
    throw problem('config-field-type', fields.place, `${key}: ${value}`, 'a whole number');
  }
  return value;
}

function readNumber({ json, place }: Fields, key: string, range: Range): number {
  const value = json[key] ?? range.fallback;
  if (value === undefined) {
    throw problem('config-field-missing', place, `no ${key}`, 'every size of the model', 'Download config.json again; it may belong to another model.');
  }
  if (typeof value !== 'number') throw problem('config-field-type', place, `${key}: ${describe(value)}`, 'a number');
  const minimum = range.minimum ?? 0;
  if (!(value >= minimum && value <= range.maximum)) {
    throw problem('config-field-range', place, `${key}: ${value}`, `a value from ${minimum} to ${range.maximum}`);
  }
  return value;
}

function readBoolean({ json, place }: Fields, key: string, { fallback }: { fallback: boolean }): boolean {
  const value = json[key] ?? fallback;
  if (typeof value !== 'boolean') throw problem('config-field-type', place, `${key}: ${describe(value)}`, 'true or false');
  return value;
}

function readText({ json, place }: Fields, key: string): string | undefined {
  const value = json[key] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw problem('config-field-type', place, `${key}: ${describe(value)}`, 'a text');
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return quote(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function problem(code: string, place: ProblemPlace, found: string, expected: string, action = 'Correct config.json or download it again.'): Problem {
  return new Problem({ code, found, expected, action, place });
}
