/**
 * Reverse-mode differentiation: one table of rules and one walk.
 * `dy` is the cotangent of a node's value (our dy is the "adjoint" of the literature), `dx` of its operand.
 * A rule returns one cotangent per operand, still in the broadcast shape; the walk sums broadcast axes away, in one place.
 */
import type { GraphBuilder } from './build.ts';
import type { Node, OpKind, OpOf } from './op.ts';
import { sameShape } from './type.ts';
import { nodesOf } from './walk.ts';

interface RuleContext<K extends OpKind> {
  g: GraphBuilder;
  op: OpOf<K>;
  /** The forward node's own value. */
  y: Node;
  x: readonly [Node, Node, Node];
  dy: Node;
  /** All operands, for operations that take any number. */
  operands: readonly Node[];
  /** Whether the cotangent of operand i leads to a target; a rule may return null where it does not. */
  wanted(i: number): boolean;
}

type Rule<K extends OpKind> = (context: RuleContext<K>) => readonly (Node | null)[];

/** An operation without a rule is either a leaf or flat (`'zero'`): absence is on record. */
const rules: { readonly [K in OpKind]: Rule<K> | 'leaf' | 'zero' } = {
  input: 'leaf',
  parameter: 'leaf',
  constant: 'leaf',
  add: ({ dy }) => [dy, dy],
  subtract: ({ g, dy, wanted }) => [dy, wanted(1) ? g.negate(dy) : null],
  multiply: ({ g, x: [a, b], dy, wanted }) => [wanted(0) ? g.multiply(dy, b) : null, wanted(1) ? g.multiply(dy, a) : null],
  divide: ({ g, x: [, b], y, dy, wanted }) => {
    const da = g.divide(dy, b);
    return [da, wanted(1) ? g.negate(g.multiply(da, y)) : null];
  },
  negate: ({ g, dy }) => [g.negate(dy)],
  exp: ({ g, y, dy }) => [g.multiply(dy, y)],
  log: ({ g, x: [x], dy }) => [g.divide(dy, x)],
  sqrt: ({ g, y, dy }) => [g.divide(g.multiply(dy, g.scalar(0.5)), y)],
  tanh: ({ g, y, dy }) => [g.subtract(dy, g.multiply(dy, g.multiply(y, y)))],
  sigmoid: ({ g, y, dy }) => {
    const dyY = g.multiply(dy, y);
    return [g.subtract(dyY, g.multiply(dyY, y))];
  },
  // sign(relu(x)) is the 0/1 mask; one pass and a product are cheaper than a comparison and a selection.
  relu: ({ g, y, dy }) => [g.multiply(dy, g.sign(y))],
  // With v the logistic's argument and s = σ(v): y = x·s, dy/dx = s + x·v′·(s − s²) = s + r − r·s with r = v′·y.
  // Few passes over memory are what counts here.
  gelu: ({ g, x: [x], y, dy }) => {
    const slope = 2 * Math.sqrt(2 / Math.PI);
    const quadratic = g.multiply(g.multiply(x, x), g.scalar(slope * 0.044715));
    const s = g.sigmoid(g.multiply(x, g.add(quadratic, g.scalar(slope))));
    const r = g.multiply(y, g.add(g.multiply(quadratic, g.scalar(3)), g.scalar(slope)));
    return [g.multiply(dy, g.add(s, g.subtract(r, g.multiply(r, s))))];
  },
  sign: 'zero',
  where: ({ g, x: [condition], dy, wanted }) => {
    const zero = g.scalar(0);
    return [null, wanted(1) ? g.where(condition, dy, zero) : null, wanted(2) ? g.where(condition, zero, dy) : null];
  },
  equal: 'zero',
  cast: ({ g, x: [x], dy }) => [x.type.dtype === 'f32' ? g.cast(dy, 'f32') : null],
  matmul: ({ g, op: { transposeA, transposeB, scale }, x: [a, b], dy, wanted }) => [
    wanted(0)
      ? transposeA
        ? g.matmul(b, dy, { transposeA: transposeB, transposeB: true, scale })
        : g.matmul(dy, b, { transposeB: !transposeB, scale })
      : null,
    wanted(1)
      ? transposeB
        ? g.matmul(dy, a, { transposeA: true, transposeB: transposeA, scale })
        : g.matmul(a, dy, { transposeA: !transposeA, scale })
      : null,
  ],
  // dx = y · (dy − Σ dy·y)
  softmax: ({ g, y, dy }) => [g.multiply(y, g.subtract(dy, sumLast(g, g.multiply(dy, y))))],
  logSoftmax: ({ g, y, dy }) => [g.subtract(dy, g.multiply(g.exp(y), sumLast(g, dy)))],
  // With r = inverse RMS: dx = r·(gain·dy) − x · r² · mean(dy·y), and y = x·r·gain is at hand.
  rmsNorm: ({ g, op, x: [x, gain], y, dy, wanted }) => {
    const r = g.inverseRms(x, op.epsilon);
    if (!wanted(0)) return [null, g.multiply(dy, g.multiply(x, r))];
    const width = x.type.shape.at(-1) ?? 1;
    const mean = g.multiply(sumLast(g, g.multiply(dy, y)), g.scalar(1 / width));
    const pull = g.multiply(x, g.multiply(g.multiply(r, r), mean));
    return [
      g.subtract(g.multiply(g.multiply(dy, gain), r), pull),
      wanted(1) ? g.multiply(dy, g.multiply(x, r)) : null,
    ];
  },
  // y = (mean(x²)+ε)^−½ → dx = −x·y³/d · dy
  inverseRms: ({ g, x: [x], y, dy }) => {
    const width = x.type.shape.at(-1) ?? 1;
    const cube = g.multiply(g.multiply(y, y), y);
    return [g.multiply(x, g.multiply(g.multiply(dy, cube), g.scalar(-1 / width)))];
  },
  argMax: 'zero',
  pickLast: ({ g, x: [x, ids], dy }) => [g.spreadLast(dy, ids, x.type.shape.at(-1) ?? 1), null],
  spreadLast: ({ g, x: [, ids], dy }) => [g.pickLast(dy, ids), null],
  gatherRows: ({ g, x: [table, ids], dy }) => [g.scatterAddRows(dy, ids, table.type.shape[0] ?? 1), null],
  scatterAddRows: ({ g, x: [, ids], dy }) => [g.gatherRows(dy, ids), null],
  reduceSum: ({ g, op, x: [x], dy }) => [g.broadcast(restoreAxes(g, dy, x, op.axes), x.type.shape)],
  // Ties share the cotangent equally, which keeps the sum right.
  reduceMax: ({ g, op, x: [x], y, dy }) => {
    const mask = g.cast(g.equal(x, restoreAxes(g, y, x, op.axes)), 'f32');
    const count = g.reduceSum(mask, op.axes, { keepAxes: true });
    return [g.multiply(mask, g.divide(restoreAxes(g, dy, x, op.axes), count))];
  },
  reshape: ({ g, x: [x], dy }) => [g.reshape(dy, x.type.shape)],
  transpose: ({ g, op, dy }) => {
    const inverse = op.permutation.map((_, axis) => op.permutation.indexOf(axis));
    return [g.transpose(dy, inverse)];
  },
  broadcast: ({ dy }) => [dy],
  concat: ({ g, op, operands, dy, wanted }) => {
    let start = 0;
    return operands.map((operand, i) => {
      const end = start + (operand.type.shape[op.axis] ?? 0);
      const part = wanted(i) ? g.slice(dy, op.axis, { start, end }) : null;
      start = end;
      return part;
    });
  },
  slice: ({ g, op, x: [x], dy }) => [g.pad(dy, op.axis, { before: op.start, after: (x.type.shape[op.axis] ?? 0) - op.end })],
  pad: ({ g, op, x: [x], dy }) => [g.slice(dy, op.axis, { start: op.before, end: op.before + (x.type.shape[op.axis] ?? 0) })],
};

