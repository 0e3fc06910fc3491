/** Reading one field of a raw row, with errors that name the row's line, the field and what was found. */
import { Problem } from '../contract/problem.ts';
import type { DataRow } from './format.ts';

/** Names of one field, the canonical one first; the others are what published files call it. */
export type FieldNames = readonly [string, ...string[]];

const idNames = ['idx', 'id', 'index', 'guid'] as const;
const shownCharacters = 80;

/** A value for a message: one line, at most 80 characters. */
export function shown(value: unknown): string {
  if (typeof value !== 'string') return describeValue(value);
  const start = value.slice(0, shownCharacters).replaceAll(/\s+/g, ' ');
  return value.length > shownCharacters ? `"${start}…"` : `"${start}"`;
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** A Problem about one row. */
export function rowProblem(row: DataRow, code: string, words: { found: string; expected: string; action: string }): Problem {
  return new Problem({ code, ...words, place: { line: row.line } });
}

/** The value under the first name that the row has (exact, then without regard to case), or undefined. */
export function readField(row: DataRow, names: readonly string[]): unknown {
  const exact = names.find((name) => Object.hasOwn(row.values, name));
  if (exact !== undefined) return row.values[exact];
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const loose = Object.keys(row.values).find((key) => wanted.has(key.toLowerCase()));
  return loose === undefined ? undefined : row.values[loose];
}

/**
 * A text that must be there.
 * @throws {Problem} `missing-field`, `wrong-type` or `empty-text`.
 */
export function readText(row: DataRow, names: FieldNames): string {
  const value = readField(row, names);
  if (value === undefined || value === null) {
    throw rowProblem(row, 'missing-field', {
      found: `a row with the fields ${listed(Object.keys(row.values))}`,
      expected: `the field ${names.map((name) => `"${name}"`).join(' or ')}`,
      action: 'Add the field, or choose the task format that fits the file.',
    });
  }
  return requireText(row, names[0], value);
}

/**
 * @param label what the value is, for the message.
 * @throws {Problem} `wrong-type` or `empty-text`.
 */
export function requireText(row: DataRow, label: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw rowProblem(row, 'wrong-type', {
      found: `${shown(value)} as "${label}"`,
      expected: 'a text',
      action: 'Write the value as a text in quotes.',
    });
  }
  if (value.trim() === '') {
    throw rowProblem(row, 'empty-text', {
      found: `an empty "${label}"`,
      expected: 'a text with at least one character',
      action: 'Fill the field or remove the row.',
    });
  }
  return value;
}

/** @throws {Problem} `wrong-type` when the value is not a list. */
export function requireList(row: DataRow, label: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw rowProblem(row, value === undefined ? 'missing-field' : 'wrong-type', {
    found: `${shown(value)} as "${label}"`,
    expected: 'a list',
    action: 'Check that the file is of this task format.',
  });
}

/** @throws {Problem} `wrong-type` when the value is not an object. */
export function requireObject(row: DataRow, label: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw rowProblem(row, value === undefined ? 'missing-field' : 'wrong-type', {
    found: `${shown(value)} as "${label}"`,
    expected: 'an object',
    action: 'Check that the file is of this task format.',
  });
}

/** Accepts an integer or a text of digits. @throws {Problem} `wrong-type` or `missing-field`. */
export function requireCount(row: DataRow, label: string, value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw rowProblem(row, value === undefined ? 'missing-field' : 'wrong-type', {
    found: `${shown(value)} as "${label}"`,
    expected: 'a whole number from 0',
    action: 'Check that the file is of this task format.',
  });
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The row's own id (idx, id, index, guid), else `row-<n>` counted from 0. */
export function readId(row: DataRow): string {
  return idPart(idNames.map((name) => row.values[name]).find((value) => idPart(value, '') !== ''), `row-${row.index}`);
}

/** One part of an id: a whole number or a text, else the fallback (a position). */
export function idPart(value: unknown, fallback: string | number): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return String(fallback);
}

/** Names for a message, at most twelve. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const few = names.slice(0, 12).map((name) => shown(name));
  return names.length > few.length ? `${few.join(', ')} and ${names.length - few.length} more` : few.join(', ');
}
