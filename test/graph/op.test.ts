/** Three proofs for every operation: its shape, its value, its gradient. The rows are in op-cases.ts. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildGradients, differentiability, formatType, GraphBuilder, opKinds, ShapeError, type Node, type OpKind } from '../../main/graph/index.ts';
import { distance, loweringTables, runOnCpu } from './harness.ts';
import { real, type DifferentiableCase, type OpCase, type Operand } from './op-case.ts';
import { opProofs } from './op-cases.ts';
import { evaluate, finiteDifferences, type Value } from './reference.ts';

const valueTolerance = 1e-5;
const gradientTolerance = 1e-4;

beforeAll(() => tf.setBackend('cpu'));

function buildCase({ operands, build }: OpCase): { g: GraphBuilder; y: Node } {
  const g = new GraphBuilder();
  const x = operands.map(({ dtype, value, frozen }, i) => (frozen === true ? g.parameter(`x${i}`, value.shape) : g.input(`x${i}`, { dtype, shape: value.shape })));
  return { g, y: build(g, x as unknown as readonly [Node, Node, Node]) };
}

function leavesOf(operands: readonly Operand[]): Record<string, Operand> {
  return Object.fromEntries(operands.map((operand, i) => [`x${i}`, operand]));
}

function valuesOf(leaves: Readonly<Record<string, Operand>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(leaves).map(([name, { value }]) => [name, value]));
}

/** loss = Σ y·w for a fixed w, so that every element of the result pulls with a weight of its own. */
function buildLoss(item: OpCase): { leaves: Record<string, Operand>; weight: Operand; loss: Node; outputs: Record<string, Node> } {
  const { g, y } = buildCase(item);
  const weight = real(...y.type.shape);
  const loss = g.reduceSum(g.multiply(y, g.input('w', { dtype: 'f32', shape: y.type.shape })), y.type.shape.map((_, axis) => axis));
  const names = item.operands.flatMap(({ dtype }, i) => (dtype === 'f32' ? [`x${i}`] : []));
  const targets = names.map((name) => g.leaf(name) as Node);
  const gradients = buildGradients(g, loss, targets);
  expect(gradients.map(({ type }) => type)).toEqual(targets.map(({ type }) => type));
  const outputs = Object.fromEntries(gradients.map((gradient, i) => [names[i] as string, gradient]));
  return { leaves: { ...leavesOf(item.operands), w: weight }, weight, loss, outputs };
}

function tfjsGradients({ operands, tfjs }: DifferentiableCase, weight: Operand): Record<string, ArrayLike<number>> {
  const gradients: Record<string, ArrayLike<number>> = {};
  tf.tidy(() => {
    const tensors = operands.map(({ dtype, value }) => tf.tensor(Float32Array.from(value.data), [...value.shape], dtype === 'bool' ? 'bool' : 'float32'));
    const w = tf.tensor(Float32Array.from(weight.value.data), [...weight.value.shape]);
    const varied = operands.flatMap(({ dtype }, i) => (dtype === 'f32' ? [i] : []));
    const loss = (...variables: tf.Tensor[]): tf.Scalar => {
      const x = tensors.map((tensor, i) => variables[varied.indexOf(i)] ?? tensor);
      return tf.sum(tf.mul(tfjs(x as unknown as readonly [tf.Tensor, tf.Tensor, tf.Tensor]), w));
    };
    const found = tf.grads(loss)(varied.map((i) => tensors[i] as tf.Tensor));
    for (const [k, gradient] of found.entries()) gradients[`x${varied[k]}`] = gradient.dataSync();
  });
  return gradients;
}

test('every operation of the union has its proofs, of its own kind', () => {
  expect(Object.keys(opProofs).sort()).toEqual([...opKinds].sort());
  for (const kind of opKinds) {
    const { cases, misfits, gradient } = opProofs[kind];
    expect(gradient, kind).toBe(differentiability(kind));
    expect([cases.length > 0, misfits.length > 0], kind).toEqual([true, true]);
    for (const item of cases) expect(buildCase(item).y.op.kind, item.title).toBe(kind);
  }
});

describe.each(opKinds)('%s', (kind: OpKind) => {
  const proof = opProofs[kind];

  test.each(proof.cases.map((item) => [item.title, item] as const))('%s has the stated type', (_, item) => {
    expect(formatType(buildCase(item).y.type)).toBe(item.type);
  });

  test.each(proof.misfits.map((misfit) => [misfit.message, misfit] as const))('is refused in its place: %s', (_, { build, message }) => {
    const g = new GraphBuilder();
    const attempt = (): unknown => g.within('encoder', () => g.within('0', () => build(g)));
    expect(attempt).toThrow(ShapeError);
    expect(attempt).toThrow(expect.objectContaining({ message: `encoder.0: ${message}` }));
  });

  test.each(proof.cases.map((item) => [item.title, item] as const))('%s has the value of its definition, in both tables of lowerings', async (_, item) => {
    const { y } = buildCase(item);
    const leaves = leavesOf(item.operands);
    const expected = evaluate([y], valuesOf(leaves)).get(y) as Value;
    for (const table of loweringTables) {
      const { found } = await runOnCpu({ found: y }, leaves, table);
      expect(found?.shape, table).toEqual(y.type.shape);
      expect(distance(found?.data ?? [], expected.data), table).toBeLessThan(valueTolerance);
    }
  });

  if (proof.gradient !== 'rule') return;

  test.each(proof.cases.map((item) => [item.title, item] as const))('%s has the gradient of finite differences and of tfjs', async (_, item) => {
    const { leaves, weight, loss, outputs } = buildLoss(item);
    const fromTfjs = tfjsGradients(item, weight);
    const fromTables = await Promise.all(loweringTables.map((table) => runOnCpu(outputs, leaves, table)));
    for (const name of Object.keys(outputs)) {
      const expected = finiteDifferences(loss, valuesOf(leaves), name);
      expect(distance(fromTfjs[name] ?? [], expected), `tfjs, ${name}`).toBeLessThan(gradientTolerance);
      for (const [i, table] of loweringTables.entries()) {
        expect(distance(fromTables[i]?.[name]?.data ?? [], expected), `${table}, ${name}`).toBeLessThan(gradientTolerance);
      }
    }
  });
});
