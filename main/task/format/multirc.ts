/**
 * MultiRC: every answer of every question is judged on its own; SuperGLUE nests answers in questions in a passage,
 * the flat copies have one answer a row. One example per answer, grouped by question.
 */
import { defineFormat } from '../define-format.ts';
import type { DataRow, DataSample, TaskDraft, TaskFormat } from '../format.ts';
import { idPart, isObject, readField, readText, requireList, requireObject, requireText } from '../fields.ts';
import { fitFields, requireLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const labels = ['False', 'True'] as const;

export const multirc: TaskFormat = defineFormat({
  id: 'multirc',
  title: 'MultiRC: which answers to a question about a paragraph are right?',
  reference: 'Khashabi et al. 2018; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['paragraph'], kind: 'text' }, { names: ['question'], kind: 'text' }, { names: ['answer'], kind: 'text' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels,
  metrics: ['f1a', 'question-exact-match'],
  match(sample) {
    if (isNested(sample)) return 1;
    return fitFields(sample, [['paragraph'], ['question'], ['answer']], { names: ['label'], labels });
  },
  drafts(row) {
    return isObject(row.values['passage']) ? nestedExamples(row) : [flatExample(row)];
  },
});

function isNested(sample: DataSample): boolean {
  const passage = sample.rows[0]?.values['passage'];
  return isObject(passage) && Array.isArray(passage['questions']);
}

function nestedExamples(row: DataRow): TaskDraft[] {
  const passage = requireObject(row, 'passage', row.values['passage']);
  const paragraph = requireText(row, 'passage.text', passage['text']);
  const passageId = idPart(row.values['idx'], row.index);
  return requireList(row, 'passage.questions', passage['questions']).flatMap((entry, questionIndex) => {
    const question = requireObject(row, `question ${questionIndex + 1}`, entry);
    const questionText = requireText(row, `question ${questionIndex + 1}`, question['question']);
    const group = `${passageId}/${idPart(question['idx'], questionIndex)}`;
    return requireList(row, `answers of question ${questionIndex + 1}`, question['answers']).map((item, answerIndex) => {
      const answer = requireObject(row, `answer ${answerIndex + 1} of question ${questionIndex + 1}`, item);
      const answerText = requireText(row, `answer ${answerIndex + 1} of question ${questionIndex + 1}`, answer['text']);
      return buildExample(row, {
        id: `${group}/${idPart(answer['idx'], answerIndex)}`,
        group,
        texts: [questionText, answerText, paragraph],
        label: answer['label'],
      });
    });
  });
}

function flatExample(row: DataRow): TaskDraft {
  const idx = isObject(row.values['idx']) ? row.values['idx'] : {};
  const paragraph = readText(row, ['paragraph']);
  const question = readText(row, ['question']);
  const hasIds = idx['paragraph'] !== undefined && idx['question'] !== undefined;
  // Without ids the question is the group: equal texts are the same question.
  const group = hasIds ? `${idPart(idx['paragraph'], 0)}/${idPart(idx['question'], 0)}` : JSON.stringify([paragraph, question]);
  return buildExample(row, {
    id: hasIds ? `${group}/${idPart(idx['answer'], row.index)}` : `row-${row.index}`,
    group,
    texts: [question, readText(row, ['answer']), paragraph],
    label: readField(row, ['label']),
  });
}

function buildExample(row: DataRow, parts: { id: string; group: string; texts: [string, string, string]; label: unknown }): TaskDraft {
  const [question = '', answer = '', paragraph = ''] = parts.texts.map(withoutMarkup);
  const label = requireLabel(row, parts.label, labels);
  return {
    id: parts.id,
    input: joinFields([['question', question], ['answer', answer], ['paragraph', paragraph]]),
    fields: { question, answer, paragraph },
    target: label === null ? null : (labels[label] ?? null),
    label,
    group: parts.group,
    answers: [],
    line: row.line,
  };
}

/** HTML of the source: line breaks become spaces, bold marks go. */
function withoutMarkup(text: string): string {
  return text.replaceAll('<br>', ' ').replaceAll(/<\/?b>/g, '');
}
