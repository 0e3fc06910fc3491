/** From bytes to text, strictly: UTF-8, UTF-16 with its byte order mark, or what a person named. Nothing is replaced or dropped. */
import { isUtf8 } from 'node:buffer';
import { Problem, type ProblemParts } from '../../contract/problem.ts';
import type { EncodingChoice } from './choices.ts';

/** The last four are never guessed: their bytes could be any text. */
export type TextEncoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | LegacyEncoding;
type LegacyEncoding = Exclude<EncodingChoice, 'auto' | 'utf-8'>;

const byteOrderMarks: readonly { bytes: readonly number[]; encoding: TextEncoding }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8-bom' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/** The encoding that the first bytes of a file announce, or the one that was chosen: a mark says more than a choice. */
export function detectEncoding(head: Uint8Array, choice: EncodingChoice = 'auto'): TextEncoding {
  const marked = markedEncoding(head);
  return marked ?? (choice === 'auto' ? 'utf-8' : choice);
}

function markedEncoding(head: Uint8Array): TextEncoding | undefined {
  return byteOrderMarks.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte))?.encoding;
}

function markLength(encoding: TextEncoding): number {
  return byteOrderMarks.find((mark) => mark.encoding === encoding)?.bytes.length ?? 0;
}

/**
 * The text of a file, chunk by chunk, without the byte order mark. Holds one chunk.
 * @param file for messages.
 * @throws {Problem} `invalid-utf8`, `invalid-utf16` or `nul-character`, with line and byte offset.
 */
export async function* decodeText(chunks: AsyncIterable<Uint8Array>, encoding: TextEncoding, file: string): AsyncGenerator<string> {
  const decode = makeDecoder(encoding, file);
  let skipped = markLength(encoding);
  let byteOffset = 0;
  let line = 1;
  for await (const chunk of chunks) {
    const bytes = chunk.subarray(Math.min(skipped, chunk.length));
    byteOffset += chunk.length - bytes.length;
    skipped -= chunk.length - bytes.length;
    const text = decode({ bytes, byteOffset, line, isLast: false });
    byteOffset += bytes.length;
    line += countNewlines(text);
    if (text !== '') yield text;
  }
  const rest = decode({ bytes: new Uint8Array(0), byteOffset, line, isLast: true });
  if (rest !== '') yield rest;
}

function makeDecoder(encoding: TextEncoding, file: string): (piece: Piece) => string {
  switch (encoding) {
    case 'utf-8':
    case 'utf-8-bom': return utf8Decoder(file);
    case 'utf-16le':
    case 'utf-16be': return streamDecoder(encoding, file, {
      code: 'invalid-utf16', found: 'half a character or an odd last byte', expected: 'well-formed UTF-16, as the byte order mark announces',
      action: 'Convert the file to UTF-8; it may have been cut.',
    });
    case 'windows-1252':
    case 'gb18030':
    case 'shift_jis':
    case 'euc-kr': return streamDecoder(encoding, file, {
      code: 'invalid-encoding', found: `bytes that are no ${encoding}`, expected: `a text in ${encoding}, as was chosen`, action: 'Choose another encoding, or convert the file to UTF-8.',
    });
    default: return encoding satisfies never;
  }
}

/** One piece of the file: where it begins, and the line on which the undecoded text begins. */
interface Piece {
  bytes: Uint8Array;
  byteOffset: number;
  line: number;
  isLast: boolean;
}

function utf8Decoder(file: string): (piece: Piece) => string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let held: Uint8Array = new Uint8Array(0);
  return ({ bytes, byteOffset, line, isLast }) => {
    const all = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    const start = byteOffset - held.length;
    const end = isLast ? all.length : all.length - cutSequenceLength(all);
    const whole = all.subarray(0, end);
    held = all.slice(end);
    if (!isUtf8(whole)) throw invalidUtf8(whole, { file, line, byteOffset: start });
    const nul = whole.indexOf(0);
    if (nul !== -1) throw nulCharacter({ file, line: line + countNewlineBytes(whole, nul), byteOffset: start + nul });
    return decoder.decode(whole);
  };
}

/** Length of an unfinished sequence at the end: at most 3 bytes can wait for the next chunk. */
function cutSequenceLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(leadByte: number): number {
  if (leadByte >= 0xf0) return 4;
  return leadByte >= 0xe0 ? 3 : 2;
}

function invalidUtf8(bytes: Uint8Array, place: { file: string; line: number; byteOffset: number }): Problem {
  const offset = firstInvalidByte(bytes);
  const found = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
  return new Problem({
    code: 'invalid-utf8',
    found: `the byte 0x${found}, which is no UTF-8 there`,
    expected: 'a text in UTF-8, or in UTF-16 with a byte order mark',
    action: adviceFor(bytes, offset),
    place: { file: place.file, line: place.line + countNewlineBytes(bytes, offset), byteOffset: place.byteOffset + offset },
  });
}

/** Index of the first byte that begins no valid sequence. Halving works: a prefix cut inside a sequence is allowed for. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    const prefix = bytes.subarray(0, middle);
    const isValid = isUtf8(prefix.subarray(0, prefix.length - cutSequenceLength(prefix)));
    if (isValid) valid = middle;
    else invalid = middle;
  }
  // The sequence that fails may have begun up to three bytes before.
  return Math.max(0, valid - cutSequenceLength(bytes.subarray(0, valid)));
}

/** Control bytes mean a binary file, runs of high bytes Chinese text in GB18030, single ones Latin-1. A guess, said as one. */
function adviceFor(bytes: Uint8Array, offset: number): string {
  if (bytes.subarray(0, offset + 256).some((byte) => byte < 0x09)) return 'It looks like a binary file; choose a text file.';
  let longestRun = 0;
  let run = 0;
  for (const byte of bytes.subarray(offset, offset + 64)) {
    run = byte >= 0x81 ? run + 1 : 0;
    longestRun = Math.max(longestRun, run);
  }
  const guess = longestRun >= 4 ? 'GB18030 or another East Asian encoding' : 'Latin-1 or Windows-1252';
  return `It looks like ${guess}; name the encoding, or convert the file to UTF-8 (for example with iconv).`;
}

function streamDecoder(encoding: TextEncoding, file: string, refusal: Pick<ProblemParts, 'code' | 'found' | 'expected' | 'action'>): (piece: Piece) => string {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return ({ bytes, byteOffset, line, isLast }) => {
    let text: string;
    try {
      text = decoder.decode(bytes, { stream: !isLast });
    } catch (cause) {
      throw new Problem({ ...refusal, place: { file, line, byteOffset }, cause });
    }
    const nul = text.indexOf('\0');
    if (nul !== -1) throw nulCharacter({ file, line: line + countNewlines(text.slice(0, nul)), byteOffset });
    return text;
  };
}

function nulCharacter(place: { file: string; line: number; byteOffset: number }): Problem {
  return new Problem({
    code: 'nul-character',
    found: 'a NUL character',
    expected: 'text only',
    action: 'The file is binary, UTF-16 without a byte order mark, or damaged; convert it to UTF-8 or fetch it again.',
    place,
  });
}

function countNewlineBytes(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}

/** Line feeds in a text. */
function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
