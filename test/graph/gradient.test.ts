import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGradients, GraphBuilder, nodesOf, type Node } from '../../main/graph/index.ts';
import { distance, loweringTables, runOnCpu } from './harness.ts';
import { given, real, type Operand } from './op-case.ts';
import { grow, leafShapes, stepArbitrary, type Step } from './random-graph.ts';
import { evaluate, finiteDifferences, type Value } from './reference.ts';

describe('gradients of random graphs', () => {
  const leaves: Record<string, Operand> = Object.fromEntries(Object.entries(leafShapes).map(([name, shape]) => [name, real(...shape)]));
  const values: Record<string, Value> = Object.fromEntries(Object.entries(leaves).map(([name, { value }]) => [name, value]));

  test('equal finite differences, whatever is composed, in both tables of lowerings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 2, maxLength: 8 }), fc.constantFrom(...loweringTables), async (steps: readonly Step[], table) => {
        const g = new GraphBuilder();
        const loss = grow(g, steps);
        const expectedLoss = evaluate([loss], values).get(loss)?.data ?? [];
        const used = nodesOf([loss]).flatMap(({ op }) => (op.kind === 'input' ? [op.name] : []));
        const gradients = buildGradients(g, loss, used.map((name) => g.leaf(name) as Node));
        const outputs = Object.fromEntries(used.map((name, i) => [name, gradients[i] as Node]));
        const found = await runOnCpu({ ...outputs, loss }, leaves, table);
        expect(distance(found['loss']?.data ?? [], expectedLoss, 1)).toBeLessThan(1e-4);
        for (const name of used) {
          expect(distance(found[name]?.data ?? [], finiteDifferences(loss, values, name), 1), name).toBeLessThan(1e-3);
        }
      }),
      { numRuns: 150 },
    );
  });
});

const scalarOf = (g: GraphBuilder, x: Node): Node => g.reduceSum(x, x.type.shape.map((_, axis) => axis));

describe('buildGradients', () => {
  test('shares a cotangent equally between tied maxima', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2, 3] });
    const [dx] = buildGradients(g, scalarOf(g, g.reduceMax(x, [1])), [x]);
    const { found } = await runOnCpu({ found: dx as Node }, { x: given('f32', [2, 3], [1, 5, 5, 7, 7, 7]) }, 'cpu');
    expect(Array.from(found?.data ?? [])).toEqual([0, 0.5, 0.5, ...[1, 1, 1].map((share) => Math.fround(share / 3))]);
  });

  test('gives relu no slope at its corner', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [3] });
    const [dx] = buildGradients(g, scalarOf(g, g.relu(x)), [x]);
    const { found } = await runOnCpu({ found: dx as Node }, { x: given('f32', [3], [-1, 0, 1]) }, 'cpu');
    expect(Array.from(found?.data ?? [])).toEqual([0, 0, 1]);
  });

  test('sums the cotangents of every path to a target', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [] });
    const square = g.multiply(x, x);
    const [dx] = buildGradients(g, g.add(g.multiply(square, x), square), [x]);
    const { found } = await runOnCpu({ found: dx as Node }, { x: given('f32', [], [3]) }, 'cpu');
    expect(Array.from(found?.data ?? [])).toEqual([3 * 3 ** 2 + 2 * 3]);
  });

  test('is one for the loss itself', async () => {
    const g = new GraphBuilder();
    const [dx] = buildGradients(g, g.input('x', { dtype: 'f32', shape: [] }), [g.leaf('x') as Node]);
    const { found } = await runOnCpu({ found: dx as Node }, { x: given('f32', [], [3]) }, 'cpu');
    expect(Array.from(found?.data ?? [])).toEqual([1]);
  });

  test('differentiates by a value inside the graph', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2] });
    const inner = g.exp(x);
    const [d] = buildGradients(g, scalarOf(g, g.multiply(inner, inner)), [inner]);
    const { found } = await runOnCpu({ found: d as Node }, { x: given('f32', [2], [0, 1]) }, 'cpu');
    expect(distance(found?.data ?? [], [2, 2 * Math.E])).toBeLessThan(1e-6);
  });

  test('walks only paths from a target: a frozen weight gets no gradient nodes', () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2, 3] });
    const hidden = g.matmul(g.tanh(g.matmul(x, g.parameter('first', [3, 4]))), g.parameter('second', [4, 5]));
    const [dx] = buildGradients(g, scalarOf(g, hidden), [x]);
    const products = nodesOf([dx as Node]).filter(({ op }) => op.kind === 'matmul');
    // The first product forward; then one backward for each of the two. The second product's value is never needed.
    expect(products.map(({ inputs }) => inputs.some(({ op }) => op.kind === 'parameter'))).toEqual([true, true, true]);
  });

  test('keeps the scope of the forward node on its cotangents', () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2] });
    const loss = scalarOf(g, g.within('encoder', () => g.within('3', () => g.tanh(x))));
    const before = g.scope;
    const [dx] = buildGradients(g, loss, [x]);
    expect([dx?.scope, g.scope]).toEqual(['encoder.3', before]);
  });

  test('says which target the loss does not depend on', () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2] });
    const loss = scalarOf(g, g.sign(x));
    expect(() => buildGradients(g, loss, [x])).toThrow('the loss does not depend on input x in the graph');
    const inner = g.within('decoder', () => g.exp(x));
    expect(() => buildGradients(g, loss, [inner])).toThrow(/^the loss does not depend on node \d+ \(exp\) in decoder$/);
  });

  test('refuses a loss that is not a scalar', () => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2] });
    expect(() => buildGradients(g, g.exp(x), [x])).toThrow('the loss must be a scalar f32[]; found exp of rank 1');
    expect(() => buildGradients(g, g.argMax(x), [x])).toThrow('the loss must be a scalar f32[]; found argMax of rank 0');
  });
});
