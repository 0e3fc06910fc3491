/**
 * A JSON object of lists, one a column (`{"text": […], "label": […]}`). Columns lie one after another in the file, rows are wanted one
 * after another: the file is read through once to find where each list begins, then by one reader a column in step. Holds one row.
 */
import { createReadStream } from 'node:fs';
import { Problem } from '../../contract/problem.ts';
import { type RawRow, parseRow } from './json-rows.ts';
import { maxRowCharacters, rowTooLong } from './lines.ts';

/** Every column is an open file. */
const mostColumns = 200;
const chunkBytes = 64 * 1024;
const markBytes = 3;
/** Of a column's name. */
const longestName = 1000;

const code = { quote: 0x22, backslash: 0x5c, comma: 0x2c, colon: 0x3a, openBrace: 0x7b, closeBrace: 0x7d, openBracket: 0x5b, closeBracket: 0x5d, newline: 0x0a } as const;

interface ColumnPlace {
  name: string;
  /** Of the first byte behind the opening bracket. */
  byteOffset: number;
  /** Of that byte, from 1. */
  line: number;
  count: number;
}

interface Source {
  file: string;
  hasMark: boolean;
}

/**
 * The file is UTF-8: structure is found in its bytes.
 * @throws {Problem} `invalid-json` with line, `columns-not-lists`, `columns-differ`, `duplicate-column`, `too-many-fields`, `row-too-long`, `invalid-utf8`
 */
export async function* readJsonColumns(source: Source, onColumns: (names: readonly string[]) => void): AsyncGenerator<RawRow> {
  const { file } = source;
  const columns = await findColumns(source);
  checkColumns(columns, file);
  onColumns(columns.map(({ name }) => name));
  const readers = columns.map((column) => readElements(file, column));
  try {
    for (let row = 0; row < (columns[0]?.count ?? 0); row += 1) {
      const cells: Element[] = [];
      for (const reader of readers) {
        const { value } = await reader.next();
        if (value === undefined) throw cut(file, cells[0]?.line ?? 1);
        cells.push(value);
      }
      const line = cells[0]?.line ?? 1;
      const json = `{${cells.map(({ text }, index) => `${JSON.stringify(columns[index]?.name ?? '')}:${text}`).join(',')}}`;
      for (const [index, cell] of cells.entries()) requireValue(cell, { file, name: columns[index]?.name ?? '' });
      yield { line, json, values: parseRow(json, { file, line, column: 1 }) };
    }
  } finally {
    for (const reader of readers) await reader.return(undefined);
  }
}