/** Kinds whose gradient is zero by nature or that are leaves: tests read it. */
export function differentiability(kind: OpKind): 'rule' | 'leaf' | 'zero' {
  const rule = rules[kind];
  return typeof rule === 'string' ? rule : 'rule';
}

/**
 * Gradients of a scalar with respect to `targets`, built into the same graph.
 * Only paths from a target to the loss are walked.
 * @param loss f32[] (a scalar).
 * @returns one node per target, of the target's shape.
 * @throws {Error} when the loss is not a scalar or does not depend on a target (named).
 */
export function buildGradients(g: GraphBuilder, loss: Node, targets: readonly Node[]): Node[] {
  if (loss.type.dtype !== 'f32' || loss.type.shape.length !== 0) {
    throw new Error(`the loss must be a scalar f32[]; found ${loss.op.kind} of rank ${loss.type.shape.length}`);
  }
  const order = nodesOf([loss]);
  const onPath = nodesLeadingFrom(new Set(targets), order);
  const cotangents = new Map<Node, Node>([[loss, g.scalar(1)]]);
  for (const node of order.toReversed()) {
    const dy = cotangents.get(node);
    if (dy === undefined || !onPath.has(node)) continue;
    g.inScopeOf(node, () => pushBack({ g, node, dy, onPath, cotangents }));
  }
  return targets.map((target) => {
    const gradient = cotangents.get(target);
    if (gradient === undefined) {
      throw new Error(`the loss does not depend on ${target.op.kind === 'input' ? `input ${target.op.name}` : `node ${target.id} (${target.op.kind})`} in ${target.scope || 'the graph'}`);
    }
    return gradient;
  });
}

