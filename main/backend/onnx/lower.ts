/**
 * From our operations to ONNX's: one table that every provider can run, and one small table of better choices per provider.
 * What a provider has and lacks was probed (test/backend/onnx/provider.test.ts keeps the probe).
 */
import type { Node, Op, OpKind, OpOf } from '../../graph/index.ts';
import { sizeOf } from '../../graph/index.ts';
import type { Provider } from '../backend.ts';
import { elementTypes, type AttributeProto } from './proto.ts';

/** Collects ONNX nodes for one of ours. */
export interface Emitter {
  /** @returns the names of the outputs; unnamed ones are made up. */
  emit(opType: string, inputs: readonly string[], options?: { attributes?: readonly AttributeProto[]; domain?: string; outputs?: readonly string[] }): string;
  /** A small i64 literal, shared between equal ones. */
  integers(values: readonly number[], shape?: readonly number[]): string;
  floats(values: readonly number[], shape?: readonly number[]): string;
  /** The other live nodes on the same operand, for operations that come in pairs. */
  siblings(operand: Node): readonly Node[];
  nameOf(node: Node): string;
}

export interface LowerContext<K extends OpKind> {
  onnx: Emitter;
  op: OpOf<K>;
  node: Node;
  /** Names of the operands. */
  x: readonly [string, string, string];
  operands: readonly string[];
  /** The name that the result must have. */
  y: string;
}

export type Lowering<K extends OpKind> = (context: LowerContext<K>) => void;
type LoweringTable = { readonly [K in OpKind]: Lowering<K> };

const integer = (name: string, i: number): AttributeProto => ({ name, type: 2, i });
const integers = (name: string, ints: readonly number[]): AttributeProto => ({ name, type: 7, ints });
const float = (name: string, f: number): AttributeProto => ({ name, type: 1, f });
const text = (name: string, s: string): AttributeProto => ({ name, type: 3, s: Buffer.from(s) });

/** Same operands, same meaning, another name. */
function plain<K extends OpKind>(opType: string, ...attributes: AttributeProto[]): Lowering<K> {
  return ({ onnx, operands, y }) => {
    onnx.emit(opType, operands, { attributes, outputs: [y] });
  };
}

function leaf(): never {
  throw new Error('a leaf is not lowered: it is an input or an initializer');
}

const lastAxis = integer('axis', -1);

