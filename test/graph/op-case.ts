/** What the proofs of one operation are made of, and the operands they use. */
import type * as tf from '@tensorflow/tfjs';
import { sizeOf, type DataType, type GraphBuilder, type Node } from '../../main/graph/index.ts';
import type { Value } from './reference.ts';

export interface Operand {
  readonly dtype: DataType;
  readonly value: Value;
  /** A parameter, which lies in a file, instead of an input. */
  readonly frozen?: boolean;
}

export interface OpCase {
  readonly title: string;
  /** They become the leaves x0, x1, … */
  readonly operands: readonly Operand[];
  readonly build: (g: GraphBuilder, x: readonly [Node, Node, Node]) => Node;
  /** Of the result, as printed. */
  readonly type: string;
}

/** The same again in tfjs, whose own gradient is the second opinion. */
export interface DifferentiableCase extends OpCase {
  readonly tfjs: (x: readonly [tf.Tensor, tf.Tensor, tf.Tensor]) => tf.Tensor;
}

/** Operands that do not fit, and the whole message but for the scope. */
interface Misfit {
  readonly build: (g: GraphBuilder) => unknown;
  readonly message: string;
}

export type Proof =
  | { readonly gradient: 'rule'; readonly cases: readonly DifferentiableCase[]; readonly misfits: readonly Misfit[] }
  | { readonly gradient: 'leaf' | 'zero'; readonly why: string; readonly cases: readonly OpCase[]; readonly misfits: readonly Misfit[] };

/** Mulberry32: the same operands in every run, without a library. */
function createGenerator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

let operandCount = 0;

function filled(dtype: DataType, shape: readonly number[], element: (random: () => number) => number): Operand {
  operandCount += 1;
  const random = createGenerator(operandCount);
  return { dtype, value: { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(element(random))) } };
}

/** Any sign, never within 0.2 of zero: away from relu's corner and from a pole. */
export const real = (...shape: number[]): Operand => filled('f32', shape, (random) => (0.2 + 1.5 * random()) * (random() < 0.5 ? -1 : 1));
/** Between 0.3 and 2. */
export const positive = (...shape: number[]): Operand => filled('f32', shape, (random) => 0.3 + 1.7 * random());
export const ids = (below: number, ...shape: number[]): Operand => filled('i64', shape, (random) => Math.floor(random() * below));
export const truth = (...shape: number[]): Operand => filled('bool', shape, (random) => (random() < 0.5 ? 0 : 1));
export const given = (dtype: DataType, shape: readonly number[], elements: readonly number[]): Operand => ({ dtype, value: { shape, data: Float64Array.from(elements) } });

const input = (dtype: DataType) => (g: GraphBuilder, ...shape: number[]): Node => g.input(`${dtype} ${shape.join('x')}`, { dtype, shape });
/** Leaves for misfits, named by their types. */
export const f32 = input('f32');
export const i64 = input('i64');
export const bool = input('bool');
