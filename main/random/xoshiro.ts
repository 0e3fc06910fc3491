/**
 * Random words for everything that has to repeat: xoshiro128** (Blackman & Vigna 2018), seeded through SplitMix32 (golden-ratio steps, the
 * finalizer of MurmurHash3). Only the algorithm is here; who draws what from which seed is said by `main/train/random.ts` (training, sampling)
 * and `main/statistics/index-source.ts` (resampling).
 */

/** Four 32-bit words, not all zero: what a checkpoint stores. */
export type GeneratorState = readonly [number, number, number, number];

export interface WordSource {
  /** Uniform in 0 … 2³² − 1. */
  next(): number;
  state(): GeneratorState;
}

export function createWordSource(state: GeneratorState): WordSource {
  let [a, b, c, d] = state;
  return {
    next: () => {
      const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = rotate(d, 11);
      return result;
    },
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Added to SplitMix32's state before each word. */
export const goldenStep = 0x9e3779b9;

/** SplitMix32's word for a state that was stepped already; 0 … 2³² − 1. */
export function scrambleWord(state: number): number {
  const half = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  const word = Math.imul(half ^ (half >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
