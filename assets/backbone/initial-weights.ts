/** First values of a T5, with the variances of transformers' `_init_weights` (models/t5/modeling_t5.py, after mesh-tensorflow). */
import { expectedTensors } from '../../main/model/tensor-names.ts';
import type { T5Config } from '../../main/model/config.ts';
import { createRandom, type Random } from '../world/index.ts';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export function initialWeights(config: T5Config, seed: number): NamedTensor[] {
  return expectedTensors(config).map(({ name, shape }, stream) => {
    const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    if (name.includes('layer_norm')) return { name, shape, values: values.fill(1) };
    const normal = normals(createRandom(seed, stream));
    const deviation = deviationOf(name, config);
    for (let i = 0; i < values.length; i += 1) values[i] = normal() * deviation;
    return { name, shape, values };
  });
}

function deviationOf(name: string, { width, keyWidth, heads, feedForwardWidth }: T5Config): number {
  if (name === 'shared.weight') return 1;
  if (name.endsWith('.q.weight')) return (width * keyWidth) ** -0.5;
  if (name.endsWith('.o.weight')) return (heads * keyWidth) ** -0.5;
  if (name.endsWith('.wo.weight')) return feedForwardWidth ** -0.5;
  // Keys, values, feed-forward inputs and the bias; the head too, whose 1 in transformers is far too loud for a fresh model.
  return width ** -0.5;
}

/** Box–Muller. */
function normals(random: Random): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    const angle = 2 * Math.PI * random.next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
