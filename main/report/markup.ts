/**
 * Markup that is well-formed both as XML and as HTML. A string becomes `Markup` only by way of `text` (which escapes) or `element`,
 * so what a dataset says can never become a tag: the compiler refuses a plain string where markup is wanted.
 */

declare const markupBrand: unique symbol;
export type Markup = string & { readonly [markupBrand]: true };

export type AttributeValue = string | number | undefined;

export const nothing = '' as Markup;

/** Allowed in XML 1.0: tab, newline, carriage return and everything from the space on, less U+FFFE and U+FFFF. */
// oxlint-disable-next-line no-control-regex -- these are the characters to find
const forbiddenCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Any text as markup: special characters become entities; characters that no document may hold become U+FFFD. */
export function text(value: string): Markup {
  const clean = value.toWellFormed().replace(forbiddenCharacters, '\ufffd');
  return clean.replace(/[&<>"']/g, (character) => entities[character] ?? character) as Markup;
}

export function join(parts: readonly Markup[]): Markup {
  return parts.join('') as Markup;
}

/**
 * One element. Undefined attributes are left out; numbers are written with two decimals at most.
 * @throws {RangeError} for a number that is not finite: a position nobody can draw.
 */
export function element(name: string, attributes: Readonly<Record<string, AttributeValue>> = {}, children: readonly Markup[] = []): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([attribute, value]) => ` ${attribute}="${typeof value === 'number' ? coordinate(value) : text(value ?? '')}"`)
    .join('');
  const content = join(children);
  const closed = content === '' && mayCloseItself.has(name);
  return (closed ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`) as Markup;
}

/** Elements that HTML knows as empty, and SVG's shapes; any other self-closed tag would be left open by an HTML parser. */
const mayCloseItself = new Set(['meta', 'br', 'col', 'rect', 'line', 'path', 'circle']);

/** @throws {RangeError} for a number that is not finite. */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a picture cannot hold the number ${value}`);
  return String(Math.round(value * 100) / 100 + 0);
}
