/** Proofs of the products and of the operations along the last axis. */
import * as tf from '@tensorflow/tfjs';
import { f32, given, i64, ids, positive, real, type DifferentiableCase, type Proof } from './op-case.ts';

const noLastAxis = 'an operand with a last axis';
const oneHot = (index: tf.Tensor, size: number): tf.Tensor => tf.cast(tf.oneHot(tf.cast(index, 'int32'), size), 'float32');
const inverseRms = (x: tf.Tensor, epsilon: number): tf.Tensor => tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));

/** All four combinations of flags, [m, k]·[k, n] in the last axes: [2, 3]·[3, 4]. */
function flagCases(scale: number): DifferentiableCase[] {
  return [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB): DifferentiableCase => ({
      title: `${transposeA ? 'transposed' : 'plain'} by ${transposeB ? 'transposed' : 'plain'}, times ${scale}`,
      operands: [transposeA ? real(3, 2) : real(2, 3), transposeB ? real(4, 3) : real(3, 4)],
      build: (g, [a, b]) => g.matmul(a, b, { transposeA, transposeB, scale }),
      type: 'f32[2,4]',
      tfjs: ([a, b]) => tf.mul(tf.matMul(a, b, transposeA, transposeB), scale),
    })),
  );
}

/** The same with batch axes: equal, stretched on either side, of unequal rank. tfjs gets the stretched operands. */
function batchCases(): DifferentiableCase[] {
  const batches = [
    { a: [5], b: [5] },
    { a: [5], b: [] },
    { a: [], b: [5] },
    { a: [2, 5], b: [1, 5] },
    { a: [2, 1], b: [5] },
    { a: [2, 1], b: [1, 5] },
  ];
  return batches.flatMap((batch) =>
    [false, true].flatMap((transposeA) =>
      [false, true].map((transposeB): DifferentiableCase => {
        const left = [...batch.a, ...(transposeA ? [3, 2] : [2, 3])];
        const right = [...batch.b, ...(transposeB ? [4, 3] : [3, 4])];
        const shape = batch.a.length === 2 ? [2, 5] : [5];
        return {
          title: `[${left.join()}]${transposeA ? 'ᵀ' : ''} by [${right.join()}]${transposeB ? 'ᵀ' : ''}`,
          operands: [real(...left), real(...right)],
          build: (g, [a, b]) => g.matmul(a, b, { transposeA, transposeB }),
          type: `f32[${[...shape, 2, 4].join()}]`,
          tfjs: ([a, b]) => tf.matMul(tf.broadcastTo(a, [...shape, ...left.slice(-2)]), tf.broadcastTo(b, [...shape, ...right.slice(-2)]), transposeA, transposeB),
        };
      }),
    ),
  );
}