/** Runs everywhere: only operations of the ONNX standard that every provider knows. */
const portable: LoweringTable = {
  input: leaf,
  parameter: leaf,
  constant: leaf,
  add: plain('Add'),
  subtract: plain('Sub'),
  multiply: plain('Mul'),
  divide: plain('Div'),
  negate: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  relu: plain('Relu'),
  gelu: ({ onnx, x: [x], y }) => {
    const slope = 2 * Math.sqrt(2 / Math.PI);
    const quadratic = onnx.emit('Mul', [onnx.emit('Mul', [x, x]), onnx.floats([slope * 0.044715])]);
    const logistic = onnx.emit('Sigmoid', [onnx.emit('Mul', [x, onnx.emit('Add', [quadratic, onnx.floats([slope])])])]);
    onnx.emit('Mul', [x, logistic], { outputs: [y] });
  },
  sign: plain('Sign'),
  where: plain('Where'),
  equal: plain('Equal'),
  cast: ({ onnx, op, x: [x], y }) => void onnx.emit('Cast', [x], { attributes: [integer('to', elementTypes[op.to])], outputs: [y] }),
  matmul: ({ onnx, op, node, x: [a, b], y }) => {
    const flip = (name: string, operand: Node | undefined): string => {
      const rank = operand?.type.shape.length ?? 2;
      const permutation = [...Array(rank - 2).keys(), rank - 1, rank - 2];
      return onnx.emit('Transpose', [name], { attributes: [integers('perm', permutation)] });
    };
    const left = op.transposeA ? flip(a, node.inputs[0]) : a;
    const right = op.transposeB ? flip(b, node.inputs[1]) : b;
    if (op.scale === 1) onnx.emit('MatMul', [left, right], { outputs: [y] });
    else onnx.emit('Mul', [onnx.emit('MatMul', [left, right]), onnx.floats([op.scale])], { outputs: [y] });
  },
  softmax: plain('Softmax', lastAxis),
  logSoftmax: ({ onnx, x: [x], y }) => {
    const axes = onnx.integers([-1]);
    const shifted = onnx.emit('Sub', [x, onnx.emit('ReduceMax', [x, axes])]);
    const total = onnx.emit('ReduceSum', [onnx.emit('Exp', [shifted]), axes]);
    onnx.emit('Sub', [shifted, onnx.emit('Log', [total])], { outputs: [y] });
  },
  rmsNorm: ({ onnx, op, x: [x, gain], y }) => {
    const normalised = onnx.emit('Mul', [x, inverseRms(onnx, x, op.epsilon)]);
    onnx.emit('Mul', [normalised, gain], { outputs: [y] });
  },
  inverseRms: ({ onnx, op, x: [x], y }) => void inverseRms(onnx, x, op.epsilon, y),
  argMax: plain('ArgMax', lastAxis, integer('keepdims', 0)),
  pickLast: ({ onnx, node, x: [x, ids], y }) => {
    const shape = node.type.shape;
    const picked = onnx.emit('GatherElements', [x, onnx.emit('Reshape', [ids, onnx.integers([...shape, 1])])], { attributes: [lastAxis] });
    onnx.emit('Reshape', [picked, onnx.integers(shape)], { outputs: [y] });
  },
  spreadLast: ({ onnx, op, node, x: [values, ids], y }) => {
    const column = onnx.integers([...node.type.shape.slice(0, -1), 1]);
    const positions = onnx.integers([...Array(op.size).keys()], [op.size]);
    const here = onnx.emit('Equal', [positions, onnx.emit('Reshape', [ids, column])]);
    onnx.emit('Where', [here, onnx.emit('Reshape', [values, column]), onnx.floats([0])], { outputs: [y] });
  },
  gatherRows: plain('Gather', integer('axis', 0)),
  // Not ScatterND: with reduction=add its CPU kernel splits the updates over threads and loses some where ids repeat
  // (onnxruntime 1.30.0, issues #18048 and #23396; provider.test.ts keeps the proof). ScatterElements adds in order, on one thread.
  scatterAddRows: ({ onnx, op, node, x: [updates, ids], y }) => {
    const rows = sizeOf(node.inputs[1]?.type.shape ?? []);
    const width = sizeOf(node.type.shape.slice(1));
    const flatUpdates = onnx.emit('Reshape', [updates, onnx.integers([rows, width])]);
    const column = onnx.emit('Reshape', [ids, onnx.integers([rows, 1])]);
    const flatIds = onnx.emit('Expand', [column, onnx.integers([rows, width])]);
    const zeros = onnx.emit('Expand', [onnx.floats([0]), onnx.integers([op.rows, width])]);
    const attributes = [integer('axis', 0), text('reduction', 'add')];
    const sums = onnx.emit('ScatterElements', [zeros, flatIds, flatUpdates], { attributes });
    onnx.emit('Reshape', [sums, onnx.integers(node.type.shape)], { outputs: [y] });
  },
  reduceSum: ({ onnx, op, x: [x], y }) => reduce(onnx, 'ReduceSum', op, x, y),
  reduceMax: ({ onnx, op, x: [x], y }) => reduce(onnx, 'ReduceMax', op, x, y),
  reshape: ({ onnx, op, x: [x], y }) => void onnx.emit('Reshape', [x, onnx.integers(op.shape)], { outputs: [y] }),
  transpose: ({ onnx, op, x: [x], y }) => void onnx.emit('Transpose', [x], { attributes: [integers('perm', op.permutation)], outputs: [y] }),
  broadcast: ({ onnx, op, x: [x], y }) => void onnx.emit('Expand', [x, onnx.integers(op.shape)], { outputs: [y] }),
  concat: ({ onnx, op, operands, y }) => void onnx.emit('Concat', operands, { attributes: [integer('axis', op.axis)], outputs: [y] }),
  slice: ({ onnx, op, x: [x], y }) =>
    void onnx.emit('Slice', [x, onnx.integers([op.start]), onnx.integers([op.end]), onnx.integers([op.axis])], { outputs: [y] }),
  pad: ({ onnx, op, node, x: [x], y }) => {
    const along = (amount: number): number[] => node.type.shape.map((_, axis) => (axis === op.axis ? amount : 0));
    onnx.emit('Pad', [x, onnx.integers([...along(op.before), ...along(op.after)])], { outputs: [y] });
  },
};

function inverseRms(onnx: Emitter, x: string, epsilon: number, y?: string): string {
  const square = onnx.emit('Mul', [x, x]);
  const mean = onnx.emit('ReduceMean', [square, onnx.integers([-1])]);
  const root = onnx.emit('Sqrt', [onnx.emit('Add', [mean, onnx.floats([epsilon])])]);
  return onnx.emit('Reciprocal', [root], y === undefined ? {} : { outputs: [y] });
}

