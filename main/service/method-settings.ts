/** A method's settings from `key=value` texts, through the method's own schema, with errors that name key, value and what is allowed. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import type { AnyMethod } from '../method/index.ts';
import type { JsonObject } from '../store/json-column.ts';
import { findCloseMatch } from './close-match.ts';

/** The parts of a JSON schema that tell a person what a setting takes. */
interface SettingForm {
  type?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: SettingForm[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/** @returns every setting with its default. */
export function defaultSettings(method: AnyMethod): JsonObject {
  return { ...method.schema.parse({}) };
}

/**
 * @param assignments as typed, `key=value`; the last of a repeated key counts.
 * @returns the complete settings, defaults filled in.
 * @throws {Problem} `setting-form`, `setting-unknown` (with all keys, their defaults and a close match), `setting-value`
 */
export function parseSettings(method: AnyMethod, assignments: readonly string[]): JsonObject {
  const forms = settingForms(method);
  const given: Record<string, string> = {};
  for (const assignment of assignments) {
    const [key, value] = splitAssignment(assignment);
    const form = Object.hasOwn(forms, key) ? forms[key] : undefined;
    if (form === undefined) throw unknownSetting(key, method);
    // Number('') is 0, which nobody means.
    if (value.trim() === '' && form.type !== 'string') throw badValue(key, value, form);
    given[key] = value;
  }
  const parsed = method.schema.safeParse(given);
  if (parsed.success) return { ...parsed.data };
  const key = String(parsed.error.issues[0]?.path[0] ?? '');
  throw badValue(key, given[key] ?? '', forms[key] ?? {});
}

/** What each setting does, where its schema says so, and which values it takes. */
export function describeSettings(method: AnyMethod): Record<string, { description: string | null; takes: string; choices: string[] | null }> {
  return Object.fromEntries(Object.entries(settingForms(method)).map(([key, form]) => [key, { description: form.description ?? null, takes: describeForm(form), choices: listChoices(form) }]));
}

/** Null for a form that also takes other values. */
function listChoices({ enum: values, type, anyOf }: SettingForm): string[] | null {
  if (values !== undefined) return values.map(String);
  if (type === 'boolean') return ['true', 'false'];
  if (anyOf === undefined) return null;
  const parts = anyOf.map(listChoices);
  return parts.includes(null) ? null : [...new Set(parts.flatMap((part) => part ?? []))];
}

function settingForms(method: AnyMethod): Record<string, SettingForm> {
  const schema = z.toJSONSchema(method.schema, { io: 'input', unrepresentable: 'any' });
  return (schema.properties ?? {}) as Record<string, SettingForm>;
}

function splitAssignment(assignment: string): [key: string, value: string] {
  const split = assignment.indexOf('=');
  if (split > 0) return [assignment.slice(0, split).trim(), assignment.slice(split + 1)];
  throw new Problem({
    code: 'setting-form',
    found: `the setting ${JSON.stringify(assignment.slice(0, 80))}`,
    expected: 'key=value',
    action: 'Write it as in --set steps=1000.',
  });
}

function unknownSetting(key: string, method: AnyMethod): Problem {
  const defaults = defaultSettings(method);
  const close = findCloseMatch(key, Object.keys(defaults));
  const list = Object.entries(defaults).map(([name, value]) => `${name}=${typeof value === 'string' && value === '' ? '""' : String(value)}`);
  return new Problem({
    code: 'setting-unknown',
    found: `the setting “${key.slice(0, 80)}”`,
    expected: `one of ${method.id}’s, here with their defaults: ${list.join(', ')}`,
    action: close === null ? 'Choose one of these.' : `Did you mean ${close}?`,
  });
}

function badValue(key: string, value: string, form: SettingForm): Problem {
  return new Problem({
    code: 'setting-value',
    found: `${key}=${value === '' ? '(nothing)' : value.slice(0, 80)}`,
    expected: `${key} to be ${describeForm(form)}`,
    action: `Correct --set ${key}=…, or leave it out for the default.`,
  });
}

/** For example `a whole number from 1 to 1000`, `“auto” or a whole number of at least 1`, `one of constant, linear`. */
function describeForm(form: SettingForm): string {
  // A switch is a boolean or the same as text: said once.
  if (form.anyOf !== undefined) return [...new Set(form.anyOf.map(describeForm))].join(' or ');
  if (form.const !== undefined) return `“${String(form.const)}”`;
  if (form.enum !== undefined) return form.enum.length === 2 ? form.enum.join(' or ') : `one of ${form.enum.join(', ')}`;
  if (form.type === 'boolean') return 'true or false';
  if (form.type !== 'integer' && form.type !== 'number') return 'a text';
  return [form.type === 'integer' ? 'a whole number' : 'a number', describeRange(form)].filter((text) => text !== '').join(' ');
}

function describeRange({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SettingForm): string {
  // JSON schema writes the largest safe integer where the method set no bound.
  const top = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && top !== undefined) return `from ${minimum} to ${top}`;
  return [
    minimum === undefined ? undefined : `of at least ${minimum}`,
    exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`,
    top === undefined ? undefined : `of at most ${top}`,
    exclusiveMaximum === undefined ? undefined : `below ${exclusiveMaximum}`,
  ].filter((text) => text !== undefined).join(' and ');
}

/**
 * Settings that name files, made absolute: a run may be resumed from another folder. By convention their keys end in `File`.
 * @param settings complete, as parseSettings returns them.
 */
export function resolveFileSettings(settings: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) =>
    [key, key.endsWith('File') && typeof value === 'string' && value !== '' ? resolve(value) : value]));
}
