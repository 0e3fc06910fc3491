/** Quora Question Pairs. */
import type { TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const question1Names = ['question1'] as const;
const question2Names = ['question2'] as const;
const labelRule = { names: ['label', 'is_duplicate'], labels: ['not_duplicate', 'duplicate'] } as const;

export const qqp: TaskFormat = {
  id: 'qqp',
  title: 'QQP: do the questions ask the same?',
  reference: 'Iyer et al. 2017; GLUE (Wang et al. 2018)',
  labels: labelRule.labels,
  metrics: ['f1', 'accuracy'],
  match(sample) {
    return fitFields(sample, [question1Names, question2Names], labelRule);
  },
  examples(row) {
    const label = readLabel(row, labelRule);
    return [{
      id: readId(row),
      input: joinFields([
        ['question1', readText(row, question1Names)],
        ['question2', readText(row, question2Names)],
      ]),
      target: label === null ? null : (labelRule.labels[label] ?? null),
      label,
      group: null,
      answers: [],
      line: row.line,
    }];
  },
};
