/** Greedy decoding with a key/value cache, and log-probabilities of given answers: both over one encoder pass. */
import type { Tensor } from '../backend/backend.ts';
import { stepBuckets } from '../model/t5-decoder.ts';
import { maskedScore } from '../model/t5-layer.ts';
import { cacheName } from '../model/t5-program.ts';
import { targetFeeds } from './batch.ts';
import type { EncodedSource, ModelRunner } from './model-runner.ts';

export interface GreedyRules {
  /** Given tokens behind the decoder's start, for example a sentinel. */
  readonly prefix: readonly number[];
  readonly ends: ReadonlySet<number>;
  /** Decoded tokens at most, the prefix not counted. */
  readonly maxTokens: number;
}

/** @returns per example the decoded ids, without prefix and end. */
export async function decodeGreedily(runner: ModelRunner, encoded: EncodedSource, rules: GreedyRules): Promise<number[][]> {
  const { batch } = encoded.shape;
  const length = rules.prefix.length + rules.maxTokens;
  const cache = new StepCache(runner, batch, length);
  const answers: number[][] = Array.from({ length: batch }, () => []);
  const isDone = Array.from({ length: batch }, () => false);
  let ids = new BigInt64Array(batch).fill(BigInt(runner.config.decoderStartId));
  for (let position = 0; position < length; position += 1) {
    const outputs = await runner.step(encoded, length, { stepIds: ids, ...cache.feeds(position) });
    cache.store(position, outputs);
    const forced = rules.prefix[position];
    ids = forced === undefined ? (outputs['nextIds'] as Tensor).data as BigInt64Array<ArrayBuffer> : new BigInt64Array(batch).fill(BigInt(forced));
    if (forced !== undefined) continue;
    for (const [row, answer] of answers.entries()) {
      const id = Number(ids[row]);
      if (rules.ends.has(id)) isDone[row] = true;
      if (isDone[row] !== true) answer.push(id);
    }
    if (isDone.every(Boolean)) break;
  }
  return answers;
}

/** Keys and values of past positions, f32[b, h, t, k] per layer; each step fills one position. */
class StepCache {
  readonly #runner: ModelRunner;
  readonly #batch: number;
  readonly #length: number;
  readonly #arrays = new Map<string, Float32Array>();

  constructor(runner: ModelRunner, batch: number, length: number) {
    this.#runner = runner;
    this.#batch = batch;
    this.#length = length;
    const { heads, keyWidth } = runner.config;
    for (const { past } of this.#names()) this.#arrays.set(past, new Float32Array(batch * heads * length * keyWidth));
  }

  feeds(position: number): Record<string, Float32Array | BigInt64Array> {
    const here = new Float32Array(this.#length);
    here[position] = 1;
    return {
      here,
      future: Float32Array.from({ length: this.#length }, (_, key) => (key > position ? maskedScore : 0)),
      buckets: BigInt64Array.from(stepBuckets(this.#runner.config, position, this.#length), BigInt),
      ...Object.fromEntries(this.#arrays),
    };
  }

  store(position: number, outputs: Readonly<Record<string, { readonly data: unknown }>>): void {
    const { heads, keyWidth } = this.#runner.config;
    for (const { past, present } of this.#names()) {
      const now = outputs[present]?.data as Float32Array;
      const cache = this.#arrays.get(past) as Float32Array;
      for (let head = 0; head < this.#batch * heads; head += 1) {
        cache.set(now.subarray(head * keyWidth, (head + 1) * keyWidth), (head * this.#length + position) * keyWidth);
      }
    }
  }

  *#names(): Generator<{ past: string; present: string }> {
    for (let layer = 0; layer < this.#runner.config.decoderLayers; layer += 1) {
      for (const part of ['key', 'value'] as const) yield { past: cacheName('past', part, layer), present: cacheName('present', part, layer) };
    }
  }
}

export interface CandidateScores {
  /** f32[b, c], summed log-probability of every candidate's tokens. */
  readonly sums: Float32Array;
  /** Tokens per candidate; sums divided by them are length-normalised. */
  readonly tokens: readonly number[];
}

/** @param candidates target ids per candidate answer, as the training target would be. */
export async function scoreCandidates(runner: ModelRunner, encoded: EncodedSource, candidates: readonly (readonly number[])[]): Promise<CandidateScores> {
  const target = Math.max(...candidates.map((candidate) => candidate.length));
  const { decoderIds, targetIds, targetWeights } = targetFeeds(candidates, target, { startId: runner.config.decoderStartId, weight: 1 });
  const feeds = { candidateDecoderIds: decoderIds, candidateIds: targetIds, candidateWeights: targetWeights };
  const sums = await runner.score(encoded, { candidates: candidates.length, target }, feeds);
  return { sums, tokens: candidates.map((candidate) => candidate.length) };
}
