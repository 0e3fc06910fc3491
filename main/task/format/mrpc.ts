/** Microsoft Research Paraphrase Corpus, in the column names of GLUE's TSV or of the JSON and CSV copies. */
import type { TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, namesLabels, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const sentence1Names = ['sentence1', '#1 String'] as const;
const sentence2Names = ['sentence2', '#2 String'] as const;
const labelRule = { names: ['label', 'Quality'], labels: ['not_equivalent', 'equivalent'] } as const;

export const mrpc: TaskFormat = {
  id: 'mrpc',
  title: 'MRPC: do the sentences say the same?',
  reference: 'Dolan and Brockett 2005; GLUE (Wang et al. 2018)',
  labels: labelRule.labels,
  metrics: ['f1', 'accuracy'],
  match(sample) {
    const fit = fitFields(sample, [sentence1Names, sentence2Names], labelRule);
    // Two sentences and 0 or 1 are many tasks' form; only the label's name or MRPC's own column names tell.
    return sample.fields.includes('#1 String') || namesLabels(sample, labelRule) ? fit : fit * 0.3;
  },
  examples(row) {
    const label = readLabel(row, labelRule);
    return [{
      id: readId(row),
      input: joinFields([
        ['sentence1', readText(row, sentence1Names)],
        ['sentence2', readText(row, sentence2Names)],
      ]),
      target: label === null ? null : (labelRule.labels[label] ?? null),
      label,
      group: null,
      answers: [],
      line: row.line,
    }];
  },
};