function reduce(onnx: Emitter, opType: string, op: OpOf<'reduceSum' | 'reduceMax'>, x: string, y: string): void {
  onnx.emit(opType, [x, onnx.integers(op.axes)], { attributes: [integer('keepdims', op.keepAxes ? 1 : 0)], outputs: [y] });
}

/**
 * One kernel for a transposed product: a Transpose of a frozen weight would be folded into a second copy of it
 * when the session is made (2.00× the weights; 1.00× with FusedMatMul).
 */
const fusedMatmul: Lowering<'matmul'> = ({ onnx, op, x: [a, b], y }) => {
  if (!op.transposeA && !op.transposeB && op.scale === 1) {
    onnx.emit('MatMul', [a, b], { outputs: [y] });
    return;
  }
  const attributes = [integer('transA', op.transposeA ? 1 : 0), integer('transB', op.transposeB ? 1 : 0), float('alpha', op.scale)];
  onnx.emit('FusedMatMul', [a, b], { domain: 'com.microsoft', attributes, outputs: [y] });
};

/** The norm's kernel also gives 1/rms, which the backward pass wants: one pass instead of four. */
const fusedNorm: Lowering<'rmsNorm'> = ({ onnx, op, node, x: [x, gain], y }) => {
  const partner = inversePartner(onnx, node, op.epsilon);
  const outputs = partner === undefined ? [y] : [y, onnx.nameOf(partner)];
  onnx.emit('SimplifiedLayerNormalization', [x, gain], { attributes: [lastAxis, float('epsilon', op.epsilon), integer('stash_type', 1)], outputs });
};

const skippedInverse: Lowering<'inverseRms'> = (context) => {
  const { onnx, node } = context;
  const norm = onnx.siblings(node.inputs[0] as Node).find((sibling) => sibling.op.kind === 'rmsNorm' && inversePartner(onnx, sibling, sibling.op.epsilon) === node);
  if (norm === undefined) portable.inverseRms(context);
};

/** The inverse RMS of the same x that is made after the norm (before it, the norm's gain might not exist yet). */
function inversePartner(onnx: Emitter, norm: Node, epsilon: number): Node | undefined {
  const isPartner = (other: Node): boolean => other.op.kind === 'inverseRms' && other.op.epsilon === epsilon && other.id > norm.id;
  const isFirstNorm = (other: Node): boolean => other.op.kind === 'rmsNorm' && other.op.epsilon === epsilon && other.id < norm.id;
  const siblings = onnx.siblings(norm.inputs[0] as Node);
  return siblings.some(isFirstNorm) ? undefined : siblings.find(isPartner);
}

/** A copy of zeros and a few writes, instead of a comparison and a selection over the whole vocabulary. */
const scatteredSpread: Lowering<'spreadLast'> = ({ onnx, node, x: [values, ids], y }) => {
  const column = onnx.integers([...node.type.shape.slice(0, -1), 1]);
  const zeros = onnx.emit('ConstantOfShape', [onnx.integers(node.type.shape)]);
  const inputs = [zeros, onnx.emit('Reshape', [ids, column]), onnx.emit('Reshape', [values, column])];
  onnx.emit('ScatterElements', inputs, { attributes: [lastAxis], outputs: [y] });
};

/** One pass instead of six. */
const fusedGelu: Lowering<'gelu'> = ({ onnx, x: [x], y }) => void onnx.emit('FastGelu', [x], { domain: 'com.microsoft', outputs: [y] });

const contribTable: Partial<LoweringTable> = {
  matmul: fusedMatmul, rmsNorm: fusedNorm, inverseRms: skippedInverse, gelu: fusedGelu, logSoftmax: plain('LogSoftmax', lastAxis),
};

const better: Readonly<Record<Provider, Partial<LoweringTable>>> = {
  cpu: { ...contribTable, spreadLast: scatteredSpread },
  cuda: contribTable,
  webgpu: {},
  dml: {},
  coreml: {},
};

/** @returns how to write `op` for `provider`. */
export function loweringFor(op: Op, provider: Provider): Lowering<OpKind> {
  // Both tables map each kind to a lowering of that kind; TypeScript cannot follow the pairing through the index.
  return (better[provider][op.kind] ?? portable[op.kind]) as Lowering<OpKind>;
}