function nodesLeadingFrom(targets: ReadonlySet<Node>, order: readonly Node[]): Set<Node> {
  const onPath = new Set<Node>(targets);
  for (const node of order) {
    if (differentiability(node.op.kind) === 'rule' && node.inputs.some((input) => onPath.has(input))) onPath.add(node);
  }
  return onPath;
}

interface Step {
  g: GraphBuilder;
  node: Node;
  dy: Node;
  onPath: ReadonlySet<Node>;
  cotangents: Map<Node, Node>;
}

function pushBack({ g, node, dy, onPath, cotangents }: Step): void {
  // The table maps each kind to a rule of that kind; TypeScript cannot follow the pairing through the index.
  const rule = rules[node.op.kind] as Rule<OpKind> | 'leaf' | 'zero';
  if (typeof rule === 'string') return;
  const wanted = (i: number): boolean => onPath.has(node.inputs[i] as Node);
  const x = node.inputs as unknown as readonly [Node, Node, Node];
  const parts = rule({ g, op: node.op, y: node, x, dy, operands: node.inputs, wanted });
  for (const [i, input] of node.inputs.entries()) {
    const part = parts[i] ?? null;
    if (part === null || !wanted(i)) continue;
    const dx = sumToShape(g, part, input.type.shape);
    const sofar = cotangents.get(input);
    cotangents.set(input, sofar === undefined ? dx : g.add(sofar, dx));
  }
}

/**
 * The one place where broadcasting is undone: axes that were stretched are summed, missing leading axes too.
 * A cotangent has its node's shape, to which every operand broadcasts: it is never smaller than `shape`.
 */
function sumToShape(g: GraphBuilder, node: Node, shape: readonly number[]): Node {
  const from = node.type.shape;
  if (sameShape(from, shape)) return node;
  const lead = from.length - shape.length;
  const axes = from.flatMap((extent, axis) => (axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : []));
  return g.reshape(g.reduceSum(node, axes, { keepAxes: true }), shape);
}

function sumLast(g: GraphBuilder, node: Node): Node {
  return g.reduceSum(node, [node.type.shape.length - 1], { keepAxes: true });
}

/** A reduced value with its reduced axes back as extents of 1. */
function restoreAxes(g: GraphBuilder, reduced: Node, x: Node, axes: readonly number[]): Node {
  return g.reshape(reduced, x.type.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent)));
}
