/**
 * WSC as T5 does it (`wsc_simple`): the model names what the marked pronoun refers to. Training takes only pairs that are right;
 * evaluation takes all, and an answer counts when "it names the given referent" agrees with the label.
 */
import { defineFormat, fieldsOf } from '../define-format.ts';
import type { DataRow, TaskFormat } from '../format.ts';
import { isObject, readField, readId, readText, requireCount, requireText, rowProblem, shown } from '../fields.ts';
import { requireLabel } from '../labels.ts';

/** Characters around a pronoun that still belong to its word. */
const longestPunctuation = 32;
const pairLabels = ['False', 'True'] as const;

export const wsc: TaskFormat = defineFormat({
  id: 'wsc',
  title: 'WSC: what does the pronoun refer to?',
  reference: 'Levesque et al. 2012; SuperGLUE (Wang et al. 2019)',
  roles: [{ names: ['text'], kind: 'text' }, { names: ['span1_text'], kind: 'text' }, { names: ['span2_text'], kind: 'text' }, { names: ['span2_index'], kind: 'number' }, { names: ['label'], kind: 'label', isOptional: true }],
  labels: null,
  metrics: ['referent-accuracy'],
  match(sample) {
    const values = sample.rows[0]?.values;
    if (values === undefined || typeof values['text'] !== 'string') return 0;
    const spans = isObject(values['target']) ? values['target'] : values;
    return ['span1_text', 'span2_text', 'span2_index'].every((name) => spans[name] !== undefined) ? 1 : 0;
  },
  drafts(row, use) {
    const text = readText(row, ['text']);
    // SuperGLUE nests the spans under `target`; the flat copies do not.
    const spans = isObject(row.values['target']) ? row.values['target'] : row.values;
    const referent = requireText(row, 'span1_text', spans['span1_text']);
    const pronoun = requireText(row, 'span2_text', spans['span2_text']);
    const wordIndex = requireCount(row, 'span2_index', spans['span2_index']);
    const label = requireLabel(row, readField(row, ['label']), pairLabels);
    const input = markPronoun(row, { text, pronoun, wordIndex });
    if (use === 'train' && label === 0) return [];
    const target = label === null ? null : referent;
    // The referent is the answer; a pattern may name it behind ||| alone, as answers.
    const fields = fieldsOf(row, { text, pronoun, marked_text: input }, ['label', 'target', 'span1_text', 'span1_index']);
    return [{ id: readId(row), input, fields, target, label, group: null, answers: [referent], line: row.line }];
  },
});

interface Word {
  start: number;
  text: string;
}

/**
 * The text with `*it*` at the pronoun; punctuation behind it is set off by a space, as in T5's form.
 * The index counts words between single spaces (T5), else between any white space. SuperGLUE's training file has a row whose
 * index is one off, which T5 corrects by hand; so a neighbour that is the pronoun is taken too.
 */
function markPronoun(row: DataRow, { text, pronoun, wordIndex }: { text: string; pronoun: string; wordIndex: number }): string {
  const wanted = pronoun.trim().toLowerCase();
  const atIndex = wordAt(text, wordIndex, / /g);
  const candidates = [atIndex, wordAt(text, wordIndex + (/^\s/.test(text) ? 1 : 0), /\s+/g), wordAt(text, wordIndex - 1, / /g), wordAt(text, wordIndex + 1, / /g)];
  for (const word of candidates) {
    if (word === undefined || word.text.length > wanted.length + longestPunctuation) continue;
    const { before, core, behind } = splitWord(word.text);
    if (core.toLowerCase() !== wanted) continue;
    const marked = `${before}*${core}*${behind === '' ? '' : ` ${behind}`}`;
    return `${text.slice(0, word.start)}${marked}${text.slice(word.start + word.text.length)}`;
  }
  throw rowProblem(row, 'pronoun-not-at-index', {
    found: `${shown(atIndex?.text)} as word ${wordIndex} (counted from 0)`,
    expected: `the pronoun ${shown(pronoun)} there`,
    action: 'Correct span2_index or span2_text.',
  });
}

function wordAt(text: string, index: number, separator: RegExp): Word | undefined {
  let start = 0;
  let position = 0;
  for (const match of text.matchAll(separator)) {
    if (position === index) return { start, text: text.slice(start, match.index) };
    start = match.index + match[0].length;
    position += 1;
  }
  return position === index ? { start, text: text.slice(start) } : undefined;
}

/** A word and the punctuation around it. Callers bound its length: the pattern is quadratic in a run of punctuation. */
function splitWord(word: string): { before: string; core: string; behind: string } {
  const match = /^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/su.exec(word);
  return { before: match?.[1] ?? '', core: match?.[2] ?? '', behind: match?.[3] ?? '' };
}
