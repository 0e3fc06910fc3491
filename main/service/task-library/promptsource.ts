/**
 * Templates of promptsource (Bach et al. 2022), translated: Jinja text with `|||` between input and target, and choices of answers. What
 * cannot be said in a pattern is told by name, never dropped.
 */
import { z } from 'zod';
import { Problem } from '../../contract/problem.ts';
import type { Pvp, Verbalizer } from '../../contract/pvp.ts';
import type { TaskFormat } from '../../task/format.ts';
import { findFormat } from '../../task/index.ts';
import { parseNodes, parsePattern } from '../../task/pattern/parse.ts';
import { printPattern } from '../../task/pattern/print.ts';
import { renameNames } from '../../task/pattern/rename.ts';
import { renderPattern } from '../../task/pattern/render.ts';
import type { Expression, PatternNode } from '../../task/pattern/syntax.ts';

export interface Translation {
  /** As promptsource names them; null where the file does not say. */
  dataset: string | null;
  subset: string | null;
  format: string;
  pvps: Pvp[];
  notTranslated: { id: string; name: string; reason: string; action: string }[];
  /** Fields that a pattern names and the format does not have; a file may. */
  unknownFields: { pvp: string; fields: string[] }[];
}

const templateSchema = z.object({
  id: z.string().max(200).optional(),
  name: z.string().min(1).max(1000),
  jinja: z.string(),
  answer_choices: z.string().nullish(),
  reference: z.string().nullish(),
});

const fileSchema = z.object({ dataset: z.string().nullish(), subset: z.string().nullish(), templates: z.record(z.string(), z.unknown()) });

const formats: Readonly<Record<string, string>> = {
  'super_glue/boolq': 'boolq', 'super_glue/cb': 'cb', 'super_glue/copa': 'copa', 'super_glue/multirc': 'multirc', 'super_glue/record': 'record',
  'super_glue/rte': 'rte', 'super_glue/wic': 'wic', 'super_glue/wsc.fixed': 'wsc', 'glue/sst2': 'sst2', 'glue/mrpc': 'mrpc', 'glue/qqp': 'qqp', 'glue/rte': 'rte',
  'race/all': 'race', 'race/high': 'race', 'race/middle': 'race',
};
/** Where a data set calls its label by a name of its own. */
const labelNames: Readonly<Record<string, string>> = { race: 'answer' };

/**
 * @param data the file's content as plain data
 * @param formatId null takes the one of the data set
 * @throws {Problem} `promptsource-form`, `promptsource-format`, `unknown-task-format`
 */
export function translateTemplates(data: unknown, formatId: string | null): Translation {
  const file = fileSchema.safeParse(data);
  if (!file.success) throw wrongForm(file.error.issues[0]?.path.join('.') ?? 'content');
  const { dataset = null, subset = null, templates } = file.data;
  const source = [dataset, subset].filter((part) => part !== null).join('/');
  const format = findFormat(formatId ?? formats[source] ?? raise(unknownFormat(source)));
  const translation: Translation = { dataset, subset, format: format.id, pvps: [], notTranslated: [], unknownFields: [] };
  for (const [key, value] of Object.entries(templates)) {
    const parsed = templateSchema.safeParse(value);
    if (!parsed.success) {
      translation.notTranslated.push({ id: key, name: nameOf(value, key), reason: 'It is no template: name or jinja is missing.', action: 'Correct the file.' });
      continue;
    }
    const template = parsed.data;
    try {
      const pvp = translate(template, { format, key, source, taken: new Set(translation.pvps.map(({ id }) => id)) });
      translation.pvps.push(pvp);
      const unknown = unknownFieldsOf(pvp, format);
      if (unknown.length > 0) translation.unknownFields.push({ pvp: pvp.id, fields: unknown });
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      translation.notTranslated.push({ id: template.id ?? key, name: template.name, reason: `${thrown.found}; expected ${thrown.expected}`, action: thrown.action });
    }
  }
  return translation;
}

type Template = z.infer<typeof templateSchema>;

interface Surroundings {
  format: TaskFormat;
  key: string;
  source: string;
  taken: ReadonlySet<string>;
}

function translate(template: Template, { format, key, source, taken }: Surroundings): Pvp {
  const nodes = ownNames(unwrap(parseNodes(template.jinja, { slots: 'names' })), format);
  const at = nodes.findIndex(({ kind }) => kind === 'separator');
  if (at === -1) throw untranslatable('no ||| outside of conditions', 'input and target with ||| between them', 'Write the pattern by hand.');
  const input = nodes.slice(0, at);
  const target = nodes.slice(at + 1);
  const choices = readChoices(template.answer_choices ?? null, format);
  const verbalizer = format.labels === null ? null : wordsOf(target, { nodes: input, format, choices });
  const pattern = { template: printPattern(trimmed(verbalizer === null ? nodes : input)) };
  parsePattern(pattern.template);
  return {
    id: freeId(template.name, taken),
    title: template.name.slice(0, 200),
    pattern,
    verbalizer,
    answerNote: null,
    provenance: `promptsource, ${source === '' ? 'unnamed data set' : source}, template ${template.id ?? key}${(template.reference ?? '') === '' ? '' : `; ${template.reference ?? ''}`}`.slice(0, 500),
  };
}

