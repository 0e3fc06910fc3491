import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tokenizer } from '../../main/token/index.ts';
import { answerEnds, answerPrefix, decodeAnswer, encodeAnswer, encodeExample, type EncodingRules } from '../../main/train/encoding.ts';
import { encodedExample } from './runner.ts';

/** One id a letter, from 10 on; sentinels at 99 and 98. */
const tokenizer: Tokenizer = {
  vocabularySize: 100, padId: 0, eosId: 1, unkId: 2,
  encode: (text) => Array.from(text, (letter) => 10 + (letter.codePointAt(0) ?? 0) - 97),
  decode: (ids) => ids.map((id) => String.fromCodePoint(id - 10 + 97)).join(''),
  pieces: (ids) => ids.map(String), idOf: () => null, sentinel: (index) => (index < 2 ? 99 - index : null),
};
const rules = (convention: EncodingRules['convention'], maxSourceTokens = 512, maxTargetTokens = 32): EncodingRules => ({ tokenizer, convention, maxSourceTokens, maxTargetTokens });
const example = (input: string, target: string | null) => ({ ...encodedExample([], null).example, input, target });

describe('an example', () => {
  it('ends with EOS on both sides for LM-adapted models', () => {
    expect(encodeExample(rules('lm-adapted'), example('abc', 'de'))).toMatchObject({ source: [10, 11, 12, 1], target: [13, 14, 1], isTruncated: false });
  });

  it('has the sentinel in the input and before the target, and no EOS, for span corruption', () => {
    expect(encodeExample(rules('span-corruption'), example('abc', 'de'))).toMatchObject({ source: [10, 11, 12, 99], target: [99, 13, 14], isTruncated: false });
  });

  it('without a label has no target', () => {
    expect(encodeExample(rules('lm-adapted'), example('', null))).toMatchObject({ source: [1], target: null, isTruncated: false });
  });

  it('that is too long is cut in the text: what ends it stays, and it is said', () => {
    const convention = fc.constantFrom('lm-adapted' as const, 'span-corruption' as const);
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 });
    fc.assert(fc.property(convention, word, word, fc.integer({ min: 4, max: 30 }), fc.integer({ min: 2, max: 20 }), (kind, input, target, most, mostTarget) => {
      const given = rules(kind, most, mostTarget);
      const { source, target: answer, isTruncated } = encodeExample(given, example(input, target));
      expect(source.length).toBe(Math.min(input.length + 1, most));
      expect(source.at(-1)).toBe(kind === 'lm-adapted' ? 1 : 99);
      expect(source.slice(0, -1)).toEqual(tokenizer.encode(input).slice(0, source.length - 1));
      expect(isTruncated).toBe(input.length + 1 > most);
      expect(answer?.length).toBe(Math.min(target.length + 1, mostTarget));
      expect(kind === 'lm-adapted' ? answer?.at(-1) : answer?.[0]).toBe(kind === 'lm-adapted' ? 1 : 99);
    }));
  });

  it('with a pattern has its answer where the pattern says, and says where the prompt’s rows stand', () => {
    const given = { ...example('ab', 'de'), parts: [{ kind: 'text', text: 'a' }, { kind: 'soft', rows: 2, from: null }, { kind: 'answer' }, { kind: 'text', text: 'b' }] } as const;
    const softRows = [{ tokensBefore: 1, rows: 2 }];
    expect(encodeExample({ ...rules('span-corruption'), slots: [2] }, given)).toMatchObject({ source: [10, 99, 11], target: [99, 13, 14], softRows });
    expect(encodeExample({ ...rules('lm-adapted'), slots: [2] }, given)).toMatchObject({ source: [10, 11, 1], target: [13, 14, 1], softRows });
  });

  it('whose soft slots all stand in front is one without slots: its prompt stands there anyway', () => {
    const given = { ...example('ab', 'de'), parts: [{ kind: 'soft', rows: 2, from: 'x' }, { kind: 'soft', rows: 1, from: null }, { kind: 'text', text: 'ab' }] } as const;
    expect(encodeExample({ ...rules('lm-adapted'), slots: [2, 1] }, given)).toEqual({ ...encodeExample(rules('lm-adapted'), example('ab', 'de')), example: given });
  });

  it('with other slots than its pattern is refused with its line', () => {
    const given = { ...example('ab', 'de'), line: 7, parts: [{ kind: 'soft', rows: 2, from: null }, { kind: 'text', text: 'ab' }] } as const;
    expect(() => encodeExample({ ...rules('lm-adapted'), slots: [3] }, given)).toThrow(expect.objectContaining({ code: 'soft-slots-differ', message: expect.stringContaining('line 7') }));
    expect(() => encodeExample(rules('lm-adapted'), given)).toThrow(expect.objectContaining({ code: 'soft-slots-differ' }));
  });

  it('cannot be written for span corruption without sentinels', () => {
    const without = { ...rules('span-corruption'), tokenizer: { ...tokenizer, sentinel: () => null } };
    expect(() => encodeExample(without, example('a', 'b'))).toThrow(expect.objectContaining({ code: 'tokenizer-without-sentinels' }));
  });
});

describe('an answer', () => {
  it('begins behind what its convention gives and ends where its convention ends', () => {
    expect([answerPrefix(rules('lm-adapted')), [...answerEnds(rules('lm-adapted'))]]).toEqual([[], [1]]);
    expect([answerPrefix(rules('span-corruption')), [...answerEnds(rules('span-corruption'))]]).toEqual([[99], [1, 98]]);
    const oneSentinel = { ...rules('span-corruption'), tokenizer: { ...tokenizer, sentinel: (index: number) => (index === 0 ? 99 : null) } };
    expect([...answerEnds(oneSentinel)]).toEqual([1]);
  });

  it('decodes to itself', () => {
    for (const convention of ['lm-adapted', 'span-corruption'] as const) {
      const ids = encodeAnswer(rules(convention), 'yes').filter((id) => id !== 1 && id !== 99);
      expect(decodeAnswer(rules(convention), ids, null)).toBe('yes');
    }
  });

  it('under span corruption is the longest label that the model’s words begin with, as nothing says where it ends', () => {
    const labels = ['no', 'not', 'notable', 'yes'];
    const said = (text: string): string => decodeAnswer(rules('span-corruption'), tokenizer.encode(text), labels);
    expect(['no', 'not', 'notice', 'notables', 'yesyes', 'maybe', 'n', ''].map(said)).toEqual(['no', 'not', 'not', 'notable', 'yes', 'maybe', 'n', '']);
  });

  it('of an LM-adapted model is exactly what it says: its EOS shows where it ends', () => {
    expect(decodeAnswer(rules('lm-adapted'), tokenizer.encode('notice'), ['no', 'not'])).toBe('notice');
  });
});
