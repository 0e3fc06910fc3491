/**
 * One text and any classes, for files that no named format fits: CSV, TSV or JSON with a text column and a label column.
 * Without a header: the text, then the label. The model reads `sentence: …` whatever the column is called.
 */
import type { DataRow, DataSample, LabelWord, TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { checkLabelWords, labelTextOf, readLabelWord } from '../label-words.ts';
import { joinFields } from '../text.ts';

const textNames = ['sentence', 'text', 'text_a', 'review', 'content', 'comment', 'column1'] as const;
const labelNames = ['label', 'labels', 'class', 'category', 'polarity', 'sentiment', 'rating', 'stars', 'target', 'column2'] as const;
/** A label without a header is told from a text by its length. */
const longestLabel = 32;

const base = {
  id: 'classification',
  title: 'Any classes of one text',
  reference: 'the form of T5\'s single-sentence tasks (Raffel et al. 2020)',
  metrics: ['accuracy', 'macro-f1'],
  match,
} as const;

export const classification: TaskFormat = {
  ...base,
  labels: [],
  examples: (row) => [example(row, [])],
  anyClasses: { labelOf: (row) => labelTextOf(row, labelNames), forLabels },
};

function forLabels(words: readonly LabelWord[]): TaskFormat {
  checkLabelWords(words);
  return { ...base, labels: words.map(({ word }) => word), examples: (row) => [example(row, words)] };
}

function match(sample: DataSample): number {
  const fields = new Set(sample.fields.map((name) => name.toLowerCase()));
  const hasBoth = [textNames, labelNames].every((names) => names.some((name) => fields.has(name)));
  if (!hasBoth) return 0;
  if (!fields.has('column1') || !fields.has('column2')) return 0.3;
  const labels = sample.rows.map((row) => String(row.values['column2'] ?? ''));
  const isLabelLike = sample.fields.length === 2 && labels.every((label) => label.length <= longestLabel);
  return isLabelLike && new Set(labels).size <= Math.max(2, labels.length / 2) ? 0.2 : 0;
}

function example(row: DataRow, words: readonly LabelWord[]) {
  const label = readLabelWord(row, labelNames, words);
  return {
    id: readId(row),
    input: joinFields([['sentence', readText(row, textNames)]]),
    target: label === null ? null : (words[label]?.word ?? null),
    label,
    group: null,
    answers: [],
    line: row.line,
  };
}
