/** Runs written graphs on onnxruntime. Native code: only worker processes and tests load this file. */
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { Problem } from '../../contract/problem.ts';
import { formatType, sizeOf, type DataType, type TensorType } from '../../graph/index.ts';
import type { Backend, CompiledProgram, Feeds, Program, Provider, Tensor, TensorData } from '../backend.ts';
import { writeGraph } from './write.ts';

export interface OnnxOptions {
  readonly provider: Provider;
  /** Threads within an operation; results repeat bit for bit only with the same number. */
  readonly threads: number;
  /** A path prefix: onnxruntime writes a trace of every kernel there. */
  readonly profilePrefix?: string;
}

const ortTypes: Record<DataType, 'float32' | 'int64' | 'bool'> = { f32: 'float32', i64: 'int64', bool: 'bool' };
let graphCount = 0;

/** @returns a backend on stock onnxruntime. Compiling fails with `provider-unavailable` where the provider is not to be had. */
export function createOnnxBackend(options: OnnxOptions): Backend {
  return { provider: options.provider, compile: (program) => compile(program, options) };
}

async function compile(program: Program, options: OnnxOptions): Promise<CompiledProgram> {
  const written = writeGraph(program, options.provider);
  const session = await createSession(program, written.bytes, options);
  return {
    inputs: written.inputs,
    run: (feeds) => run(program, session, written.inputs, feeds),
    close: () => session.release(),
  };
}

async function createSession(program: Program, bytes: Uint8Array, options: OnnxOptions): Promise<ort.InferenceSession> {
  const sessionOptions = sessionOptionsOf(options);
  try {
    if (program.frozen === null) return await ort.InferenceSession.create(bytes, sessionOptions);
    // Weights are found relative to the graph's own file, and onnxruntime has mapped them when `create` returns.
    graphCount += 1;
    const file = join(program.frozen.directory, `.graph-${process.pid}-${graphCount}.onnx`);
    writeFileSync(file, bytes);
    try {
      return await ort.InferenceSession.create(file, sessionOptions);
    } finally {
      unlinkSync(file);
    }
  } catch (error) {
    throw explain(error, program.name, options.provider);
  }
}

function sessionOptionsOf({ provider, threads, profilePrefix }: OnnxOptions): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // Without FusedMatMul the forward and the backward product would fold a transposed copy of every frozen weight.
    graphOptimizationLevel: provider === 'cpu' || provider === 'cuda' ? 'all' : 'disabled',
    logSeverityLevel: 3,
    // Prepacking copies every weight into the kernel's own layout: 6× the resident memory for no gain at training sizes.
    extra: { session: { disable_prepacking: '1' } },
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
}

async function run(program: Program, session: ort.InferenceSession, inputs: ReadonlyMap<string, TensorType>, feeds: Feeds): Promise<Record<string, Tensor>> {
  const tensors: Record<string, ort.Tensor> = {};
  for (const [name, type] of inputs) tensors[name] = toOrtTensor(program.name, name, type, feeds[name]);
  try {
    const results = await session.run(tensors);
    const outputs: Record<string, Tensor> = {};
    for (const [name, result] of Object.entries(results)) {
      outputs[name] = { shape: result.dims, data: result.data as TensorData };
    }
    return outputs;
  } catch (error) {
    throw explain(error, program.name, 'cpu');
  }
}

function toOrtTensor(program: string, name: string, type: TensorType, data: TensorData | undefined): ort.Tensor {
  if (data === undefined || data.length !== sizeOf(type.shape)) {
    throw new Problem({
      code: 'backend-feed',
      kind: 'failure',
      found: data === undefined ? `no value for input ${name} of ${program}` : `${data.length} elements for input ${name} of ${program}`,
      expected: formatType(type),
      action: 'This is a defect of Souffleur; please report it.',
    });
  }
  return new ort.Tensor(ortTypes[type.dtype], data, type.shape);
}

/** onnxruntime's own messages, sorted into the three that a person can act on. */
function explain(error: unknown, program: string, provider: Provider): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/alloc|out of memory|bad_alloc/i.test(message)) {
    return new Problem({
      code: 'out-of-memory',
      kind: 'failure',
      found: `no memory left while running ${program} (${firstLine(message)})`,
      expected: 'enough free memory for one micro-batch',
      action: 'Lower the micro-batch size (--set microBatch=1) or the longest input.',
      cause: error,
    });
  }
  return new Problem({
    code: provider === 'cpu' ? 'backend-failed' : 'provider-unavailable',
    kind: 'failure',
    found: `${provider} could not take ${program}: ${firstLine(message)}`,
    expected: 'a graph that onnxruntime runs',
    action: provider === 'cpu' ? 'This is a defect of Souffleur; please report it.' : 'Run `souffleur devices` to see which providers work here, or use the CPU.',
    cause: error,
  });
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? '';
}
