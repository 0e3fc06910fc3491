/**
 * Two texts and any classes, for files that no named format fits. The keys are the columns' own where T5 has a form for them
 * (MNLI, QNLI), else sentence1 and sentence2. Without a header: the two texts, then the label.
 */
import { fitHeadless, makeAnyClassesFormat } from '../any-classes.ts';
import type { DataRow, DataSample } from '../format.ts';
import { type FieldNames, readField, readText } from '../fields.ts';
import { joinFields } from '../text.ts';

interface PairColumns {
  keys: readonly [string, string];
  first: FieldNames;
  second: FieldNames;
}

const sentenceNames = [
  ['sentence1', 'text_a', 'text1', 's1', 'column1'],
  ['sentence2', 'text_b', 'text2', 's2', 'column2'],
] as const satisfies readonly [FieldNames, FieldNames];
const pairs: readonly PairColumns[] = [
  { keys: ['hypothesis', 'premise'], first: ['hypothesis'], second: ['premise'] },
  { keys: ['question', 'sentence'], first: ['question'], second: ['sentence'] },
  { keys: ['question1', 'question2'], first: ['question1'], second: ['question2'] },
  { keys: ['sentence1', 'sentence2'], first: sentenceNames[0], second: sentenceNames[1] },
];
const labelNames = ['label', 'gold_label', 'labels', 'class', 'category', 'is_duplicate', 'column3'] as const;

export const pair = makeAnyClassesFormat({
  id: 'pair',
  title: 'Any classes of two texts',
  reference: 'the form of T5\'s sentence-pair tasks (Raffel et al. 2020)',
  roles: [{ names: sentenceNames[0], kind: 'text' }, { names: sentenceNames[1], kind: 'text' }, { names: labelNames, kind: 'label', isOptional: true }],
  metrics: ['accuracy', 'macro-f1'],
  match,
  labelNames,
  inputOf,
});

function match(sample: DataSample): number {
  const first = sample.rows[0];
  if (first === undefined || readField(first, labelNames) === undefined) return 0;
  if (columnsOf(first) === undefined) return 0;
  return readField(first, ['column1']) === undefined ? 0.35 : fitHeadless(sample, 3);
}

function columnsOf(row: DataRow): PairColumns | undefined {
  return pairs.find(({ first, second }) => typeof readField(row, first) === 'string' && typeof readField(row, second) === 'string');
}

function inputOf(row: DataRow): { input: string; texts: Record<string, string> } {
  // A row that fits none is reported by the most general names.
  const columns = columnsOf(row) ?? pairs.at(-1);
  if (columns === undefined) throw new Error('the list of pairs is empty');
  const [sentence1, sentence2] = [readText(row, columns.first), readText(row, columns.second)];
  const named = [[columns.keys[0], sentence1], [columns.keys[1], sentence2]] as const;
  return { input: joinFields(named), texts: { ...Object.fromEntries(named), sentence1, sentence2 } };
}
