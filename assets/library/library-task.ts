/** What a task of the library is: one file draws its items, `make.ts` balances, deduplicates, splits and writes them. */
import { names, towns, type Random } from '../world/index.ts';

export interface Item {
  /** Balanced over these; one value for tasks without classes. */
  readonly label: string;
  /** One row of the file: an object for JSON Lines, cells for TSV. */
  readonly row: (index: number) => Readonly<Record<string, unknown>>;
  /** The fields by name: masked, they must differ between all items; alone, none may give the label away. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface LibraryTask {
  readonly id: string;
  readonly title: string;
  /** Id of the format in main/task. */
  readonly format: string;
  readonly file: 'jsonl' | 'tsv';
  readonly labels: readonly string[];
  readonly sizes: { readonly train: number; readonly dev: number; readonly test: number };
  /** What the data card says of it. */
  readonly card: string;
  draw(random: Random, label: string): Item;
}

export const standardSizes = { train: 2000, dev: 400, test: 800 } as const;

const proper = new RegExp(`\\b(?:${[...names, ...towns].join('|')})\\b`, 'g');

/** The item without what only looks new: people and towns. */
export function maskedKey({ fields }: Item): string {
  return Object.values(fields).join(' | ').replaceAll(proper, 'N').toLowerCase();
}
