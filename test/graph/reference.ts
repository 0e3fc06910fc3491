/**
 * The graph's meaning, written a second time: every operation as a formula for one element of its result, in float64 and
 * without a thought for speed. Values and finite differences in the tests come from here, so that they share no line with
 * the lowering, the gradient rules or onnxruntime.
 */
import { nodesOf, sizeOf, type Node, type OpKind, type OpOf } from '../../main/graph/index.ts';

export interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

type Index = readonly number[];

/** Reads one element; a longer index or an extent of 1 reads as NumPy broadcasts. */
type Read = (index: Index) => number;

interface ElementContext<K extends OpKind> {
  op: OpOf<K>;
  /** Where in the result. */
  i: Index;
  x: readonly [Read, Read, Read];
  /** Every operand, for concat. */
  reads: readonly Read[];
  shapes: readonly [Index, Index, Index];
}

type Formula<K extends OpKind> = (context: ElementContext<K>) => number;

const leaf = (): number => {
  throw new Error('a leaf has a value and no formula');
};

const lead = (i: Index): Index => i.slice(0, -1);
const width = (shape: Index): number => shape.at(-1) ?? 1;
const meanSquare = (x: Read, shape: Index, i: Index): number => sum(width(shape), (k) => x([...lead(i), k]) ** 2) / width(shape);

const formulas: { readonly [K in OpKind]: Formula<K> } = {
  input: leaf,
  parameter: leaf,
  constant: leaf,
  add: ({ i, x: [a, b] }) => a(i) + b(i),
  subtract: ({ i, x: [a, b] }) => a(i) - b(i),
  multiply: ({ i, x: [a, b] }) => a(i) * b(i),
  divide: ({ i, x: [a, b] }) => a(i) / b(i),
  negate: ({ i, x: [a] }) => -a(i),
  exp: ({ i, x: [a] }) => Math.exp(a(i)),
  log: ({ i, x: [a] }) => Math.log(a(i)),
  sqrt: ({ i, x: [a] }) => Math.sqrt(a(i)),
  tanh: ({ i, x: [a] }) => Math.tanh(a(i)),
  sigmoid: ({ i, x: [a] }) => 1 / (1 + Math.exp(-a(i))),
  gelu: ({ i, x: [a] }) => 0.5 * a(i) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (a(i) + 0.044715 * a(i) ** 3))),
  relu: ({ i, x: [a] }) => Math.max(a(i), 0),
  sign: ({ i, x: [a] }) => Math.sign(a(i)),
  where: ({ i, x: [condition, a, b] }) => (condition(i) === 0 ? b(i) : a(i)),
  equal: ({ i, x: [a, b] }) => (a(i) === b(i) ? 1 : 0),
  cast: ({ op, i, x: [a] }) => (op.to === 'f32' ? a(i) : op.to === 'i64' ? Math.trunc(a(i)) : a(i) === 0 ? 0 : 1),
  matmul: ({ op, i, x: [a, b], shapes: [shape] }) => {
    const [row, column] = [i.at(-2) ?? 0, i.at(-1) ?? 0];
    const batch = i.slice(0, -2);
    const inner = (op.transposeA ? shape.at(-2) : shape.at(-1)) ?? 0;
    const left = (k: number): number => a([...batch, ...(op.transposeA ? [k, row] : [row, k])]);
    const right = (k: number): number => b([...batch, ...(op.transposeB ? [column, k] : [k, column])]);
    return op.scale * sum(inner, (k) => left(k) * right(k));
  },
  softmax: ({ i, x: [a], shapes: [shape] }) => Math.exp(a(i)) / sum(width(shape), (k) => Math.exp(a([...lead(i), k]))),
  logSoftmax: ({ i, x: [a], shapes: [shape] }) => a(i) - Math.log(sum(width(shape), (k) => Math.exp(a([...lead(i), k])))),
  rmsNorm: ({ op, i, x: [a, gain], shapes: [shape] }) => (a(i) / Math.sqrt(meanSquare(a, shape, i) + op.epsilon)) * gain(i),
  inverseRms: ({ op, i, x: [a], shapes: [shape] }) => 1 / Math.sqrt(meanSquare(a, shape, i) + op.epsilon),
  argMax: ({ i, x: [a], shapes: [shape] }) => {
    const row = Array.from({ length: width(shape) }, (_, k) => a([...i, k]));
    return row.indexOf(Math.max(...row));
  },
  pickLast: ({ i, x: [a, ids] }) => a([...i, ids(i)]),
  spreadLast: ({ i, x: [values, ids] }) => (ids(lead(i)) === i.at(-1) ? values(lead(i)) : 0),
  gatherRows: ({ i, x: [table, ids], shapes: [, idShape] }) => table([ids(i.slice(0, idShape.length)), ...i.slice(idShape.length)]),
  scatterAddRows: ({ i, x: [updates, ids], shapes: [, idShape] }) =>
    sum(sizeOf(idShape), (place) => {
      const at = unravel(place, idShape);
      return ids(at) === i[0] ? updates([...at, ...i.slice(1)]) : 0;
    }),
  reduceSum: ({ op, i, x: [a], shapes: [shape] }) => reducedElements(op, i, a, shape).reduce((total, element) => total + element, 0),
  reduceMax: ({ op, i, x: [a], shapes: [shape] }) => Math.max(...reducedElements(op, i, a, shape)),
  reshape: ({ op, i, x: [a], shapes: [shape] }) => a(unravel(ravel(i, op.shape), shape)),
  transpose: ({ op, i, x: [a] }) => a(op.permutation.map((_, axis) => i[op.permutation.indexOf(axis)] ?? 0)),
  broadcast: ({ i, x: [a] }) => a(i),
  concat: ({ op, i, reads, shapes }) => {
    let along = i[op.axis] ?? 0;
    let part = 0;
    while (along >= (shapes[part]?.[op.axis] ?? Infinity)) {
      along -= shapes[part]?.[op.axis] ?? 0;
      part += 1;
    }
    return (reads[part] as Read)(i.with(op.axis, along));
  },
  slice: ({ op, i, x: [a] }) => a(i.with(op.axis, (i[op.axis] ?? 0) + op.start)),
  pad: ({ op, i, x: [a], shapes: [shape] }) => {
    const along = (i[op.axis] ?? 0) - op.before;
    return along >= 0 && along < (shape[op.axis] ?? 0) ? a(i.with(op.axis, along)) : 0;
  },
};

