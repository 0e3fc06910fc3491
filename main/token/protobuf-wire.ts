/**
 * A reader of the protobuf wire format over a byte range: nothing is copied, every length is checked against the range
 * before it is used, so a hostile length costs no memory. Thirty lines do what two nested messages need, and errors carry
 * the byte; a schema library would allocate what the file says before anything can be checked.
 * Source: protobuf.dev/programming-guides/encoding.
 */
import { TokenizerError } from './tokenizer-error.ts';

export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field: for `varint` its low 32 bits as a signed integer, for the others the byte range of the payload. */
export interface WireField {
  number: number;
  type: number;
  value: number;
  start: number;
  end: number;
}

/**
 * Calls `visit` for each field in bytes[start, end). The field object is reused between calls.
 * @throws TokenizerError `sentencepiece-damaged` at the byte where the range stops being protobuf.
 */
export function visitFields(bytes: Uint8Array, start: number, end: number, visit: (field: WireField) => void): void {
  const field: WireField = { number: 0, type: 0, value: 0, start: 0, end: 0 };
  const cursor = { position: start };
  while (cursor.position < end) {
    const tagPosition = cursor.position;
    const tag = readVarint(bytes, cursor, end);
    field.number = Math.floor(tag / 8);
    field.type = tag % 8;
    if (field.number === 0 || field.number > 0x1fffffff) throw damaged(tagPosition, `field number ${field.number}`);
    if (field.type === wireType.varint) {
      field.start = cursor.position;
      field.value = readVarint(bytes, cursor, end) | 0;
      field.end = cursor.position;
    } else {
      const length = payloadLength(bytes, cursor, end, field.type, tagPosition);
      if (length > end - cursor.position) {
        throw damaged(tagPosition, `a field of ${length} bytes where ${end - cursor.position} are left`);
      }
      field.start = cursor.position;
      field.end = cursor.position + length;
      cursor.position = field.end;
    }
    visit(field);
  }
}

function payloadLength(bytes: Uint8Array, cursor: { position: number }, end: number, type: number, tagPosition: number): number {
  switch (type) {
    case wireType.bytes:
      return readVarint(bytes, cursor, end);
    case wireType.fixed32:
      return 4;
    case wireType.fixed64:
      return 8;
    default:
      throw damaged(tagPosition, `wire type ${type}, which SentencePiece never writes`);
  }
}

/** Up to ten bytes, exact below 2⁵³; above that only `| 0` of a negative int32 is asked for, which modulo 2³² keeps. */
function readVarint(bytes: Uint8Array, cursor: { position: number }, end: number): number {
  const start = cursor.position;
  let low = 0;
  let high = 0;
  for (let index = 0; index < 10; index++) {
    if (cursor.position >= end) throw damaged(start, 'a number that is cut off');
    const byte = bytes[cursor.position++] ?? 0;
    const bits = byte & 0x7f;
    if (index < 4) low |= bits << (7 * index);
    else if (index === 4) {
      low |= bits << 28;
      high |= bits >> 4;
    } else if (index < 9) high |= bits << (7 * index - 32);
    else high |= bits << 31;
    if (byte < 0x80) return (low >>> 0) + (high >>> 0) * 0x1_0000_0000;
  }
  throw damaged(start, 'a number longer than ten bytes');
}

/** @returns the error for a byte range that is not what SentencePiece writes. */
export function damaged(byteOffset: number, found: string): TokenizerError {
  return new TokenizerError({
    code: 'sentencepiece-damaged',
    found,
    expected: 'a SentencePiece model (protobuf)',
    action: 'The file is cut, damaged or something else; download it again.',
    place: { byteOffset },
  });
}
