/** Word in Context. T5 leaves the character positions of the word out of the text (t5/data/glue_utils.py), and so does this. */
import type { TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const sentence1Names = ['sentence1'] as const;
const sentence2Names = ['sentence2'] as const;
const wordNames = ['word'] as const;
const labelRule = { names: ['label'], labels: ['False', 'True'] } as const;

export const wic: TaskFormat = {
  id: 'wic',
  title: 'WiC: does the word mean the same in both sentences?',
  reference: 'Pilehvar and Camacho-Collados 2019; SuperGLUE (Wang et al. 2019)',
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    return fitFields(sample, [sentence1Names, sentence2Names, wordNames], labelRule);
  },
  examples(row) {
    const label = readLabel(row, labelRule);
    return [{
      id: readId(row),
      input: joinFields([
        ['sentence1', readText(row, sentence1Names)],
        ['sentence2', readText(row, sentence2Names)],
        ['word', readText(row, wordNames)],
      ]),
      target: label === null ? null : (labelRule.labels[label] ?? null),
      label,
      group: null,
      answers: [],
      line: row.line,
    }];
  },
};
