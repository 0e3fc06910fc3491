/**
 * RACE: one of four options answers a question about an article. RACE's own files have one passage an object (`article`, `questions`,
 * `options`, `answers`); the flat copies have one question a row (`article`, `question`, `options`, `answer`).
 * T5 has no form for it. This one is T5's `key: value` with the article last: what is cut from a long input is then the end of the
 * article, never the question or an option.
 */
import { defineFormat } from '../define-format.ts';
import type { DataRow, DataSample, TaskDraft, TaskFormat } from '../format.ts';
import { readField, readId, readText, requireList, requireText, rowProblem } from '../fields.ts';
import { fitFields, requireLabel } from '../labels.ts';
import { joinFields } from '../text.ts';

const labels = ['A', 'B', 'C', 'D'] as const;

export const race: TaskFormat = defineFormat({
  id: 'race',
  title: 'RACE: which of four options answers a question about an article?',
  reference: 'Lai et al. 2017',
  roles: [{ names: ['article'], kind: 'text' }, { names: ['question'], kind: 'text' }, { names: ['options'], kind: 'list' }, { names: ['answer', 'label'], kind: 'label', isOptional: true }],
  labels,
  metrics: ['accuracy'],
  match(sample) {
    if (isNested(sample)) return 1;
    const hasLists = Array.isArray(sample.rows[0]?.values['options']);
    return hasLists ? fitFields(sample, [['article'], ['question'], ['options']], { names: ['answer', 'label'], labels }) : 0;
  },
  drafts: (row) => (Array.isArray(row.values['questions']) ? passageExamples(row) : [flatExample(row)]),
});

function isNested(sample: DataSample): boolean {
  const values = sample.rows[0]?.values;
  return typeof values?.['article'] === 'string' && Array.isArray(values['questions']) && Array.isArray(values['options']);
}

function passageExamples(row: DataRow): TaskDraft[] {
  const article = readText(row, ['article']);
  const questions = requireList(row, 'questions', row.values['questions']);
  const options = requireSameLength(row, 'options', questions.length);
  // A test file may come without answers.
  const answers = row.values['answers'] === undefined ? [] : requireSameLength(row, 'answers', questions.length);
  return questions.map((question, index) => buildExample(row, {
    id: `${readId(row)}/${index}`,
    article,
    name: `question ${index + 1}`,
    question,
    options: options[index],
    answer: answers[index],
  }));
}

function requireSameLength(row: DataRow, name: string, count: number): readonly unknown[] {
  const list = requireList(row, name, row.values[name]);
  if (list.length === count) return list;
  throw rowProblem(row, 'lists-differ', {
    found: `${list.length} ${name} for ${count} questions`,
    expected: `one of the ${name} for every question`,
    action: 'Complete the passage or remove it.',
  });
}

function flatExample(row: DataRow): TaskDraft {
  return buildExample(row, {
    id: readId(row),
    article: readText(row, ['article']),
    name: 'question',
    question: readText(row, ['question']),
    options: readField(row, ['options']),
    answer: readField(row, ['answer', 'label']),
  });
}

interface QuestionParts {
  id: string;
  article: string;
  /** For messages. */
  name: string;
  question: unknown;
  options: unknown;
  answer: unknown;
}

function buildExample(row: DataRow, { id, article, name, question, options, answer }: QuestionParts): TaskDraft {
  const list = requireList(row, `options of ${name}`, options);
  if (list.length !== labels.length) {
    throw rowProblem(row, 'not-four-options', {
      found: `${list.length} options of ${name}`,
      expected: 'four',
      action: 'Give every question four options, or leave it out.',
    });
  }
  const label = requireLabel(row, answer, labels);
  const questionText = requireText(row, name, question);
  const texts = labels.map((letter, index) => requireText(row, `option ${letter} of ${name}`, list[index]));
  return {
    id,
    input: joinFields([['question', questionText], ...labels.map((letter, index) => [letter, texts[index] ?? ''] as const), ['article', article]]),
    fields: { article, question: questionText, options: texts },
    target: label === null ? null : (labels[label] ?? null),
    label,
    group: null,
    answers: [],
    line: row.line,
  };
}
