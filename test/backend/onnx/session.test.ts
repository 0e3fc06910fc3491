import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '../../../main/contract/problem.ts';
import type { Backend, CompiledProgram, Feeds, FrozenTensor, FrozenWeights, Program, TensorData } from '../../../main/backend/backend.ts';
import { createOnnxBackend } from '../../../main/backend/onnx/session.ts';
import { GraphBuilder, type Node } from '../../../main/graph/index.ts';
import { distance } from '../../graph/harness.ts';
import { evaluate, type Value } from '../../graph/reference.ts';
import { buildComposite, compositeWeights } from './composite.ts';

const cpu = createOnnxBackend({ provider: 'cpu', threads: 2 });

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const outcome = await promise.then(() => null, (error: unknown) => error);
  expect(outcome).toBeInstanceOf(Problem);
  return outcome as Problem;
}

/** Compiles, runs `runs` times and closes. */
async function runAll(program: Program, feeds: Feeds, runs = 1): Promise<Record<string, TensorData>[]> {
  const compiled = await cpu.compile(program);
  const results: Record<string, TensorData>[] = [];
  for (let run = 0; run < runs; run += 1) {
    const outputs = await compiled.run(feeds);
    results.push(Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data])));
  }
  await compiled.close();
  return results;
}

const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, place) => Math.sin(place * 1.7) * 3);

describe('the same graph and feeds on two threads give the same bytes', () => {
  // Large enough that two threads overlap: at 5000 × 16 even ScatterND's race goes unseen.
  const rows = 20_000;
  const width = 64;
  const feeds: Feeds = { x: wave(rows * width), ids: BigInt64Array.from({ length: rows }, (_, row) => BigInt((row * 7919) % 8)), w: wave(width * width) };
  const builders: Record<string, (g: GraphBuilder, x: Node, ids: Node, w: Node) => Node> = {
    scatterAddRows: (g, x, ids) => g.scatterAddRows(x, ids, 8),
    softmax: (g, x) => g.softmax(x),
    'reduceSum over rows': (g, x) => g.reduceSum(x, [0]),
    'reduceSum over everything': (g, x) => g.reduceSum(x, [0, 1]),
    'a product': (g, x, _, w) => g.matmul(x, w),
    'a product summed over rows': (g, x) => g.matmul(x, x, { transposeA: true }),
    'the gradient of a norm': (g, x) => g.rmsNorm(g.multiply(x, g.inverseRms(x, 0.1)), g.reduceSum(x, [0]), 0.1),
  };

  test.each(Object.keys(builders))('%s, twenty times and in a second session', async (name) => {
    const g = new GraphBuilder();
    const leaf = (leafName: string, dtype: 'f32' | 'i64', shape: number[]): Node => g.input(leafName, { dtype, shape });
    const y = (builders[name] as (typeof builders)[string])(g, leaf('x', 'f32', [rows, width]), leaf('ids', 'i64', [rows]), leaf('w', 'f32', [width, width]));
    const program: Program = { name, outputs: { y }, frozen: null };
    const [first, ...others] = [...(await runAll(program, feeds, 20)), ...(await runAll(program, feeds))].map(({ y: data }) => Buffer.from(new Uint8Array((data as Float32Array).buffer)));
    expect(first?.some((byte) => byte !== 0)).toBe(true);
    for (const other of others) expect(other.equals(first as Buffer)).toBe(true);
  });

  test('and the rows of equal ids add up', async () => {
    const g = new GraphBuilder();
    const y = g.scatterAddRows(g.input('x', { dtype: 'f32', shape: [rows, width] }), g.input('ids', { dtype: 'i64', shape: [rows] }), 8);
    const [result] = await runAll({ name: 'sums', outputs: { y }, frozen: null }, feeds);
    const sums = new Float64Array(8 * width);
    for (let place = 0; place < rows * width; place += 1) {
      const cell = Number((feeds['ids'] as BigInt64Array)[Math.floor(place / width)]) * width + (place % width);
      sums[cell] = (sums[cell] ?? 0) + Number(feeds['x']?.[place]);
    }
    expect(distance(result?.['y'] as Float32Array, sums)).toBeLessThan(1e-5);
  });
});

const compileComposite = (frozen: FrozenWeights): Promise<CompiledProgram> => cpu.compile({ name: 'composite', outputs: buildComposite(), frozen });

