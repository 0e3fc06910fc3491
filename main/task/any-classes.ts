/** What the formats for any classes share: how classes are bound, and how a label column without a header is told. */
import { defineFormat, fieldsOf } from './define-format.ts';
import type { DataRow, DataSample, LabelWord, TaskDraft, TaskFormat } from './format.ts';
import { readId } from './fields.ts';
import { checkLabelWords, labelTextOf, readLabelWord } from './label-words.ts';

/** A label without a header is told from a text by its length. */
const longestLabel = 32;

interface AnyClassesParts extends Pick<TaskFormat, 'id' | 'title' | 'reference' | 'roles' | 'metrics' | 'match'> {
  labelNames: readonly string[];
  /** The encoder text of a row, and the texts that it is made of by their names. @throws {Problem} as readText. */
  inputOf(row: DataRow): { input: string; texts: Readonly<Record<string, string>> };
}

/** @returns a format without classes, whose `anyClasses.forLabels` binds them. */
export function makeAnyClassesFormat({ labelNames, inputOf, ...base }: AnyClassesParts): TaskFormat {
  const draftsWith = (words: readonly LabelWord[]) => (row: DataRow): TaskDraft[] => {
    const label = readLabelWord(row, labelNames, words);
    const target = label === null ? null : (words[label]?.word ?? null);
    const { input, texts } = inputOf(row);
    return [{ id: readId(row), input, fields: fieldsOf(row, texts, labelNames), target, label, group: null, answers: [], line: row.line }];
  };
  return defineFormat({
    ...base,
    labels: [],
    drafts: draftsWith([]),
    anyClasses: {
      labelOf: (row) => labelTextOf(row, labelNames),
      forLabels(words) {
        checkLabelWords(words);
        return defineFormat({ ...base, labels: words.map(({ word }) => word), drafts: draftsWith(words) });
      },
    },
  });
}

/** How well a sample without a header fits `columns` columns of which the last is the label, 0 to 1. */
export function fitHeadless(sample: DataSample, columns: number): number {
  const labels = sample.rows.map((row) => String(row.values[`column${columns}`] ?? ''));
  const isLabelLike = sample.fields.length === columns && labels.every((label) => label.length <= longestLabel);
  return isLabelLike && new Set(labels).size <= Math.max(2, labels.length / 2) ? 0.2 : 0;
}
