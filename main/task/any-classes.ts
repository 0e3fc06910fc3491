/** What the formats for any classes share: how classes are bound, and how a label column without a header is told. */
import type { DataRow, DataSample, LabelWord, TaskExample, TaskFormat } from './format.ts';
import { readId } from './fields.ts';
import { checkLabelWords, labelTextOf, readLabelWord } from './label-words.ts';

/** A label without a header is told from a text by its length. */
const longestLabel = 32;

interface AnyClassesParts extends Pick<TaskFormat, 'id' | 'title' | 'reference' | 'roles' | 'metrics' | 'match'> {
  labelNames: readonly string[];
  /** The encoder text of a row. @throws {Problem} as readText. */
  inputOf(row: DataRow): string;
}

/** @returns a format without classes, whose `anyClasses.forLabels` binds them. */
export function makeAnyClassesFormat({ labelNames, inputOf, ...base }: AnyClassesParts): TaskFormat {
  const examplesWith = (words: readonly LabelWord[]) => (row: DataRow): TaskExample[] => {
    const label = readLabelWord(row, labelNames, words);
    const target = label === null ? null : (words[label]?.word ?? null);
    return [{ id: readId(row), input: inputOf(row), target, label, group: null, answers: [], line: row.line }];
  };
  return {
    ...base,
    labels: [],
    examples: examplesWith([]),
    anyClasses: {
      labelOf: (row) => labelTextOf(row, labelNames),
      forLabels(words) {
        checkLabelWords(words);
        return { ...base, labels: words.map(({ word }) => word), examples: examplesWith(words) };
      },
    },
  };
}

/** How well a sample without a header fits `columns` columns of which the last is the label, 0 to 1. */
export function fitHeadless(sample: DataSample, columns: number): number {
  const labels = sample.rows.map((row) => String(row.values[`column${columns}`] ?? ''));
  const isLabelLike = sample.fields.length === columns && labels.every((label) => label.length <= longestLabel);
  return isLabelLike && new Set(labels).size <= Math.max(2, labels.length / 2) ? 0.2 : 0;
}
