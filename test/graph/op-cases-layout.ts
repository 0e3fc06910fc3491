/** Proofs of the reductions and of the operations that only move elements. */
import * as tf from '@tensorflow/tfjs';
import { f32, i64, real, type Proof } from './op-case.ts';

const badAxes = 'one or more distinct axes of the operand';

export const layoutProofs = {
  reduceSum: {
    gradient: 'rule',
    cases: [
      { title: 'over the outer axes', operands: [real(2, 3, 4)], build: (g, [x]) => g.reduceSum(x, [0, 2]), type: 'f32[3]', tfjs: ([x]) => tf.sum(x, [0, 2]) },
      { title: 'that keeps its axes', operands: [real(2, 3, 4)], build: (g, [x]) => g.reduceSum(x, [1], { keepAxes: true }), type: 'f32[2,1,4]', tfjs: ([x]) => tf.sum(x, 1, true) },
      { title: 'over everything', operands: [real(2, 3)], build: (g, [x]) => g.reduceSum(x, [1, 0]), type: 'f32[]', tfjs: ([x]) => tf.sum(x) },
    ],
    misfits: [
      { build: (g) => g.reduceSum(f32(g, 2, 3), [2]), message: `found reduceSum(f32[2,3]); expected ${badAxes}` },
      { build: (g) => g.reduceSum(f32(g, 2, 3), [0, 0]), message: `found reduceSum(f32[2,3]); expected ${badAxes}` },
      { build: (g) => g.reduceSum(f32(g, 2, 3), [-1]), message: `found reduceSum(f32[2,3]); expected ${badAxes}` },
      { build: (g) => g.apply({ kind: 'reduceSum', axes: [], keepAxes: false }, f32(g, 2)), message: `found reduceSum(f32[2]); expected ${badAxes}` },
      { build: (g) => g.reduceSum(i64(g, 2, 3), [0]), message: 'found reduceSum(i64[2,3]); expected f32 operands' },
    ],
  },
  reduceMax: {
    gradient: 'rule',
    cases: [
      { title: 'along the last axis', operands: [real(3, 4)], build: (g, [x]) => g.reduceMax(x, [1]), type: 'f32[3]', tfjs: ([x]) => tf.max(x, 1) },
      { title: 'over two axes, keeping them', operands: [real(2, 3, 4)], build: (g, [x]) => g.reduceMax(x, [0, 2], { keepAxes: true }), type: 'f32[1,3,1]', tfjs: ([x]) => tf.max(x, [0, 2], true) },
    ],
    misfits: [
      { build: (g) => g.reduceMax(f32(g, 2, 3), [2]), message: `found reduceMax(f32[2,3]); expected ${badAxes}` },
      { build: (g) => g.apply({ kind: 'reduceMax', axes: [], keepAxes: false }, f32(g, 2)), message: `found reduceMax(f32[2]); expected ${badAxes}` },
    ],
  },
  reshape: {
    gradient: 'rule',
    cases: [
      { title: 'to another rank', operands: [real(2, 6)], build: (g, [x]) => g.reshape(x, [3, 2, 2]), type: 'f32[3,2,2]', tfjs: ([x]) => tf.reshape(x, [3, 2, 2]) },
      { title: 'to a scalar', operands: [real(1, 1)], build: (g, [x]) => g.reshape(x, []), type: 'f32[]', tfjs: ([x]) => tf.reshape(x, []) },
    ],
    misfits: [
      { build: (g) => g.reshape(f32(g, 2, 3), [4, 2]), message: 'found reshape(f32[2,3]); expected an operand of 8 elements for shape [4,2]' },
      { build: (g) => g.reshape(f32(g, 2, 3), [-2, -3]), message: 'found reshape(f32[2,3]); expected every extent to be a whole number of at least 1' },
    ],
  },
  transpose: {
    gradient: 'rule',
    cases: [
      { title: 'by a permutation that is not its own inverse', operands: [real(2, 3, 4)], build: (g, [x]) => g.transpose(x, [1, 2, 0]), type: 'f32[3,4,2]', tfjs: ([x]) => tf.transpose(x, [1, 2, 0]) },
      { title: 'of heads', operands: [real(2, 3, 2, 2)], build: (g, [x]) => g.transpose(x, [0, 2, 1, 3]), type: 'f32[2,2,3,2]', tfjs: ([x]) => tf.transpose(x, [0, 2, 1, 3]) },
    ],
    misfits: [
      { build: (g) => g.transpose(f32(g, 2, 3), [0, 2, 1]), message: 'found transpose(f32[2,3]); expected an operand of rank 3 for permutation [0,2,1]' },
      { build: (g) => g.transpose(f32(g, 2, 3), [0, 0]), message: 'found transpose(f32[2,3]); expected an operand of rank 2 for permutation [0,0]' },
    ],
  },
  broadcast: {
    gradient: 'rule',
    cases: [
      { title: 'of a middle axis and a missing one', operands: [real(3, 1)], build: (g, [x]) => g.broadcast(x, [2, 3, 4]), type: 'f32[2,3,4]', tfjs: ([x]) => tf.broadcastTo(x, [2, 3, 4]) },
      { title: 'of a scalar', operands: [real()], build: (g, [x]) => g.broadcast(x, [2, 1]), type: 'f32[2,1]', tfjs: ([x]) => tf.broadcastTo(x, [2, 1]) },
    ],
    misfits: [
      { build: (g) => g.broadcast(f32(g, 3), [3, 2]), message: 'found broadcast(f32[3]); expected an operand that broadcasts to [3,2]' },
      { build: (g) => g.broadcast(f32(g, 3), [1]), message: 'found broadcast(f32[3]); expected an operand that broadcasts to [1]' },
    ],
  },
  concat: {
    gradient: 'rule',
    cases: [
      { title: 'along the first axis', operands: [real(1, 2), real(3, 2), real(2, 2)], build: (g, [a, b, c]) => g.concat([a, b, c], 0), type: 'f32[6,2]', tfjs: ([a, b, c]) => tf.concat([a, b, c], 0) },
      { title: 'along a middle axis', operands: [real(2, 1, 3), real(2, 2, 3)], build: (g, [a, b]) => g.concat([a, b], 1), type: 'f32[2,3,3]', tfjs: ([a, b]) => tf.concat([a, b], 1) },
      { title: 'of a value with itself', operands: [real(2)], build: (g, [a]) => g.concat([a, a], 0), type: 'f32[4]', tfjs: ([a]) => tf.concat([a, a], 0) },
    ],
    misfits: [
      { build: (g) => g.concat([f32(g, 2, 3), f32(g, 2, 4)], 0), message: 'found concat(f32[2,3], f32[2,4]); expected operands of one type that agree in every axis but 0' },
      { build: (g) => g.concat([f32(g, 2), i64(g, 2)], 0), message: 'found concat(f32[2], i64[2]); expected operands of one type that agree in every axis but 0' },
      { build: (g) => g.concat([f32(g, 2), f32(g, 2)], 1), message: 'found concat(f32[2], f32[2]); expected operands of one type that agree in every axis but 1' },
      { build: (g) => g.concat([], 0), message: 'found concat(); expected at least one operand' },
    ],
  },
  slice: {
    gradient: 'rule',
    cases: [{ title: 'from the middle', operands: [real(2, 5, 2)], build: (g, [x]) => g.slice(x, 1, { start: 1, end: 4 }), type: 'f32[2,3,2]', tfjs: ([x]) => tf.slice(x, [0, 1, 0], [2, 3, 2]) }],
    misfits: [
      { build: (g) => g.slice(f32(g, 2, 3), 1, { start: 1, end: 4 }), message: 'found slice(f32[2,3]); expected 0 ≤ 1 < 4 ≤ the extent of axis 1' },
      { build: (g) => g.slice(f32(g, 2, 3), 0, { start: 1, end: 1 }), message: 'found slice(f32[2,3]); expected 0 ≤ 1 < 1 ≤ the extent of axis 0' },
      { build: (g) => g.slice(f32(g, 2, 3), 1, { start: 0.5, end: 1.5 }), message: 'found slice(f32[2,3]); expected 0 ≤ 0.5 < 1.5 ≤ the extent of axis 1' },
      { build: (g) => g.slice(f32(g, 2, 3), 2, { start: 0, end: 1 }), message: 'found slice(f32[2,3]); expected an operand with an axis 2' },
    ],
  },
  pad: {
    gradient: 'rule',
    cases: [{ title: 'before and after', operands: [real(2, 2)], build: (g, [x]) => g.pad(x, 1, { before: 1, after: 2 }), type: 'f32[2,5]', tfjs: ([x]) => tf.pad(x, [[0, 0], [1, 2]]) }],
    misfits: [
      { build: (g) => g.pad(f32(g, 2), 0, { before: -1, after: 0 }), message: 'found pad(f32[2]); expected padding of at least 0' },
      { build: (g) => g.pad(f32(g, 2), 1, { before: 1, after: 0 }), message: 'found pad(f32[2]); expected an operand with an axis 1' },
    ],
  },
} as const satisfies Record<string, Proof>;
