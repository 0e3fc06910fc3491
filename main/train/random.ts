/**
 * Seeded generators, one per purpose, so that changing how often one is asked never moves another.
 * The algorithm is main/random's, seeded from the run's seed and the purpose's name.
 */
import type { UniformSource } from '../method/method.ts';
import { createWordSource, goldenStep, scrambleWord, type GeneratorState } from '../random/xoshiro.ts';

export type Purpose = 'data-order' | 'initialisation' | 'dropout' | 'sampling' | 'shots' | 'random-prompt';

export interface Generator extends UniformSource {
  /** Uniform in 0 … 2³² − 1. */
  nextUint32(): number;
  state(): GeneratorState;
}

/** @param stream distinguishes generators of one purpose, for example the epoch. */
export function createGenerator(seed: number, purpose: Purpose, stream = 0): Generator {
  let mixed = (seed >>> 0) ^ goldenStep;
  const mix = (): number => {
    mixed = (mixed + goldenStep) >>> 0;
    return scrambleWord(mixed);
  };
  mixed = (mix() ^ Math.floor(seed / 2 ** 32)) >>> 0;
  for (const character of `${purpose}/${stream}`) mixed = (mix() ^ (character.codePointAt(0) ?? 0)) >>> 0;
  return restoreGenerator([mix(), mix(), mix(), mix() | 1]);
}

export function restoreGenerator(state: GeneratorState): Generator {
  const words = createWordSource(state);
  return {
    nextUint32: words.next,
    next: () => words.next() / 2 ** 32,
    // The product's high part: unbiased enough for bounds far below 2³².
    integerBelow: (bound) => Math.floor((words.next() / 2 ** 32) * bound),
    state: words.state,
  };
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
