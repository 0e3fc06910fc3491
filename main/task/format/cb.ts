/** CommitmentBank. Class ids in the order of the published data set: entailment, contradiction, neutral. */
import type { TaskFormat } from '../format.ts';
import { readId, readText } from '../fields.ts';
import { fitFields, namesLabels, readLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const hypothesisNames = ['hypothesis'] as const;
const premiseNames = ['premise'] as const;
const labelRule = { names: ['label', 'gold_label'], labels: ['entailment', 'contradiction', 'neutral'] } as const;

export const cb: TaskFormat = {
  id: 'cb',
  title: 'CommitmentBank: does the speaker commit to the hypothesis?',
  reference: 'de Marneffe et al. 2019; SuperGLUE (Wang et al. 2019)',
  labels: labelRule.labels,
  metrics: ['macro-f1', 'accuracy'],
  match(sample) {
    // Class numbers alone could as well be RTE's.
    return fitFields(sample, [hypothesisNames, premiseNames], labelRule) * (namesLabels(sample, labelRule) ? 1 : 0.7);
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
