/** Runs a graph on onnxruntime's CPU for the tests, and says how far two results are apart. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import type { FrozenWeights, Provider, TensorData } from '../../main/backend/backend.ts';
import type { DataType, Node } from '../../main/graph/index.ts';
import type { Value } from './reference.ts';

/** The two tables of lowerings that differ: with onnxruntime's own operations, and the ONNX standard's only. */
export const loweringTables = ['cpu', 'webgpu'] as const satisfies readonly Provider[];

/** @returns the outputs; `leaves` feeds the inputs and, from a temporary file, the parameters. */
export async function runOnCpu(
  outputs: Readonly<Record<string, Node>>,
  leaves: Readonly<Record<string, { readonly dtype: DataType; readonly value: Value; readonly frozen?: boolean }>>,
  lowerFor: Provider,
): Promise<Record<string, Value>> {
  const directory = mkdtempSync(join(tmpdir(), 'souffleur-graph-'));
  try {
    const frozen = Object.entries(leaves).filter(([, leaf]) => leaf.frozen === true).map(([name, leaf]) => [name, leaf.value] as const);
    const backend = createOnnxBackend({ provider: 'cpu', threads: 1, lowerFor });
    const program = await backend.compile({ name: 'case', outputs, frozen: frozen.length === 0 ? null : writeWeights(directory, frozen) });
    const results = await program.run(Object.fromEntries(Object.entries(leaves).map(([name, leaf]) => [name, toTensorData(leaf.dtype, leaf.value)])));
    await program.close();
    return Object.fromEntries(Object.entries(results).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) }]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function writeWeights(directory: string, weights: readonly (readonly [string, Value])[]): FrozenWeights {
  const tensors = weights.map(([name, { shape, data }]) => {
    writeFileSync(join(directory, name), Float32Array.from(data));
    return [name, { file: name, byteOffset: 0, byteLength: data.length * 4, shape }] as const;
  });
  return { directory, tensors: new Map(tensors) };
}

function toTensorData(dtype: DataType, { data }: Value): TensorData {
  if (dtype === 'f32') return Float32Array.from(data);
  return dtype === 'i64' ? BigInt64Array.from(data, BigInt) : Uint8Array.from(data);
}

/** The largest difference as a share of the largest expected element (of `floor` where that is smaller). */
export function distance(found: ArrayLike<number>, expected: ArrayLike<number>, floor = 1e-3): number {
  if (found.length !== expected.length) return Infinity;
  const wanted = Array.from(expected);
  const scale = Math.max(floor, ...wanted.map(Math.abs));
  return Math.max(0, ...wanted.map((element, place) => Math.abs((found[place] ?? Number.NaN) - element) / scale));
}
