/**
 * The closed set of operations. Everything that T5 computes, forward and backward, is made of these;
 * a backend that can run them can train.
 */
import type { DataType, TensorType } from './type.ts';

export type Op =
  // Leaves
  /** A tensor handed over at every run; also every trained weight. */
  | { readonly kind: 'input'; readonly name: string }
  /** A frozen weight; it stays in its file and is in memory once. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** A literal, stored in the graph itself: keep it small. */
  | { readonly kind: 'constant'; readonly data: Float32Array | BigInt64Array }
  // Element by element, with NumPy's broadcasting
  | { readonly kind: 'add' }
  | { readonly kind: 'subtract' }
  | { readonly kind: 'multiply' }
  | { readonly kind: 'divide' }
  | { readonly kind: 'negate' }
  | { readonly kind: 'exp' }
  | { readonly kind: 'log' }
  | { readonly kind: 'sqrt' }
  | { readonly kind: 'tanh' }
  | { readonly kind: 'sigmoid' }
  | { readonly kind: 'relu' }
  /** x · σ(2√(2/π)·(x + 0.044715·x³)): GELU in its tanh form (Hendrycks & Gimpel 2016). */
  | { readonly kind: 'gelu' }
  /** −1, 0 or 1. Its gradient is zero everywhere it exists. */
  | { readonly kind: 'sign' }
  /** (bool, x, y) → x where true, else y. */
  | { readonly kind: 'where' }
  /** (x, y) → bool; i64 or f32. */
  | { readonly kind: 'equal' }
  | { readonly kind: 'cast'; readonly to: DataType }
  // Linear algebra
  /** scale · a·b over the last two axes, batch axes broadcast; a flag means "transposed first". */
  | { readonly kind: 'matmul'; readonly transposeA: boolean; readonly transposeB: boolean; readonly scale: number }
  // Along the last axis
  | { readonly kind: 'softmax' }
  | { readonly kind: 'logSoftmax' }
  /** (x [..., d], gain [d]) → x / sqrt(mean(x²) + epsilon) · gain; T5's layer norm. */
  | { readonly kind: 'rmsNorm'; readonly epsilon: number }
  /** x [..., d] → 1 / sqrt(mean(x²) + epsilon), [..., 1]. */
  | { readonly kind: 'inverseRms'; readonly epsilon: number }
  | { readonly kind: 'argMax' }
  /** (x [..., n], ids [...]) → x[..., ids[...]], [...]. */
  | { readonly kind: 'pickLast' }
  /** (values [...], ids [...]) → [..., size] that is zero but for values at ids. */
  | { readonly kind: 'spreadLast'; readonly size: number }
  // Rows of a table
  /** (table [n, ...r], ids [...i]) → [...i, ...r]. */
  | { readonly kind: 'gatherRows' }
  /** (updates [...i, ...r], ids [...i]) → [rows, ...r], the updates of equal ids summed. */
  | { readonly kind: 'scatterAddRows'; readonly rows: number }
  // Reductions
  | { readonly kind: 'reduceSum'; readonly axes: readonly number[]; readonly keepAxes: boolean }
  | { readonly kind: 'reduceMax'; readonly axes: readonly number[]; readonly keepAxes: boolean }
  // Layout
  | { readonly kind: 'reshape'; readonly shape: readonly number[] }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  | { readonly kind: 'broadcast'; readonly shape: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number; readonly end: number }
  /** Zeros before and after along one axis: the adjoint of slice. */
  | { readonly kind: 'pad'; readonly axis: number; readonly before: number; readonly after: number };

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;

/** One value of the graph. Nodes are immutable and only a `GraphBuilder` makes them. */
export interface Node {
  /** Unique in its builder and increasing: inputs come before their users. */
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Node[];
  readonly type: TensorType;
  /** Dotted path of where it was made, for example `encoder.3.attention.q`. */
  readonly scope: string;
}

/** Every kind once, checked against the union by the compiler; tests walk it. */
const presence: Record<OpKind, true> = {
  input: true, parameter: true, constant: true,
  add: true, subtract: true, multiply: true, divide: true, negate: true,
  exp: true, log: true, sqrt: true, tanh: true, sigmoid: true, relu: true, gelu: true, sign: true,
  where: true, equal: true, cast: true,
  matmul: true,
  softmax: true, logSoftmax: true, rmsNorm: true, inverseRms: true, argMax: true, pickLast: true, spreadLast: true,
  gatherRows: true, scatterAddRows: true,
  reduceSum: true, reduceMax: true,
  reshape: true, transpose: true, broadcast: true, concat: true, slice: true, pad: true,
};
export const opKinds = Object.keys(presence) as readonly OpKind[];
