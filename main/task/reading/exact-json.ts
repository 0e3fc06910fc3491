/**
 * JSON without the two losses of `JSON.parse`: numbers that a double cannot hold as written (20-digit ids, `1.0`, `-0`), and the order of
 * keys that look like array indices. ECMAScript 2025's source text access and `JSON.rawJSON` carry the digits through.
 */
import type { DataRow } from '../format.ts';

/** A number as its file writes it; `JSON.stringify` writes it so again. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** TypeScript 6.0's library does not describe these yet. */
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

/** Digits that may be more than a double keeps, a fraction, an exponent or a negative zero, anywhere in the text. */
const suspicious = /\d{16}|\d\.\d|\d[eE]|-0/;
const indexKey = /"(?:0|[1-9]\d{0,9})"\s*:/;

/** The values of a row, with numbers that would change written as `RawNumber`. */
export function exactValues(row: DataRow): Readonly<Record<string, unknown>> {
  if (row.json === undefined || !suspicious.test(row.json)) return row.values;
  return json.parse(row.json, (_key, value, { source }) =>
    (typeof value === 'number' && source !== undefined && String(value) !== source ? json.rawJSON(source) : value)) as Readonly<Record<string, unknown>>;
}

/** An integer of any size as JSON writes it. */
export function rawInteger(value: bigint): RawNumber {
  return json.rawJSON(value.toString());
}

/** Whether a value is a number that was kept as its file writes it. */
export function isRawNumber(value: unknown): value is RawNumber {
  return json.isRawJSON(value);
}

/** The keys of a row in the order in which its file writes them, which JavaScript's own order is not where a key is a number. */
export function keysInFileOrder(row: DataRow): string[] {
  const keys = Object.keys(row.values);
  return row.json === undefined || !indexKey.test(row.json) ? keys : [...new Set(scanKeys(row.json))];
}

/** The first-level keys of a text that is known to be a JSON object. */
function scanKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === '"') {
      const end = endOfText(text, index);
      if (depth === 1 && /^\s*:/.test(text.slice(end + 1, end + 64))) keys.push(JSON.parse(text.slice(index, end + 1)) as string);
      index = end;
    }
  }
  return keys;
}

function endOfText(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}
