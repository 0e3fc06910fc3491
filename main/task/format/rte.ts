/** Recognizing Textual Entailment, in SuperGLUE's field names. */
import { defineFormat } from '../define-format.ts';
import type { TaskFormat } from '../format.ts';
import { fitFields, namesLabels, readFlatExample } from '../labels.ts';

const fields = [['hypothesis'], ['premise']] as const;
const labelRule = { names: ['label'], labels: ['entailment', 'not_entailment'] } as const;

export const rte: TaskFormat = defineFormat({
  id: 'rte',
  title: 'RTE: does the premise entail the hypothesis?',
  reference: 'Dagan et al. 2005 and later; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['hypothesis'], kind: 'text' }, { names: ['premise'], kind: 'text' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    // Class numbers alone could as well be CB's.
    return fitFields(sample, fields, labelRule) * (namesLabels(sample, labelRule) ? 1 : 0.75);
  },
  drafts: (row) => [readFlatExample(row, fields, labelRule)],
});
