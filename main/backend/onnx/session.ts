/** Runs written graphs on onnxruntime. Native code: only worker processes and tests load this file. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import './telemetry.ts';
import * as ort from 'onnxruntime-node';
import { Problem } from '../../contract/problem.ts';
import { formatType, nodesOf, sizeOf, type DataType, type TensorType } from '../../graph/index.ts';
import type { Backend, CompiledProgram, Feeds, FrozenWeights, Program, Provider, Tensor, TensorData } from '../backend.ts';
import { outputName, writeGraph } from './write.ts';

export interface OnnxOptions {
  readonly provider: Provider;
  /** Threads within an operation; results repeat bit for bit only with the same number. */
  readonly threads: number;
  /** Whose lowering to use, by default the provider's own; tests run every provider's graphs on the CPU. */
  readonly lowerFor?: Provider;
  /** A path prefix: onnxruntime writes a trace of every kernel there. */
  readonly profilePrefix?: string;
}

const ortTypes: Record<DataType, 'float32' | 'int64' | 'bool'> = { f32: 'float32', i64: 'int64', bool: 'bool' };
const ortArrays = { f32: Float32Array, i64: BigInt64Array, bool: Uint8Array } as const;

// What onnxruntime would print is in the errors that it throws.
ort.env.logLevel = 'fatal';

/** @returns a backend on stock onnxruntime. Compiling fails with `provider-unavailable` where the provider is not to be had. */
export function createOnnxBackend(options: OnnxOptions): Backend {
  return { provider: options.provider, compile: (program) => compile(program, options) };
}

async function compile(program: Program, options: OnnxOptions): Promise<CompiledProgram> {
  const written = writeGraph(program, options.lowerFor ?? options.provider);
  const session = await createSession(program, written.bytes, options);
  return {
    inputs: written.inputs,
    run: (feeds) => run({ program, session, inputs: written.inputs, provider: options.provider }, feeds),
    close: () => session.release(),
  };
}

async function createSession(program: Program, bytes: Uint8Array, options: OnnxOptions): Promise<ort.InferenceSession> {
  if (program.frozen !== null) checkWeightFiles(program, program.frozen);
  try {
    return await ort.InferenceSession.create(bytes, sessionOptionsOf(options, program.frozen));
  } catch (error) {
    throw explain(error, { program: program.name, provider: options.provider, stage: 'compile' });
  }
}

/** onnxruntime's own words for a missing or cut file name neither the weight nor what to do. */
function checkWeightFiles(program: Program, frozen: FrozenWeights): void {
  for (const { op } of nodesOf(Object.values(program.outputs))) {
    const stored = op.kind === 'parameter' ? frozen.tensors.get(op.name) : undefined;
    if (stored === undefined || op.kind !== 'parameter') continue;
    const path = join(frozen.directory, stored.file);
    const stats = statSync(path, { throwIfNoEntry: false });
    const byteLength = stats?.isFile() === true ? stats.size : undefined;
    const end = stored.byteOffset + stored.byteLength;
    if (byteLength !== undefined && byteLength >= end) continue;
    throw new Problem({
      code: byteLength === undefined ? 'weight-file-missing' : 'weight-file-short',
      found: byteLength === undefined ? 'no such file' : `a file of ${byteLength} bytes`,
      expected: `the weight ${op.name} in its bytes ${stored.byteOffset} to ${end}`,
      action: 'The model folder is incomplete; fetch it again.',
      place: { file: path },
    });
  }
}

function sessionOptionsOf({ provider, threads, lowerFor = provider, profilePrefix }: OnnxOptions, frozen: FrozenWeights | null): ort.InferenceSession.SessionOptions {
  // The graph itself is handed over as bytes; the files that its weights lie in are looked for, and mapped, here.
  const weights = frozen === null ? {} : { model_external_initializers_file_folder_path: frozen.directory };
  return {
    // Alone: with a second choice in the list, a provider that is not there is dropped in silence. What it has no
    // kernel for goes to the CPU all the same.
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // The planned block of a "memory pattern" comes on top of what the first run took: half as much again, for 3 % of the time.
    enableMemPattern: false,
    // One session per shape: with an arena each would keep its own peak. The process's allocator shares (service/worker-environment.ts).
    enableCpuMemArena: false,
    // Without FusedMatMul the forward and the backward product would fold a transposed copy of every frozen weight.
    graphOptimizationLevel: lowerFor === 'cpu' || lowerFor === 'cuda' ? 'all' : 'disabled',
    logSeverityLevel: 4,
    // Prepacking copies every weight into the kernel's own layout: 6× the resident memory for no gain at training sizes.
    // Attention weights underflow to denormals, which make a product ten times slower; they change no digit of a result.
    // A product whose sum is fused into it (Gemm) copies the summand first and is slower than the two kernels apart.
    extra: { session: { disable_prepacking: '1', set_denormal_as_zero: '1', ...weights }, optimization: { disable_specified_optimizers: 'MatMulAddFusion' } },
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
}

interface Ready {
  program: Program;
  session: ort.InferenceSession;
  inputs: ReadonlyMap<string, TensorType>;
  provider: Provider;
}

async function run({ program, session, inputs, provider }: Ready, feeds: Feeds): Promise<Record<string, Tensor>> {
  const tensors: Record<string, ort.Tensor> = {};
  for (const [name, type] of inputs) tensors[name] = toOrtTensor(program.name, name, type, feeds[name]);
  try {
    const results = await session.run(tensors);
    const outputs: Record<string, Tensor> = {};
    for (const name of Object.keys(program.outputs)) {
      const result = results[outputName(name)] as ort.Tensor;
      outputs[name] = { shape: result.dims, data: result.data as TensorData };
    }
    return outputs;
  } catch (error) {
    throw explain(error, { program: program.name, provider, stage: 'run' });
  }
}

function toOrtTensor(program: string, name: string, type: TensorType, data: TensorData | undefined): ort.Tensor {
  if (data === undefined || data.length !== sizeOf(type.shape) || !(data instanceof ortArrays[type.dtype])) {
    throw new Problem({
      code: 'backend-feed',
      kind: 'failure',
      found: data === undefined ? `no value for input ${name} of ${program}` : `a ${data.constructor.name} of ${data.length} elements for input ${name} of ${program}`,
      expected: formatType(type),
      action: 'This is a defect of Souffleur; please report it.',
    });
  }
  return new ort.Tensor(ortTypes[type.dtype], data, type.shape);
}

/** onnxruntime's own messages, sorted into the three that a person can act on. */
function explain(error: unknown, { program, provider, stage }: { program: string; provider: Provider; stage: 'compile' | 'run' }): Problem {
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
  if (provider !== 'cpu' && stage === 'compile') {
    return new Problem({
      code: 'provider-unavailable',
      kind: 'failure',
      found: `that ${provider} cannot be used here (${firstLine(message)})`,
      expected: 'a device with its driver and libraries',
      action: 'Run `souffleur devices` to see which devices work, or use the CPU (--provider cpu).',
      cause: error,
    });
  }
  return new Problem({
    code: 'backend-failed',
    kind: 'failure',
    found: `that onnxruntime could not ${stage} ${program}: ${firstLine(message)}`,
    expected: 'a graph that it runs',
    action: 'This is a defect of Souffleur; please report it.',
    cause: error,
  });
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? '';
}

/** onnxruntime's own version. */
export const runtimeVersion: string = ort.env.versions.node ?? ort.env.versions.common;
