/** Rows from JSON: one object a line, or the objects of one list. Both hold one row at a time. */
import { Problem } from '../../contract/problem.ts';
import { isObject, shown } from '../fields.ts';
import { locateJsonError } from './json-error.ts';
import { type Line, maxFields, maxRowCharacters, rowTooLong, tooManyFields } from './lines.ts';

export interface RawRow {
  line: number;
  values: Readonly<Record<string, unknown>>;
  /** The row as its file writes it, where that is JSON. */
  json?: string;
}

/**
 * JSON Lines. Empty lines are passed over and reported.
 * @throws {Problem} `invalid-json` with line and column, `row-not-object`.
 */
export async function* readJsonLines(lines: AsyncIterable<Line>, file: string, notes: RowNotes): AsyncGenerator<RawRow> {
  for await (const { line, text } of lines) {
    if (text.trim() === '') {
      notes.onBlankLine(line);
      continue;
    }
    const values = readOrNote(notes, () => parseRow(text, { file, line, column: 1 }));
    if (values !== null) yield { line, values, json: text };
  }
}

/** What a reader tells beside the rows. */
export interface RowNotes {
  onBlankLine(line: number): void;
  /** Takes a row that cannot be read, so that reading goes on behind it; without it the first such row ends the reading. */
  onBadRow?: ((problem: Problem) => void) | undefined;
}

/** @returns null for a row that was told of. @throws what `read` throws where nobody wants to be told. */
export function readOrNote<Result>({ onBadRow }: RowNotes, read: () => Result): Result | null {
  try {
    return read();
  } catch (thrown) {
    if (onBadRow === undefined || !(thrown instanceof Problem)) throw thrown;
    onBadRow(thrown);
    return null;
  }
}

interface RowPlace {
  file: string;
  line: number;
  /** Where the text begins on its line, from 1. */
  column: number;
}

/** One JSON object. @throws {Problem} `invalid-json`, `row-not-object`, `too-many-fields` */
export function parseRow(text: string, place: RowPlace): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidJson(text, place, cause);
  }
  if (isObject(value)) {
    const count = Object.keys(value).length;
    if (count > maxFields) throw tooManyFields(count, place);
    return value;
  }
  throw new Problem({
    code: 'row-not-object',
    found: typeof value === 'string' ? shown(value) : `${Array.isArray(value) ? 'a list' : String(value)}`,
    expected: 'an object with named fields, such as {"sentence": …, "label": …}',
    action: 'Write every row as an object.',
    place,
  });
}

function invalidJson(text: string, place: RowPlace, cause: unknown): Problem {
  const index = locateJsonError(text) ?? 0;
  const before = text.slice(0, index);
  const lastBreak = before.lastIndexOf('\n');
  const isCut = index >= text.length;
  return new Problem({
    code: 'invalid-json',
    found: isCut ? 'a row that ends too early' : shown(text.slice(index, index + 20)),
    expected: 'valid JSON',
    action: isCut ? 'The file may have been cut; fetch it again or complete the row.' : 'Correct the row.',
    place: {
      file: place.file,
      line: place.line + before.split('\n').length - 1,
      column: lastBreak === -1 ? place.column + index : index - lastBreak,
    },
    cause,
  });
}

/** What the scan of a list has seen so far. */
interface Scan {
  depth: number;
  insideText: boolean;
  escaped: boolean;
  line: number;
  /** Characters on this line before the chunk, for columns. */
  lineStart: number;
}

/**
 * The objects of a JSON list, or of the list under `data` of a JSON object. Brackets and quotes are followed by character, each object is
 * then parsed by itself; what lies between objects must be commas.
 * @throws {Problem} `invalid-json`, `row-not-object`, `row-too-long`, `no-list` when there is no such list.
 */
export async function* readJsonList(chunks: AsyncIterable<string>, file: string): AsyncGenerator<RawRow> {
  const reader = new JsonListReader(file);
  for await (const chunk of chunks) yield* reader.push(chunk);
  reader.finish();
}

class JsonListReader {
  readonly #file: string;
  readonly #scan: Scan = { depth: 0, insideText: false, escaped: false, line: 1, lineStart: 0 };
  /** `before` the list, `inside` it, `after` it (only closing brackets and other fields follow). */
  #where: 'before' | 'inside' | 'after' = 'before';
  /** Depth of the brackets around the list's objects. */
  #listDepth = 0;
  #row: { parts: string[]; length: number; line: number; column: number } | null = null;
  /** In the list: what may come next between objects. */
  #expects: 'row-or-end' | 'row' | 'comma-or-end' = 'row-or-end';
  /** Outside the list, at depth 1: the last text in quotes, to find the key `data`. */
  #text = '';
  #key = '';
  /** Characters seen before this chunk. */
  #seen = 0;

