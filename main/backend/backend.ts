/** What a backend is: something that compiles a graph once and runs it many times. Training knows this file only. */
import type { Node, TensorType } from '../graph/index.ts';

export type TensorData = Float32Array | BigInt64Array | Uint8Array;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Where a frozen float32 weight lies in its file, little-endian and contiguous. */
export interface FrozenTensor {
  /** Relative to `FrozenWeights.directory`. */
  readonly file: string;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly shape: readonly number[];
}

export interface FrozenWeights {
  /** Absolute. */
  readonly directory: string;
  readonly tensors: ReadonlyMap<string, FrozenTensor>;
}

export interface Program {
  /** For messages and profiles. */
  readonly name: string;
  readonly outputs: Readonly<Record<string, Node>>;
  /** null for a graph without parameters. */
  readonly frozen: FrozenWeights | null;
}

export type Feeds = Readonly<Record<string, TensorData>>;

export interface CompiledProgram {
  /** What `run` wants, by name. */
  readonly inputs: ReadonlyMap<string, TensorType>;
  /**
   * Blocks the calling process for the length of the run: only worker processes call it.
   * @throws {Problem} `backend-feed` when a feed is missing or has the wrong length, `out-of-memory` when the machine refuses.
   */
  run(feeds: Feeds): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

export interface Backend {
  readonly provider: Provider;
  compile(program: Program): Promise<CompiledProgram>;
}

/** onnxruntime's execution providers that we lower for. */
export const providers = ['cpu', 'cuda', 'webgpu', 'dml', 'coreml'] as const;
export type Provider = (typeof providers)[number];
