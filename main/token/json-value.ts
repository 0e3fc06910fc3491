/** Typed access to parsed JSON whose errors name the place as a path: `model.vocab[17][1]`. */
import { quoteForMessage, TokenizerError } from './tokenizer-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpectedValue(value, path, 'an object');
  return value as JsonObject;
}

export function asArray(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpectedValue(value, path, 'an array');
  return value;
}

export function asString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw unexpectedValue(value, path, 'a text');
  return value;
}

export function asFiniteNumber(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unexpectedValue(value, path, 'a number');
  return value;
}

/** @returns a whole number ≥ 0 below 2³¹. */
export function asId(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 2 ** 31) {
    throw unexpectedValue(value, path, 'a whole number from 0');
  }
  return value;
}

/** @returns true or false; `absent` where the key is missing. */
export function asFlag(value: unknown, path: string, absent: 'true' | 'false'): boolean {
  if (value === undefined) return absent === 'true';
  if (typeof value !== 'boolean') throw unexpectedValue(value, path, 'true or false');
  return value;
}

export function unexpectedValue(value: unknown, path: string, expected: string): TokenizerError {
  return new TokenizerError({
    code: 'tokenizer-json-malformed',
    found: `${describe(value)} at ${path}`,
    expected,
    action: 'The file is damaged or of a kind that no T5 uses; download it again.',
  });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'an object' : quoteForMessage(String(value));
}
