/**
 * JSON as the weight formats demand it: a repeated key is an error (JSON.parse keeps the last one silently), depth and number of
 * values are bounded (a hostile header of a few MB would otherwise become hundreds of MB of objects), and an error has its place.
 * RFC 8259.
 */
import { Problem } from '../contract/problem.ts';
import type { ProblemPlace } from '../contract/problem.ts';
import { gitLfsPointer, gitLfsStart, readRange, withPlainFile } from './plain-file.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
/** Without a prototype, so that a key such as `__proto__` is only a key. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** The largest JSON text that is read. The index of an 11-billion-parameter T5 is about 100 KB. */
export const jsonByteLimit = 8 * 1024 * 1024;
const depthLimit = 16;
/** The header of an 11-billion-parameter T5 has about 5,000. */
const valueLimit = 200_000;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads a whole JSON file.
 * @throws {Problem} `git-lfs-pointer`, `json-too-long`, `json-not-utf8`, `json-syntax`, `json-duplicate-key`, `json-too-deep`, `json-too-many-values`, `not-a-file`, or a system error.
 */
export async function readStrictJsonFile(file: string): Promise<JsonValue> {
  return withPlainFile(file, async (handle, byteLength) => {
    if (byteLength > jsonByteLimit) throw tooLong(byteLength, { file });
    return parseStrictJson(await readRange(handle, { file, byteOffset: 0, byteLength }), { file });
  });
}

/**
 * @param bytes UTF-8; a byte order mark is skipped.
 * @param place where the text starts: with a `byteOffset`, errors carry byte offsets, else line and column.
 * @throws {Problem} as `readStrictJsonFile`.
 */
export function parseStrictJson(bytes: Uint8Array, place: ProblemPlace): JsonValue {
  if (bytes.length > jsonByteLimit) throw tooLong(bytes.length, place);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem({
      code: 'json-not-utf8',
      found: 'bytes that are not UTF-8',
      expected: 'JSON in UTF-8',
      action: 'Save the file as UTF-8, or download it again: it may be cut or damaged.',
      place,
    });
  }
  if (text.startsWith(gitLfsStart)) throw gitLfsPointer('the file itself', place);
  const reader: Reader = { text, at: 0, values: 0, place };
  const value = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at < text.length) throw syntax(reader, 'the end of the text');
  return value;
}

interface Reader {
  text: string;
  at: number;
  values: number;
  place: ProblemPlace;
}

function readValue(reader: Reader, depth: number): JsonValue {
  skipSpace(reader);
  reader.values += 1;
  if (reader.values > valueLimit) throw refuse(reader, 'json-too-many-values', `more than ${valueLimit} values`, 'fewer');
  if (depth > depthLimit) throw refuse(reader, 'json-too-deep', `values nested more than ${depthLimit} deep`, 'a flatter text');
  switch (reader.text[reader.at]) {
    case '{':
      return readObject(reader, depth);
    case '[':
      return readArray(reader, depth);
    case '"':
      return readString(reader);
    case 't':
      return readWord(reader, 'true', true);
    case 'f':
      return readWord(reader, 'false', false);
    case 'n':
      return readWord(reader, 'null', null);
    default:
      return readNumber(reader);
  }
}

function readObject(reader: Reader, depth: number): JsonObject {
  const result = Object.create(null) as JsonObject;
  reader.at += 1;
  skipSpace(reader);
  if (take(reader, '}')) return result;
  for (;;) {
    skipSpace(reader);
    if (reader.text[reader.at] !== '"') throw syntax(reader, 'a key in double quotes');
    const start = reader.at;
    const key = readString(reader);
    if (key in result) {
      reader.at = start;
      throw refuse(reader, 'json-duplicate-key', `the key ${quote(key)} a second time in one object`, 'each key once');
    }
    skipSpace(reader);
    if (!take(reader, ':')) throw syntax(reader, '":"');
    result[key] = readValue(reader, depth + 1);
    skipSpace(reader);
    if (take(reader, '}')) return result;
    if (!take(reader, ',')) throw syntax(reader, '"," or "}"');
  }
}

function readArray(reader: Reader, depth: number): JsonValue[] {
  const result: JsonValue[] = [];
  reader.at += 1;
  skipSpace(reader);
  if (take(reader, ']')) return result;
  for (;;) {
    result.push(readValue(reader, depth + 1));
    skipSpace(reader);
    if (take(reader, ']')) return result;
    if (!take(reader, ',')) throw syntax(reader, '"," or "]"');
  }
}

function readString(reader: Reader): string {
  const { text } = reader;
  const start = reader.at;
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  if (end >= text.length) {
    reader.at = text.length;
    throw syntax(reader, 'a closing double quote');
  }
  reader.at = end + 1;
  try {
    return JSON.parse(text.slice(start, end + 1)) as string;
  } catch {
    reader.at = start;
    throw syntax(reader, 'a string without control characters or unknown escapes');
  }
}

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(reader: Reader): number {
  numberForm.lastIndex = reader.at;
  const match = numberForm.exec(reader.text);
  if (match === null) throw syntax(reader, 'a value');
  reader.at += match[0].length;
  return Number(match[0]);
}

function readWord<Value>(reader: Reader, word: string, value: Value): Value {
  if (!reader.text.startsWith(word, reader.at)) throw syntax(reader, 'a value');
  reader.at += word.length;
  return value;
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const character = reader.text[reader.at];
    if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return;
    reader.at += 1;
  }
}

function take(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function syntax(reader: Reader, expected: string): Problem {
  const found = reader.at >= reader.text.length ? 'the end of the text' : quote(reader.text.slice(reader.at, reader.at + 12));
  return refuse(reader, 'json-syntax', found, expected);
}

function refuse(reader: Reader, code: string, found: string, expected: string): Problem {
  return new Problem({
    code,
    found,
    expected: `${expected} (JSON)`,
    action: 'The file may be cut, damaged or not JSON: download it again.',
    place: placeAt(reader),
  });
}

function placeAt({ text, at, place }: Reader): ProblemPlace {
  const before = text.slice(0, at);
  if (place.byteOffset !== undefined) return { ...place, byteOffset: place.byteOffset + Buffer.byteLength(before) };
  return { ...place, line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

function tooLong(size: number, place: ProblemPlace): Problem {
  return new Problem({
    code: 'json-too-long',
    found: `${size} bytes of JSON`,
    expected: `at most ${jsonByteLimit}`,
    action: 'This is no configuration or index of a T5 model; check that the right file has this name.',
    place,
  });
}

/** A name from a file as it may stand in a message: escaped, and cut where it is long. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}…` : name);
}
