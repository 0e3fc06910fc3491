/** Classes that come from the data or from the person: what the file writes, and the word that the model is to say. */
import { Problem, type ProblemPlace } from '../contract/problem.ts';
import type { DataRow, LabelWord } from './format.ts';
import { listed, readField, rowProblem, shown } from './fields.ts';
import { isUnlabeled } from './labels.ts';
import { compareByCodePoint } from './text.ts';

/** More classes than this is a text or a number in the label column. */
export const mostClasses = 200;

/**
 * The label as the file writes it, trimmed; null where it has none.
 * @throws {Problem} `wrong-type` for a list or an object.
 */
export function labelTextOf(row: DataRow, names: readonly string[]): string | null {
  const value = readField(row, names);
  if (isUnlabeled(value)) return null;
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw rowProblem(row, 'wrong-type', {
    found: `${shown(value)} as the label`,
    expected: 'a text, a number or a boolean',
    action: 'Write one label a row.',
  });
}

/**
 * The class id of the row's label; null for a row without one.
 * @throws {Problem} `label-not-allowed`; `labels-not-bound` when no classes are bound and the row has a label.
 */
export function readLabelWord(row: DataRow, names: readonly string[], words: readonly LabelWord[]): number | null {
  // A person may have named -1 or - as a class.
  const value = readField(row, names);
  const written = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : null;
  const named = words.findIndex((word) => word.value === written);
  if (named !== -1) return named;
  const text = labelTextOf(row, names);
  if (text === null) return null;
  const index = words.findIndex((word) => word.value === text);
  if (index !== -1) return index;
  if (words.length === 0) {
    throw rowProblem(row, 'labels-not-bound', {
      found: 'a label, and no classes given',
      expected: 'the classes of the training file',
      action: 'Give the labels, or read the training file first.',
    });
  }
  throw rowProblem(row, 'label-not-allowed', {
    found: `the label ${shown(text)}`,
    expected: `one of ${listed(words.map((word) => word.value))}`,
    action: 'Correct the label, or give all labels that the task has.',
  });
}

/** @throws {Problem} `too-few-classes`, `too-many-classes`, `repeated-class`. */
export function checkLabelWords(words: readonly LabelWord[]): void {
  if (words.length < 2) {
    throw new Problem({
      code: 'too-few-classes',
      found: words.length === 0 ? 'no class' : `only the class ${shown(words[0]?.value)}`,
      expected: 'at least two',
      action: 'Use a file with several classes, or give all labels that the task has.',
    });
  }
  if (words.length > mostClasses) throw tooManyClasses(words.length);
  for (const part of ['value', 'word'] as const) {
    const seen = new Set<string>();
    for (const word of words) {
      if (word.word.trim() !== '' && !seen.has(word[part])) {
        seen.add(word[part]);
        continue;
      }
      throw new Problem({
        code: 'repeated-class',
        found: word.word.trim() === '' ? `no word for ${shown(word.value)}` : `${shown(word[part])} twice`,
        expected: 'a different value and a different word for every class',
        action: 'Give every class its own word.',
      });
    }
  }
}

/** @param count how many distinct labels were seen before the search stopped. */
export function tooManyClasses(count: number, place: ProblemPlace = {}): Problem {
  return new Problem({
    code: 'too-many-classes',
    found: `${count} or more different labels`,
    expected: `at most ${mostClasses}`,
    action: 'Check which column is the label; without a header it is the last one. Add a header such as sentence, label.',
    place,
  });
}

/** Discovered labels as classes that say what the file says: numbers in their order, anything else by code point. */
export function wordsFromValues(values: Iterable<string>): LabelWord[] {
  const all = [...values];
  const areNumbers = all.every((value) => /^-?\d{1,15}$/.test(value));
  const sorted = all.sort(areNumbers ? (left, right) => Number(left) - Number(right) : compareByCodePoint);
  return sorted.map((value) => ({ value, word: value }));
}
