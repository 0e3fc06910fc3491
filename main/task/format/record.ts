/**
 * ReCoRD: name the entity that fills a gap. SuperGLUE nests queries in a passage with entity positions; the flat copies have
 * one query a row. Training takes one example per distinct right answer, evaluation one per query with all of them.
 * Entities and answers are sorted without repeats, as the published data set does (tensorflow_datasets super_glue 1.0.2).
 */
import { defineFormat } from '../define-format.ts';
import type { DataRow, DataSample, SplitUse, TaskDraft, TaskFormat } from '../format.ts';
import { idPart, isObject, readField, readText, requireCount, requireList, requireObject, requireText, rowProblem } from '../fields.ts';
import { compareByCodePoint, joinFields } from '../text.ts';

export const record: TaskFormat = defineFormat({
  id: 'record',
  title: 'ReCoRD: which entity fills the gap?',
  reference: 'Zhang et al. 2018; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['passage'], kind: 'text' }, { names: ['query'], kind: 'text' }, { names: ['entities'], kind: 'list' }, { names: ['answers'], kind: 'list', isOptional: true }],
  labels: null,
  metrics: ['span-f1', 'span-exact-match'],
  match(sample) {
    return isNested(sample) || isFlat(sample) ? 1 : 0;
  },
  drafts(row, use) {
    return isObject(row.values['passage']) ? nestedExamples(row, use) : flatExamples(row, use);
  },
});

function isNested(sample: DataSample): boolean {
  const values = sample.rows[0]?.values;
  return values !== undefined && isObject(values['passage']) && Array.isArray(values['qas']);
}

function isFlat(sample: DataSample): boolean {
  const values = sample.rows[0]?.values;
  return values !== undefined && typeof values['passage'] === 'string' && typeof values['query'] === 'string' && Array.isArray(values['entities']);
}

interface Query {
  id: string;
  text: string;
  entities: readonly string[];
  passage: string;
  answers: readonly string[];
}

function nestedExamples(row: DataRow, use: SplitUse): TaskDraft[] {
  const passage = requireObject(row, 'passage', row.values['passage']);
  const text = requireText(row, 'passage.text', passage['text']);
  const entities = entityTexts(row, text, requireList(row, 'passage.entities', passage['entities']));
  const passageId = idPart(row.values['idx'], row.index);
  return requireList(row, 'qas', row.values['qas']).flatMap((entry, position) => {
    const query = requireObject(row, `query ${position + 1}`, entry);
    const answers = query['answers'] === undefined ? [] : requireList(row, `answers of query ${position + 1}`, query['answers']);
    return queryExamples(row, use, {
      id: `${passageId}/${idPart(query['idx'], position)}`,
      text: requireText(row, `query ${position + 1}`, query['query']),
      entities,
      passage: text,
      answers: distinct(answers.map((answer) => requireText(row, 'answer', requireObject(row, 'answer', answer)['text']))),
    });
  });
}

function flatExamples(row: DataRow, use: SplitUse): TaskDraft[] {
  const idx = isObject(row.values['idx']) ? row.values['idx'] : {};
  const entities = requireList(row, 'entities', row.values['entities']);
  const answers = row.values['answers'] === undefined ? [] : requireList(row, 'answers', row.values['answers']);
  const hasIds = idx['passage'] !== undefined && idx['query'] !== undefined;
  return queryExamples(row, use, {
    id: hasIds ? `${idPart(idx['passage'], 0)}/${idPart(idx['query'], 0)}` : idPart(readField(row, ['idx']), `row-${row.index}`),
    text: readText(row, ['query']),
    // A flat copy keeps the order that its maker chose.
    entities: entities.map((entity) => requireText(row, 'entity', entity)),
    passage: readText(row, ['passage']),
    answers: [...new Set(answers.map((answer) => requireText(row, 'answer', answer)))],
  });
}

function queryExamples(row: DataRow, use: SplitUse, query: Query): TaskDraft[] {
  const fields = { query: query.text, entities: query.entities, passage: joinHighlights(query.passage) };
  const input = joinFields([['query', fields.query], ['entities', fields.entities.join(', ')], ['passage', fields.passage]]);
  const shared = { input, fields, label: null, group: query.id, answers: query.answers, line: row.line };
  if (use === 'evaluate' || query.answers.length === 0) {
    return [{ ...shared, id: query.id, target: query.answers[0] ?? null }];
  }
  return query.answers.map((answer, position) => ({ ...shared, id: `${query.id}/${position}`, target: answer }));
}

/** A highlight is a sentence of its own: after an end of sentence its mark becomes a space, otherwise a full stop and a space. */
function joinHighlights(passage: string): string {
  return passage.replaceAll(/([.?!"'])\n@highlight\n/g, '$1 ').replaceAll('\n@highlight\n', '. ');
}

/** Positions count code points (the files were written by Python), and `end` is the last one inside. */
function entityTexts(row: DataRow, text: string, entities: readonly unknown[]): string[] {
  const codePoints = /[\ud800-\udfff]/.test(text) ? [...text] : null;
  const length = codePoints?.length ?? text.length;
  return distinct(entities.map((entry, position) => {
    const entity = requireObject(row, `entity ${position + 1}`, entry);
    const start = requireCount(row, `start of entity ${position + 1}`, entity['start']);
    const end = requireCount(row, `end of entity ${position + 1}`, entity['end']);
    if (end < start || end >= length) {
      throw rowProblem(row, 'entity-outside-passage', {
        found: `entity ${position + 1} at characters ${start} to ${end}`,
        expected: `a stretch of the passage, which has ${length} characters`,
        action: 'Correct the positions of the entity.',
      });
    }
    return codePoints === null ? text.slice(start, end + 1) : codePoints.slice(start, end + 1).join('');
  }));
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareByCodePoint);
}
