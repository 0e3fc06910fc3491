/**
 * Seeded generators, one per purpose, so that changing how often one is asked never moves another.
 * Algorithm: xoshiro128** (Blackman & Vigna 2018), seeded through SplitMix32 from the run's seed and the purpose's name.
 */
import type { UniformSource } from '../method/method.ts';

export type Purpose = 'data-order' | 'initialisation' | 'dropout' | 'sampling' | 'shots';

/** Four 32-bit words: what a checkpoint stores. */
export type GeneratorState = readonly [number, number, number, number];

export interface Generator extends UniformSource {
  /** Uniform in 0 … 2³² − 1. */
  nextUint32(): number;
  state(): GeneratorState;
}

/** @param stream distinguishes generators of one purpose, for example the epoch. */
export function createGenerator(seed: number, purpose: Purpose, stream = 0): Generator {
  let mixed = (seed >>> 0) ^ 0x9e3779b9;
  const mix = (): number => {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let z = mixed;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  mixed = (mix() ^ Math.floor(seed / 2 ** 32)) >>> 0;
  for (const character of `${purpose}/${stream}`) mixed = (mix() ^ (character.codePointAt(0) ?? 0)) >>> 0;
  return restoreGenerator([mix(), mix(), mix(), mix() | 1]);
}

export function restoreGenerator(state: GeneratorState): Generator {
  let [a, b, c, d] = state;
  const nextUint32 = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
  return {
    nextUint32,
    next: () => nextUint32() / 2 ** 32,
    // The product's high part: unbiased enough for bounds far below 2³².
    integerBelow: (bound) => Math.floor((nextUint32() / 2 ** 32) * bound),
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** @returns 0 … count − 1 in random order. */
export function shuffledIndices(count: number, random: UniformSource): Int32Array {
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last -= 1) {
    const pick = random.integerBelow(last + 1);
    const held = indices[last] as number;
    indices[last] = indices[pick] as number;
    indices[pick] = held;
  }
  return indices;
}
