/** Quora Question Pairs. */
import { defineFormat } from '../define-format.ts';
import type { TaskFormat } from '../format.ts';
import { fitFields, readFlatExample } from '../labels.ts';

const fields = [['question1'], ['question2']] as const;
const labelRule = { names: ['label', 'is_duplicate'], labels: ['not_duplicate', 'duplicate'] } as const;

export const qqp: TaskFormat = defineFormat({
  id: 'qqp',
  title: 'QQP: do the questions ask the same?',
  reference: 'Iyer et al. 2017; GLUE (Wang et al. 2018)',
  roles: [{ names: ['question1'], kind: 'text' }, { names: ['question2'], kind: 'text' }, { names: ['label', 'is_duplicate'], kind: 'label', isOptional: true }],
  labels: labelRule.labels,
  metrics: ['f1', 'accuracy'],
  match(sample) {
    return fitFields(sample, fields, labelRule);
  },
  drafts: (row) => [readFlatExample(row, fields, labelRule)],
});
