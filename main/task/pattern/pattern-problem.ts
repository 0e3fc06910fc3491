/** Errors of a template: where in it, what stands there, and what to write instead. */
import { Problem } from '../../contract/problem.ts';
import type { TemplatePlace } from './syntax.ts';

const shownCharacters = 80;

/** A Problem at a tag of the template. */
export function patternProblem(place: TemplatePlace, code: string, words: { found: string; expected: string; action: string; cause?: unknown }): Problem {
  return new Problem({ code, ...words, place: { line: place.line, column: place.column } });
}

/** A stretch of template for a message: one line, at most 80 characters. */
export function shownSource(source: string): string {
  const line = source.slice(0, shownCharacters * 2).replaceAll(/\s+/g, ' ');
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}
