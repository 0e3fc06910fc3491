/**
 * One text and any classes, for files that no named format fits: CSV, TSV or JSON with a text column and a label column.
 * Without a header: the text, then the label. The model reads `sentence: …` whatever the column is called.
 */
import { fitHeadless, makeAnyClassesFormat } from '../any-classes.ts';
import type { DataSample } from '../format.ts';
import { readText } from '../fields.ts';
import { joinFields } from '../text.ts';

const textNames = ['sentence', 'text', 'text_a', 'review', 'content', 'comment', 'column1'] as const;
const labelNames = ['label', 'labels', 'class', 'category', 'polarity', 'sentiment', 'rating', 'stars', 'target', 'column2'] as const;

export const classification = makeAnyClassesFormat({
  id: 'classification',
  title: 'Any classes of one text',
  reference: 'the form of T5\'s single-sentence tasks (Raffel et al. 2020)',
  roles: [{ names: textNames, kind: 'text' }, { names: labelNames, kind: 'label', isOptional: true }],
  metrics: ['accuracy', 'macro-f1'],
  match,
  labelNames,
  inputOf(row) {
    const sentence = readText(row, textNames);
    return { input: joinFields([['sentence', sentence]]), texts: { sentence } };
  },
});

function match(sample: DataSample): number {
  const fields = new Set(sample.fields.map((name) => name.toLowerCase()));
  const hasBoth = [textNames, labelNames].every((names) => names.some((name) => fields.has(name)));
  if (!hasBoth) return 0;
  return fields.has('column1') && fields.has('column2') ? fitHeadless(sample, 2) : 0.3;
}