function checkColumns(columns: readonly ColumnPlace[], file: string): void {
  const [first] = columns;
  const names = columns.map(({ name }) => name);
  const twice = columns.find(({ name }, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Problem({
      code: 'duplicate-column', found: `the name ${JSON.stringify(twice.name)} twice`, expected: 'a different name for every column',
      action: 'Rename or remove one of the columns.', place: { file, line: twice.line },
    });
  }
  const other = columns.find(({ count }) => count !== first?.count);
  if (first === undefined || other === undefined) return;
  throw new Problem({
    code: 'columns-differ',
    found: `${other.count} values of ${JSON.stringify(other.name)} and ${first.count} of ${JSON.stringify(first.name)}`,
    expected: 'as many in every column',
    action: 'Complete the shorter column; a missing value is null.',
    place: { file, line: other.line },
  });
}

async function findColumns({ file, hasMark }: Source): Promise<ColumnPlace[]> {
  const scan = new ColumnScan(file, hasMark ? markBytes : 0);
  for await (const chunk of createReadStream(file, { start: hasMark ? markBytes : 0, highWaterMark: chunkBytes })) scan.push(chunk as Buffer);
  return scan.finish();
}

type Expected = 'object' | 'key-or-end' | 'key' | 'colon' | 'list' | 'comma-or-end' | 'nothing';

/** Finds the lists of an object; what is in them is checked when they are read. */
class ColumnScan {
  readonly #file: string;
  readonly #columns: ColumnPlace[] = [];
  #byteOffset: number;
  #line = 1;
  #depth = 0;
  #insideText = false;
  #isEscaped = false;
  /** At depth 1. */
  #expects: Expected = 'object';
  #name: number[] | null = null;
  #hasElement = false;

  constructor(file: string, byteOffset: number) {
    this.#file = file;
    this.#byteOffset = byteOffset;
  }

  push(chunk: Buffer): void {
    for (const byte of chunk) {
      if (byte === code.newline) this.#line += 1;
      if (this.#insideText) this.#inText(byte);
      else if (byte > 0x20) this.#outsideText(byte);
      this.#byteOffset += 1;
    }
  }

  finish(): ColumnPlace[] {
    if (this.#expects !== 'nothing') throw cut(this.#file, this.#line);
    return this.#columns;
  }

  #inText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === code.backslash) this.#isEscaped = true;
    else if (byte === code.quote) this.#insideText = false;
    if (this.#depth > 1) return;
    if (this.#insideText) this.#name?.push(byte);
    else this.#expects = 'colon';
    if ((this.#name?.length ?? 0) > longestName) throw rowTooLong({ file: this.#file, line: this.#line });
  }

  #outsideText(byte: number): void {
    if (this.#depth > 1) return this.#inList(byte);
    const expects = this.#expects;
    if (byte === code.openBrace && expects === 'object') return this.#go('key-or-end', 1);
    if (byte === code.closeBrace && (expects === 'key-or-end' || expects === 'comma-or-end')) return this.#go('nothing', 0);
    if (byte === code.comma && expects === 'comma-or-end') return this.#go('key', 1);
    if (byte === code.colon && expects === 'colon') return this.#go('list', 1);
    if (byte === code.quote && (expects === 'key' || expects === 'key-or-end')) {
      this.#name = [];
      this.#insideText = true;
      return;
    }
    if (byte === code.openBracket && expects === 'list') return this.#beginList();
    throw expects === 'list' ? this.#notAList() : unexpected(this.#file, this.#line, String.fromCharCode(byte));
  }

  #go(expects: Expected, depth: number): void {
    this.#expects = expects;
    this.#depth = depth;
  }

  #beginList(): void {
    if (this.#columns.length === mostColumns) throw tooManyColumns(this.#file, this.#line);
    this.#columns.push({ name: nameOf(this.#name ?? [], this.#file, this.#line), byteOffset: this.#byteOffset + 1, line: this.#line, count: 0 });
    this.#hasElement = false;
    this.#depth = 2;
  }

  #inList(byte: number): void {
    const column = this.#columns.at(-1);
    if (byte === code.quote) this.#insideText = true;
    if (byte === code.openBrace || byte === code.openBracket) this.#depth += 1;
    if (byte === code.closeBrace || byte === code.closeBracket) {
      this.#depth -= 1;
      if (this.#depth === 1) {
        if (column !== undefined && this.#hasElement) column.count += 1;
        this.#expects = 'comma-or-end';
        return;
      }
    }
    this.#hasElement = true;
    if (byte === code.comma && this.#depth === 2 && column !== undefined) column.count += 1;
  }

  #notAList(): Problem {
    return new Problem({
      code: 'columns-not-lists',
      found: `a value of ${JSON.stringify(nameOf(this.#name ?? [], this.#file, this.#line))} that is no list`,
      expected: 'a list of values for every column',
      action: 'Convert the file to JSON Lines (pandas: to_json(orient="records", lines=True)).',
      place: { file: this.#file, line: this.#line },
    });
  }
}

interface Element {
  text: string;
  line: number;
}

/** The values of one list as their file writes them. */
async function* readElements(file: string, { byteOffset, line: firstLine, count }: ColumnPlace): AsyncGenerator<Element, undefined> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let line = firstLine;
  let elementLine: number | null = null;
  let depth = 0;
  let insideText = false;
  let isEscaped = false;
  let done = 0;
  for await (const piece of createReadStream(file, { start: byteOffset, highWaterMark: chunkBytes })) {
    const chunk = piece as Buffer;
    let start = 0;
    for (let index = 0; index < chunk.length && done < count; index += 1) {
      const byte = chunk[index] ?? 0;
      if (byte === code.newline) line += 1;
      if (byte > 0x20) elementLine ??= line;
      if (insideText) {
        if (isEscaped) isEscaped = false;
        else if (byte === code.backslash) isEscaped = true;
        else if (byte === code.quote) insideText = false;
        continue;
      }
      if (byte === code.quote) insideText = true;
      const isEnd = depth === 0 && (byte === code.comma || byte === code.closeBracket);
      if (byte === code.openBrace || byte === code.openBracket) depth += 1;
      if ((byte === code.closeBrace || byte === code.closeBracket) && !isEnd) depth -= 1;
      if (!isEnd) continue;
      yield { text: decode([...parts, chunk.subarray(start, index)], file, elementLine ?? line), line: elementLine ?? line };
      done += 1;
      parts = [];
      bytes = 0;
      elementLine = null;
      start = index + 1;
    }
    if (done === count) return undefined;
    parts.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > maxRowCharacters) throw rowTooLong({ file, line: elementLine ?? line });
  }
  return undefined;
}

/** Two values without a comma between, or none at all, must not slip into the row's own JSON. */
function requireValue({ text, line }: Element, { file, name }: { file: string; name: string }): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new Problem({
      code: 'invalid-json', found: `${JSON.stringify(text.trim().slice(0, 40))} as a value of ${JSON.stringify(name)}`, expected: 'valid JSON', action: 'Correct the value.',
      place: { file, line }, cause,
    });
  }
}

function nameOf(bytes: readonly number[], file: string, line: number): string {
  try {
    return JSON.parse(`"${decode([Uint8Array.from(bytes)], file, line)}"`) as string;
  } catch {
    throw unexpected(file, line, '"');
  }
}

function decode(parts: readonly Uint8Array[], file: string, line: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  } catch (cause) {
    throw new Problem({
      code: 'invalid-utf8', found: 'bytes that are no UTF-8', expected: 'a text in UTF-8', action: 'Convert the file to UTF-8 (for example with iconv).', place: { file, line }, cause,
    });
  }
}

function unexpected(file: string, line: number, character: string): Problem {
  return new Problem({ code: 'invalid-json', found: JSON.stringify(character), expected: 'valid JSON', action: 'Correct the file.', place: { file, line } });
}

function cut(file: string, line: number): Problem {
  return new Problem({
    code: 'invalid-json', found: 'the end of the file', expected: 'valid JSON', action: 'The file may have been cut; fetch it again.', place: { file, line },
  });
}

function tooManyColumns(file: string, line: number): Problem {
  return new Problem({
    code: 'too-many-fields', found: `more than ${mostColumns} columns`, expected: `at most ${mostColumns} in this form`, action: 'Convert the file to JSON Lines.', place: { file, line },
  });
}
