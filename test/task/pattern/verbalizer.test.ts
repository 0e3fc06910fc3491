/** Words for labels: what binding refuses, and what the checks say with T5's own vocabulary. */
import { describe, expect, it } from 'vitest';
import type { Verbalizer } from '../../../main/contract/pvp.ts';
import { bindWords, checkVerbalizer, type WordPieces } from '../../../main/task/pattern/verbalizer.ts';
import { loadTokenizerSync } from '../../../main/token/index.ts';
import { sharedPath } from '../../shared.ts';

function verbalizer(words: Record<string, string | string[]>): Verbalizer {
  return { labels: Object.entries(words).map(([label, word]) => ({ label, words: typeof word === 'string' ? [word] : word })) };
}

/** Letters as pieces, a known word as one; `?` is what it lacks. */
const toy: WordPieces = {
  unkId: 0,
  encode: (text) => (['yes', 'no'].includes(text) ? [text === 'yes' ? 1 : 2] : [...text].map((letter) => (letter === '?' ? 0 : letter.codePointAt(0) ?? 0))),
  pieces: (ids) => ids.map((id) => (id === 0 ? '<unk>' : id === 1 ? '▁yes' : id === 2 ? '▁no' : String.fromCodePoint(id))),
};

function codes(words: Verbalizer, labels: string[] | null, tokenizer: WordPieces | null = null): string[] {
  return checkVerbalizer(words, labels, tokenizer).map(({ code, severity, label }) => `${severity} ${code}${label === null ? '' : ` ${label}`}`);
}

describe('binding words', () => {
  it('gives the first word of every label, in the labels’ order', () => {
    expect(bindWords(['a', 'b'], verbalizer({ b: ['no', 'nope'], a: ' yes ' }))).toEqual(['yes', 'no']);
    expect(bindWords(['a', 'b'], null)).toEqual(['a', 'b']);
    expect(bindWords(null, null)).toBeNull();
  });

  it.each([
    [null, { a: 'x' }, 'verbalizer-open-task'], [['a', 'b'], { a: 'x' }, 'verbalizer-label-missing'], [['a', 'b'], { a: 'x', b: ' ' }, 'verbalizer-word-empty'],
    [['a', 'b'], { a: 'x', b: 'x' }, 'verbalizer-word-repeated'],
  ] as const)('refuses, for the labels %j, the words %j as %s', (labels, words, code) => {
    expect(() => bindWords(labels, verbalizer(words))).toThrow(expect.objectContaining({ code, kind: 'input' }));
  });
});

describe('checking words', () => {
  it('finds nothing wrong with one safe word a label', () => {
    expect(codes(verbalizer({ a: 'yes', b: 'no' }), ['a', 'b'], toy)).toEqual([]);
  });

  it('tells labels that are missing, extra or repeated', () => {
    expect(codes(verbalizer({ a: 'yes', c: 'no' }), ['a', 'b'])).toEqual(['error label-missing b', 'warning label-extra c']);
    expect(codes({ labels: [{ label: 'a', words: ['x'] }, { label: 'a', words: ['y'] }] }, null)).toEqual(['error label-repeated a']);
  });

  it('tells words that are empty, padded, repeated, or differ by case and spaces alone', () => {
    expect(codes(verbalizer({ a: '', b: 'no' }), null)).toEqual(['error word-empty a']);
    expect(codes(verbalizer({ a: ' yes', b: 'no' }), null)).toEqual(['warning word-spaces a']);
    expect(codes(verbalizer({ a: 'yes', b: 'yes' }), null)).toEqual(['error word-repeated b']);
    expect(codes(verbalizer({ a: ['yes', 'yes'], b: 'no' }), null)).toEqual(['warning word-repeated a']);
    expect(codes(verbalizer({ a: 'Yes', b: 'y es' }), null)).toEqual(['warning word-similar b']);
  });

  it('tells characters that the vocabulary lacks', () => {
    expect(codes(verbalizer({ a: '?', b: 'no' }), null, toy)).toEqual(['error word-unknown-piece a']);
  });

  const spiece = sharedPath('data/tokenizer/spiece.model') ?? sharedPath('data/tokenizer');
  it.skipIf(spiece === null)('says of T5’s vocabulary what the published findings say', () => {
    const t5 = loadTokenizerSync(spiece ?? '');
    const say = (words: Record<string, string>) => checkVerbalizer(verbalizer(words), null, t5);
    const choices = say({ a: 'choice1', b: 'choice2' });
    expect(choices.map(({ code }) => code)).toEqual(['word-many-pieces', 'word-many-pieces', 'first-piece-shared']);
    expect(choices[2]?.message).toContain('▁choice');
    expect(say({ a: 'entailment', b: 'neutral', c: 'contradiction' }).map(({ code, label }) => `${code} ${label}`)).toEqual(['word-many-pieces a', 'first-piece-space a']);
    expect(say({ a: 'entailment', b: 'neutral' })[0]?.message).toContain('4 pieces (▁ en tail ment)');
    for (const word of ['entailment', 'equivalent', 'duplicate']) {
      const shared = say({ a: `not_${word}`, b: 'not_x' }).find(({ code }) => code === 'first-piece-shared');
      expect(shared?.message, word).toContain('▁not');
    }
    expect(say({ a: 'False', b: 'True' }).map(({ code, label }) => `${code} ${label}`)).toEqual(['word-many-pieces a']);
    const safe = ['yes', 'no', 'maybe', 'True', 'neutral', 'contradiction', 'positive', 'negative', 'terrible', 'bad', 'good', 'great', 'equivalent', 'duplicate'];
    expect(say(Object.fromEntries(safe.map((word) => [word, word])))).toEqual([]);
  });
});
