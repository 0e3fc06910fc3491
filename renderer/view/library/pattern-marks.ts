/** Which stretches of a pattern's text are what, for colouring while it is typed. The core reads it; this only paints. Pure. */
import type { Mark, Tint } from '../../ui/marked-text.ts';

const tags = /\{\{[\s\S]*?(?:\}\}|$)|\{%[\s\S]*?(?:%\}|$)|\{#[\s\S]*?(?:#\}|$)|\|\|\|/g;

export function markPattern(template: string): Mark[] {
  return [...template.matchAll(tags)].map(({ index, 0: text }) => ({ start: index, end: index + text.length, tint: tintOfTag(text) }));
}

/** Soft slots orange, as prompt tuning is everywhere; the answer green, fields blue. */
function tintOfTag(text: string): Tint {
  if (/^\{\{-?\s*soft\s*\(/.test(text)) return 'orange';
  if (/^\{\{-?\s*answer\s*-?\}\}/.test(text) || text === '|||') return 'green';
  return text.startsWith('{{') ? 'blue' : 'grey';
}

/** Where a place of the core (line and column from 1, in code points of the line) is in the text; the end where it is beyond. */
export function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(text.length, before + Math.min(column - 1, lines[line - 1]?.length ?? 0));
}

/** How a field is named in a template: names that mean slots, or that are no identifier, are asked of the row. */
export function fieldTag(field: string): string {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(field) && !['answer', 'soft', 'label', 'row', 'loop'].includes(field);
  if (isPlain) return `{{ ${field} }}`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(field) ? `{{ row.${field} }}` : `{{ row[${JSON.stringify(field)}] }}`;
}
