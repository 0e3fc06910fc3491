/** Which split of which table a file is, by its path alone. */
import type { SourceFile, SourceTable } from './source-file.ts';

const splitWords = new Map([
  ['train', 'train'], ['training', 'train'],
  ['dev', 'dev'], ['val', 'dev'], ['valid', 'dev'], ['validation', 'dev'], ['eval', 'dev'], ['evaluation', 'dev'],
  ['test', 'test'], ['testing', 'test'],
]);
/** MNLI has two development and two test files. */
const variants = new Set(['matched', 'mismatched']);
const noise = new Set(['data', 'dataset', 'set', 'split', 'file', 'part', 'default', 'original']);
const shard = /[-_.]\d{4,6}(?:-of-\d{4,6})?$/;

interface PlacedFile {
  table: string;
  split: string;
  /** Whether several files of this place follow one another. */
  isShard: boolean;
  file: SourceFile;
}

/** Of a file that no name tells the split of. */
export const onlySplit = 'all';

/** Files as tables with splits; train, dev and test first, tables by name. */
export function arrangeFiles(files: readonly SourceFile[]): SourceTable[] {
  const placed = separateTwins(files.map(placeFile));
  const tables = new Map<string, Map<string, SourceFile[]>>();
  for (const { table, split, file } of placed.toSorted((left, right) => compareLabels(left.file.label, right.file.label))) {
    const splits = tables.get(table) ?? new Map<string, SourceFile[]>();
    tables.set(table, splits);
    splits.set(split, [...(splits.get(split) ?? []), file]);
  }
  return [...tables]
    .toSorted(([left], [right]) => compareLabels(left, right))
    .map(([table, splits]) => ({ table, splits: [...splits].map(([split, files]) => ({ split, files })).toSorted((left, right) => orderOf(left.split) - orderOf(right.split)) }));
}

function placeFile(file: SourceFile): PlacedFile {
  const folders = file.label.split('/');
  const stem = (folders.pop() ?? '').replace(/\.[^.]+$/, '');
  const isShard = shard.test(stem);
  const name = stem.replace(shard, '');
  const named = readSplit(name);
  if (named !== null) return { table: joinTable([...folders, named.rest]), split: named.split, isShard, file };
  const above = readSplit(folders.at(-1) ?? '');
  if (above !== null && above.rest === '') return { table: joinTable(folders.slice(0, -1)), split: above.split, isShard: true, file };
  return { table: joinTable([...folders, name]), split: onlySplit, isShard, file };
}

/** @returns null where no word of the name is a split's. */
function readSplit(name: string): { split: string; rest: string } | null {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const at = words.findIndex((word) => splitWords.has(word));
  if (at === -1) return null;
  const variant = words.find((word) => variants.has(word));
  const rest = words.filter((word, index) => index !== at && !noise.has(word) && word !== variant);
  return { split: `${splitWords.get(words[at] ?? '') ?? onlySplit}${variant === undefined ? '' : `-${variant}`}`, rest: rest.join('-') };
}

function joinTable(parts: readonly string[]): string {
  return parts.filter((part) => part !== '' && !noise.has(part.toLowerCase())).join('/');
}

/** `train.csv` beside `train.jsonl` or `training.csv` is the same split in another form, and not more of it. */
function separateTwins(placed: readonly PlacedFile[]): PlacedFile[] {
  return placed.map((one) => {
    const twins = placed.filter((other) => other.table === one.table && other.split === one.split);
    const isSeries = twins.every(({ isShard, file }) => isShard && extensionOf(file.label) === extensionOf(one.file.label));
    if (twins.length === 1 || isSeries) return one;
    const isAlone = twins.filter(({ file }) => extensionOf(file.label) === extensionOf(one.file.label)).length === 1;
    const difference = isAlone ? extensionOf(one.file.label) : one.file.label.split('/').at(-1) ?? '';
    return { ...one, table: one.table === '' ? difference : `${one.table}.${difference}` };
  });
}

function extensionOf(label: string): string {
  return /\.([^./]+)$/.exec(label)?.[1]?.toLowerCase() ?? '';
}

function orderOf(split: string): number {
  const index = ['train', 'dev', 'test'].indexOf(split.split('-')[0] ?? '');
  return index === -1 ? 3 : index;
}

/** `part-2` before `part-10`. */
function compareLabels(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}
