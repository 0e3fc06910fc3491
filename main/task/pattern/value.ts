/** Values of a row inside a pattern: JSON's, and nothing that could be called. */
import { Problem } from '../../contract/problem.ts';
import type { RenderBudget } from './budget.ts';

export type Value = string | number | boolean | null | undefined | readonly Value[] | { readonly [key: string]: Value };

/** A value as text, as Python prints it. @throws {Problem} `pattern-value` for what has no text of its own. */
export function textOf(value: Value, what: string, budget: RenderBudget): string {
  if (typeof value === 'string') {
    budget.spendCharacters(value.length);
    return value;
  }
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  throw valueProblem(`${describe(value)} as ${what}`, 'a text or a number', isList(value) ? 'Join a list: {{ options | join(", ") }}.' : 'Test it first, with {% if … %}, or give a default.');
}

/** @throws {Problem} `pattern-value` */
export function requireText(value: Value, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw valueProblem(`${describe(value)} for ${what}`, 'a text', 'Check the field that the pattern names.');
}

/** @throws {Problem} `pattern-value` */
export function requireList(value: Value, what: string): readonly Value[] {
  if (isList(value)) return value;
  throw valueProblem(`${describe(value)} for ${what}`, 'a list', 'Check the field that the pattern names.');
}

/** @throws {Problem} `pattern-value` */
export function requireNumber(value: Value, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'boolean') return Number(value);
  throw valueProblem(`${describe(value)} for ${what}`, 'a number', 'Check the field that the pattern names; | int makes a number of a text.');
}

/** As Python sees it: nothing, zero, no text and no items are false. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isDictionary(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** @throws {Problem} `pattern-value` for two lists or dictionaries. */
export function areEqual(left: Value, right: Value): boolean {
  if (isCompound(left) && isCompound(right)) throw valueProblem('two lists to compare', 'texts or numbers', 'Compare their items.');
  const plain = (value: Value): Value => (typeof value === 'boolean' ? Number(value) : value);
  return plain(left) === plain(right);
}

/**
 * An item by its position (from the end when negative), or a field by its name; undefined where there is none. Only what the row itself
 * holds is found, never what every JavaScript object inherits.
 */
export function memberOf(object: Value, key: Value): Value {
  if (typeof key === 'number' && (typeof object === 'string' || isList(object))) return object.at(Math.trunc(key));
  if (isDictionary(object) && (typeof key === 'string' || typeof key === 'number')) {
    return Object.hasOwn(object, key) ? object[key] : undefined;
  }
  return undefined;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isDictionary(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCompound(value: Value): boolean {
  return typeof value === 'object' && value !== null;
}

function describe(value: Value): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (isList(value)) return `a list of ${value.length}`;
  if (isDictionary(value)) return 'an object';
  return typeof value === 'string' ? `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}` : String(value);
}

/** The place is put in by whoever knows the tag. */
export function valueProblem(found: string, expected: string, action: string): Problem {
  return new Problem({ code: 'pattern-value', found, expected, action });
}
