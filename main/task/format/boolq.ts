/** BoolQ. The original release calls the label `answer`, SuperGLUE `label`. */
import type { TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const passageNames = ['passage'] as const;
const questionNames = ['question'] as const;
const labelRule = { names: ['label', 'answer'], labels: ['False', 'True'] } as const;

export const boolq: TaskFormat = {
  id: 'boolq',
  title: 'BoolQ: yes or no questions about a passage',
  reference: 'Clark et al. 2019; SuperGLUE (Wang et al. 2019)',
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    return fitFields(sample, [passageNames, questionNames], labelRule);
  },
  examples(row) {
    const label = readLabel(row, labelRule);
    return [{
      id: readId(row),
      input: joinFields([
        ['passage', readText(row, passageNames)],
        ['question', readText(row, questionNames)],
      ]),
      target: label === null ? null : (labelRule.labels[label] ?? null),
      label,
      group: null,
      answers: [],
      line: row.line,
    }];
  },
};
