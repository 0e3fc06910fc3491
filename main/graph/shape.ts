/** Shape inference: the type of a node from its operation and its operands, checked when the node is made. */
import type { Op } from './op.ts';
import { broadcastShapes, sameShape, sizeOf, type TensorType } from './type.ts';

/** Thrown inside a rule; the builder adds scope and operands. */
class Mismatch extends Error {}

function expect(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new Mismatch(expectation);
}

const arity: Record<Op['kind'], number | 'some'> = {
  input: 0, parameter: 0, constant: 0,
  add: 2, subtract: 2, multiply: 2, divide: 2, negate: 1,
  exp: 1, log: 1, sqrt: 1, tanh: 1, sigmoid: 1, relu: 1, gelu: 1, sign: 1,
  where: 3, equal: 2, cast: 1,
  matmul: 2,
  softmax: 1, logSoftmax: 1, rmsNorm: 2, inverseRms: 1, argMax: 1, pickLast: 2, spreadLast: 2,
  gatherRows: 2, scatterAddRows: 2,
  reduceSum: 1, reduceMax: 1,
  reshape: 1, transpose: 1, broadcast: 1, concat: 'some', slice: 1, pad: 1,
};

export const wholeExtents = 'every extent to be a whole number of at least 1';

export function hasWholeExtents(type: TensorType): boolean {
  return type.shape.every((extent) => Number.isInteger(extent) && extent >= 1);
}

/**
 * @returns the type of `op` applied to `operands`, or a sentence saying what was expected instead.
 * Leaves carry their own type and are not inferred.
 */
export function inferType(op: Op, operands: readonly TensorType[]): TensorType | { readonly expected: string } {
  try {
    const wanted = arity[op.kind];
    if (wanted === 'some') expect(operands.length >= 1, 'at least one operand');
    else expect(operands.length === wanted, `${wanted} operand${wanted === 1 ? '' : 's'}`);
    const type = op.kind === 'concat' ? concatType(op.axis, operands) : infer(op, operands as readonly [TensorType, TensorType, TensorType]);
    expect(hasWholeExtents(type), wholeExtents);
    return type;
  } catch (error) {
    if (error instanceof Mismatch) return { expected: error.message };
    throw error;
  }
}

function infer(op: Exclude<Op, { kind: 'concat' }>, [a, b, c]: readonly [TensorType, TensorType, TensorType]): TensorType {
  switch (op.kind) {
    case 'input':
    case 'parameter':
    case 'constant':
      throw new Mismatch('a leaf, which carries its own type');
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
      return { dtype: float(a).dtype, shape: broadcastOf(a, float(b)) };
    case 'negate':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'tanh':
    case 'sigmoid':
    case 'relu':
    case 'gelu':
    case 'sign':
      return float(a);
    case 'softmax':
    case 'logSoftmax':
      expect(float(a).shape.length >= 1, 'an operand with a last axis');
      return a;
    case 'where':
      expect(a.dtype === 'bool', 'a bool condition first');
      return { dtype: float(b).dtype, shape: broadcastOf({ dtype: 'f32', shape: broadcastOf(a, b) }, float(c)) };
    case 'equal':
      expect(a.dtype === b.dtype && a.dtype !== 'bool', 'two numbers of one type');
      return { dtype: 'bool', shape: broadcastOf(a, b) };
    case 'cast':
      return { dtype: op.to, shape: a.shape };
    case 'matmul':
      return matmulType(op, float(a), float(b));
    case 'rmsNorm':
      expect(sameShape(float(b).shape, float(a).shape.slice(-1)), 'x [..., d] and a gain [d]');
      return a;
    case 'inverseRms':
      expect(float(a).shape.length >= 1, 'an operand with a last axis');
      return { dtype: 'f32', shape: [...a.shape.slice(0, -1), 1] };
    case 'argMax':
      expect(float(a).shape.length >= 1, 'an operand with a last axis');
      return { dtype: 'i64', shape: a.shape.slice(0, -1) };
    case 'pickLast':
      expect(b.dtype === 'i64' && sameShape(b.shape, float(a).shape.slice(0, -1)), 'x [..., n] and i64 ids [...]');
      return { dtype: 'f32', shape: b.shape };
    case 'spreadLast':
      expect(b.dtype === 'i64' && sameShape(float(a).shape, b.shape), 'values [...] and i64 ids [...]');
      return { dtype: 'f32', shape: [...a.shape, op.size] };
    case 'gatherRows':
      expect(a.shape.length >= 1 && b.dtype === 'i64', 'a table [n, ...] and i64 ids');
      return { dtype: float(a).dtype, shape: [...b.shape, ...a.shape.slice(1)] };
    case 'scatterAddRows':
      expect(b.dtype === 'i64' && sameShape(float(a).shape.slice(0, b.shape.length), b.shape), 'updates [...i, ...r] and i64 ids [...i]');
      return { dtype: 'f32', shape: [op.rows, ...a.shape.slice(b.shape.length)] };
    case 'reduceSum':
    case 'reduceMax':
      return reducedType(op, float(a));
    case 'reshape':
      expect(sizeOf(op.shape) === sizeOf(a.shape), `an operand of ${sizeOf(op.shape)} elements for shape [${op.shape.join(',')}]`);
      return { dtype: a.dtype, shape: op.shape };
    case 'transpose':
      expect(sameShape([...op.permutation].sort((x, y) => x - y), a.shape.map((_, axis) => axis)), `an operand of rank ${op.permutation.length} for permutation [${op.permutation.join(',')}]`);
      return { dtype: a.dtype, shape: op.permutation.map((axis) => extent(a, axis)) };
    case 'broadcast': {
      const shape = broadcastShapes(a.shape, op.shape);
      expect(shape !== null && sameShape(shape, op.shape), `an operand that broadcasts to [${op.shape.join(',')}]`);
      return { dtype: a.dtype, shape: op.shape };
    }
    case 'slice':
      expect(Number.isInteger(op.start) && op.start >= 0 && op.start < op.end && op.end <= extent(a, op.axis), `0 ≤ ${op.start} < ${op.end} ≤ the extent of axis ${op.axis}`);
      return withExtent(a, op.axis, op.end - op.start);
    case 'pad':
      expect([op.before, op.after].every((amount) => Number.isInteger(amount) && amount >= 0), 'padding of at least 0');
      return withExtent(a, op.axis, op.before + extent(a, op.axis) + op.after);
  }
}

