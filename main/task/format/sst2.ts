/** SST-2. GLUE's files have a header; the widely copied dev.tsv has none: the sentence, a TAB, 0 or 1. */
import { defineFormat, fieldsOf } from '../define-format.ts';
import type { DataRow, DataSample, TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, namesLabels, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const sentenceNames = ['sentence'] as const;
const labels = ['negative', 'positive'] as const;
const headed = { names: ['label'], labels } as const;
const headless = { names: ['column2'], labels } as const;

export const sst2: TaskFormat = defineFormat({
  id: 'sst2',
  title: 'SST-2: is the review positive or negative?',
  reference: 'Socher et al. 2013; GLUE (Wang et al. 2018)',
  roles: [{ names: ['sentence'], kind: 'text' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels,
  metrics: ['accuracy'],
  match(sample) {
    if (isHeadless(sample)) return fitFields(sample, [['column1'], ['column2']], headless) * 0.5;
    const fit = fitFields(sample, [sentenceNames], headed);
    // CoLA has the same columns; a sentence with a bare 0 or 1 is SST-2 only more likely than not.
    return fit * (namesLabels(sample, headed) ? 1 : 0.6);
  },
  drafts(row) {
    const hasHeader = !Object.hasOwn(row.values, 'column1');
    const label = readLabel(row, hasHeader ? headed : headless);
    const sentence = readSentence(row, { hasHeader });
    return [{
      id: readId(row),
      input: joinFields([['sentence', sentence]]),
      fields: fieldsOf(row, { sentence }, hasHeader ? headed.names : ['column1', ...headless.names]),
      target: label === null ? null : (labels[label] ?? null),
      label,
      group: null,
      answers: [],
      line: row.line,
    }];
  },
});

function readSentence(row: DataRow, { hasHeader }: { hasHeader: boolean }): string {
  return readText(row, hasHeader ? sentenceNames : ['column1']);
}

function isHeadless(sample: DataSample): boolean {
  return sample.fields.length === 2 && sample.fields[0] === 'column1' && sample.fields[1] === 'column2';
}
