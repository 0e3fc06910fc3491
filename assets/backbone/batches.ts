/** Pre-training examples as token ids, in passes of similar length. A step's batch depends on the seed and its number alone. */
import type { MicroBatch } from '../../main/train/batch.ts';
import { bucketLength, targetBucketLength } from '../../main/train/batch.ts';
import type { EncodedExample } from '../../main/train/encoding.ts';
import type { Tokenizer } from '../../main/token/index.ts';
import { createRandom } from '../world/index.ts';
import { drawPretrainingExample, type PretrainingExample, type Stage } from './mixture/index.ts';

export const longestSource = 128;
const longestTarget = 48;

export interface BatchPlan {
  readonly tokenizer: Tokenizer;
  readonly seed: number;
  /** Examples of one step. */
  readonly examples: number;
  /** Parts of similar length that a step is computed in: less padding. */
  readonly passes: number;
}

/** @param progress 0 to 1 within the stage. */
export function drawBatch(plan: BatchPlan, { step, stage, progress }: { step: number; stage: Stage; progress: number }): MicroBatch[] {
  const random = createRandom(plan.seed, step);
  const encoded = Array.from({ length: plan.examples }, () => encode(plan.tokenizer, drawPretrainingExample(random, stage, progress)))
    .sort((a, b) => a.source.length - b.source.length || (a.target?.length ?? 0) - (b.target?.length ?? 0));
  const size = plan.examples / plan.passes;
  return Array.from({ length: plan.passes }, (_, pass) => toMicroBatch(encoded.slice(pass * size, (pass + 1) * size)));
}

export function toMicroBatch(examples: readonly EncodedExample[]): MicroBatch {
  const source = bucketLength(Math.max(...examples.map((example) => example.source.length)));
  const target = targetBucketLength(Math.max(...examples.map((example) => example.target?.length ?? 1)));
  return { examples, shape: { batch: examples.length, source, target } };
}

export function encode(tokenizer: Tokenizer, { source, target, ending }: PretrainingExample): EncodedExample {
  const sourceIds = tokenizer.encode(source);
  return {
    example: { id: '', input: source, target, label: null, group: null, answers: [], line: 0 },
    source: [...sourceIds.slice(0, longestSource - 1), ...(ending === 'end-token' ? [tokenizer.eosId] : [])],
    target: [...tokenizer.encode(target).slice(0, longestTarget - 1), tokenizer.eosId],
    isTruncated: sourceIds.length >= longestSource,
  };
}
