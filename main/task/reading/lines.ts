/** From text chunks to lines, with a bound on the length of one. */
import { Problem } from '../../contract/problem.ts';

/**
 * Characters in one row: a thousand times what a T5 ever sees. JSON made to cost memory takes some 70 bytes a character when parsed;
 * this bound keeps it under 200 MB.
 */
export const maxRowCharacters = 2 * 1024 * 1024;

/** Named fields in one row; the widest published data sets have some dozens. */
export const maxFields = 1000;

export interface Line {
  /** From 1. */
  line: number;
  /** Without its line end (LF or CRLF). */
  text: string;
}

/**
 * Every line; a last line end does not begin another line. Holds one line and one chunk.
 * @throws {Problem} `row-too-long`.
 */
export async function* readLines(chunks: AsyncIterable<string>, file: string): AsyncGenerator<Line> {
  let line = 1;
  let pending: string[] = [];
  let pendingLength = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      pending.push(chunk.slice(start, end));
      yield { line, text: withoutReturn(pending.join('')) };
      pending = [];
      pendingLength = 0;
      line += 1;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.slice(start));
    pendingLength += chunk.length - start;
    if (pendingLength > maxRowCharacters) throw rowTooLong({ file, line });
  }
  if (pending.length > 0) yield { line, text: withoutReturn(pending.join('')) };
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** A row that does not end within the bound. */
export function rowTooLong(place: { file: string; line: number }): Problem {
  return new Problem({
    code: 'row-too-long',
    found: `a row of more than ${maxRowCharacters.toLocaleString('en')} characters`,
    expected: 'rows that a model can read',
    action: 'Check the line ends and, in CSV, that every quote is closed.',
    place,
  });
}

/** A row with more fields than any table of texts has. */
export function tooManyFields(count: number, place: { file: string; line: number }): Problem {
  return new Problem({
    code: 'too-many-fields',
    found: `a row with ${count.toLocaleString('en')} fields`,
    expected: `at most ${maxFields.toLocaleString('en')}`,
    action: 'Check that the file is a table of texts and not a matrix.',
    place,
  });
}
