/** Choice of Plausible Alternatives; `question` is the word cause or effect. */
import { defineFormat } from '../define-format.ts';
import type { TaskFormat } from '../format.ts';
import { fitFields, readFlatExample } from '../labels.ts';

const fields = [['choice1'], ['choice2'], ['premise'], ['question']] as const;
const labelRule = { names: ['label'], labels: ['choice1', 'choice2'] } as const;

export const copa: TaskFormat = defineFormat({
  id: 'copa',
  title: 'COPA: which choice is the cause or the effect?',
  reference: 'Roemmele et al. 2011; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['choice1'], kind: 'text' }, { names: ['choice2'], kind: 'text' }, { names: ['premise'], kind: 'text' }, { names: ['question'], kind: 'text' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    return fitFields(sample, fields, labelRule);
  },
  drafts: (row) => [readFlatExample(row, fields, labelRule)],
});
