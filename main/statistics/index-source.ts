import { createWordSource, goldenStep, scrambleWord } from '../random/xoshiro.ts';

/** @returns a whole number in 0 … bound − 1; bound is whole, 1 … 2²¹. */
export type IndexSource = (bound: number) => number;

/**
 * Uniform indices from a seed, the same on every machine and in every version: a published interval can be computed again.
 * Words: xoshiro128** (Blackman & Vigna 2018). Its four state words are the first four of SplitMix32 (golden-ratio steps, the finalizer
 * of MurmurHash3), begun at the seed's low 32 bits XOR its high bits. Index: the high part of word × bound, drawn again where the low
 * part falls in the uneven rest (Lemire 2019), so every index is equally likely.
 * @param seed whole, 0 … 2⁵³ − 1.
 */
export function createIndexSource(seed: number): IndexSource {
  const nextWord = createWords(seed);
  return (bound) => {
    // Exact: 32 and 21 bits make 53.
    let product = nextWord() * bound;
    let index = Math.floor(product / 2 ** 32);
    if (product - index * 2 ** 32 < bound) {
      const unevenRest = 2 ** 32 % bound;
      while (product - index * 2 ** 32 < unevenRest) {
        product = nextWord() * bound;
        index = Math.floor(product / 2 ** 32);
      }
    }
    return index;
  };
}

function createWords(seed: number): () => number {
  let mixed = (seed ^ Math.floor(seed / 2 ** 32)) | 0;
  const mix = (): number => {
    mixed = (mixed + goldenStep) | 0;
    return scrambleWord(mixed);
  };
  return createWordSource([mix(), mix(), mix(), mix()]).next;
}
