import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, detectEncoding } from '../../../main/task/reading/encoding.ts';

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function decode(bytes: Uint8Array, chunkSize: number): Promise<string> {
  let text = '';
  for await (const part of decodeText(inChunks(bytes, chunkSize), detectEncoding(bytes), 'f')) text += part;
  return text;
}

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && !value.startsWith('\uFEFF') && value.isWellFormed());
const chunkSize = fc.integer({ min: 1, max: 9 });

describe('decoding', () => {
  it('gives the text back whatever the chunks cut, in UTF-8 and in UTF-16', async () => {
    await fc.assert(fc.asyncProperty(text, chunkSize, async (value, size) => {
      expect(await decode(Buffer.from(value, 'utf8'), size)).toBe(value);
      expect(await decode(Buffer.from(`\uFEFF${value}`, 'utf8'), size)).toBe(value);
      expect(await decode(Buffer.from(`\uFEFF${value}`, 'utf16le'), size)).toBe(value);
      expect(await decode(Buffer.from(`\uFEFF${value}`, 'utf16le').swap16(), size)).toBe(value);
    }));
  });

  it('refuses exactly what a strict decoder refuses, at the byte where it fails, whatever the chunks cut', async () => {
    const anyBytes = fc.array(fc.oneof(fc.constantFrom(0x0a, 0x41, 0xc3, 0xa4, 0xe4, 0xb8, 0xad, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0), fc.integer({ min: 1, max: 255 })), { maxLength: 24 });
    await fc.assert(fc.asyncProperty(anyBytes, chunkSize, async (values, size) => {
      const bytes = Uint8Array.from(values);
      if (detectEncoding(bytes) !== 'utf-8') return;
      const outcome: unknown = await decode(bytes, size).catch((error: unknown) => error);
      const bad = firstInvalid(bytes);
      if (bad === null) expect(outcome).toBe(new TextDecoder().decode(bytes));
      else expect(outcome).toMatchObject({ code: 'invalid-utf8', place: { byteOffset: bad, line: lineOf(bytes, bad) } });
    }), { numRuns: 500 });
  });
});

/** The slow way: the longest prefix that decodes. */
function firstInvalid(bytes: Uint8Array): number | null {
  let valid = 0;
  for (let end = 0; end <= bytes.length; end += 1) {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
      valid = end;
    } catch {
      // Not a boundary.
    }
  }
  return valid === bytes.length ? null : valid;
}

function lineOf(bytes: Uint8Array, offset: number): number {
  return 1 + bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length;
}
