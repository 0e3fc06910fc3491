/** Trained tensors and what updates them. Parameters, moments and arithmetic are float32 arrays in the worker's memory. */
import type { Trainable } from '../method/method.ts';

export interface Parameter extends Trainable {
  /** Updated in place. */
  readonly values: Float32Array;
}

/** Zeros, for values that a file is about to fill. */
export function emptyParameters(trainables: readonly Trainable[]): Parameter[] {
  return trainables.map((trainable) => ({ ...trainable, values: new Float32Array(trainable.shape.reduce((product, extent) => product * extent, 1)) }));
}

export interface Optimizer {
  /** One update of every parameter in place. @param gradients in the order of the parameters. */
  step(gradients: readonly Float32Array[], learningRate: number): void;
  /** Moments by `<parameter>/<moment>`; live arrays, written to and read from checkpoints. */
  readonly moments: ReadonlyMap<string, Float32Array>;
  /** Updates made so far; a resumed run sets it. */
  updates: number;
}