/** @returns the value of every node that `outputs` need, in float64. */
export function evaluate(outputs: readonly Node[], leaves: Readonly<Record<string, Value>>): Map<Node, Value> {
  const values = new Map<Node, Value>();
  for (const node of nodesOf(outputs)) values.set(node, valueOf(node, leaves, values));
  return values;
}

function valueOf(node: Node, leaves: Readonly<Record<string, Value>>, values: ReadonlyMap<Node, Value>): Value {
  const { op, type } = node;
  if (op.kind === 'constant') return { shape: type.shape, data: Float64Array.from(op.data as ArrayLike<number | bigint>, Number) };
  if (op.kind === 'input' || op.kind === 'parameter') {
    const value = leaves[op.name];
    if (value === undefined) throw new Error(`no value for ${op.name}`);
    return value;
  }
  const operands = node.inputs.map((input) => values.get(input) as Value);
  const reads = operands.map(reader);
  const context = { op, reads, x: reads as never, shapes: operands.map((operand) => operand.shape) as never };
  const formula = formulas[op.kind] as Formula<OpKind>;
  const data = Float64Array.from({ length: sizeOf(type.shape) }, (_, place) => formula({ ...context, i: unravel(place, type.shape) }));
  return { shape: type.shape, data };
}

/** Central differences of `loss` by every element of one leaf: exact to about 1e-9 where the loss is smooth. */
export function finiteDifferences(loss: Node, leaves: Readonly<Record<string, Value>>, name: string): Float64Array {
  const step = 1e-5;
  const leafValue = leaves[name] as Value;
  const lossAt = (place: number, offset: number): number => {
    const data = leafValue.data.with(place, (leafValue.data[place] ?? 0) + offset);
    return evaluate([loss], { ...leaves, [name]: { shape: leafValue.shape, data } }).get(loss)?.data[0] ?? Number.NaN;
  };
  return leafValue.data.map((_, place) => (lossAt(place, step) - lossAt(place, -step)) / (2 * step));
}

function sum(count: number, term: (k: number) => number): number {
  let total = 0;
  for (let k = 0; k < count; k += 1) total += term(k);
  return total;
}

function reducedElements(op: OpOf<'reduceSum' | 'reduceMax'>, i: Index, a: Read, shape: Index): number[] {
  const kept = shape.flatMap((_, axis) => (op.axes.includes(axis) ? [] : [axis]));
  const reduced = op.axes.map((axis) => shape[axis] ?? 0);
  return Array.from({ length: sizeOf(reduced) }, (_, place) => {
    const along = unravel(place, reduced);
    return a(shape.map((_, axis) => {
      const fixed = op.keepAxes ? i[axis] : i[kept.indexOf(axis)];
      return (op.axes.includes(axis) ? along[op.axes.indexOf(axis)] : fixed) ?? 0;
    }));
  });
}

function reader({ shape, data }: Value): Read {
  return (index) => {
    const own = index.slice(index.length - shape.length);
    return data[ravel(own.map((along, axis) => (shape[axis] === 1 ? 0 : along)), shape)] ?? Number.NaN;
  };
}

function ravel(index: Index, shape: Index): number {
  return shape.reduce((place, extent, axis) => place * extent + (index[axis] ?? 0), 0);
}

function unravel(place: number, shape: Index): Index {
  const index: number[] = [];
  let rest = place;
  for (const extent of shape.toReversed()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}
