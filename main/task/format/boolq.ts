/** BoolQ. The original release calls the label `answer`, SuperGLUE `label`. */
import { defineFormat } from '../define-format.ts';
import type { TaskFormat } from '../format.ts';
import { fitFields, readFlatExample } from '../labels.ts';

const fields = [['passage'], ['question']] as const;
const labelRule = { names: ['label', 'answer'], labels: ['False', 'True'] } as const;

export const boolq: TaskFormat = defineFormat({
  id: 'boolq',
  title: 'BoolQ: yes or no questions about a passage',
  reference: 'Clark et al. 2019; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['passage'], kind: 'text' }, { names: ['question'], kind: 'text' }, { names: ['label', 'answer'], kind: 'label', isOptional: true }],
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    return fitFields(sample, fields, labelRule);
  },
  drafts: (row) => [readFlatExample(row, fields, labelRule)],
});
