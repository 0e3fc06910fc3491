/** Items of a task in three splits: balanced, and no two alike once people and towns are masked, in one split or across them. */
import { createRandom, shuffle } from '../world/index.ts';
import { maskedKey, type Item, type LibraryTask } from './library-task.ts';

export const splitNames = ['train', 'dev', 'test'] as const;
export type SplitName = (typeof splitNames)[number];
export type Splits = Readonly<Record<SplitName, readonly Item[]>>;

/** Draws in vain before a task counts as too small for its sizes. */
const patience = 20_000;

/** @throws {Error} when the task cannot give so many different items. */
export function drawSplits(task: LibraryTask, seed: number): Splits {
  const taken = new Set<string>();
  const random = createRandom(seed, 0);
  const draw = (label: string): Item => {
    for (let attempt = 0; attempt < patience; attempt += 1) {
      const item = task.draw(random, label);
      const key = maskedKey(item);
      if (taken.has(key)) continue;
      taken.add(key);
      return item;
    }
    throw new Error(`${task.id} has too few different items for label ${label}: ${taken.size} so far`);
  };
  const split = (size: number): Item[] => {
    return shuffle(random, Array.from({ length: size }, (_, i) => draw(task.labels[i % task.labels.length] ?? '')));
  };
  // The smaller splits first: should a task run out of items, it is train that says so.
  const [test, dev, train] = [split(task.sizes.test), split(task.sizes.dev), split(task.sizes.train)];
  return { train, dev, test };
}
