import { describe, expect, it } from 'vitest';
import { openTokenizerSync, tokenizeLines } from '../../main/service/tokens.ts';
import { sharedPath } from '../shared.ts';

const model = sharedPath('data/tokenizer/spiece.model');

describe.skipIf(model === null)('tokens of lines (needs ../shared/data/tokenizer)', () => {
  const tokenizer = model === null ? null : openTokenizerSync(model, '/nowhere');

  /** @param sizes where the bytes are cut into chunks. */
  async function tokenize(bytes: Uint8Array | string, chunkSize = 1 << 16) {
    if (tokenizer === null) throw new Error('no tokenizer');
    const whole = Buffer.from(bytes);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let start = 0; start < whole.length; start += chunkSize) yield whole.subarray(start, start + chunkSize);
    }
    return tokenizeLines(tokenizer, chunks());
  }

  it('end with the end of sequence, in ids and in pieces', async () => {
    expect(await tokenize('"Hello world"\n""\n')).toEqual({ ids: [[8774, 296, 1], [1]], tokens: [['▁Hello', '▁world', '</s>'], ['</s>']] });
  });

  it('are the same however the input is cut into chunks, with and without a last newline', async () => {
    const input = '"Grüße, 世界"\n"\\u00e9 \\n \\""\r\n"last"';
    const whole = await tokenize(input);
    expect(whole.ids).toHaveLength(3);
    for (const size of [1, 2, 3, 7]) expect(await tokenize(input, size)).toEqual(whole);
    expect(await tokenize(`${input}\n`)).toEqual(whole);
  });

  it('are none for no lines', async () => {
    expect(await tokenize('')).toEqual({ ids: [], tokens: [] });
  });

  it.each([
    ['"a"\nHello\n', 2, 'no JSON'],
    ['"a"\n\n"b"\n', 2, 'an empty line'],
    ['"a"\n"b"\n3\n', 3, 'JSON that is no string'],
    ['["a"]', 1, 'JSON that is no string'],
  ])('of %j are refused at line %i: %s', async (input, line, found) => {
    await expect(tokenize(input)).rejects.toMatchObject({ code: 'tokens-line', kind: 'input', place: { line }, found: expect.stringContaining(found) });
  });

  it('of bytes that are no UTF-8 are refused at their line', async () => {
    await expect(tokenize(Buffer.from([0x22, 0x61, 0x22, 0x0a, 0x22, 0xff, 0x22]))).rejects.toMatchObject({ code: 'tokens-encoding', place: { line: 2 } });
  });
});

describe('a tokenizer', () => {
  it('is looked for as a path where it looks like one, else by name in the workspace', () => {
    expect(() => openTokenizerSync('./absent', '/nowhere')).toThrow(/ENOENT/);
    expect(() => openTokenizerSync('absent', '/nowhere')).toThrow(/found no souffleur\.db/);
  });
});
