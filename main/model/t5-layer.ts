/**
 * The parts that encoder and decoder share: norm, attention, feed-forward.
 * Legend: b batch, q queries, s keys, d model width, h heads, k key width, f feed-forward width. States are kept as rows, [b·q, d]:
 * every product with a weight is one large matrix product.
 * Source: transformers, models/t5/modeling_t5.py; Raffel et al. 2020 §2.1; Shazeer 2020 for the gated feed-forward.
 */
import type { GraphBuilder, Node } from '../graph/index.ts';
import type { T5Config } from './config.ts';

export interface T5Context {
  readonly g: GraphBuilder;
  readonly config: T5Config;
  /** A weight by its name in transformers: a frozen parameter, or an input of the graph where it is trained. */
  weight(name: string, shape: readonly number[]): Node;
  /** Applies dropout where the run asks for it; `site` names the place within the current scope. */
  dropout(site: string, x: Node): Node;
}

/** Hidden states of a batch as rows. */
export interface Rows {
  /** f32[batch · length, d] */
  readonly node: Node;
  readonly batch: number;
  readonly length: number;
}

/** Keys and values split by head, f32[b, h, s, k]. */
export interface KeyValue {
  readonly key: Node;
  readonly value: Node;
}

/** A number that the softmax turns into exactly 0 in float32, and that two of them can still be added. */
export const maskedScore = -1e9;

/** T5's layer norm: no mean, no bias. @param rows [b·q, d] */
export function norm(context: T5Context, name: string, rows: Node): Node {
  const { g, config } = context;
  return g.rmsNorm(rows, context.weight(name, [config.width]), config.normEpsilon);
}

/** A product with a weight stored as [out, in]. @param rows [n, in] @returns [n, out] */
export function linear(context: T5Context, name: string, rows: Node, outWidth: number): Node {
  const inWidth = rows.type.shape[1] ?? 0;
  return context.g.matmul(rows, context.weight(name, [outWidth, inWidth]), { transposeB: true });
}

/** [b·q, h·k] → [b, h, q, k] */
export function splitHeads(context: T5Context, rows: Node, batch: number, length: number): Node {
  const { g, config } = context;
  return g.transpose(g.reshape(rows, [batch, length, config.heads, config.keyWidth]), [0, 2, 1, 3]);
}

/** Keys and values of one attention. @param rows the states attended to. */
export function keyValue(context: T5Context, name: string, rows: Rows): KeyValue {
  const inner = context.config.heads * context.config.keyWidth;
  const project = (part: 'k' | 'v'): Node =>
    context.g.within(part, () => splitHeads(context, linear(context, `${name}.${part}.weight`, rows.node, inner), rows.batch, rows.length));
  return { key: project('k'), value: project('v') };
}

/**
 * Attention over given keys and values. T5 does not scale the scores.
 * @param queries normalised states, [b·q, d].
 * @param bias added to the scores, broadcasting to [b, h, q, s]: positions and masks.
 * @returns [b·q, d]
 */
export function attend(context: T5Context, name: string, queries: Rows, { key, value }: KeyValue, bias: Node): Node {
  const { g, config } = context;
  const inner = config.heads * config.keyWidth;
  const query = g.within('q', () => splitHeads(context, linear(context, `${name}.q.weight`, queries.node, inner), queries.batch, queries.length));
  const scores = g.add(g.matmul(query, key, { transposeB: true }), bias);
  const weights = context.dropout('weights', g.softmax(scores));
  const joined = g.reshape(g.transpose(g.matmul(weights, value), [0, 2, 1, 3]), [queries.batch * queries.length, inner]);
  return g.within('o', () => linear(context, `${name}.o.weight`, joined, config.width));
}

/** @param rows normalised states, [n, d]. @returns [n, d] */
export function feedForward(context: T5Context, name: string, rows: Node): Node {
  const { g, config } = context;
  const inner = (part: string): Node => g.within(part, () => linear(context, `${name}.${part}.weight`, rows, config.feedForwardWidth));
  const hidden = (): Node => {
    switch (config.feedForward) {
      case 'relu':
        return g.relu(inner('wi'));
      case 'gated-gelu':
        return g.multiply(g.gelu(inner('wi_0')), inner('wi_1'));
    }
  };
  const dropped = context.dropout('hidden', hidden());
  return g.within('wo', () => linear(context, `${name}.wo.weight`, dropped, config.width));
}

/** Dropout, then the residual sum. */
export function residual(context: T5Context, before: Node, after: Node): Node {
  return context.g.add(before, context.dropout('output', after));
}
