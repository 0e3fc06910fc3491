/** Draws from a seeded generator. */
import { createGenerator, type Generator } from '../../main/train/random.ts';

export type Random = Pick<Generator, 'next' | 'integerBelow'>;

/** @param stream numbers independent sequences of one seed. */
export function createRandom(seed: number, stream: number): Generator {
  return createGenerator(seed, 'data-order', stream);
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  if (items.length === 0) throw new Error('nothing to pick from');
  return items[random.integerBelow(items.length)] as Item;
}

/** @returns `count` different items, in random order. */
export function pickSome<Item>(random: Random, items: readonly Item[], count: number): Item[] {
  return shuffle(random, items).slice(0, count);
}

export function shuffle<Item>(random: Random, items: readonly Item[]): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = random.integerBelow(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as Item, shuffled[last] as Item];
  }
  return shuffled;
}

export function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}
