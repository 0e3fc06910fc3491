/** Proofs of the leaves and of the operations that go element by element. */
import * as tf from '@tensorflow/tfjs';
import { bool, f32, given, i64, ids, positive, real, truth, type Proof } from './op-case.ts';

const knownType = 'the kind and type it already has in this graph';
const notBroadcast = 'shapes that broadcast together';
const wholeExtents = 'every extent to be a whole number of at least 1';
const i64Misfit = (kind: 'negate' | 'exp' | 'log' | 'sqrt' | 'tanh' | 'sigmoid' | 'relu' | 'gelu' | 'sign'): Proof['misfits'] => [
  { build: (g) => g[kind](i64(g, 2, 3)), message: `found ${kind}(i64[2,3]); expected f32 operands` },
];
const broadcastMisfits = (kind: 'add' | 'subtract' | 'multiply' | 'divide'): Proof['misfits'] => [
  { build: (g) => g[kind](f32(g, 2, 3), f32(g, 4)), message: `found ${kind}(f32[2,3], f32[4]); expected ${notBroadcast}` },
  { build: (g) => g[kind](f32(g, 2), i64(g, 2)), message: `found ${kind}(f32[2], i64[2]); expected f32 operands` },
];

export const elementwiseProofs = {
  input: {
    gradient: 'leaf',
    why: 'nothing lies behind an input; every other proof differentiates up to one',
    cases: [
      { title: 'hands its feed on', operands: [real(2, 3)], build: (_, [x]) => x, type: 'f32[2,3]' },
      { title: 'of i64', operands: [ids(9, 4)], build: (_, [x]) => x, type: 'i64[4]' },
      { title: 'of bool', operands: [truth(4)], build: (_, [x]) => x, type: 'bool[4]' },
      { title: 'that is a scalar', operands: [real()], build: (_, [x]) => x, type: 'f32[]' },
    ],
    misfits: [
      { build: (g) => [g.input('x', { dtype: 'f32', shape: [2] }), g.input('x', { dtype: 'i64', shape: [2] })], message: `found input x(i64[2]); expected ${knownType}` },
      { build: (g) => g.input('x', { dtype: 'f32', shape: [2, 0] }), message: `found input(f32[2,0]); expected ${wholeExtents}` },
    ],
  },
  parameter: {
    gradient: 'leaf',
    why: 'a parameter is frozen; what is trained is an input',
    cases: [{ title: 'comes from its file', operands: [{ ...real(2, 3), frozen: true }], build: (_, [x]) => x, type: 'f32[2,3]' }],
    misfits: [{ build: (g) => [g.parameter('w', [2]), g.parameter('w', [3])], message: `found parameter w(f32[3]); expected ${knownType}` }],
  },
  constant: {
    gradient: 'leaf',
    why: 'a constant does not vary',
    cases: [
      { title: 'of f32', operands: [], build: (g) => g.constant(Float32Array.of(1.5, -2), [2, 1]), type: 'f32[2,1]' },
      { title: 'of i64', operands: [], build: (g) => g.ids([3, -4], [2]), type: 'i64[2]' },
      { title: 'that is a scalar', operands: [], build: (g) => g.scalar(0.25), type: 'f32[]' },
    ],
    misfits: [{ build: (g) => g.constant(Float32Array.of(1, 2), [3]), message: 'found constant(f32[3]); expected 3 elements, not 2' }],
  },
  add: {
    gradient: 'rule',
    cases: [
      { title: 'of equal shapes', operands: [real(2, 3), real(2, 3)], build: (g, [a, b]) => g.add(a, b), type: 'f32[2,3]', tfjs: ([a, b]) => tf.add(a, b) },
      { title: 'that broadcasts both ways', operands: [real(2, 1, 3), real(4, 1)], build: (g, [a, b]) => g.add(a, b), type: 'f32[2,4,3]', tfjs: ([a, b]) => tf.add(a, b) },
      { title: 'of a scalar', operands: [real(2, 3), real()], build: (g, [a, b]) => g.add(a, b), type: 'f32[2,3]', tfjs: ([a, b]) => tf.add(a, b) },
      { title: 'of a value to itself', operands: [real(3)], build: (g, [a]) => g.add(a, a), type: 'f32[3]', tfjs: ([a]) => tf.add(a, a) },
    ],
    misfits: broadcastMisfits('add'),
  },
  subtract: {
    gradient: 'rule',
    cases: [
      { title: 'of equal shapes', operands: [real(2, 3), real(2, 3)], build: (g, [a, b]) => g.subtract(a, b), type: 'f32[2,3]', tfjs: ([a, b]) => tf.sub(a, b) },
      { title: 'that broadcasts', operands: [real(3), real(2, 1)], build: (g, [a, b]) => g.subtract(a, b), type: 'f32[2,3]', tfjs: ([a, b]) => tf.sub(a, b) },
    ],
    misfits: broadcastMisfits('subtract'),
  },
  multiply: {
    gradient: 'rule',
    cases: [
      { title: 'of equal shapes', operands: [real(2, 3), real(2, 3)], build: (g, [a, b]) => g.multiply(a, b), type: 'f32[2,3]', tfjs: ([a, b]) => tf.mul(a, b) },
      { title: 'that broadcasts', operands: [real(2, 1, 3), real(4, 1)], build: (g, [a, b]) => g.multiply(a, b), type: 'f32[2,4,3]', tfjs: ([a, b]) => tf.mul(a, b) },
      { title: 'of a value by itself', operands: [real(3)], build: (g, [a]) => g.multiply(a, a), type: 'f32[3]', tfjs: ([a]) => tf.mul(a, a) },
    ],
    misfits: broadcastMisfits('multiply'),
  },
  divide: {
    gradient: 'rule',
    cases: [
      { title: 'of equal shapes', operands: [real(2, 3), real(2, 3)], build: (g, [a, b]) => g.divide(a, b), type: 'f32[2,3]', tfjs: ([a, b]) => tf.div(a, b) },
      { title: 'that broadcasts', operands: [real(3), real(2, 1)], build: (g, [a, b]) => g.divide(a, b), type: 'f32[2,3]', tfjs: ([a, b]) => tf.div(a, b) },
    ],
    misfits: broadcastMisfits('divide'),
  },
  negate: { gradient: 'rule', cases: [{ title: 'of a matrix', operands: [real(2, 3)], build: (g, [x]) => g.negate(x), type: 'f32[2,3]', tfjs: ([x]) => tf.neg(x) }], misfits: i64Misfit('negate') },
  exp: { gradient: 'rule', cases: [{ title: 'of a matrix', operands: [real(2, 3)], build: (g, [x]) => g.exp(x), type: 'f32[2,3]', tfjs: ([x]) => tf.exp(x) }], misfits: i64Misfit('exp') },
  log: { gradient: 'rule', cases: [{ title: 'of positive elements', operands: [positive(2, 3)], build: (g, [x]) => g.log(x), type: 'f32[2,3]', tfjs: ([x]) => tf.log(x) }], misfits: i64Misfit('log') },
  sqrt: { gradient: 'rule', cases: [{ title: 'of positive elements', operands: [positive(2, 3)], build: (g, [x]) => g.sqrt(x), type: 'f32[2,3]', tfjs: ([x]) => tf.sqrt(x) }], misfits: i64Misfit('sqrt') },
  tanh: { gradient: 'rule', cases: [{ title: 'of a matrix', operands: [real(2, 3)], build: (g, [x]) => g.tanh(x), type: 'f32[2,3]', tfjs: ([x]) => tf.tanh(x) }], misfits: i64Misfit('tanh') },
  sigmoid: { gradient: 'rule', cases: [{ title: 'of a matrix', operands: [real(2, 3)], build: (g, [x]) => g.sigmoid(x), type: 'f32[2,3]', tfjs: ([x]) => tf.sigmoid(x) }], misfits: i64Misfit('sigmoid') },
  relu: { gradient: 'rule', cases: [{ title: 'on both sides of its corner', operands: [real(3, 4)], build: (g, [x]) => g.relu(x), type: 'f32[3,4]', tfjs: ([x]) => tf.relu(x) }], misfits: i64Misfit('relu') },
  gelu: {
    gradient: 'rule',
    cases: [
      {
        title: 'near and far from zero', operands: [given('f32', [9], [-20, -5, -1.5, -0.3, -1e-4, 1e-4, 0.8, 5, 20])], build: (g, [x]) => g.gelu(x), type: 'f32[9]',
        tfjs: ([x]) => tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(x, tf.mul(x, x)), 0.044715)), Math.sqrt(2 / Math.PI))), 1)),
      },
    ],
    misfits: i64Misfit('gelu'),
  },
  sign: {
    gradient: 'zero',
    why: 'a staircase: flat everywhere but at zero, where it has no gradient',
    cases: [{ title: 'of negative, zero and positive elements', operands: [given('f32', [5], [-2, -0.5, 0, 0.25, 3])], build: (g, [x]) => g.sign(x), type: 'f32[5]' }],
    misfits: i64Misfit('sign'),
  },
  where: {
    gradient: 'rule',
    cases: [
      { title: 'of equal shapes', operands: [truth(2, 3), real(2, 3), real(2, 3)], build: (g, [c, a, b]) => g.where(c, a, b), type: 'f32[2,3]', tfjs: ([c, a, b]) => tf.where(c, a, b) },
      {
        title: 'whose condition is wider than both choices',
        operands: [truth(2, 3), real(3), real()],
        build: (g, [c, a, b]) => g.where(c, a, b),
        type: 'f32[2,3]',
        tfjs: ([c, a, b]) => tf.where(c, tf.broadcastTo(a, [2, 3]), tf.broadcastTo(b, [2, 3])),
      },
    ],
    misfits: [
      { build: (g) => g.where(f32(g, 2), f32(g, 2), f32(g, 2)), message: 'found where(f32[2], f32[2], f32[2]); expected a bool condition first' },
      { build: (g) => g.where(bool(g, 2), f32(g, 2), f32(g, 3)), message: `found where(bool[2], f32[2], f32[3]); expected ${notBroadcast}` },
    ],
  },
  equal: {
    gradient: 'zero',
    why: 'its values are true and false',
    cases: [
      { title: 'of i64', operands: [ids(3, 2, 4), ids(3, 4)], build: (g, [a, b]) => g.equal(a, b), type: 'bool[2,4]' },
      { title: 'of f32', operands: [given('f32', [3], [1, 2, 3]), given('f32', [3], [1, -2, 3])], build: (g, [a, b]) => g.equal(a, b), type: 'bool[3]' },
    ],
    misfits: [
      { build: (g) => g.equal(f32(g, 2), i64(g, 2)), message: 'found equal(f32[2], i64[2]); expected two numbers of one type' },
      { build: (g) => g.equal(bool(g, 2), bool(g, 2)), message: 'found equal(bool[2], bool[2]); expected two numbers of one type' },
    ],
  },
  cast: {
    gradient: 'rule',
    cases: [{ title: 'from f32 to f32', operands: [real(2, 3)], build: (g, [x]) => g.apply({ kind: 'cast', to: 'f32' }, x), type: 'f32[2,3]', tfjs: ([x]) => tf.cast(x, 'float32') }],
    misfits: [{ build: (g) => g.apply({ kind: 'cast', to: 'f32' }, f32(g, 2), f32(g, 2)), message: 'found cast(f32[2], f32[2]); expected 1 operand' }],
  },
} as const satisfies Record<string, Proof>;
