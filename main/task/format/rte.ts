/** Recognizing Textual Entailment, in SuperGLUE's field names. */
import type { TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, namesLabels, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const hypothesisNames = ['hypothesis'] as const;
const premiseNames = ['premise'] as const;
const labelRule = { names: ['label'], labels: ['entailment', 'not_entailment'] } as const;

export const rte: TaskFormat = {
  id: 'rte',
  title: 'RTE: does the premise entail the hypothesis?',
  reference: 'Dagan et al. 2005 and later; SuperGLUE (Wang et al. 2019)',
  labels: labelRule.labels,
  metrics: ['accuracy'],
  match(sample) {
    // Class numbers alone could as well be CB's.
    return fitFields(sample, [hypothesisNames, premiseNames], labelRule) * (namesLabels(sample, labelRule) ? 1 : 0.75);
  },
  examples(row) {
    const label = readLabel(row, labelRule);
    return [{
      id: readId(row),
      input: joinFields([
        ['hypothesis', readText(row, hypothesisNames)],
        ['premise', readText(row, premiseNames)],
      ]),
      target: label === null ? null : (labelRule.labels[label] ?? null),
      label,
      group: null,
      answers: [],
      line: row.line,
    }];
  },
};