describe('frozen weights', () => {
  let directory = '';
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'souffleur-weights-')); });
  afterEach(() => { rmSync(directory, { recursive: true }); });

  /** One file with a header of `headerLength` bytes that is no header, as a safetensors file has one. */
  function writeWeights(headerLength: number): { frozen: FrozenWeights; values: Record<string, Value> } {
    const tensors = new Map<string, FrozenTensor>();
    const values: Record<string, Value> = {};
    const parts: Uint8Array[] = [new Uint8Array(headerLength).fill(0x7b)];
    let byteOffset = headerLength;
    for (const [name, shape] of Object.entries(compositeWeights)) {
      const data = wave(shape.reduce((size: number, extent) => size * extent, 1)).map((element) => element / 3 + 0.1);
      tensors.set(name, { file: 'model.safetensors', byteOffset, byteLength: data.byteLength, shape });
      values[name] = { shape, data: Float64Array.from(data) };
      parts.push(new Uint8Array(data.buffer));
      byteOffset += data.byteLength;
    }
    writeFileSync(join(directory, 'model.safetensors'), Buffer.concat(parts));
    return { frozen: { directory, tensors }, values };
  }

  const prompt = wave(8);
  const feeds: Feeds = { prompt, tokens: BigInt64Array.of(0n, 5n, 2n), labels: BigInt64Array.of(1n, 2n, 3n, 4n, 5n) };
  const fed: Record<string, Value> = {
    prompt: { shape: [2, 4], data: Float64Array.from(prompt) },
    tokens: { shape: [3], data: Float64Array.of(0, 5, 2) },
    labels: { shape: [5], data: Float64Array.of(1, 2, 3, 4, 5) },
  };

  test.each([0, 8, 64, 1003, 4097])('are read where they lie, %d bytes into the file', async (headerLength) => {
    const { frozen, values } = writeWeights(headerLength);
    const outputs = buildComposite();
    const [result] = await runAll({ name: 'composite', outputs, frozen }, feeds);
    const expected = evaluate(Object.values(outputs), { ...fed, ...values });
    for (const [name, node] of Object.entries(outputs)) {
      expect(distance(result?.[name] as Float32Array, expected.get(node)?.data ?? []), name).toBeLessThan(1e-5);
    }
  });

  test('leave their folder as it was once the graph is loaded, and are not needed on disk again', async () => {
    const { frozen } = writeWeights(8);
    const compiled = await compileComposite(frozen);
    expect(readdirSync(directory)).toEqual(['model.safetensors']);
    const before = await compiled.run(feeds);
    // POSIX keeps a mapped file's bytes until it is unmapped; Windows would refuse to remove it.
    if (process.platform !== 'win32') rmSync(join(directory, 'model.safetensors'));
    expect(await compiled.run(feeds)).toEqual(before);
    await compiled.close();
  });

  test('leave their folder as it was when the graph is refused', async () => {
    const { frozen } = writeWeights(8);
    const tensors = new Map(frozen.tensors).set('norm', { ...(frozen.tensors.get('norm') as FrozenTensor), byteLength: 12 });
    expect(await problemOf(compileComposite({ directory, tensors }))).toMatchObject({ code: 'backend-failed', kind: 'failure' });
    expect(readdirSync(directory)).toEqual(['model.safetensors']);
  });

  test('in a file that is not there are named with it', async () => {
    const { frozen } = writeWeights(8);
    rmSync(join(directory, 'model.safetensors'));
    const problem = await problemOf(compileComposite(frozen));
    expect(problem).toMatchObject({ code: 'weight-file-missing', kind: 'input', place: { file: join(directory, 'model.safetensors') } });
    expect(problem.message).toContain('model.safetensors: found no such file; expected the weight shared in its bytes 8 to 104. The model folder is incomplete; fetch it again.');
  });

  test('in a file that was cut are named with the bytes that they need', async () => {
    const { frozen } = writeWeights(8);
    writeFileSync(join(directory, 'model.safetensors'), new Uint8Array(100));
    const problem = await problemOf(compileComposite(frozen));
    expect(problem).toMatchObject({ code: 'weight-file-short', kind: 'input', found: 'a file of 100 bytes', expected: 'the weight shared in its bytes 8 to 104' });
    expect(readdirSync(directory)).toEqual(['model.safetensors']);
  });

  test('in a folder in place of a file are refused', async () => {
    const { frozen } = writeWeights(8);
    rmSync(join(directory, 'model.safetensors'));
    mkdirSync(join(directory, 'model.safetensors'));
    expect(await problemOf(compileComposite(frozen))).toMatchObject({ code: 'weight-file-missing', kind: 'input' });
  });

  test('that the model does not have are named', async () => {
    const problem = await problemOf(compileComposite({ directory, tensors: new Map() }));
    expect(problem).toMatchObject({ code: 'weight-missing', found: 'no weight shared', expected: 'shared of shape [6,4]' });
  });

  test.skipIf(process.platform === 'win32')('may lie in a folder that this user can only read', async () => {
    const { frozen } = writeWeights(8);
    chmodSync(directory, 0o555);
    const userId = process.geteuid?.();
    // Permissions do not bind root; nobody stands in.
    if (userId === 0) process.seteuid?.(65534);
    try {
      await (await compileComposite(frozen)).close();
    } finally {
      if (userId === 0) process.seteuid?.(0);
      chmodSync(directory, 0o755);
    }
  });

  test('in a folder that is not there say so', async () => {
    const { frozen } = writeWeights(8);
    expect(await problemOf(compileComposite({ ...frozen, directory: join(directory, 'nowhere') }))).toMatchObject({ code: 'weight-file-missing' });
  });
});

