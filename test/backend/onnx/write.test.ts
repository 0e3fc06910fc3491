import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../../main/contract/problem.ts';
import { GraphBuilder, nodesOf, printGraph } from '../../../main/graph/index.ts';
import { providers, type FrozenWeights, type Provider } from '../../../main/backend/backend.ts';
import { decodeModel, type AttributeProto, type ModelProto } from '../../../main/backend/onnx/proto.ts';
import { writeGraph } from '../../../main/backend/onnx/write.ts';
import { loweringTables } from '../../graph/harness.ts';
import { buildComposite, compositeWeights } from './composite.ts';

const golden = (name: string): string => join(import.meta.dirname, '..', '..', 'golden', 'graph', name);
const tensors = Object.entries(compositeWeights).map(([name, shape], i) => [name, { file: 'model.safetensors', byteOffset: 1000 + i * 96, byteLength: shape.reduce((size: number, extent) => size * extent, 4), shape }] as const);
const frozen: FrozenWeights = { directory: '.', tensors: new Map(tensors) };

function bytesFor(provider: Provider): Uint8Array {
  return writeGraph({ name: 'composite', outputs: buildComposite(), frozen }, provider).bytes;
}

function modelFor(provider: Provider): ModelProto {
  return decodeModel(bytesFor(provider));
}

function printAttribute({ name, type, f, i, s, ints }: AttributeProto): string {
  return ` ${name}=${{ 1: f, 2: i, 3: Buffer.from(s ?? []).toString(), 7: ints?.join() }[type]}`;
}

function opTypes({ graph }: ModelProto): string[] {
  return graph.node.map(({ opType }) => opType);
}

function printModel({ graph }: ModelProto): string {
  const nodes = graph.node.map((node) => `${node.output.join(', ')} = ${node.opType}(${node.input.join(', ')})${node.attribute.map(printAttribute).join('')}  # ${node.name}`);
  const initializers = graph.initializer.map(({ name, dims, dataType, dataLocation }) => `${name} [${dims.join()}] type ${dataType}${dataLocation === 1 ? ', external' : ''}`);
  return [...initializers, ...nodes, ''].join('\n');
}

describe('a refactoring writes the same graph', () => {
  test('of our operations', async () => {
    await expect(`${printGraph(Object.values(buildComposite()))}\n`).toMatchFileSnapshot(golden('composite.txt'));
  });

  test.each(loweringTables)('of ONNX operations for %s', async (table) => {
    await expect(printModel(modelFor(table))).toMatchFileSnapshot(golden(`composite.${table}.txt`));
  });

  test('to the last byte, when written twice', () => {
    expect(Buffer.compare(bytesFor('cpu'), bytesFor('cpu'))).toBe(0);
  });
});

describe.each(providers)('the graph for %s', (provider) => {
  test('holds every frozen weight once, as a place in its file', () => {
    const { initializer } = modelFor(provider).graph;
    for (const [name, { file, byteOffset, byteLength }] of frozen.tensors) {
      const found = initializer.filter((tensor) => tensor.name === name);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ dataLocation: 1, rawData: expect.objectContaining({ length: 0 }) });
      expect(found[0]?.externalData).toEqual([
        { key: 'location', value: file },
        { key: 'offset', value: String(byteOffset) },
        { key: 'length', value: String(byteLength) },
      ]);
    }
    expect(initializer.filter(({ dataLocation }) => dataLocation === 1)).toHaveLength(frozen.tensors.size);
  });

  test('gives names to nodes and values once', () => {
    const { node, initializer, input } = modelFor(provider).graph;
    const values = [...node.flatMap(({ output }) => output), ...initializer.map(({ name }) => name), ...input.map(({ name }) => name)];
    expect(new Set(values).size).toBe(values.length);
    expect(new Set(node.map(({ name }) => name)).size).toBe(node.length);
  });

  test('shares equal literals', () => {
    const literals = modelFor(provider).graph.initializer.filter(({ dataLocation, name }) => dataLocation !== 1 && name.startsWith('%c'));
    const contents = literals.map(({ dims, dataType, rawData }) => `${dataType} [${dims.join()}] ${Buffer.from(rawData ?? []).toString('hex')}`);
    expect(new Set(contents).size).toBe(contents.length);
  });
});

describe('the better lowerings of the CPU', () => {
  test('never transpose a frozen weight, which would be folded into a second copy of it', () => {
    const { node } = modelFor('cpu').graph;
    expect(node.filter(({ opType, input }) => opType === 'Transpose' && input.some((name) => frozen.tensors.has(name)))).toEqual([]);
    expect(opTypes(modelFor('cpu'))).toContain('FusedMatMul');
  });

  test('take the inverse RMS of the backward pass from the norm of the forward pass', () => {
    const norms = modelFor('cpu').graph.node.filter(({ opType }) => opType === 'SimplifiedLayerNormalization');
    expect(norms.map(({ output }) => output.length)).toEqual([2]);
    expect(opTypes(modelFor('cpu'))).not.toContain('Reciprocal');
  });

  test.each([
    { title: 'two norms of one value give it once', gains: ['a', 'b'], epsilons: [0.1, 0.1], asked: 0.1, outputs: [2, 1], reciprocals: 0 },
    { title: 'a norm with another epsilon does not give it', gains: ['a'], epsilons: [0.5], asked: 0.1, outputs: [1], reciprocals: 1 },
  ])('$title', ({ gains, epsilons, asked, outputs, reciprocals }) => {
    const g = new GraphBuilder();
    const x = g.input('x', { dtype: 'f32', shape: [2, 3] });
    const norms = gains.map((gain, i) => g.rmsNorm(x, g.input(gain, { dtype: 'f32', shape: [3] }), epsilons[i] ?? 0));
    const program = { name: 'norms', outputs: { ...Object.fromEntries(norms.map((norm, i) => [`y${i}`, norm])), r: g.inverseRms(x, asked) }, frozen: null };
    const { node } = decodeModel(writeGraph(program, 'cpu').bytes).graph;
    expect(node.filter(({ opType }) => opType === 'SimplifiedLayerNormalization').map(({ output }) => output.length)).toEqual(outputs);
    expect(node.filter(({ opType }) => opType === 'Reciprocal')).toHaveLength(reciprocals);
  });
});

test('the table for WebGPU uses the ONNX standard only', () => {
  const { node } = modelFor('webgpu').graph;
  expect(node.map(({ domain }) => domain)).toEqual(node.map(() => ''));
  expect(node.map(({ opType }) => opType)).not.toContain('SimplifiedLayerNormalization');
});

test('a weight that the model does not have, or has in another shape, is named', () => {
  const g = new GraphBuilder();
  const outputs = { y: g.parameter('norm', [5]) };
  expect(() => writeGraph({ name: 'p', outputs, frozen }, 'cpu')).toThrow('found norm of shape [4]; expected norm of shape [5].');
  expect(() => writeGraph({ name: 'p', outputs, frozen: null }, 'cpu')).toThrow(Problem);
  expect(() => writeGraph({ name: 'p', outputs, frozen: null }, 'cpu')).toThrow('found no weight norm; expected norm of shape [5].');
});

test('inputs and nothing else are asked of the caller', () => {
  const outputs = buildComposite();
  const { inputs } = writeGraph({ name: 'p', outputs, frozen }, 'cpu');
  expect([...inputs.keys()].sort()).toEqual(nodesOf(Object.values(outputs)).flatMap(({ op }) => (op.kind === 'input' ? [op.name] : [])).sort());
});
