/** Microsoft Research Paraphrase Corpus, in the column names of GLUE's TSV or of the JSON and CSV copies. */
import { defineFormat } from '../define-format.ts';
import type { TaskFormat } from '../format.ts';
import { fitFields, namesLabels, readFlatExample } from '../labels.ts';

const fields = [['sentence1', '#1 String'], ['sentence2', '#2 String']] as const;
const labelRule = { names: ['label', 'Quality'], labels: ['not_equivalent', 'equivalent'] } as const;

export const mrpc: TaskFormat = defineFormat({
  id: 'mrpc',
  title: 'MRPC: do the sentences say the same?',
  reference: 'Dolan and Brockett 2005; GLUE (Wang et al. 2018)',
  roles: [{ names: ['sentence1', '#1 String'], kind: 'text' }, { names: ['sentence2', '#2 String'], kind: 'text' }, { names: ['label', 'Quality'], kind: 'label', isOptional: true }],
  labels: labelRule.labels,
  metrics: ['f1', 'accuracy'],
  match(sample) {
    const fit = fitFields(sample, fields, labelRule);
    // Two sentences and 0 or 1 are many tasks' form; only the label's name or MRPC's own column names tell.
    return sample.fields.includes('#1 String') || namesLabels(sample, labelRule) ? fit : fit * 0.3;
  },
  drafts: (row) => [readFlatExample(row, fields, labelRule)],
});
