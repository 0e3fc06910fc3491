/**
 * The encoder, with room for soft prompt rows in front of the text or anywhere in it.
 * Legend: b batch, p prompt rows, s text tokens, n = p + s, d width, h heads.
 */
import type { Node } from '../graph/index.ts';
import { relativePositionBuckets } from './relative-position.ts';
import { attend, feedForward, keyValue, maskedScore, norm, residual, type Rows, type T5Context } from './t5-layer.ts';

export interface EncoderInput {
  /** i64[b, s] */
  readonly ids: Node;
  /** f32[b, s]; 1 for a token, 0 for padding. */
  readonly mask: Node;
  /** f32[p, d] for one prompt, f32[b, p, d] for one per example, null for none. */
  readonly prompt: Node | null;
  /**
   * i64[b·n]: which row of the prompt rows and embeddings of all examples, [b·n, d] with each example's prompt in front of its text,
   * stands at each position. Padding stays behind, so that masks are as without it. Null leaves the prompt in front.
   */
  readonly order: Node | null;
}

export interface Encoded {
  readonly states: Rows;
  /** f32[b, 1, 1, n]: 0 where a key may be attended to, a large negative number elsewhere. */
  readonly keyBias: Node;
}

/** Lester et al. 2021 §2: the prompt is concatenated in front of the input embeddings, gets ones in the mask, and no position of its own. */
export function encode(context: T5Context, input: EncoderInput): Encoded {
  const { g } = context;
  return g.within('encoder', () => {
    const [batch = 0, textLength = 0] = input.ids.type.shape;
    const promptLength = input.prompt?.type.shape.at(-2) ?? 0;
    const length = promptLength + textLength;
    const keyBias = keyBiasOf(context, input.mask, promptLength);
    const bias = g.add(positionBias(context, length), keyBias);
    let states = context.dropout('input', embed(context, input, { batch, textLength, promptLength }));
    for (let layer = 0; layer < context.config.encoderLayers; layer += 1) {
      states = g.within(String(layer), () => encoderLayer(context, layer, { node: states, batch, length }, bias));
    }
    const last = context.dropout('final', norm(context, 'encoder.final_layer_norm.weight', states));
    return { states: { node: last, batch, length }, keyBias };
  });
}

function encoderLayer(context: T5Context, layer: number, states: Rows, bias: Node): Node {
  const { g } = context;
  const block = `encoder.block.${layer}.layer`;
  const attended = g.within('attention', () => {
    const rows: Rows = { ...states, node: norm(context, `${block}.0.layer_norm.weight`, states.node) };
    const name = `${block}.0.SelfAttention`;
    return residual(context, states.node, attend(context, name, rows, keyValue(context, name, rows), bias));
  });
  return g.within('feed-forward', () =>
    residual(context, attended, feedForward(context, `${block}.1.DenseReluDense`, norm(context, `${block}.1.layer_norm.weight`, attended))));
}

/** @returns f32[b·n, d]: prompt rows, then the text's embeddings; or both in the order asked for. */
function embed(context: T5Context, input: EncoderInput, size: { batch: number; textLength: number; promptLength: number }): Node {
  const { g, config } = context;
  const { batch, textLength, promptLength } = size;
  const text = embedTokens(context, input.ids);
  if (input.prompt === null) return g.reshape(text, [batch * textLength, config.width]);
  const rows = g.broadcast(input.prompt, [batch, promptLength, config.width]);
  const inFront = g.reshape(g.concat([rows, text], 1), [batch * (promptLength + textLength), config.width]);
  return input.order === null ? inFront : g.gatherRows(inFront, input.order);
}

/** @param ids i64[...]. @returns f32[..., d] */
export function embedTokens(context: T5Context, ids: Node): Node {
  const { g, config } = context;
  return g.within('embedding', () => g.gatherRows(context.weight('shared.weight', [config.vocabularySize, config.width]), ids));
}

function keyBiasOf(context: T5Context, mask: Node, promptLength: number): Node {
  const { g } = context;
  const [batch = 0, textLength = 0] = mask.type.shape;
  const blocked = g.multiply(g.subtract(g.scalar(1), mask), g.scalar(maskedScore));
  const full = promptLength === 0 ? blocked : g.pad(blocked, 1, { before: promptLength, after: 0 });
  return g.reshape(full, [batch, 1, 1, promptLength + textLength]);
}

/** @returns f32[1, h, n, n]; one table, layer 0's, serves all layers. */
function positionBias(context: T5Context, length: number): Node {
  const { g, config } = context;
  return g.within('position', () => {
    const rule = { buckets: config.relativeBuckets, maxDistance: config.relativeMaxDistance, direction: 'both' } as const;
    const table = context.weight('encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight', [config.relativeBuckets, config.heads]);
    const ids = g.ids(relativePositionBuckets(length, length, rule), [length, length]);
    return g.reshape(g.transpose(g.gatherRows(table, ids), [2, 0, 1]), [1, config.heads, length, length]);
  });
}
