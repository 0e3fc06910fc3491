/** Which word says which label, and what can go wrong with the words before anything is trained. */
import { Problem } from '../../contract/problem.ts';
import type { Verbalizer } from '../../contract/pvp.ts';
import type { PvpFinding } from '../../contract/pvp-finding.ts';
import { listed, shown } from '../fields.ts';

/**
 * The first word of every label, in the labels' order.
 * @param labels null for open answers
 * @throws {Problem} `verbalizer-open-task`, `verbalizer-label-missing`, `verbalizer-word-empty`, `verbalizer-word-repeated`
 */
export function bindWords(labels: readonly string[] | null, verbalizer: Verbalizer | null): readonly string[] | null {
  if (verbalizer === null) return labels;
  if (labels === null) {
    throw new Problem({
      code: 'verbalizer-open-task',
      found: 'words for labels',
      expected: 'none: the answers of this task are open',
      action: 'Leave the verbalizer out.',
    });
  }
  const wordOf = new Map(verbalizer.labels.map(({ label, words }) => [label, words[0]?.trim() ?? '']));
  const missing = labels.filter((label) => !wordOf.has(label));
  if (missing.length > 0) {
    throw new Problem({
      code: 'verbalizer-label-missing',
      found: `no word for ${listed(missing)}`,
      expected: `a word for every label: ${listed(labels)}`,
      action: 'Add the words.',
    });
  }
  return requireDistinct(labels.map((label) => ({ label, word: wordOf.get(label) ?? '' })));
}

function requireDistinct(pairs: readonly { label: string; word: string }[]): string[] {
  const labelOf = new Map<string, string>();
  for (const { label, word } of pairs) {
    const other = labelOf.get(word);
    if (word === '' || other !== undefined) {
      throw new Problem({
        code: word === '' ? 'verbalizer-word-empty' : 'verbalizer-word-repeated',
        found: word === '' ? `an empty word for ${shown(label)}` : `${shown(word)} for ${shown(other)} and for ${shown(label)}`,
        expected: 'a different word for every label',
        action: 'Change the word.',
      });
    }
    labelOf.set(word, label);
  }
  return pairs.map(({ word }) => word);
}

/** What the checks need of a tokenizer. */
export interface WordPieces {
  encode(text: string): readonly number[];
  pieces(ids: readonly number[]): readonly string[];
  readonly unkId: number;
}

interface SpokenWord {
  label: string;
  word: string;
  isFirst: boolean;
  ids: readonly number[];
  pieces: readonly string[];
}

/**
 * Everything about the words that a person should know.
 * @param labels the task's; null where a file decides them
 * @param tokenizer null leaves out what depends on pieces
 */
export function checkVerbalizer(verbalizer: Verbalizer, labels: readonly string[] | null, tokenizer: WordPieces | null): PvpFinding[] {
  return [...checkLabels(verbalizer, labels), ...checkWords(verbalizer), ...(tokenizer === null ? [] : checkPieces(verbalizer, tokenizer))];
}

function checkLabels(verbalizer: Verbalizer, labels: readonly string[] | null): PvpFinding[] {
  const given = verbalizer.labels.map(({ label }) => label);
  const repeated = given.filter((label, index) => given.indexOf(label) !== index);
  const missing = labels?.filter((label) => !given.includes(label)) ?? [];
  const extra = labels === null ? [] : given.filter((label) => !labels.includes(label));
  return [
    ...repeated.map((label) => finding('label-repeated', 'error', `The label ${shown(label)} has two entries.`, 'Remove one of them.', label)),
    ...missing.map((label) => finding('label-missing', 'error', `The label ${shown(label)} has no word: its examples could not be trained on.`, 'Give it a word.', label)),
    ...extra.map((label) => finding('label-extra', 'warning', `The task has no label ${shown(label)}; its word is never used.`, 'Remove it, or check the spelling of the label.', label)),
  ];
}

