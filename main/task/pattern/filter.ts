/**
 * Jinja's filters, and the methods of Python that templates call. `choice` takes the first item: a pattern renders a row the same way
 * every time.
 */
import type { RenderBudget } from './budget.ts';
import type { FilterName } from './syntax.ts';
import { areEqual, isList, memberOf, requireList, requireNumber, requireText, textOf, valueProblem, type Value } from './value.ts';

export interface FilterCall {
  filter: FilterName;
  value: Value;
  args: readonly Value[];
  attribute: string | null;
  budget: RenderBudget;
}

/** @throws {Problem} `pattern-value`, `pattern-too-much-work` */
export function applyFilter(call: FilterCall): Value {
  const { filter, value, args, budget } = call;
  const text = (): string => {
    const whole = requireText(value, filter);
    budget.spendCharacters(whole.length);
    return whole;
  };
  const argument = (index: number): string => requireText(args[index], `${filter}, its argument ${index + 1}`);
  switch (filter) {
    case 'lower': return text().toLowerCase();
    case 'upper': return text().toUpperCase();
    case 'trim': return text().trim();
    case 'capitalize': return capitalize(text());
    case 'title': return text().replaceAll(/\p{L}[\p{L}\p{N}'’]*/gu, capitalize);
    case 'length': return isList(value) ? value.length : lengthOf(text());
    case 'join': return join(requireList(value, filter), args[0] === undefined ? '' : argument(0), budget);
    case 'replace': return replace(text(), [argument(0), argument(1)], budget);
    case 'first':
    case 'choice': return requireItem(memberOf(value, 0), filter);
    case 'last': return requireItem(memberOf(value, -1), filter);
    case 'list': return isList(value) ? value : characters(text(), budget);
    case 'unique': return unique(requireList(value, filter), budget);
    case 'sort': return sort(requireList(value, filter), budget);
    case 'string': return textOf(value, filter, budget);
    case 'int': return toInteger(value);
    case 'default': return value === undefined || (args[1] === true && !value) ? (args[0] ?? '') : value;
    case 'map': return requireList(value, filter).map((item) => memberOf(item, call.attribute ?? ''));
    case 'split': return split(text(), args[0] === undefined ? null : argument(0), budget);
    case 'startswith': return text().startsWith(argument(0));
    case 'endswith': return text().endsWith(argument(0));
    case 'index': return indexOf(value, args[0], budget);
    default: return filter satisfies never;
  }
}

/** Joins after its cost is known. */
export function join(items: readonly Value[], separator: string, budget: RenderBudget): string {
  budget.spendSteps(items.length);
  budget.spendCharacters(separator.length * items.length);
  return items.map((item) => textOf(item, 'an item of join', budget)).join(separator);
}

function capitalize(text: string): string {
  const [first = ''] = text;
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** In code points, as Python counts. */
function lengthOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function characters(text: string, budget: RenderBudget): string[] {
  budget.spendSteps(text.length);
  return [...text];
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let position = text.indexOf(part); position !== -1; position = text.indexOf(part, position + part.length)) count += 1;
  return count;
}

function replace(text: string, [from, to]: readonly [string, string], budget: RenderBudget): string {
  if (from === '') throw valueProblem('an empty text to replace', 'a text that can be found', 'Write what is to be replaced.');
  budget.spendCharacters(countOf(text, from) * to.length);
  return text.replaceAll(from, () => to);
}

function split(text: string, separator: string | null, budget: RenderBudget): string[] {
  if (separator === '') throw valueProblem('an empty separator', 'a text to split at', 'Write split(", ").');
  // Every separator but one needs a character of the text: checked before millions of parts are made.
  budget.spendSteps(separator === null ? (text.match(/\s+/g)?.length ?? 0) + 1 : countOf(text, separator) + 1);
  return separator === null ? text.split(/\s+/).filter((part) => part !== '') : text.split(separator);
}

function unique(items: readonly Value[], budget: RenderBudget): Value[] {
  budget.spendSteps(items.length);
  const seen = new Set<Value>();
  return items.filter((item) => {
    const key = typeof item === 'string' ? item.toLowerCase() : item;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function sort(items: readonly Value[], budget: RenderBudget): Value[] {
  budget.spendSteps(items.length);
  if (items.every((item) => typeof item === 'number')) return items.toSorted((left, right) => left - right);
  const texts = items.map((item) => ({ item, key: requireText(item, 'an item of sort').toLowerCase() }));
  return texts.toSorted((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key))).map(({ item }) => item);
}

function toInteger(value: Value): number {
  const number = typeof value === 'string' ? Number(value.trim() === '' ? Number.NaN : value) : requireNumber(value, 'int');
  return Number.isFinite(number) ? Math.trunc(number) : 0;
}

function indexOf(value: Value, wanted: Value, budget: RenderBudget): number {
  if (isList(value)) budget.spendSteps(value.length);
  const index = isList(value) ? value.findIndex((item) => areEqual(item, wanted)) : requireText(value, 'index').indexOf(requireText(wanted, 'index'));
  if (index === -1) throw valueProblem('nothing at index()', 'an item that the list has', 'Check what the pattern looks for.');
  return index;
}

function requireItem(item: Value, filter: FilterName): Value {
  if (item !== undefined) return item;
  throw valueProblem(`an empty list for ${filter}`, 'at least one item', 'Test its length first: {% if answers | length > 0 %}.');
}
