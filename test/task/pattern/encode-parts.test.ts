import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeParts, type PartRules } from '../../../main/task/pattern/encode-parts.ts';
import type { InputPart } from '../../../main/task/pattern/part.ts';

/** One id a letter; 999 the sentinel, 1 the end. */
const encode = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
const spanCorruption: PartRules = { encode, sentinelId: 999, endId: null, maxTokens: 100 };
const lmAdapted: PartRules = { encode, sentinelId: null, endId: 1, maxTokens: 100 };
const text = (value: string): InputPart => ({ kind: 'text', text: value });
const soft = (rows: number): InputPart => ({ kind: 'soft', rows, from: null });
const answer: InputPart = { kind: 'answer' };

describe('the parts of an input', () => {
  it('have the sentinel in their answer slot, and nothing behind, for span corruption', () => {
    expect(encodeParts([text('a'), answer, text('b')], spanCorruption)).toEqual({ ids: [97, 999, 98], softRows: [], isTruncated: false });
  });

  it('have the sentinel behind everything where no slot says where', () => {
    expect(encodeParts([text('a'), soft(2)], spanCorruption)).toEqual({ ids: [97, 999], softRows: [{ tokensBefore: 1, rows: 2 }], isTruncated: false });
  });

  it('have nothing in their answer slot for LM-adapted models, where the texts around it are one, and the end behind everything', () => {
    const seen: string[] = [];
    const rules = { ...lmAdapted, encode: (value: string) => (seen.push(value), encode(value)) };
    expect(encodeParts([text('a '), answer, text('b')], rules)).toEqual({ ids: [97, 32, 98, 1], softRows: [], isTruncated: false });
    expect(seen).toEqual(['a b']);
  });

  it('say of every soft slot, in order, how many tokens stand in front of it', () => {
    const parts = [soft(3), text('ab'), soft(1), soft(2), answer, soft(4)];
    expect(encodeParts(parts, spanCorruption).softRows).toEqual([
      { tokensBefore: 0, rows: 3 }, { tokensBefore: 2, rows: 1 }, { tokensBefore: 2, rows: 2 }, { tokensBefore: 3, rows: 4 },
    ]);
  });

  it('that are too long lose the ends of their longest texts, never a slot, and use all the room there is', () => {
    const part = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 }).map(text), fc.integer({ min: 1, max: 5 }).map(soft));
    const parts = fc.tuple(fc.array(part, { maxLength: 6 }), fc.array(part, { maxLength: 6 })).map(([before, behind]) => [...before, answer, ...behind]);
    fc.assert(fc.property(parts, fc.constantFrom(spanCorruption, lmAdapted), fc.integer({ min: 1, max: 60 }), (given, rules, maxTokens) => {
      const whole = encodeParts(given, { ...rules, maxTokens: 1000 });
      const cut = encodeParts(given, { ...rules, maxTokens });
      expect(cut.ids).toHaveLength(Math.min(whole.ids.length, maxTokens));
      expect(cut.isTruncated).toBe(whole.ids.length > maxTokens);
      expect(cut.softRows.map(({ rows }) => rows)).toEqual(whole.softRows.map(({ rows }) => rows));
      expect(cut.ids.filter((id) => id === (rules.sentinelId ?? rules.endId))).toHaveLength(1);
    }));
  });

  it('are cut evenly: no text gives way before it is among the longest', () => {
    expect(encodeParts([text('aaaaaaaa'), answer, text('bb'), soft(1), text('cccccc')], { ...spanCorruption, maxTokens: 10 }).ids)
      .toEqual([...encode('aaaa'), 999, ...encode('bb'), ...encode('ccc')]);
  });

  it('leave the slots alone where there is room for nothing else', () => {
    expect(encodeParts([text('aa'), soft(2), answer], { ...spanCorruption, maxTokens: 1 })).toEqual({ ids: [999], softRows: [{ tokensBefore: 0, rows: 2 }], isTruncated: true });
  });
});
