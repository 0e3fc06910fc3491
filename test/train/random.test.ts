import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGenerator, restoreGenerator, shuffledIndices, type Generator } from '../../main/train/random.ts';

const word = (value: bigint): bigint => value & 0xffffffffn;
const rotate = (value: bigint, bits: bigint): bigint => word((value << bits) | (value >> (32n - bits)));
const take = (generator: Generator, count: number): number[] => Array.from({ length: count }, () => generator.nextUint32());

describe('a generator', () => {
  it('is xoshiro128**: its words are those of the published algorithm', () => {
    // Blackman & Vigna's xoshiro128starstar.c, stated again in 64-bit whole numbers.
    const s = [1n, 0xdeadbeefn, 0xffffffffn, 7n] as [bigint, bigint, bigint, bigint];
    const expected = Array.from({ length: 200 }, () => {
      const result = word(rotate(word(s[1] * 5n), 7n) * 9n);
      const t = word(s[1] << 9n);
      s[2] ^= s[0];
      s[3] ^= s[1];
      s[1] ^= s[2];
      s[0] ^= s[3];
      s[2] ^= t;
      s[3] = rotate(s[3], 11n);
      return Number(result);
    });
    expect(take(restoreGenerator([1, 0xdeadbeef, 0xffffffff, 7]), 200)).toEqual(expected);
  });

  it('differs by seed, by purpose and by stream, and only by these', () => {
    const words = new Set<string>();
    const seeds = [0, 1, 2, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
    for (const seed of seeds) {
      for (const purpose of ['data-order', 'initialisation', 'dropout'] as const) {
        for (const stream of [0, 1, 2, 10]) {
          words.add(take(createGenerator(seed, purpose, stream), 3).join());
          expect(take(createGenerator(seed, purpose, stream), 3)).toEqual(take(createGenerator(seed, purpose, stream), 3));
        }
      }
    }
    expect(words.size).toBe(seeds.length * 3 * 4);
  });

  it('goes on from its state, also as JSON', () => {
    fc.assert(fc.property(fc.nat(), fc.nat({ max: 50 }), (seed, count) => {
      const generator = createGenerator(seed, 'dropout');
      take(generator, count);
      const state = JSON.parse(JSON.stringify(generator.state())) as ReturnType<Generator['state']>;
      expect(state.every((part) => Number.isInteger(part) && part >= 0 && part < 2 ** 32)).toBe(true);
      expect(take(restoreGenerator(state), 20)).toEqual(take(generator, 20));
    }));
  });

  it('is uniform: every tenth holds its share of 100,000 numbers, every bound its indices', () => {
    for (const seed of [0, 1, 123_456_789]) {
      const generator = createGenerator(seed, 'initialisation');
      const tenths = new Uint32Array(10);
      const sevenths = new Uint32Array(7);
      for (let i = 0; i < 100_000; i += 1) {
        tenths[Math.floor(generator.next() * 10)]! += 1;
        sevenths[generator.integerBelow(7)]! += 1;
      }
      // Five standard deviations of a share.
      for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9000));
      for (const count of sevenths) expect(Math.abs(count - 100_000 / 7)).toBeLessThan(5 * Math.sqrt((100_000 * 6) / 49));
    }
  });
});

describe('shuffled indices', () => {
  it('are each index once, in an order that the generator decides', () => {
    fc.assert(fc.property(fc.nat({ max: 300 }), fc.nat(), (count, seed) => {
      const order = shuffledIndices(count, createGenerator(seed, 'data-order'));
      expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
    }));
    const [first, second] = [0, 1].map((epoch) => [...shuffledIndices(50, createGenerator(3, 'data-order', epoch))]);
    expect(first).not.toEqual(second);
  });

  it('put every element at every place about equally often', () => {
    const places = new Uint32Array(25);
    for (let seed = 0; seed < 5000; seed += 1) {
      for (const [place, index] of shuffledIndices(5, createGenerator(seed, 'data-order')).entries()) places[place * 5 + index]! += 1;
    }
    for (const count of places) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(800));
  });
});
