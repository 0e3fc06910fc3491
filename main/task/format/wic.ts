/** Word in Context. T5 leaves the character positions of the word out of the text (t5/data/glue_utils.py), and so does this. */
import { defineFormat } from '../define-format.ts';
import type { TaskFormat } from '../format.ts';
import { fitFields, readFlatExample } from '../labels.ts';

const fields = [['sentence1'], ['sentence2'], ['word']] as const;
const labelRule = { names: ['label'], labels: ['False', 'True'] } as const;

export const wic: TaskFormat = defineFormat({
  id: 'wic',
  title: 'WiC: does the word mean the same in both sentences?',
  reference: 'Pilehvar and Camacho-Collados 2019; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['sentence1'], kind: 'text' }, { names: ['sentence2'], kind: 'text' }, { names: ['word'], kind: 'text' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    return fitFields(sample, fields, labelRule);
  },
  drafts: (row) => [readFlatExample(row, fields, labelRule)],
});
