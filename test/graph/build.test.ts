import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphBuilder, nodesOf, opKinds, printGraph, ShapeError, type Node, type OpKind } from '../../main/graph/index.ts';
import { toProblem } from '../../main/contract/problem.ts';
import { broadcastShapes } from '../../main/graph/type.ts';
import { grow, stepArbitrary } from './random-graph.ts';
import type { OpCase } from './op-case.ts';
import { opProofs } from './op-cases.ts';

function leaves(): { g: GraphBuilder; x: Node; y: Node } {
  const g = new GraphBuilder();
  return { g, x: g.input('x', { dtype: 'f32', shape: [2, 3] }), y: g.input('y', { dtype: 'f32', shape: [3] }) };
}

describe('a GraphBuilder', () => {
  test('makes equal nodes once, and unequal ones apart', () => {
    const { g, x, y } = leaves();
    expect(g.multiply(x, y)).toBe(g.multiply(x, y));
    expect(g.multiply(x, y)).not.toBe(g.multiply(y, x));
    expect(g.matmul(x, x, { transposeB: true })).not.toBe(g.matmul(x, x, { transposeB: true, scale: 2 }));
    expect(g.reduceSum(x, [0])).not.toBe(g.reduceSum(x, [0], { keepAxes: true }));
    expect(g.scalar(0.5)).toBe(g.scalar(0.5));
    expect(g.scalar(0.5)).not.toBe(g.constant(Float32Array.of(0.5), [1]));
    expect(g.scalar(-0)).not.toBe(g.scalar(0));
    expect(g.ids([1, 2], [2])).toBe(g.ids([1, 2], [2]));
    expect(g.ids([1, 2], [2])).not.toBe(g.constant(Float32Array.of(1, 2), [2]));
    expect(g.input('x', x.type)).toBe(x);
  });

  test('makes nothing where nothing would change', () => {
    const { g, x } = leaves();
    const same = [g.cast(x, 'f32'), g.reshape(x, [2, 3]), g.broadcast(x, [2, 3]), g.reduceSum(x, []), g.reduceMax(x, []), g.concat([x], 0), g.slice(x, 1, { start: 0, end: 3 }), g.pad(x, 0, { before: 0, after: 0 })];
    expect(same.every((node) => node === x)).toBe(true);
  });

  test('gives a node the dotted path where it was made, and leaves a scope that throws', () => {
    const { g, x } = leaves();
    const node = g.within('encoder', () => g.within('3', () => g.exp(x)));
    expect([node.scope, g.scope]).toEqual(['encoder.3', '']);
    expect(() => g.within('decoder', () => g.reshape(x, [7]))).toThrow('decoder: found reshape(f32[2,3])');
    expect(g.scope).toBe('');
    expect(g.inScopeOf(node, () => g.log(x)).scope).toBe('encoder.3');
  });

  test('finds a leaf by its name', () => {
    const { g, x } = leaves();
    expect([g.leaf('x'), g.leaf('z')]).toEqual([x, null]);
  });

  test('refuses a node of another builder, whose number means another node here', () => {
    const { g, x } = leaves();
    const other = leaves();
    expect(() => g.add(x, other.y)).toThrow('add: node %1 (input) belongs to another GraphBuilder');
  });

  test.each(opKinds.filter((kind) => opProofs[kind].gradient !== 'leaf'))('refuses a wrong number of operands for %s', (kind: OpKind) => {
    const g = new GraphBuilder();
    const { operands, build } = opProofs[kind].cases[0] as OpCase;
    const made = operands.map(({ dtype, value }, i) => g.input(`x${i}`, { dtype, shape: value.shape }));
    const { op } = build(g, made as unknown as readonly [Node, Node, Node]);
    expect(() => g.apply(op)).toThrow(new RegExp(`^graph: found ${kind}\\(\\); expected (1 operand|[23] operands|at least one operand)$`));
  });

  test('does not make a leaf by its operation, without a name or a type', () => {
    expect(() => new GraphBuilder().apply({ kind: 'input', name: 'x' })).toThrow('graph: found input(); expected a leaf, which carries its own type');
  });
});

test('a ShapeError becomes a Problem with all its parts', () => {
  const { g, x } = leaves();
  let thrown: unknown;
  try {
    g.within('encoder', () => g.reshape(x, [7]));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ShapeError);
  expect(toProblem(thrown).toRecord()).toMatchObject({
    code: 'graph-shape',
    kind: 'failure',
    found: 'reshape(f32[2,3]) in encoder',
    expected: 'an operand of 7 elements for shape [7]',
  });
});

test('broadcasting two shapes is symmetric, and both stretch to the result', () => {
  const shape = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
  fc.assert(
    fc.property(shape, shape, (a, b) => {
      const both = broadcastShapes(a, b);
      expect(broadcastShapes(b, a)).toEqual(both);
      const clash = a.some((extent, axis) => {
        const opposite = b[b.length - a.length + axis] ?? 1;
        return extent !== opposite && extent !== 1 && opposite !== 1;
      });
      expect(both === null).toBe(clash);
      if (both !== null) for (const one of [a, b]) expect(broadcastShapes(one, both)).toEqual(both);
    }),
  );
});

test('a walk lists every node once, inputs before users, and printing is repeatable', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 10 }), (steps) => {
      const loss = grow(new GraphBuilder(), steps);
      const order = nodesOf([loss, loss]);
      expect(new Set(order).size).toBe(order.length);
      for (const [place, node] of order.entries()) for (const input of node.inputs) expect(order.indexOf(input)).toBeLessThan(place);
      expect(printGraph([grow(new GraphBuilder(), steps)])).toBe(printGraph([loss]));
    }),
  );
});
