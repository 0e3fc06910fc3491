/**
 * Batches of uneven texts as a few rectangular shapes: examples are sorted by length, cut into micro-batches and padded to a bucket,
 * so that little is computed on padding and few graphs are compiled.
 * Legend: b examples, s source tokens, t target tokens.
 */
import type { BatchShape } from '../model/t5-program.ts';
import type { PlacedRows } from '../task/pattern/encode-parts.ts';
import type { EncodedExample } from './encoding.ts';

/**
 * Encoder positions in one pass. More make the decoder's and the head's products larger (they are slow when thin), fewer take less
 * memory; beyond this the step gets no faster (test/bench, v1_1-small and v1_1-base). At the built-in size (test/bench, built-in: five
 * prompts, 40 examples of 68 positions) passes of 16 and of 32 take the same time on two threads, and on one thread the larger ones more.
 */
const autoTokensPerPass = 1312;

/** What decides an example's place in a pass. */
export interface SizedExample {
  /** Without prompt rows. */
  readonly source: readonly number[];
  readonly target: readonly number[] | null;
  /** Where the prompt's rows stand, in their order; absent where all of them stand in front. */
  readonly softRows?: readonly PlacedRows[];
}

export interface MicroBatch<Example extends SizedExample = EncodedExample> {
  readonly examples: readonly Example[];
  readonly shape: BatchShape;
}

/** @returns the padded length: steps of 16 up to 128, 32 up to 256, 64 up to 512, then 128. */
export function bucketLength(length: number): number {
  const step = length <= 128 ? 16 : length <= 256 ? 32 : length <= 512 ? 64 : 128;
  return Math.max(step, Math.ceil(length / step) * step);
}

/** @returns the padded target length: steps of 4 up to 8, then of 8. */
export function targetBucketLength(length: number): number {
  const step = length <= 8 ? 4 : 8;
  return Math.max(step, Math.ceil(length / step) * step);
}

export interface MicroBatchRules {
  readonly microBatch: number | 'auto';
  readonly promptRows: number;
}

/**
 * Splits examples into micro-batches, shortest first. Sizes are powers of two, or the asked size and a rest, so that the number of
 * distinct shapes stays small and no row is a filler.
 */
export function splitIntoMicroBatches<Example extends SizedExample>(examples: readonly Example[], rules: MicroBatchRules): MicroBatch<Example>[] {
  const sorted = examples.map((example, position) => ({ example, position }))
    .sort((x, y) => x.example.source.length - y.example.source.length || x.position - y.position)
    .map(({ example }) => example);
  const result: MicroBatch<Example>[] = [];
  // From the longest down: the size of a pass is settled by its longest text.
  for (let end = sorted.length; end > 0;) {
    const source = bucketLength(sorted[end - 1]?.source.length ?? 1);
    const size = passSize(rules, source, end);
    const members = sorted.slice(end - size, end);
    const target = targetBucketLength(Math.max(...members.map((member) => member.target?.length ?? 1)));
    result.push({ examples: members, shape: { batch: size, source, target } });
    end -= size;
  }
  return result.reverse();
}

function passSize({ microBatch, promptRows }: MicroBatchRules, source: number, left: number): number {
  if (microBatch !== 'auto') return Math.min(microBatch, left);
  const wanted = Math.max(1, Math.floor(autoTokensPerPass / (promptRows + source)));
  return 2 ** Math.floor(Math.log2(Math.min(wanted, left)));
}

/** @returns i64[b, s] ids (0 is T5's padding) and the f32[b, s] mask. */
export function sourceFeeds({ examples, shape }: MicroBatch<SizedExample>): { sourceIds: BigInt64Array; sourceMask: Float32Array } {
  const sourceIds = new BigInt64Array(shape.batch * shape.source);
  const sourceMask = new Float32Array(shape.batch * shape.source);
  for (const [row, { source }] of examples.entries()) {
    for (const [column, id] of source.entries()) {
      sourceIds[row * shape.source + column] = BigInt(id);
      sourceMask[row * shape.source + column] = 1;
    }
  }
  return { sourceIds, sourceMask };
}

/**
 * The order of prompt rows and tokens, for graphs whose prompt does not stand in front (EncoderInput.order).
 * @returns i64[b·n]: positions in the rows of all examples, each example's prompt rows in front of its tokens; padding stays last.
 */
export function sourceOrder({ examples, shape }: MicroBatch<SizedExample>, promptRows: number): BigInt64Array {
  const length = promptRows + shape.source;
  const order = new BigInt64Array(shape.batch * length);
  for (const [row, { softRows = [{ tokensBefore: 0, rows: promptRows }] }] of examples.entries()) {
    const start = row * length;
    let position = 0;
    let promptRow = 0;
    let token = 0;
    const put = (index: number): void => void (order[start + position++] = BigInt(start + index));
    for (const { tokensBefore, rows } of softRows) {
      while (token < tokensBefore) put(promptRows + token++);
      for (const end = promptRow + rows; promptRow < end;) put(promptRow++);
    }
    if (promptRow !== promptRows) throw new Error(`an example with ${promptRow} prompt rows among runs of ${promptRows}`);
    while (token < shape.source) put(promptRows + token++);
  }
  return order;
}

export interface TargetFeeds {
  /** i64[n, t], shifted right behind the decoder's start token. */
  readonly decoderIds: BigInt64Array;
  /** i64[n, t] */
  readonly targetIds: BigInt64Array;
  /** f32[n, t]: `weight` for a token, 0 for padding. */
  readonly targetWeights: Float32Array;
}

/** @param options `weight` of one target token in the loss: one for all, or one a target. */
export function targetFeeds(targets: readonly (readonly number[])[], length: number, options: { startId: number; weight: number | readonly number[] }): TargetFeeds {
  const size = targets.length * length;
  const decoderIds = new BigInt64Array(size);
  const targetIds = new BigInt64Array(size);
  const targetWeights = new Float32Array(size);
  for (const [row, target] of targets.entries()) {
    const weight = typeof options.weight === 'number' ? options.weight : options.weight[row] ?? 0;
    decoderIds[row * length] = BigInt(options.startId);
    for (const [column, id] of target.entries()) {
      const at = row * length + column;
      targetIds[at] = BigInt(id);
      targetWeights[at] = weight;
      if (column + 1 < length) decoderIds[at + 1] = BigInt(id);
    }
  }
  return { decoderIds, targetIds, targetWeights };
}