function checkWords({ labels }: Verbalizer): PvpFinding[] {
  const findings: PvpFinding[] = [];
  const exact = new Map<string, string>();
  const loose = new Map<string, { label: string; word: string }>();
  for (const { label, words } of labels) {
    for (const word of words) {
      if (word.trim() === '') {
        findings.push(finding('word-empty', 'error', `The label ${shown(label)} has an empty word.`, 'Write a word.', label));
        continue;
      }
      if (word !== word.trim()) {
        findings.push(finding('word-spaces', 'warning', `${shown(word)} has white space around it, which decoding drops.`, 'Remove the spaces.', label));
      }
      const same = exact.get(word.trim());
      const key = word.replaceAll(/\s+/g, '').toLowerCase();
      const near = loose.get(key);
      if (same !== undefined) {
        const isOwn = same === label;
        findings.push(finding('word-repeated', isOwn ? 'warning' : 'error', isOwn ? `${shown(word)} stands twice for ${shown(label)}.` : `${shown(word)} stands for ${shown(same)} and for ${shown(label)}: the answer would not tell them apart.`, 'Change one of them.', label));
      } else if (near !== undefined && near.label !== label) {
        findings.push(finding('word-similar', 'warning', `${shown(word)} (${shown(label)}) and ${shown(near.word)} (${shown(near.label)}) differ by case or spaces alone.`, 'Choose words that differ in their letters.', label));
      }
      exact.set(word.trim(), label);
      if (near === undefined) loose.set(key, { label, word });
    }
  }
  return findings;
}

function checkPieces(verbalizer: Verbalizer, tokenizer: WordPieces): PvpFinding[] {
  const spoken = verbalizer.labels.flatMap(({ label, words }) => words.filter((word) => word.trim() !== '').map((word, index): SpokenWord => {
    const ids = tokenizer.encode(word.trim());
    return { label, word: word.trim(), isFirst: index === 0, ids, pieces: tokenizer.pieces(ids) };
  }));
  return [
    ...spoken.filter(({ ids }) => ids.includes(tokenizer.unkId)).map(({ label, word }) =>
      finding('word-unknown-piece', 'error', `${shown(word)} has characters that the vocabulary lacks; the model can never say it.`, 'Choose a word of the model’s languages.', label)),
    ...spoken.filter(({ ids }) => ids.length > 1).map(({ label, word, pieces }) =>
      finding('word-many-pieces', 'note', `${shown(word)} is ${pieces.length} pieces (${pieces.join(' ')}): decoded step by step, ranked by its mean log-probability a piece.`,
        'Nothing, or choose a word that is one piece where the first piece alone is scored.', label)),
    ...sharedFirstPieces(spoken, tokenizer),
  ];
}

function sharedFirstPieces(spoken: readonly SpokenWord[], tokenizer: WordPieces): PvpFinding[] {
  const groups = Map.groupBy(spoken.filter(({ ids }) => ids.length > 0), ({ ids }) => ids[0] ?? -1);
  const findings: PvpFinding[] = [];
  for (const [id, group] of groups) {
    const labels = [...new Set(group.map(({ label }) => label))];
    if (labels.length < 2) continue;
    const [piece = ''] = tokenizer.pieces([id]);
    const names = group.map(({ word }) => shown(word)).join(' and ');
    findings.push(finding('first-piece-shared', 'warning', `${names} begin with the same piece ${shown(piece)}: the first piece alone cannot tell ${labels.map(shown).join(' from ')}.`,
      'Choose words with different first pieces, or score whole words.', null));
  }
  const markers = spoken.filter(({ pieces }) => pieces.length > 1 && pieces[0] === '▁');
  return [
    ...findings,
    ...markers.map(({ label, word }) => finding('first-piece-space', 'warning', `The first piece of ${shown(word)} is the bare space marker ▁, with which most words could begin.`,
      'Choose a word whose first piece has letters, or score whole words.', label)),
  ];
}

function finding(code: string, severity: PvpFinding['severity'], message: string, action: string, label: string | null): PvpFinding {
  return { code, severity, message, action, label, place: null };
}