function concatType(axis: number, operands: readonly TensorType[]): TensorType {
  const [first] = operands as readonly [TensorType];
  const others = (type: TensorType): number[] => type.shape.filter((_, index) => index !== axis);
  const fits = operands.every((operand) => operand.dtype === first.dtype && operand.shape.length === first.shape.length && sameShape(others(operand), others(first)));
  expect(axis >= 0 && axis < first.shape.length && fits, `operands of one type that agree in every axis but ${axis}`);
  return withExtent(first, axis, operands.reduce((total, operand) => total + extent(operand, axis), 0));
}

function float(type: TensorType): TensorType {
  expect(type.dtype === 'f32', 'f32 operands');
  return type;
}

function broadcastOf(a: TensorType, b: TensorType): number[] {
  const shape = broadcastShapes(a.shape, b.shape);
  expect(shape !== null, 'shapes that broadcast together');
  return shape;
}

function extent(type: TensorType, axis: number): number {
  const value = type.shape[axis];
  expect(axis >= 0 && value !== undefined, `an operand with an axis ${axis}`);
  return value;
}

function withExtent(type: TensorType, axis: number, value: number): TensorType {
  return { dtype: type.dtype, shape: type.shape.map((old, index) => (index === axis ? value : old)) };
}

function matmulType(op: Extract<Op, { kind: 'matmul' }>, a: TensorType, b: TensorType): TensorType {
  expect(a.shape.length >= 2 && b.shape.length >= 2, 'two operands of rank 2 or more');
  const [aRows, aColumns] = lastTwo(a, op.transposeA);
  const [bRows, bColumns] = lastTwo(b, op.transposeB);
  expect(aColumns === bRows, `inner extents that agree (found ${aColumns} and ${bRows})`);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  expect(batch !== null, 'batch axes that broadcast together');
  return { dtype: 'f32', shape: [...batch, aRows, bColumns] };
}

function lastTwo(type: TensorType, transposed: boolean): readonly [number, number] {
  const rows = type.shape.at(-2) ?? 0;
  const columns = type.shape.at(-1) ?? 0;
  return transposed ? [columns, rows] : [rows, columns];
}

function reducedType(op: Extract<Op, { kind: 'reduceSum' | 'reduceMax' }>, a: TensorType): TensorType {
  const axes = new Set(op.axes);
  // No axes at all would mean all of them to ONNX.
  expect(axes.size >= 1 && axes.size === op.axes.length && op.axes.every((axis) => axis >= 0 && axis < a.shape.length), 'one or more distinct axes of the operand');
  const shape = op.keepAxes
    ? a.shape.map((old, axis) => (axes.has(axis) ? 1 : old))
    : a.shape.filter((_, axis) => !axes.has(axis));
  return { dtype: a.dtype, shape };
}
