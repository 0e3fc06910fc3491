/** Choice of Plausible Alternatives; `question` is the word cause or effect. */
import type { TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const choice1Names = ['choice1'] as const;
const choice2Names = ['choice2'] as const;
const premiseNames = ['premise'] as const;
const questionNames = ['question'] as const;
const labelRule = { names: ['label'], labels: ['choice1', 'choice2'] } as const;

export const copa: TaskFormat = {
  id: 'copa',
  title: 'COPA: which choice is the cause or the effect?',
  reference: 'Roemmele et al. 2011; SuperGLUE (Wang et al. 2019)',
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    return fitFields(sample, [choice1Names, choice2Names, premiseNames, questionNames], labelRule);
  },
  examples(row) {
    const label = readLabel(row, labelRule);
    return [{
      id: readId(row),
      input: joinFields([
        ['choice1', readText(row, choice1Names)],
        ['choice2', readText(row, choice2Names)],
        ['premise', readText(row, premiseNames)],
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