  constructor(file: string) {
    this.#file = file;
  }

  *push(chunk: string): Generator<RawRow> {
    let rowStart = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const character = chunk[index] ?? '';
      if (character === '\n') {
        this.#scan.line += 1;
        this.#scan.lineStart = this.#seen + index + 1;
      }
      if (this.#scan.insideText) {
        this.#insideText(character);
        continue;
      }
      const startsRow = this.#row === null && this.#where === 'inside' && this.#startsRow(character, index);
      if (startsRow) rowStart = index;
      this.#outsideText(character, index);
      if (this.#row !== null && this.#scan.depth === this.#listDepth) {
        yield this.#finishRow(chunk.slice(rowStart, index + 1));
        rowStart = index + 1;
      }
    }
    if (this.#row !== null) this.#keep(chunk.slice(rowStart));
    this.#seen += chunk.length;
  }

  finish(): void {
    if (this.#where === 'after' && this.#scan.depth === 0 && !this.#scan.insideText) return;
    if (this.#where === 'before' && this.#scan.depth === 0) throw this.#noList();
    throw this.#unexpected('the end of the file', this.#seen, 'The file may have been cut; fetch it again.');
  }

  #insideText(character: string): void {
    const scan = this.#scan;
    if (scan.escaped) scan.escaped = false;
    else if (character === '\\') scan.escaped = true;
    else if (character === '"') scan.insideText = false;
    if (this.#row === null && scan.insideText && this.#text.length < 64) this.#text += character;
  }

  #outsideText(character: string, index: number): void {
    const scan = this.#scan;
    if (this.#where === 'after' && scan.depth === 0 && character.trim() !== '') throw this.#unexpected(`"${character}"`, this.#seen + index);
    if (character === '"') {
      scan.insideText = true;
      this.#text = '';
      return;
    }
    if (character === ':' && scan.depth === 1 && this.#where === 'before') this.#key = this.#text;
    if (character === '{' || character === '[') {
      const isList = character === '[' && (scan.depth === 0 || (scan.depth === 1 && this.#key === 'data'));
      scan.depth += 1;
      if (this.#where === 'before' && isList) {
        this.#where = 'inside';
        this.#listDepth = scan.depth;
      }
    } else if (character === '}' || character === ']') {
      scan.depth -= 1;
      if (this.#where === 'inside' && scan.depth < this.#listDepth) this.#where = 'after';
      if (this.#where === 'before' && scan.depth === 0) throw this.#noList();
    }
  }

  /** Whether an object begins here; anything else but commas in their places is an error. */
  #startsRow(character: string, index: number): boolean {
    if (character.trim() === '') return false;
    const place = this.#seen + index;
    if (character === '{' && this.#expects !== 'comma-or-end') {
      this.#row = { parts: [], length: 0, line: this.#scan.line, column: place - this.#scan.lineStart + 1 };
      return true;
    }
    if (character === ',' && this.#expects === 'comma-or-end') {
      this.#expects = 'row';
      return false;
    }
    if (character === ']' && this.#expects !== 'row') return false;
    if (this.#expects !== 'comma-or-end' && /["[\dtfn-]/.test(character)) {
      throw new Problem({
        code: 'row-not-object',
        found: `an element that begins with ${character}`,
        expected: 'an object with named fields, such as {"sentence": …, "label": …}',
        action: 'Write every row as an object.',
        place: { file: this.#file, line: this.#scan.line, column: place - this.#scan.lineStart + 1 },
      });
    }
    throw this.#unexpected(`"${character}"`, place);
  }

  #keep(part: string): void {
    const row = this.#row;
    if (row === null) return;
    row.parts.push(part);
    row.length += part.length;
    if (row.length > maxRowCharacters) throw rowTooLong({ file: this.#file, line: row.line });
  }

  #finishRow(part: string): RawRow {
    this.#keep(part);
    const row = this.#row;
    this.#row = null;
    this.#expects = 'comma-or-end';
    if (row === null) throw new Error('a row ends that never began');
    const json = row.parts.join('');
    return { line: row.line, json, values: parseRow(json, { file: this.#file, line: row.line, column: row.column }) };
  }

  #unexpected(found: string, place: number, action = 'Correct the file.'): Problem {
    return new Problem({
      code: 'invalid-json',
      found,
      expected: 'valid JSON',
      action,
      place: { file: this.#file, line: this.#scan.line, column: Math.max(1, place - this.#scan.lineStart + 1) },
    });
  }

  #noList(): Problem {
    return new Problem({
      code: 'no-list',
      found: 'JSON without a list of rows',
      expected: 'one object a line, a list of objects, or an object with the list under "data"',
      action: 'Convert the file to JSON Lines.',
      place: { file: this.#file },
    });
  }
}
