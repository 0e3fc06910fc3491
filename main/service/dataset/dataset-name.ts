/** Names of data sets, and how a run names one: `dataset:NAME@VERSION/SPLIT`. */
import { Problem } from '../../contract/problem.ts';
import type { DatasetKey } from '../../store/datasets-table.ts';

const plainName = /^[\p{L}\p{M}\p{N}]+(?:[._-]+[\p{L}\p{M}\p{N}]+)*$/u;
const longestName = 100;

/** What stands before a reference, so that it is never taken for a path. */
export const datasetPrefix = 'dataset:';

/** @throws {Problem} `dataset-name-invalid` */
export function parseDatasetName(text: string): string {
  return parse(text, 'a data set');
}

/** @throws {Problem} `dataset-name-invalid` */
export function parseSplitName(text: string): string {
  return parse(text, 'a split');
}

function parse(text: string, what: string): string {
  const name = text.normalize('NFC');
  if (name.length <= longestName && plainName.test(name)) return name;
  throw new Problem({
    code: 'dataset-name-invalid', found: `${JSON.stringify(text.slice(0, 80))} as the name of ${what}`, expected: `letters and digits with . _ or - between them, at most ${longestName} characters`, action: 'Choose another name.',
  });
}

export interface DatasetReference extends DatasetKey {
  /** Null where the data set has only one. */
  split: string | null;
}

/**
 * `NAME`, `NAME@2`, `NAME/dev`, `NAME@2/dev`, with or without `dataset:`.
 * @throws {Problem} `dataset-reference-invalid`
 */
export function parseDatasetReference(text: string): DatasetReference {
  const bare = text.startsWith(datasetPrefix) ? text.slice(datasetPrefix.length) : text;
  const parts = /^([^@/]+)(?:@([1-9]\d{0,8}))?(?:\/([^@/]+))?$/.exec(bare.normalize('NFC'));
  if (parts?.[1] !== undefined) return { name: parts[1], version: parts[2] === undefined ? null : Number(parts[2]), split: parts[3] ?? null };
  throw new Problem({
    code: 'dataset-reference-invalid', found: JSON.stringify(text.slice(0, 120)), expected: 'NAME, NAME@VERSION, NAME/SPLIT or NAME@VERSION/SPLIT', action: 'See the names with: souffleur datasets list',
  });
}