export const lastAxisProofs = {
  matmul: {
    gradient: 'rule',
    cases: [
      ...flagCases(1),
      ...flagCases(-0.125),
      ...batchCases(),
      { title: 'of a value by itself transposed', operands: [real(3, 2)], build: (g, [a]) => g.matmul(a, a, { transposeB: true }), type: 'f32[3,3]', tfjs: ([a]) => tf.matMul(a, a, false, true) },
    ],
    misfits: [
      { build: (g) => g.matmul(f32(g, 2, 3), f32(g, 4, 5)), message: 'found matmul(f32[2,3], f32[4,5]); expected inner extents that agree (found 3 and 4)' },
      { build: (g) => g.matmul(f32(g, 2, 3), f32(g, 2, 3), { transposeA: true, transposeB: true }), message: 'found matmul(f32[2,3], f32[2,3]); expected inner extents that agree (found 2 and 3)' },
      { build: (g) => g.matmul(f32(g, 3), f32(g, 3, 2)), message: 'found matmul(f32[3], f32[3,2]); expected two operands of rank 2 or more' },
      { build: (g) => g.matmul(f32(g, 2, 3, 3), f32(g, 4, 3, 3)), message: 'found matmul(f32[2,3,3], f32[4,3,3]); expected batch axes that broadcast together' },
      { build: (g) => g.matmul(i64(g, 2, 2), f32(g, 2, 2)), message: 'found matmul(i64[2,2], f32[2,2]); expected f32 operands' },
    ],
  },
  softmax: {
    gradient: 'rule',
    cases: [
      { title: 'of a batch', operands: [real(2, 2, 4)], build: (g, [x]) => g.softmax(x), type: 'f32[2,2,4]', tfjs: ([x]) => tf.softmax(x) },
      { title: 'with a masked place of −10⁹', operands: [given('f32', [2, 3], [0.5, -1e9, 1, 2, 0.25, -1e9])], build: (g, [x]) => g.softmax(x), type: 'f32[2,3]', tfjs: ([x]) => tf.softmax(x) },
    ],
    misfits: [{ build: (g) => g.softmax(f32(g)), message: `found softmax(f32[]); expected ${noLastAxis}` }],
  },
  logSoftmax: {
    gradient: 'rule',
    cases: [{ title: 'of a batch', operands: [real(2, 2, 4)], build: (g, [x]) => g.logSoftmax(x), type: 'f32[2,2,4]', tfjs: ([x]) => tf.logSoftmax(x) }],
    misfits: [{ build: (g) => g.logSoftmax(f32(g)), message: `found logSoftmax(f32[]); expected ${noLastAxis}` }],
  },
  rmsNorm: {
    gradient: 'rule',
    cases: [
      { title: 'with a gain', operands: [real(2, 2, 4), real(4)], build: (g, [x, gain]) => g.rmsNorm(x, gain, 1e-6), type: 'f32[2,2,4]', tfjs: ([x, gain]) => tf.mul(tf.mul(x, inverseRms(x, 1e-6)), gain) },
      { title: 'with an epsilon that counts', operands: [real(3, 2), real(2)], build: (g, [x, gain]) => g.rmsNorm(x, gain, 0.5), type: 'f32[3,2]', tfjs: ([x, gain]) => tf.mul(tf.mul(x, inverseRms(x, 0.5)), gain) },
      { title: 'whose gain is its operand too', operands: [real(4)], build: (g, [x]) => g.rmsNorm(x, x, 0.1), type: 'f32[4]', tfjs: ([x]) => tf.mul(tf.mul(x, inverseRms(x, 0.1)), x) },
    ],
    misfits: [{ build: (g) => g.rmsNorm(f32(g, 2, 4), f32(g, 2), 1e-6), message: 'found rmsNorm(f32[2,4], f32[2]); expected x [..., d] and a gain [d]' }],
  },
  inverseRms: {
    gradient: 'rule',
    cases: [{ title: 'of a batch', operands: [real(2, 2, 4)], build: (g, [x]) => g.inverseRms(x, 0.1), type: 'f32[2,2,1]', tfjs: ([x]) => inverseRms(x, 0.1) }],
    misfits: [{ build: (g) => g.inverseRms(f32(g), 1e-6), message: `found inverseRms(f32[]); expected ${noLastAxis}` }],
  },
  argMax: {
    gradient: 'zero',
    why: 'its values are whole numbers',
    cases: [
      { title: 'of a batch', operands: [real(3, 5)], build: (g, [x]) => g.argMax(x), type: 'i64[3]' },
      { title: 'of equals, the first', operands: [given('f32', [4], [1, 7, 7, 0])], build: (g, [x]) => g.argMax(x), type: 'i64[]' },
    ],
    misfits: [{ build: (g) => g.argMax(f32(g)), message: `found argMax(f32[]); expected ${noLastAxis}` }],
  },
  pickLast: {
    gradient: 'rule',
    cases: [
      { title: 'from a batch', operands: [real(2, 3, 5), ids(5, 2, 3)], build: (g, [x, at]) => g.pickLast(x, at), type: 'f32[2,3]', tfjs: ([x, at]) => tf.sum(tf.mul(x, oneHot(at, 5)), -1) },
      { title: 'from a vector', operands: [real(5), ids(5)], build: (g, [x, at]) => g.pickLast(x, at), type: 'f32[]', tfjs: ([x, at]) => tf.sum(tf.mul(x, oneHot(at, 5)), -1) },
    ],
    misfits: [{ build: (g) => g.pickLast(f32(g, 2, 5), i64(g, 3)), message: 'found pickLast(f32[2,5], i64[3]); expected x [..., n] and i64 ids [...]' }],
  },
  spreadLast: {
    gradient: 'rule',
    cases: [
      { title: 'over a batch', operands: [real(2, 3), ids(5, 2, 3)], build: (g, [values, at]) => g.spreadLast(values, at, 5), type: 'f32[2,3,5]', tfjs: ([values, at]) => tf.mul(tf.expandDims(values, -1), oneHot(at, 5)) },
      { title: 'of a scalar', operands: [real(), ids(4)], build: (g, [value, at]) => g.spreadLast(value, at, 4), type: 'f32[4]', tfjs: ([value, at]) => tf.mul(value, oneHot(at, 4)) },
    ],
    misfits: [
      { build: (g) => g.spreadLast(f32(g, 2), i64(g, 3), 5), message: 'found spreadLast(f32[2], i64[3]); expected values [...] and i64 ids [...]' },
      { build: (g) => g.spreadLast(f32(g, 2), i64(g, 2), 0), message: 'found spreadLast(f32[2], i64[2]); expected every extent to be a whole number of at least 1' },
    ],
  },
  gatherRows: {
    gradient: 'rule',
    cases: [
      { title: 'with repeated ids', operands: [real(3, 2), given('i64', [2, 3], [0, 2, 2, 1, 2, 0])], build: (g, [table, at]) => g.gatherRows(table, at), type: 'f32[2,3,2]', tfjs: ([table, at]) => tf.gather(table, tf.cast(at, 'int32')) },
      { title: 'of rows that are matrices', operands: [real(3, 2, 2), given('i64', [2], [2, 0])], build: (g, [table, at]) => g.gatherRows(table, at), type: 'f32[2,2,2]', tfjs: ([table, at]) => tf.gather(table, tf.cast(at, 'int32')) },
      { title: 'of elements of a vector', operands: [real(4), given('i64', [], [3])], build: (g, [table, at]) => g.gatherRows(table, at), type: 'f32[]', tfjs: ([table, at]) => tf.gather(table, tf.cast(at, 'int32')) },
    ],
    misfits: [
      { build: (g) => g.gatherRows(f32(g, 3, 2), f32(g, 2)), message: 'found gatherRows(f32[3,2], f32[2]); expected a table [n, ...] and i64 ids' },
      { build: (g) => g.gatherRows(f32(g), i64(g, 2)), message: 'found gatherRows(f32[], i64[2]); expected a table [n, ...] and i64 ids' },
    ],
  },
  scatterAddRows: {
    gradient: 'rule',
    cases: [
      { title: 'with repeated ids and an empty row', operands: [real(2, 3, 2), given('i64', [2, 3], [0, 2, 2, 3, 2, 0])], build: (g, [updates, at]) => g.scatterAddRows(updates, at, 4), type: 'f32[4,2]', tfjs: ([updates, at]) => tf.unsortedSegmentSum(tf.reshape(updates, [6, 2]), tf.reshape(tf.cast(at, 'int32'), [6]) as tf.Tensor1D, 4) },
      { title: 'of rows that are matrices', operands: [positive(3, 2, 2), given('i64', [3], [1, 0, 1])], build: (g, [updates, at]) => g.scatterAddRows(updates, at, 2), type: 'f32[2,2,2]', tfjs: ([updates, at]) => tf.unsortedSegmentSum(updates, tf.cast(at, 'int32') as tf.Tensor1D, 2) },
      { title: 'of one scalar', operands: [real(), given('i64', [], [1])], build: (g, [update, at]) => g.scatterAddRows(update, at, 3), type: 'f32[3]', tfjs: ([update, at]) => tf.mul(update, oneHot(at, 3)) },
    ],
    misfits: [{ build: (g) => g.scatterAddRows(f32(g, 3, 2), i64(g, 2), 4), message: 'found scatterAddRows(f32[3,2], i64[2]); expected updates [...i, ...r] and i64 ids [...i]' }],
  },
} as const satisfies Record<string, Proof>;
