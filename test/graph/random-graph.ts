/** Graphs nobody thought of: a few steps, each applied to values made before, all smooth so that finite differences hold. */
import * as fc from 'fast-check';
import type { GraphBuilder, Node } from '../../main/graph/index.ts';

/** Extents that meet, broadcast and clash. */
export const leafShapes = { a: [3, 4], b: [4, 3], c: [4], d: [3, 1], e: [2, 3, 4] } as const;

const binary = ['add', 'subtract', 'multiply', 'divide'] as const;
const unary = ['negate', 'tanh', 'sigmoid', 'exp', 'log', 'sqrt'] as const;
const other = ['softmax', 'logSoftmax', 'rmsNorm', 'inverseRms', 'matmul', 'reduceSum', 'transpose', 'reshape', 'broadcast', 'slice', 'pad', 'concat', 'gatherRows', 'scatterAddRows', 'pickLast', 'spreadLast', 'where'] as const;

export interface Step {
  readonly make: (typeof binary)[number] | (typeof unary)[number] | (typeof other)[number];
  /** Pick among the values made so far, and settle a step's details. */
  readonly left: number;
  readonly right: number;
  readonly detail: number;
}

const choice = fc.nat({ max: 999 });
export const stepArbitrary: fc.Arbitrary<Step> = fc.record({ make: fc.constantFrom(...binary, ...unary, ...other), left: choice, right: choice, detail: choice });

/** @returns the loss: the weighted sum of the last values made. Steps that do not fit are left out. */
export function grow(g: GraphBuilder, steps: readonly Step[]): Node {
  const made: Node[] = Object.entries(leafShapes).map(([name, shape]) => g.input(name, { dtype: 'f32', shape }));
  for (const step of steps) {
    // The newest values are the likeliest operands, so that graphs grow deep.
    const pick = (n: number): Node => made.at(-1 - (n % made.length)) as Node;
    const node = take(g, step, pick(step.left), pick(step.right));
    if (node !== null) made.push(node);
  }
  const sums = made.slice(-3).map((node) => {
    const axes = node.type.shape.map((_, axis) => axis);
    return g.reduceSum(g.multiply(node, ramp(g, node.type.shape)), axes);
  });
  return sums.reduce((total, sum) => g.add(total, sum));
}

/** Unequal weights: under equal ones the gradient of a softmax would vanish. */
function ramp(g: GraphBuilder, shape: readonly number[]): Node {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return g.constant(Float32Array.from({ length: size }, (_, place) => Math.cos(place + 1)), shape);
}

function take(g: GraphBuilder, { make, detail }: Step, x: Node, y: Node): Node | null {
  switch (make) {
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide': {
      const fits = x.type.shape.toReversed().every((extent, back) => [extent, 1, undefined].includes(y.type.shape.at(-1 - back)) || extent === 1);
      return fits ? g[make](x, make === 'divide' ? aboveOne(g, y) : y) : null;
    }
    case 'exp':
      return g.exp(g.tanh(x));
    case 'log':
    case 'sqrt':
      return g[make](aboveOne(g, x));
    case 'negate':
    case 'tanh':
    case 'sigmoid':
      return g[make](x);
    default:
      return x.type.shape.length === 0 ? null : rearrange(g, make, { x, y, detail, shape: x.type.shape });
  }
}

interface Choice {
  x: Node;
  y: Node;
  detail: number;
  shape: readonly number[];
}

function rearrange(g: GraphBuilder, make: (typeof other)[number], { x, y, detail, shape }: Choice): Node | null {
  const axis = detail % shape.length;
  const extent = shape[axis] ?? 1;
  const width = shape.at(-1) ?? 1;
  const someIds = (count: readonly number[], below: number): Node => g.ids(Array.from({ length: count.reduce((a, b) => a * b, 1) }, (_, place) => (place * 7 + detail) % below), count);
  switch (make) {
    case 'softmax':
    case 'logSoftmax':
      return g[make](x);
    case 'rmsNorm':
      return g.rmsNorm(x, ramp(g, [width]), 0.1);
    case 'inverseRms':
      return g.inverseRms(x, 0.1);
    case 'matmul':
      return product(g, x, y, detail);
    case 'reduceSum':
      return g.reduceSum(x, [axis], { keepAxes: detail % 2 === 0 });
    case 'transpose': {
      const axes = shape.map((_, place) => place);
      return g.transpose(x, [...axes.slice(axis), ...axes.slice(0, axis)]);
    }
    case 'reshape':
      return g.reshape(x, detail % 2 === 0 ? shape.toReversed() : [1, ...shape]);
    case 'broadcast':
      return shape.length > 2 ? null : g.broadcast(x, [2, ...shape.map((old) => (old === 1 ? 3 : old))]);
    case 'slice':
      return g.slice(x, axis, { start: extent > 1 ? 1 : 0, end: extent });
    case 'pad':
      return extent > 4 ? null : g.pad(x, axis, { before: detail % 2, after: 1 });
    case 'concat':
      return extent > 4 ? null : g.concat([x, g.tanh(x)], axis);
    case 'gatherRows':
      return g.gatherRows(x, someIds([3], shape[0] ?? 1));
    case 'scatterAddRows':
      return g.scatterAddRows(x, someIds([shape[0] ?? 1], 3), 3);
    case 'pickLast':
      return g.pickLast(x, someIds(shape.slice(0, -1), width));
    case 'spreadLast':
      return shape.length > 2 ? null : g.spreadLast(x, someIds(shape, 3), 3);
    case 'where':
      return g.where(g.equal(someIds(shape, 2), g.ids([0], [])), x, g.sigmoid(x));
  }
}

function product(g: GraphBuilder, x: Node, y: Node, detail: number): Node | null {
  if (x.type.shape.length < 2 || y.type.shape.length < 2) return null;
  if (x.type.shape.length === 3 && y.type.shape.length === 3 && x.type.shape[0] !== y.type.shape[0]) return null;
  const transposeA = detail % 2 === 0;
  const inner = x.type.shape.at(transposeA ? -2 : -1);
  const transposeB = y.type.shape.at(-2) !== inner;
  if (transposeB && y.type.shape.at(-1) !== inner) return null;
  return g.matmul(x, y, { transposeA, transposeB, scale: detail % 3 === 0 ? 0.5 : 1 });
}

function aboveOne(g: GraphBuilder, x: Node): Node {
  return g.add(g.multiply(x, x), g.scalar(1));
}
