import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locateJsonError } from '../../../main/task/reading/json-error.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the place of an error in JSON', () => {
  it.each([
    ['{"a":}', 5], ['{"a":"x', 7], ['[1,2', 4], ['[1,]', 3], ['{"a":1,}', 7], ['x', 0], ['', 0], ['1 2', 2], ['{"a" 1}', 5], ['01', 1], ['-', 0],
    ['{"a":tru}', 5], ['"\\q"', 1], ['"\\u12G4"', 1], ['"a\nb"', 2], ['[}', 1], ['{"a":1]', 6], ['{1:2}', 1], [']', 0], ['{"a":1}}', 7],
  ])('in %j is %d', (text, index) => {
    expect(locateJsonError(text)).toBe(index);
  });

  it('is found exactly when JSON.parse fails', () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '{', ']', '\\', '\n', '1', 'e', 'null', ' ')).map(([json, at, inserted]) => {
      const position = at % (json.length + 1);
      return json.slice(0, position) + inserted + json.slice(position + (at % 3));
    });
    fc.assert(fc.property(fc.oneof(fc.json(), broken), (text) => {
      const index = locateJsonError(text);
      expect(index === null).toBe(parses(text));
      if (index !== null) expect(index).toBeLessThanOrEqual(text.length);
    }), { numRuns: 2000 });
  });

  it('costs no stack, however deep the text', () => {
    expect(locateJsonError('['.repeat(1_000_000))).toBe(1_000_000);
  });
});
