/**
 * CSV and TSV. CSV is quoted as in RFC 4180. TSV is not quoted at all: a quote in GLUE's and the Stanford files is a character
 * of the sentence, and a quoting reader would swallow lines up to the next one.
 */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { Problem } from '../../contract/problem.ts';
import { type Line, maxFields, maxRowCharacters, rowTooLong, tooManyFields } from './lines.ts';
import { columnNames, isHeader, numberedNames } from './header.ts';
import type { HeaderChoice } from './choices.ts';
import { type RawRow, type RowNotes, readOrNote } from './json-rows.ts';

interface Cells {
  line: number;
  cells: readonly string[];
}

export interface TableNotes extends RowNotes {
  onUnnamedColumn(column: number): void;
  onColumns(names: readonly string[], hasHeader: boolean): void;
}

export interface TableForm {
  file: string;
  /** What separates the cells, for messages. */
  separator: string;
  isQuoted: boolean;
  header: HeaderChoice;
}

/** Rows looked at to tell a header from data. */
const headerSample = 20;

/** Cells of TSV lines, untouched. */
export async function* readUnquoted(lines: AsyncIterable<Line>): AsyncGenerator<Cells> {
  for await (const { line, text } of lines) yield { line, cells: text.split('\t') };
}

/**
 * Cells of CSV records. Lines are counted here, since a record may hold line breaks.
 * @throws {Problem} `csv-quote-not-closed`, `csv-stray-quote`, `row-too-long`.
 */
export async function* readQuoted(chunks: AsyncIterable<string>, file: string, delimiter: string): AsyncGenerator<Cells> {
  let nextLine = 1;
  /** Start lines of the records that the parser has finished and the loop below has not taken yet. */
  const startLines: number[] = [];
  const parser = parse({
    bom: false,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: false,
    max_record_size: maxRowCharacters,
    on_record(cells: string[]): string[] {
      startLines.push(nextLine);
      nextLine += 1 + lineBreaks(cells);
      return cells;
    },
  });
  const source = Readable.from(chunks);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const cells of parser as AsyncIterable<string[]>) yield { line: startLines.shift() ?? 0, cells };
  } catch (thrown) {
    throw thrown instanceof CsvError ? csvProblem(thrown, { file, line: nextLine }) : thrown;
  } finally {
    source.destroy();
  }
}

function lineBreaks(cells: readonly string[]): number {
  return cells.reduce((count, cell) => count + (/[\r\n]/.test(cell) ? (cell.match(/\r\n|\n|\r/g)?.length ?? 0) : 0), 0);
}

function csvProblem(error: CsvError, place: { file: string; line: number }): Problem {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return rowTooLong(place);
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new Problem({
      code: 'csv-quote-not-closed',
      found: 'a quote that is never closed, in the record that begins here',
      expected: 'a closing quote',
      action: 'Close the quote; a quote inside a quoted field is written twice.',
      place,
      cause: error,
    });
  }
  return new Problem({
    code: 'csv-stray-quote',
    found: 'a quote in the middle of a field, in the record that begins here',
    expected: 'fields that are quoted as a whole, with a quote inside written twice',
    action: 'Correct the quotes, or save the file as TSV, which is read without quoting.',
    place,
    cause: error,
  });
}

/**
 * Named rows. Every row must have as many cells as the first; empty lines are passed over and reported.
 * @throws {Problem} `ragged-row`, `duplicate-column`, `too-many-fields`.
 */
export async function* readTable(records: AsyncIterable<Cells>, form: TableForm, notes: TableNotes): AsyncGenerator<RawRow> {
  let names: readonly string[] | null = null;
  let waiting: Cells[] = [];
  for await (const record of withoutBlankLines(records, notes)) {
    if (names === null) {
      waiting.push(record);
      if (waiting.length <= headerSample) continue;
      names = nameColumns(waiting, form, notes);
      yield* nameRows(waiting, names, form, notes);
      waiting = [];
      continue;
    }
    yield* nameRows([record], names, form, notes);
  }
  if (waiting.length > 0) yield* nameRows(waiting, nameColumns(waiting, form, notes), form, notes);
}

function* nameRows(records: readonly Cells[], names: readonly string[], form: TableForm, notes: RowNotes): Generator<RawRow> {
  for (const cells of records) {
    const row = readOrNote(notes, () => nameCells(cells, names, form));
    if (row !== null) yield row;
  }
}

async function* withoutBlankLines(records: AsyncIterable<Cells>, notes: TableNotes): AsyncGenerator<Cells> {
  for await (const record of records) {
    const isBlank = record.cells.length === 1 && record.cells[0]?.trim() === '';
    if (isBlank) notes.onBlankLine(record.line);
    else yield record;
  }
}

/** The columns' names; takes the header out of `waiting` when there is one. */
function nameColumns(waiting: Cells[], { file, header }: TableForm, notes: TableNotes): readonly string[] {
  const [first, ...following] = waiting;
  if (first === undefined) return [];
  if (first.cells.length > maxFields) throw tooManyFields(first.cells.length, { file, line: first.line });
  const hasHeader = header === 'auto' ? isHeader(first.cells, following.map(({ cells }) => cells)) : header === 'present';
  if (hasHeader) waiting.shift();
  const names = hasHeader ? columnNames(first.cells, { file, line: first.line }, notes.onUnnamedColumn) : numberedNames(first.cells.length);
  notes.onColumns(names, hasHeader);
  return names;
}

function nameCells({ line, cells }: Cells, names: readonly string[], { file, separator, isQuoted }: TableForm): RawRow {
  if (cells.length !== names.length) {
    throw new Problem({
      code: 'ragged-row',
      found: `${cells.length} ${cells.length === 1 ? 'field' : 'fields'}`,
      expected: `${names.length} as in the first row (${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''})`,
      action: isQuoted
        ? `Correct the row; a field with ${separator} or line breaks must stand in quotes.`
        : `Correct the row; TSV is read without quoting, so a field cannot hold ${separator} or line breaks. Save such data as CSV or JSON Lines.`,
      place: { file, line },
    });
  }
  return { line, values: Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])) };
}
