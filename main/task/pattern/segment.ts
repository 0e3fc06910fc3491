/** Splits a template into its text and its tags. What stands inside a tag is for expression.ts. */
import { patternProblem, shownSource } from './pattern-problem.ts';
import type { TemplatePlace } from './syntax.ts';

export type Segment =
  | { readonly kind: 'text'; readonly text: string; readonly place: TemplatePlace }
  /** `inner` is what stands between the braces, without the signs that strip white space. */
  | { readonly kind: 'expression' | 'statement'; readonly inner: string; readonly place: TemplatePlace };

type TagKind = 'expression' | 'statement' | 'comment';

const openings: Readonly<Record<string, TagKind>> = { '{{': 'expression', '{%': 'statement', '{#': 'comment' };
const closings: Readonly<Record<TagKind, string>> = { expression: '}}', statement: '%}', comment: '#}' };
const opening = /\{[{%#]/g;

/** @throws {Problem} `pattern-tag-open` */
export function splitTemplate(template: string): Segment[] {
  const locate = locator(template);
  const segments: Segment[] = [];
  let position = 0;
  let stripsNext = false;
  const addText = (end: number, stripsEnd: boolean): void => {
    let text = template.slice(position, end);
    if (stripsNext) text = text.trimStart();
    if (stripsEnd) text = text.trimEnd();
    if (text !== '') segments.push({ kind: 'text', text, place: locate(position, text) });
  };
  for (;;) {
    opening.lastIndex = position;
    const start = opening.exec(template)?.index;
    if (start === undefined) break;
    const kind = openings[template.slice(start, start + 2)] ?? 'expression';
    const end = findEnd(template, { start, kind });
    const place = locate(start, template.slice(start, end ?? start + 200));
    if (end === null) throw neverClosed(kind, place);
    const stripsBefore = template[start + 2] === '-';
    const stripsAfter = template[end - 3] === '-' && end - 3 > start + 2;
    addText(start, stripsBefore);
    if (kind !== 'comment') segments.push({ kind, inner: template.slice(start + (stripsBefore ? 3 : 2), end - (stripsAfter ? 3 : 2)), place });
    stripsNext = stripsAfter;
    position = end;
  }
  addText(template.length, false);
  return segments;
}

/** @returns the position behind the tag, or null. Braces in quotes and those of dictionaries do not close it. */
function findEnd(template: string, { start, kind }: { start: number; kind: TagKind }): number | null {
  const closing = closings[kind];
  if (kind === 'comment') {
    const end = template.indexOf(closing, start + 2);
    return end === -1 ? null : end + 2;
  }
  let depth = 0;
  for (let position = start + 2; position < template.length; position += 1) {
    const character = template[position];
    if (depth === 0 && template.startsWith(closing, position)) return position + 2;
    if (character === '"' || character === "'") {
      const end = endOfQuote(template, position);
      if (end === null) return null;
      position = end;
    } else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    if (depth < 0) return null;
  }
  return null;
}

function endOfQuote(template: string, start: number): number | null {
  for (let position = start + 1; position < template.length; position += 1) {
    if (template[position] === '\\') position += 1;
    else if (template[position] === template[start]) return position;
  }
  return null;
}

/** Line and column of growing positions, in one walk over the template. */
function locator(template: string): (position: number, source: string) => TemplatePlace {
  let line = 1;
  let lineStart = 0;
  return (position, source) => {
    for (let end = template.indexOf('\n', lineStart); end !== -1 && end < position; end = template.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = end + 1;
    }
    return { line, column: position - lineStart + 1, source: shownSource(source) };
  };
}

function neverClosed(kind: TagKind, place: TemplatePlace): Error {
  return patternProblem(place, 'pattern-tag-open', {
    found: `${place.source.slice(0, 20)}… without its end`,
    expected: `${closings[kind]} behind it, and every quote inside closed`,
    action: `Close it with ${closings[kind]}; to write such braces as text, put them in quotes: {{ "{{" }}.`,
  });
}
