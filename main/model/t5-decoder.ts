/**
 * The decoder, in two forms that share every layer: teacher-forced over whole targets (training, label scoring) and one token at a
 * time with a key/value cache (greedy decoding).
 * Legend: b batch, c candidate targets per example, t target tokens, n encoder positions, d width, h heads, k key width, v vocabulary.
 */
import type { Node } from '../graph/index.ts';
import type { T5Config } from './config.ts';
import { relativePositionBucket, relativePositionBuckets } from './relative-position.ts';
import { embedTokens, type Encoded } from './t5-encoder.ts';
import { attend, feedForward, keyValue, maskedScore, norm, residual, type KeyValue, type Rows, type T5Context } from './t5-layer.ts';

const biasTable = 'decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight';

/** What the decoder sees of the encoder. */
export interface DecoderSource {
  readonly batch: number;
  /** Per decoder layer, f32[b, h, n, k]. */
  readonly cross: readonly KeyValue[];
  /** f32[b, 1, 1, n] */
  readonly keyBias: Node;
}

/**
 * Teacher-forced decoding of c candidate targets per example over one encoder pass: candidates share their example's keys and values.
 * @param ids i64[b·c, t], the targets shifted right (decoder start first).
 * @returns f32[b·c·t, d] after the final norm.
 */
export function decode(context: T5Context, source: DecoderSource, ids: Node): Node {
  const { g, config } = context;
  return g.within('decoder', () => {
    const [sequences = 0, length = 0] = ids.type.shape;
    const bias = causalBias(context, length);
    const crossLength = (sequences / source.batch) * length;
    let states = context.dropout('input', g.reshape(embedTokens(context, ids), [sequences * length, config.width]));
    for (let layer = 0; layer < config.decoderLayers; layer += 1) {
      states = g.within(String(layer), () => {
        const block = `decoder.block.${layer}.layer`;
        const self = selfAttention(context, block, { node: states, batch: sequences, length }, bias);
        const cross = g.within('cross', () =>
          crossAttention(context, block, { node: self, batch: source.batch, length: crossLength }, source.cross[layer] as KeyValue, source.keyBias));
        return feedForwardLayer(context, block, cross);
      });
    }
    return context.dropout('final', norm(context, 'decoder.final_layer_norm.weight', states));
  });
}

/** @param states f32[n, d] from the decoder. @returns logits f32[n, v] */
export function head(context: T5Context, states: Node): Node {
  const { g, config } = context;
  return g.within('head', () => {
    const table = context.weight(config.tiedHead ? 'shared.weight' : 'lm_head.weight', [config.vocabularySize, config.width]);
    const scale = config.scaleDecoderOutput ? config.width ** -0.5 : 1;
    return g.matmul(states, table, { transposeB: true, scale });
  });
}

function selfAttention(context: T5Context, block: string, states: Rows, bias: Node): Node {
  return context.g.within('attention', () => {
    const rows: Rows = { ...states, node: norm(context, `${block}.0.layer_norm.weight`, states.node) };
    const name = `${block}.0.SelfAttention`;
    return residual(context, states.node, attend(context, name, rows, keyValue(context, name, rows), bias));
  });
}

function crossAttention(context: T5Context, block: string, states: Rows, source: KeyValue, keyBias: Node): Node {
  const rows: Rows = { ...states, node: norm(context, `${block}.1.layer_norm.weight`, states.node) };
  return residual(context, states.node, attend(context, `${block}.1.EncDecAttention`, rows, source, keyBias));
}

function feedForwardLayer(context: T5Context, block: string, states: Node): Node {
  return context.g.within('feed-forward', () =>
    residual(context, states, feedForward(context, `${block}.2.DenseReluDense`, norm(context, `${block}.2.layer_norm.weight`, states))));
}

/** @returns f32[1, h, t, t]: positions plus "no look ahead". */
function causalBias(context: T5Context, length: number): Node {
  const { g, config } = context;
  return g.within('position', () => {
    const rule = { buckets: config.relativeBuckets, maxDistance: config.relativeMaxDistance, direction: 'past' } as const;
    const table = context.weight(biasTable, [config.relativeBuckets, config.heads]);
    const ids = g.ids(relativePositionBuckets(length, length, rule), [length, length]);
    const position = g.reshape(g.transpose(g.gatherRows(table, ids), [2, 0, 1]), [1, config.heads, length, length]);
    const ahead = Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? maskedScore : 0));
    return g.add(position, g.constant(ahead, [1, 1, length, length]));
  });
}

