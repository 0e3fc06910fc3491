/**
 * Dropout masks, drawn here and not by onnxruntime, whose generators cannot be saved: a resumed run must draw the same.
 * Every example has a generator of its own, and only its tokens are masked: what it gets depends neither on padding nor on the examples
 * that share its pass.
 * Legend: b examples, p prompt rows, n = p + source tokens, t target tokens, h heads; masks are [b·n, …] or [b·t, …] over states, and
 * [b, h, n, n], [b, h, t, t] or [b, h, t, n] over attention weights.
 */
import type { TensorType } from '../graph/index.ts';
import { isDropoutInput, maskedTokensOf } from '../model/t5-program.ts';
import type { GeneratorState } from '../random/xoshiro.ts';
import { restoreGenerator, type Generator } from './random.ts';

export interface DroppedExample {
  readonly source: readonly number[];
  readonly target: readonly number[] | null;
  /** Where its own generator begins. */
  readonly dropout: GeneratorState;
}

/** Takes an example's generator from a run's: one after the other, in the order of the batch. */
export function drawExampleState(run: Generator): GeneratorState {
  // xoshiro must not begin with zeros only.
  return [run.nextUint32(), run.nextUint32(), run.nextUint32(), (run.nextUint32() | 1) >>> 0];
}

/**
 * @param inputs of a program; those that are no masks are left out of the result.
 * @returns f32 of each mask's shape: 0 or 1/(1 − rate), and 1/(1 − rate) for padding.
 */
export function dropoutFeeds(
  inputs: ReadonlyMap<string, TensorType>,
  examples: readonly DroppedExample[],
  { rate, promptRows }: { rate: number; promptRows: number },
): Record<string, Float32Array> {
  const kept = 1 / (1 - rate);
  // By name: graphs of other shapes may list them in another order.
  const sites = [...inputs].filter(([name]) => isDropoutInput(name)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const masks = sites.map(([name, type]) => ({ name, type, mask: new Float32Array(type.shape.reduce((product, extent) => product * extent, 1)).fill(kept) }));
  for (const [row, example] of examples.entries()) {
    const random = restoreGenerator(example.dropout);
    const lengths = { source: promptRows + example.source.length, target: example.target?.length ?? 0 };
    for (const { name, type, mask } of masks) {
      const { queries, keys } = maskedTokensOf(name);
      maskExample(mask, { shape: type.shape, row, batch: examples.length, queries: lengths[queries], keys: lengths[keys] }, { random, threshold: rate * 2 ** 32 });
    }
  }
  return Object.fromEntries(masks.map(({ name, mask }) => [name, mask]));
}

interface ExamplePart {
  shape: readonly number[];
  /** Of the example in the batch. */
  row: number;
  batch: number;
  /** Tokens that count. */
  queries: number;
  keys: number;
}

function maskExample(mask: Float32Array, { shape, row, batch, queries, keys }: ExamplePart, { random, threshold }: { random: Generator; threshold: number }): void {
  const width = shape.at(-1) ?? 1;
  const isAttention = shape.length === 4;
  const heads = isAttention ? (shape[1] ?? 1) : 1;
  const padded = isAttention ? (shape[2] ?? 1) : (shape[0] ?? batch) / batch;
  const columns = isAttention ? keys : width;
  for (let head = 0; head < heads; head += 1) {
    for (let query = 0; query < queries; query += 1) {
      const start = ((row * heads + head) * padded + query) * width;
      for (let column = 0; column < columns; column += 1) if (random.nextUint32() < threshold) mask[start + column] = 0;
    }
  }
}