function programOf(build: (g: GraphBuilder) => Record<string, Node>): Program {
  return { name: 'p', outputs: build(new GraphBuilder()), frozen: null };
}

describe('a compiled program', () => {
  let compiled: CompiledProgram | null = null;
  afterEach(async () => {
    await compiled?.close();
    compiled = null;
  });

  const both = programOf((g) => ({ y: g.gatherRows(g.input('x', { dtype: 'f32', shape: [3] }), g.input('ids', { dtype: 'i64', shape: [2] })) }));
  const x = Float32Array.of(1, 2, 3);
  const ids = BigInt64Array.of(0n, 2n);

  test('says what it wants, and gives shapes with its data', async () => {
    compiled = await cpu.compile(both);
    expect([...compiled.inputs]).toEqual([['x', { dtype: 'f32', shape: [3] }], ['ids', { dtype: 'i64', shape: [2] }]]);
    expect(await compiled.run({ x, ids })).toEqual({ y: { shape: [2], data: Float32Array.of(1, 3) } });
  });

  test.each<[string, Feeds, string, string]>([
    ['a missing feed', { x }, 'no value for input ids of p', 'i64[2]'],
    ['a short feed', { x: x.slice(1), ids }, 'a Float32Array of 2 elements for input x of p', 'f32[3]'],
    ['a long feed', { x: new Float32Array(4), ids }, 'a Float32Array of 4 elements for input x of p', 'f32[3]'],
    ['a feed of another type', { x, ids: Float32Array.of(0, 2) }, 'a Float32Array of 2 elements for input ids of p', 'i64[2]'],
  ])('refuses %s by name', async (_, feeds, found, expected) => {
    compiled = await cpu.compile(both);
    expect(await problemOf(compiled.run(feeds))).toMatchObject({ code: 'backend-feed', kind: 'failure', found, expected });
    expect((await compiled.run({ x, ids }))['y']?.data).toEqual(Float32Array.of(1, 3));
  });

  test('gives the runtime’s reason in a sentence when a run fails, and goes on', async () => {
    compiled = await cpu.compile(both);
    const problem = await problemOf(compiled.run({ x, ids: BigInt64Array.of(0n, 9n) }));
    expect(problem.code).toBe('backend-failed');
    expect(problem.found).toMatch(/^that onnxruntime could not run p: .*indices element out of data bounds, idx=9/);
    expect(problem.message).not.toContain('\n');
    expect((await compiled.run({ x, ids }))['y']?.data).toEqual(Float32Array.of(1, 3));
  });

  test('asks for smaller batches when the machine has no memory for a run', async () => {
    const side = 2 ** 25;
    compiled = await cpu.compile(programOf((g) => ({ y: g.reduceMax(g.exp(g.broadcast(g.input('x', { dtype: 'f32', shape: [1, 1] }), [side, side])), [0, 1]) })));
    expect(await problemOf(compiled.run({ x: Float32Array.of(1) }))).toMatchObject({ code: 'out-of-memory', kind: 'failure', action: expect.stringContaining('micro-batch') });
  });

  test('may call a gradient as its input is called, an input as a value inside, and one value by two names', async () => {
    compiled = await cpu.compile(programOf((g) => {
      const prompt = g.input('prompt', { dtype: 'f32', shape: [2] });
      const v3 = g.input('v3', { dtype: 'f32', shape: [2] });
      const sum = g.add(prompt, v3);
      return { prompt: sum, again: sum, v3, loss: g.scalar(7) };
    }));
    const outputs = await compiled.run({ prompt: Float32Array.of(1, 2), v3: Float32Array.of(10, 20) });
    expect(Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float32Array)]))).toEqual({ prompt: [11, 22], again: [11, 22], v3: [10, 20], loss: [7] });
  });
});

test.skipIf(process.platform === 'win32')('a provider that is not there is an error, not a silent run on the CPU', async () => {
  const backend: Backend = createOnnxBackend({ provider: 'dml', threads: 1 });
  const g = new GraphBuilder();
  const problem = await problemOf(backend.compile({ name: 'p', outputs: { y: g.exp(g.input('x', { dtype: 'f32', shape: [1] })) }, frozen: null }));
  expect(problem).toMatchObject({ code: 'provider-unavailable', kind: 'failure', found: 'that dml cannot be used here (no available backend found. ERR: [dml] backend not found.)' });
  expect(problem.action).toContain('souffleur devices');
});
