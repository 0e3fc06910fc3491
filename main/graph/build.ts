/**
 * Makes nodes. Types are checked here, at construction; equal nodes are made once, so a formula may be written out
 * again wherever it reads best (gradient rules do) and costs nothing.
 */
import type { DataType, TensorType } from './type.ts';
import { sameShape, ShapeError, sizeOf } from './type.ts';
import type { Node, Op } from './op.ts';
import { hasWholeExtents, inferType, wholeExtents } from './shape.ts';

/** Longest literal that takes part in "equal nodes are made once". */
const sharedLiteralLimit = 64;

export class GraphBuilder {
  #nextId = 0;
  #scope = '';
  readonly #made = new Map<string, Node>();
  readonly #own = new WeakSet<Node>();
  readonly #leaves = new Map<string, Node>();

  /** Runs `build` with `name` appended to the dotted scope of every node it makes. */
  within<Result>(name: string, build: () => Result): Result {
    const outer = this.#scope;
    this.#scope = outer === '' ? name : `${outer}.${name}`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /** The dotted path where the next node will be made. */
  get scope(): string {
    return this.#scope;
  }

  /** Runs `build` in the scope of another node: a gradient belongs to the place of its forward node. */
  inScopeOf<Result>(node: Node, build: () => Result): Result {
    const outer = this.#scope;
    this.#scope = node.scope;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  input(name: string, type: TensorType): Node {
    return this.#leaf({ kind: 'input', name }, name, type);
  }

  parameter(name: string, shape: readonly number[]): Node {
    return this.#leaf({ kind: 'parameter', name }, name, { dtype: 'f32', shape });
  }

  /** An input or parameter made before, or null. */
  leaf(name: string): Node | null {
    return this.#leaves.get(name) ?? null;
  }

  constant(data: Float32Array | BigInt64Array, shape: readonly number[]): Node {
    const type: TensorType = { dtype: data instanceof Float32Array ? 'f32' : 'i64', shape };
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError({ scope: this.#scope, op: 'constant', operands: [type], expected: `${sizeOf(shape)} elements, not ${data.length}` });
    }
    const key = data.length <= sharedLiteralLimit ? `constant ${type.dtype} [${shape.join(',')}] ${bitsOf(data)}` : null;
    return this.#make(key, { kind: 'constant', data }, [], type);
  }

  scalar(value: number): Node {
    return this.constant(Float32Array.of(value), []);
  }

  ids(values: readonly number[], shape: readonly number[]): Node {
    return this.constant(BigInt64Array.from(values, BigInt), shape);
  }

  add(a: Node, b: Node): Node { return this.apply({ kind: 'add' }, a, b); }
  subtract(a: Node, b: Node): Node { return this.apply({ kind: 'subtract' }, a, b); }
  multiply(a: Node, b: Node): Node { return this.apply({ kind: 'multiply' }, a, b); }
  divide(a: Node, b: Node): Node { return this.apply({ kind: 'divide' }, a, b); }
  negate(a: Node): Node { return this.apply({ kind: 'negate' }, a); }
  exp(a: Node): Node { return this.apply({ kind: 'exp' }, a); }
  log(a: Node): Node { return this.apply({ kind: 'log' }, a); }
  sqrt(a: Node): Node { return this.apply({ kind: 'sqrt' }, a); }
  tanh(a: Node): Node { return this.apply({ kind: 'tanh' }, a); }
  sigmoid(a: Node): Node { return this.apply({ kind: 'sigmoid' }, a); }
  relu(a: Node): Node { return this.apply({ kind: 'relu' }, a); }
  gelu(a: Node): Node { return this.apply({ kind: 'gelu' }, a); }
  sign(a: Node): Node { return this.apply({ kind: 'sign' }, a); }
  where(condition: Node, a: Node, b: Node): Node { return this.apply({ kind: 'where' }, condition, a, b); }
  equal(a: Node, b: Node): Node { return this.apply({ kind: 'equal' }, a, b); }
  cast(a: Node, to: DataType): Node { return a.type.dtype === to ? a : this.apply({ kind: 'cast', to }, a); }

  /** scale · op(a)·op(b) over the last two axes, [..., m, k]·[..., k, n] → [..., m, n]. */
  matmul(a: Node, b: Node, options: { transposeA?: boolean; transposeB?: boolean; scale?: number } = {}): Node {
    const { transposeA = false, transposeB = false, scale = 1 } = options;
    return this.apply({ kind: 'matmul', transposeA, transposeB, scale }, a, b);
  }

  softmax(a: Node): Node { return this.apply({ kind: 'softmax' }, a); }
  logSoftmax(a: Node): Node { return this.apply({ kind: 'logSoftmax' }, a); }
  rmsNorm(x: Node, gain: Node, epsilon: number): Node { return this.apply({ kind: 'rmsNorm', epsilon }, x, gain); }
  inverseRms(x: Node, epsilon: number): Node { return this.apply({ kind: 'inverseRms', epsilon }, x); }
  argMax(a: Node): Node { return this.apply({ kind: 'argMax' }, a); }
  pickLast(x: Node, ids: Node): Node { return this.apply({ kind: 'pickLast' }, x, ids); }
  spreadLast(values: Node, ids: Node, size: number): Node { return this.apply({ kind: 'spreadLast', size }, values, ids); }
  gatherRows(table: Node, ids: Node): Node { return this.apply({ kind: 'gatherRows' }, table, ids); }
  scatterAddRows(updates: Node, ids: Node, rows: number): Node { return this.apply({ kind: 'scatterAddRows', rows }, updates, ids); }

  reduceSum(a: Node, axes: readonly number[], options: { keepAxes?: boolean } = {}): Node {
    return axes.length === 0 ? a : this.apply({ kind: 'reduceSum', axes, keepAxes: options.keepAxes ?? false }, a);
  }

  reduceMax(a: Node, axes: readonly number[], options: { keepAxes?: boolean } = {}): Node {
    return axes.length === 0 ? a : this.apply({ kind: 'reduceMax', axes, keepAxes: options.keepAxes ?? false }, a);
  }

  reshape(a: Node, shape: readonly number[]): Node {
    return sameShape(a.type.shape, shape) ? a : this.apply({ kind: 'reshape', shape }, a);
  }

  transpose(a: Node, permutation: readonly number[]): Node {
    return this.apply({ kind: 'transpose', permutation }, a);
  }

  broadcast(a: Node, shape: readonly number[]): Node {
    return sameShape(a.type.shape, shape) ? a : this.apply({ kind: 'broadcast', shape }, a);
  }

  concat(parts: readonly Node[], axis: number): Node {
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : this.apply({ kind: 'concat', axis }, ...parts);
  }

  slice(a: Node, axis: number, range: { start: number; end: number }): Node {
    return range.start === 0 && range.end === a.type.shape[axis] ? a : this.apply({ kind: 'slice', axis, ...range }, a);
  }

  pad(a: Node, axis: number, amount: { before: number; after: number }): Node {
    return amount.before === 0 && amount.after === 0 ? a : this.apply({ kind: 'pad', axis, ...amount }, a);
  }

  /**
   * The general way to make a node.
   * @throws {ShapeError} when the operands do not fit, naming the scope and the types.
   * @throws {Error} when an operand comes from another builder: its id means another node here.
   */
  apply(op: Op, ...inputs: readonly Node[]): Node {
    const foreign = inputs.find((input) => !this.#own.has(input));
    if (foreign !== undefined) throw new Error(`${op.kind}: node %${foreign.id} (${foreign.op.kind}) belongs to another GraphBuilder`);
    const operands = inputs.map((input) => input.type);
    const type = inferType(op, operands);
    if ('expected' in type) {
      throw new ShapeError({ scope: this.#scope, op: op.kind, operands, expected: type.expected });
    }
    return this.#make(`${JSON.stringify(op)} ${inputs.map((input) => input.id).join(' ')}`, op, inputs, type);
  }

  #leaf(op: Op, name: string, type: TensorType): Node {
    const known = this.#leaves.get(name);
    if (known === undefined) {
      const node = this.#make(null, op, [], type);
      this.#leaves.set(name, node);
      return node;
    }
    if (known.op.kind !== op.kind || known.type.dtype !== type.dtype || !sameShape(known.type.shape, type.shape)) {
      throw new ShapeError({ scope: this.#scope, op: `${op.kind} ${name}`, operands: [type], expected: 'the kind and type it already has in this graph' });
    }
    return known;
  }

  #make(key: string | null, op: Op, inputs: readonly Node[], type: TensorType): Node {
    if (!hasWholeExtents(type)) throw new ShapeError({ scope: this.#scope, op: op.kind, operands: [type], expected: wholeExtents });
    const known = key === null ? undefined : this.#made.get(key);
    if (known !== undefined) return known;
    const node: Node = { id: this.#nextId, op, inputs, type, scope: this.#scope };
    this.#nextId += 1;
    this.#own.add(node);
    if (key !== null) this.#made.set(key, node);
    return node;
  }
}

/** Equal bits are equal literals; written as numbers, 0 and −0 would be one. */
function bitsOf(data: Float32Array | BigInt64Array): string {
  return new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4).join(',');
}
