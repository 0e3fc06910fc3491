import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { element, text } from '../../main/report/markup.ts';
import { readXml, textOf } from './xml.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", '\u0000', '\ud800', '\ufffe', ']]>', '&#39;', '</style>') }),
);
// What a document may hold: everything else is replaced, and XML readers see line ends and attribute spaces as they are.
// oxlint-disable-next-line no-control-regex -- the characters in question
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;
const clean = (value: string) => value.toWellFormed().replace(forbidden, '\ufffd');

describe('markup', () => {
  it('gives any text back from content and from an attribute, and never opens a tag with it', () => {
    fc.assert(
      fc.property(anyText, anyText, (content, attribute) => {
        const root = readXml(element('p', { title: attribute }, [text(content)]));
        expect(root.children.every((child) => typeof child === 'string')).toBe(true);
        expect(textOf(root)).toBe(clean(content));
        expect(root.attributes).toEqual({ title: clean(attribute) });
      }),
    );
  });

  it('closes only those elements by themselves that HTML lets close', () => {
    expect(element('bdi')).toBe('<bdi></bdi>');
    expect(element('meta', { charset: 'utf-8' })).toBe('<meta charset="utf-8"/>');
  });

  it('refuses a position that is no number rather than writing it', () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => element('rect', { x })).toThrow(RangeError);
  });

  it('writes numbers with two decimals at most, without a negative zero', () => {
    expect(element('rect', { x: 1 / 3, y: -0.001, width: 20 })).toBe('<rect x="0.33" y="0" width="20"/>');
  });
});
