/** Whether the first row of a CSV or TSV file names the columns, and the names. */
import { Problem } from '../../contract/problem.ts';

/** Column names of published data sets, in lower case. */
const knownNames = new Set([
  'label', 'labels', 'class', 'category', 'target', 'gold_label', 'polarity', 'sentiment', 'rating', 'stars', 'quality', 'is_duplicate', 'answer',
  'sentence', 'sentence1', 'sentence2', 'question', 'question1', 'question2', 'passage', 'premise', 'hypothesis', 'paragraph', 'query',
  'text', 'text1', 'text2', 'text_a', 'text_b', 's1', 's2', '#1 string', '#2 string', 'review', 'content', 'comment', 'word', 'choice1', 'choice2',
  'idx', 'id', 'index', 'guid',
]);

/** Longer than any column name, shorter than most sentences. */
const longestName = 64;

/**
 * A first row is a header when one of its cells is a name that data sets use and none is a number; or when, in some column, every
 * following row has a number and the first row has a word. Otherwise it is data: a guess would silently lose an example.
 * @param following rows after the first, as a sample.
 */
export function isHeader(first: readonly string[], following: readonly (readonly string[])[]): boolean {
  const cells = first.map((cell) => cell.trim());
  if (cells.some((cell) => isNumber(cell) || cell.length > longestName)) return false;
  if (cells.some((cell) => knownNames.has(cell.toLowerCase()))) return true;
  if (following.length < 2) return false;
  return cells.some((cell, column) => cell !== '' && following.every((row) => isNumber(row[column]?.trim() ?? '')));
}

function isNumber(text: string): boolean {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text);
}

/**
 * Column names from a header; an empty cell (pandas writes one for its index) becomes `column<n>` and is reported.
 * @throws {Problem} `duplicate-column`.
 */
export function columnNames(header: readonly string[], place: { file: string; line: number }, onUnnamed: (column: number) => void): string[] {
  const names: string[] = [];
  for (const [index, cell] of header.entries()) {
    const name = cell.trim();
    if (name === '') onUnnamed(index + 1);
    const unique = name === '' ? `column${index + 1}` : name;
    const earlier = names.indexOf(unique);
    if (earlier !== -1) {
      throw new Problem({
        code: 'duplicate-column',
        found: `the name "${unique}" over columns ${earlier + 1} and ${index + 1}`,
        expected: 'a different name for every column',
        action: 'Rename or remove one of the columns.',
        place,
      });
    }
    names.push(unique);
  }
  return names;
}

/** `column1`, `column2`, … for a file without a header. */
export function numberedNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `column${index + 1}`);
}