/** promptsource leaves rows without a label out by an if around everything; here they are no problem. */
function unwrap(nodes: readonly PatternNode[]): readonly PatternNode[] {
  const [only, ...more] = nodes.filter((node) => node.kind !== 'text' || node.text.trim() !== '');
  if (only?.kind !== 'if' || more.length > 0 || only.branches.length !== 1 || only.otherwise.some((node) => node.kind !== 'text' || node.text.trim() !== '')) return nodes;
  const [branch] = only.branches;
  return branch !== undefined && asksForLabel(branch.test) ? branch.body : nodes;
}

/** `label != -1`, `label >= 0`, `label is defined`. */
function asksForLabel(test: Expression): boolean {
  if (test.kind === 'test') return isName(test.operand, 'label');
  return test.kind === 'binary' && isName(test.left, 'label') && ((test.operator === '!=' && test.right.kind === 'literal' && test.right.value === -1) || test.operator === '>=');
}

function isName(expression: Expression, name: string): boolean {
  return expression.kind === 'name' && expression.name === name;
}

/** A field that is called as a slot is the row's; the data set's name for its label is ours. */
function ownNames(nodes: readonly PatternNode[], format: TaskFormat): PatternNode[] {
  const label = labelNames[format.id];
  return renameNames(nodes, (name) => {
    if (name === label) return { kind: 'name', name: 'label_text' };
    return name === 'answer' || name === 'soft' ? fieldOfRow(name) : null;
  });
}

function fieldOfRow(name: string): Expression {
  return { kind: 'member', object: { kind: 'name', name: 'row' }, key: { kind: 'literal', value: name } };
}

function readChoices(text: string | null, format: TaskFormat): string[] | null {
  if (text === null || text.trim() === '') return null;
  if (/\{[{%]/.test(text)) throw untranslatable('answer choices that differ from row to row', 'the same words in every row', 'Write the pattern by hand, with the choices in its text and fixed words such as A and B.');
  const choices = text.split('|||').map((choice) => choice.trim());
  if (format.labels === null || choices.length === format.labels.length) return choices;
  throw untranslatable(`${choices.length} answer choices`, `${format.labels.length}, one for every label of ${format.id}`, 'Name another task format.');
}

/** The words that the target says for every label, found by saying them: `{{ answer_choices[label] }}`, `{{ ["Yes", "No"][label] }}`, an if, … */
function wordsOf(target: readonly PatternNode[], { nodes, format, choices }: { nodes: readonly PatternNode[]; format: TaskFormat; choices: string[] | null }): Verbalizer {
  // What the input sets, the target may use.
  const settings = nodes.filter(({ kind }) => kind === 'set');
  const labels = (format.labels ?? []).map((label, index) => {
    try {
      const { target: word } = renderPattern([{ kind: 'text', text: 'x' }, ...settings, { kind: 'separator', place: nowhere }, ...target], {
        fields: {}, words: choices, secrets: { label: index, label_text: label, answers: [] },
      });
      return { label, words: [word ?? ''] };
    } catch (thrown) {
      throw thrown instanceof Problem
        ? untranslatable(`a target that depends on more than the label (${thrown.found})`, 'one fixed word for every label', 'Write the pattern by hand.')
        : thrown;
    }
  });
  const words = labels.map(({ words: [word] }) => word ?? '');
  if (words.some((word) => word === '') || new Set(words).size < words.length) {
    throw untranslatable(`the targets ${words.map((word) => JSON.stringify(word)).join(', ')} for the labels`, 'a different word for every label', 'Write the pattern by hand.');
  }
  return { labels };
}

const nowhere = { line: 1, column: 1, source: '' };

/** White space of the template at its ends is never written. */
function trimmed(nodes: readonly PatternNode[]): PatternNode[] {
  return nodes.flatMap((node, index): PatternNode[] => {
    if (node.kind !== 'text') return [node];
    const text = index === 0 ? node.text.trimStart() : node.text;
    const end = index === nodes.length - 1 ? text.trimEnd() : text;
    return end === '' ? [] : [{ kind: 'text', text: end }];
  });
}

function unknownFieldsOf({ pattern }: Pvp, format: TaskFormat): string[] {
  const known = new Set(format.roles.flatMap(({ names }) => names));
  return format.anyClasses === undefined ? parsePattern(pattern.template).fields.filter((field) => !known.has(field)) : [];
}

function freeId(name: string, taken: ReadonlySet<string>): string {
  const base = name.normalize('NFKD').toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-+|-+$/g, '').slice(0, 80) || 'template';
  let id = base;
  for (let number = 2; taken.has(id); number += 1) id = `${base}-${number}`;
  return id;
}

function nameOf(value: unknown, fallback: string): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : null;
  return typeof name === 'string' ? name.slice(0, 200) : fallback;
}

function raise(problem: Error): never {
  throw problem;
}

function untranslatable(found: string, expected: string, action: string): Problem {
  return new Problem({ code: 'promptsource-untranslatable', found, expected, action });
}

function wrongForm(field: string): Problem {
  return new Problem({
    code: 'promptsource-form',
    found: `a file whose ${field.slice(0, 80)} is missing or of another type`,
    expected: 'promptsource’s templates.yaml: dataset, subset and templates',
    action: 'Name such a file; a library of Souffleur is taken by souffleur tasks import.',
  });
}

function unknownFormat(source: string): Problem {
  return new Problem({
    code: 'promptsource-format',
    found: source === '' ? 'templates of no named data set' : `templates of ${source.slice(0, 80)}`,
    expected: `a task format, or one of ${Object.keys(formats).join(', ')}`,
    action: 'Name the task format.',
  });
}
