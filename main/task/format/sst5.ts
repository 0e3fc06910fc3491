/**
 * SST-5, the Stanford sentiment treebank with five grades. Three forms: a header over `sentence` and `label`; a sentence, a TAB and the
 * grade without a header; and the widely copied text form of a grade, a space and the sentence.
 */
import { defineFormat, fieldsOf } from '../define-format.ts';
import type { DataRow, DataSample, TaskFormat } from '../format.ts';
import { readId, readText, rowProblem, shown } from '../fields.ts';
import { labelShare, namesLabels, readLabel, requireLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const labels = ['very negative', 'negative', 'neutral', 'positive', 'very positive'] as const;
const headed = { names: ['label'], labels } as const;
const headless = { names: ['column2'], labels } as const;
/** A few broken rows are to be told as such; more are another task's labels. */
const leastLegal = 0.9;
const gradeFirst = /^([0-4])\s+(\S.*)$/s;

export const sst5: TaskFormat = defineFormat({
  id: 'sst5',
  title: 'SST-5: how positive is the review, in five grades?',
  reference: 'Socher et al. 2013',
  roles: [{ names: ['sentence'], kind: 'text' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels,
  metrics: ['accuracy'],
  match(sample) {
    const { rows, fields } = sample;
    if (fields.length === 1 && fields[0] === 'column1') return share(rows, (row) => gradeFirst.test(String(row.values['column1']))) * 0.5;
    const hasHeader = fields.some((name) => name.toLowerCase() === 'sentence');
    const isHeadless = fields.length === 2 && fields[0] === 'column1' && fields[1] === 'column2';
    if (!hasHeader && !isHeadless) return 0;
    const rule = hasHeader ? headed : headless;
    if (namesOwnLabels(sample)) return labelShare(sample, rule);
    // SST-2's numbers are grades too; only the highest grade tells them apart, and in 50 rows it is always there.
    const hasHighest = rows.some((row) => String(row.values[rule.names[0]]).trim() === '4');
    const legal = labelShare(sample, rule);
    return hasHighest && legal >= leastLegal ? legal * (hasHeader ? 0.6 : 0.5) : 0;
  },
  drafts(row) {
    const { sentence, label } = readGrade(row);
    return [{
      id: readId(row),
      input: joinFields([['sentence', sentence]]),
      fields: fieldsOf(row, { sentence }, ['column1', ...headed.names, ...headless.names]),
      target: label === null ? null : (labels[label] ?? null),
      label,
      group: null,
      answers: [],
      line: row.line,
    }];
  },
});

function namesOwnLabels(sample: DataSample): boolean {
  return namesLabels(sample, { names: headed.names, labels: ['very negative', 'neutral', 'very positive'] });
}

function share(rows: readonly DataRow[], fits: (row: DataRow) => boolean): number {
  return rows.length === 0 ? 0 : rows.filter(fits).length / rows.length;
}

function readGrade(row: DataRow): { sentence: string; label: number | null } {
  if (!Object.hasOwn(row.values, 'column1')) return { sentence: readText(row, ['sentence']), label: readLabel(row, headed) };
  const text = readText(row, ['column1']);
  if (Object.hasOwn(row.values, 'column2')) return { sentence: text, label: readLabel(row, headless) };
  const parts = gradeFirst.exec(text);
  if (parts !== null) return { sentence: parts[2] ?? '', label: requireLabel(row, parts[1], labels) };
  throw rowProblem(row, 'label-not-allowed', {
    found: shown(text),
    expected: 'a grade from 0 to 4, a space and the sentence',
    action: 'Correct the row, or choose the task format that fits the file.',
  });
}
