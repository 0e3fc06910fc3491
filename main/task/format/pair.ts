/**
 * Two texts and any classes, for files that no named format fits. The keys are the columns' own where T5 has a form for them
 * (MNLI, QNLI), else sentence1 and sentence2. Without a header: the two texts, then the label.
 */
import type { DataRow, DataSample, LabelWord, TaskFormat } from '../format.ts';
import { type FieldNames, readField, readId, readText } from '../fields.ts';
import { checkLabelWords, labelTextOf, readLabelWord } from '../label-words.ts';
import { joinFields } from '../text.ts';

interface PairColumns {
  keys: readonly [string, string];
  first: FieldNames;
  second: FieldNames;
}

const pairs: readonly PairColumns[] = [
  { keys: ['hypothesis', 'premise'], first: ['hypothesis'], second: ['premise'] },
  { keys: ['question', 'sentence'], first: ['question'], second: ['sentence'] },
  { keys: ['question1', 'question2'], first: ['question1'], second: ['question2'] },
  { keys: ['sentence1', 'sentence2'], first: ['sentence1', 'text_a', 'text1', 's1', 'column1'], second: ['sentence2', 'text_b', 'text2', 's2', 'column2'] },
];
const labelNames = ['label', 'gold_label', 'labels', 'class', 'category', 'is_duplicate', 'column3'] as const;
const longestLabel = 32;

const base = {
  id: 'pair',
  title: 'Any classes of two texts',
  reference: 'the form of T5\'s sentence-pair tasks (Raffel et al. 2020)',
  metrics: ['accuracy', 'macro-f1'],
  match,
} as const;

export const pair: TaskFormat = {
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
  const first = sample.rows[0];
  if (first === undefined || readField(first, labelNames) === undefined) return 0;
  if (columnsOf(first) === undefined) return 0;
  if (readField(first, ['column1']) === undefined) return 0.35;
  const labels = sample.rows.map((row) => String(row.values['column3'] ?? ''));
  const isLabelLike = sample.fields.length === 3 && labels.every((label) => label.length <= longestLabel);
  return isLabelLike && new Set(labels).size <= Math.max(2, labels.length / 2) ? 0.2 : 0;
}

function columnsOf(row: DataRow): PairColumns | undefined {
  return pairs.find(({ first, second }) => typeof readField(row, first) === 'string' && typeof readField(row, second) === 'string');
}

function example(row: DataRow, words: readonly LabelWord[]) {
  // A row that fits none is reported by the most general names.
  const columns = columnsOf(row) ?? pairs.at(-1);
  if (columns === undefined) throw new Error('the list of pairs is empty');
  const label = readLabelWord(row, labelNames, words);
  return {
    id: readId(row),
    input: joinFields([[columns.keys[0], readText(row, columns.first)], [columns.keys[1], readText(row, columns.second)]]),
    target: label === null ? null : (words[label]?.word ?? null),
    label,
    group: null,
    answers: [],
    line: row.line,
  };
}