/** The decoder's cross-attention keys and values of every layer, from one encoder pass. */
export function decoderSource(context: T5Context, encoded: Encoded): DecoderSource {
  const cross = context.g.within('decoder', () =>
    Array.from({ length: context.config.decoderLayers }, (_, layer) =>
      context.g.within(`${layer}.cross`, () => keyValue(context, `decoder.block.${layer}.layer.1.EncDecAttention`, encoded.states))));
  return { batch: encoded.states.batch, cross, keyBias: encoded.keyBias };
}

export interface StepInput {
  /** i64[b]: the token decoded last. */
  readonly ids: Node;
  readonly source: DecoderSource;
  /** Per layer, f32[b, h, t, k]; zero from the current position on. */
  readonly past: readonly KeyValue[];
  /** f32[t]: 1 at the current position, 0 elsewhere. */
  readonly here: Node;
  /** f32[t]: 0 up to the current position, `maskedScore` after it. */
  readonly future: Node;
  /** i64[t]: buckets of every key position seen from the current one. */
  readonly buckets: Node;
}

export interface StepOutput {
  /** f32[b, d] after the final norm. */
  readonly states: Node;
  /** What the cache lacks: keys and values of the current position per layer, f32[b, h, 1, k]. */
  readonly present: readonly KeyValue[];
}

/** One decoding step; the caller writes `present` into its cache at the current position. */
export function decodeStep(context: T5Context, input: StepInput): StepOutput {
  const { g, config } = context;
  return g.within('decoder', () => {
    const [batch = 0] = input.ids.type.shape;
    const bias = stepBias(context, input);
    const present: KeyValue[] = [];
    let states = embedTokens(context, input.ids);
    for (let layer = 0; layer < config.decoderLayers; layer += 1) {
      states = g.within(String(layer), () => {
        const block = `decoder.block.${layer}.layer`;
        const self = g.within('attention', () => {
          const rows: Rows = { node: norm(context, `${block}.0.layer_norm.weight`, states), batch, length: 1 };
          const name = `${block}.0.SelfAttention`;
          const now = keyValue(context, name, rows);
          present.push(now);
          const all = { key: fillIn(context, input, layer, now, 'key'), value: fillIn(context, input, layer, now, 'value') };
          return residual(context, states, attend(context, name, rows, all, bias));
        });
        const cross = g.within('cross', () =>
          crossAttention(context, block, { node: self, batch, length: 1 }, input.source.cross[layer] as KeyValue, input.source.keyBias));
        return feedForwardLayer(context, block, cross);
      });
    }
    return { states: norm(context, 'decoder.final_layer_norm.weight', states), present };
  });
}

/** The cache with the current position filled in: the cache is zero there, so a sum does it. */
function fillIn(context: T5Context, input: StepInput, layer: number, now: KeyValue, part: keyof KeyValue): Node {
  const { g } = context;
  const past = (input.past[layer] as KeyValue)[part];
  const here = g.reshape(input.here, [1, 1, input.here.type.shape[0] ?? 0, 1]);
  return g.add(past, g.multiply(now[part], here));
}

function stepBias(context: T5Context, input: StepInput): Node {
  const { g, config } = context;
  return g.within('position', () => {
    const length = input.here.type.shape[0] ?? 0;
    const table = context.weight(biasTable, [config.relativeBuckets, config.heads]);
    const position = g.reshape(g.transpose(g.gatherRows(table, input.buckets), [1, 0]), [1, config.heads, 1, length]);
    return g.add(position, g.reshape(input.future, [1, 1, 1, length]));
  });
}

/** @returns buckets of key positions 0 … length − 1 seen from `position`, for `StepInput.buckets`. */
export function stepBuckets(config: T5Config, position: number, length: number): number[] {
  const { relativeBuckets, relativeMaxDistance } = config;
  const rule = { buckets: relativeBuckets, maxDistance: relativeMaxDistance, direction: 'past' } as const;
  return Array.from({ length }, (_, key) => relativePositionBucket(key - position, rule));
}
