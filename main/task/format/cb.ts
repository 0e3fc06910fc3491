/** CommitmentBank. Class ids in the order of the published data set: entailment, contradiction, neutral. */
import { defineFormat } from '../define-format.ts';
import type { TaskFormat } from '../format.ts';
import { fitFields, namesLabels, readFlatExample } from '../labels.ts';

const fields = [['hypothesis'], ['premise']] as const;
const labelRule = { names: ['label', 'gold_label'], labels: ['entailment', 'contradiction', 'neutral'] } as const;

export const cb: TaskFormat = defineFormat({
  id: 'cb',
  title: 'CommitmentBank: does the speaker commit to the hypothesis?',
  reference: 'de Marneffe et al. 2019; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['hypothesis'], kind: 'text' }, { names: ['premise'], kind: 'text' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels: labelRule.labels,
  metrics: ['macro-f1', 'accuracy'],
  match(sample) {
    // Class numbers alone could as well be RTE's.
    return fitFields(sample, fields, labelRule) * (namesLabels(sample, labelRule) ? 1 : 0.7);
  },
  drafts: (row) => [readFlatExample(row, fields, labelRule)],
});
