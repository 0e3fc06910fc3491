/** A data file, opened: what it is, and its rows as often as wanted. Every reading streams; nothing of the file is kept. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { DataRow, DataSample, DataWarning } from '../format.ts';
import { type HeaderChoice, type ReadingChoices, automatic } from './choices.ts';
import { type Container, type Delimiter, detectContainer, isParquet, refuseBinary } from './container.ts';
import { readQuoted, readTable, readUnquoted } from './delimited.ts';
import { type TextEncoding, decodeText, detectEncoding } from './encoding.ts';
import { readJsonColumns } from './json-columns.ts';
import { type RawRow, readJsonLines, readJsonList } from './json-rows.ts';
import { readLines } from './lines.ts';
import { readParquet } from './parquet-rows.ts';

export interface DataFile {
  file: string;
  encoding: TextEncoding;
  container: Container;
  /** Of a table; null for any other. */
  delimiter: Delimiter | null;
  header: HeaderChoice;
  sizeBytes: number;
}

const headBytes = 256 * 1024;
const chunkBytes = 256 * 1024;
const sampleRows = 50;
/** The object store keeps content without names, and what it keeps of imported data is always JSON Lines. */
const objectName = /^[0-9a-f]{64}$/;

/**
 * Looks at the beginning of a file.
 * @throws {Problem} `empty-file`, `not-a-file`, `binary-file`, `old-line-ends`, those of decodeText, and those of the system.
 */
export async function openDataFile(file: string, choices: ReadingChoices = automatic): Promise<DataFile> {
  const { head, size } = await readHead(file);
  const shared = { file, header: choices.header, sizeBytes: size };
  if (isParquet(head)) return { ...shared, encoding: 'utf-8', container: 'parquet', delimiter: null };
  refuseBinary(head, file);
  const encoding = detectEncoding(head, choices.encoding);
  const text = await decodeHead(head, { encoding, file, isWhole: head.length === size });
  if (text.trim() === '' && head.length === size) throw emptyFile(file);
  if (objectName.test(basename(file)) && text.startsWith('{')) return { ...shared, encoding, container: 'jsonl', delimiter: null };
  return { ...shared, encoding, ...detectContainer(text, { file, isWhole: head.length === size, delimiter: choices.delimiter }) };
}

async function readHead(file: string): Promise<{ head: Uint8Array; size: number }> {
  try {
    const information = await stat(file);
    if (!information.isFile()) {
      throw new Problem({
        code: 'not-a-file',
        found: information.isDirectory() ? 'a folder' : 'a device or pipe',
        expected: 'a data file',
        action: 'Name the file itself.',
        place: { file },
      });
    }
    if (information.size === 0) throw emptyFile(file);
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(headBytes, information.size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return { head: buffer.subarray(0, bytesRead), size: information.size };
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

function emptyFile(file: string): Problem {
  return new Problem({ code: 'empty-file', found: 'an empty file', expected: 'at least one row', action: 'Choose a file with data.', place: { file } });
}

/** The text of the head, less a character that its end cuts. */
async function decodeHead(head: Uint8Array, { encoding, file, isWhole }: { encoding: TextEncoding; file: string; isWhole: boolean }): Promise<string> {
  let text = '';
  if (!isWhole && isLegacy(encoding)) {
    // What is cut at the end of the head is not wrong; the whole file is checked when it is read.
    return new TextDecoder(encoding).decode(head);
  }
  const end = isWhole ? head.length : wholeLength(head, encoding);
  for await (const part of decodeText(single(head.subarray(0, end)), encoding, file)) text += part;
  return text;
}

function wholeLength(head: Uint8Array, encoding: TextEncoding): number {
  if (encoding.startsWith('utf-16')) {
    // The last unit may be the first half of a pair.
    const even = head.length - (head.length % 2);
    const high = head[even - (encoding === 'utf-16le' ? 1 : 2)] ?? 0;
    return high >= 0xd8 && high <= 0xdb ? even - 2 : even;
  }
  let end = head.length;
  while (end > head.length - 4 && ((head[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return (head[end - 1] ?? 0) >= 0xc0 ? end - 1 : head.length;
}

function isLegacy(encoding: TextEncoding): boolean {
  return !encoding.startsWith('utf-');
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export interface RowListener {
  /** Gets the columns of a table in the file's order before the first row; JSON rows each have their own. */
  onColumns?: (names: readonly string[], hasHeader: boolean) => void;
  /** Takes a row that cannot be read, so that reading goes on behind it; without it the first such row ends the reading. */
  onBadRow?: (problem: Problem) => void;
  /** Gets how many bytes of the file were read so far. */
  onBytes?: (bytes: number) => void;
}

/**
 * All rows, in order. Holds a few rows at a time.
 * @param warn gets what a person should know about the file's shape: empty lines, columns without a name.
 * @throws {Problem} with file and line; `no-rows`.
 */
export async function* readRows(data: DataFile, warn: (warning: DataWarning) => void, { onColumns, onBadRow, onBytes = () => {} }: RowListener = {}): AsyncGenerator<DataRow> {
  let firstBlank: number | null = null;
  let blankCount = 0;
  let badRows = 0;
  const notes: Notes = {
    onColumns: (names, hasHeader) => onColumns?.(names, hasHeader),
    onBadRow: onBadRow === undefined ? undefined : (problem) => {
      badRows += 1;
      onBadRow(problem);
    },
    onBlankLine(line: number): void {
      blankCount += 1;
      firstBlank ??= line;
    },
    onUnnamedColumn(column: number): void {
      warn({ code: 'unnamed-column', line: 1, message: `Column ${column} has no name in the header; it is called column${column}.` });
    },
  };
  let index = 0;
  let lastLine = 0;
  try {
    for await (const row of rawRows(data, notes, onBytes)) {
      yield row.json === undefined ? { index, line: row.line, values: row.values } : { index, line: row.line, values: row.values, json: row.json };
      index += 1;
      lastLine = row.line;
    }
  } catch (thrown) {
    throw toProblem(thrown);
  }
  if (firstBlank !== null) warn(blankWarning({ firstBlank, blankCount, lastLine }));
  if (index === 0 && badRows === 0) {
    throw new Problem({ code: 'no-rows', found: 'no rows', expected: 'at least one', action: 'Choose a file with data.', place: { file: data.file } });
  }
}

function blankWarning({ firstBlank, blankCount, lastLine }: { firstBlank: number; blankCount: number; lastLine: number }): DataWarning {
  const lines = blankCount === 1 ? 'One empty line was' : `${blankCount} empty lines were`;
  return firstBlank > lastLine
    ? { code: 'trailing-blank-lines', line: firstBlank, message: `${lines} left out at the end of the file.` }
    : { code: 'blank-lines', line: firstBlank, message: `${lines} left out, the first at line ${firstBlank}.` };
}

type Notes = Parameters<typeof readTable>[2];

function rawRows(data: DataFile, notes: Notes, onBytes: (bytes: number) => void): AsyncGenerator<RawRow> {
  const { file, container, encoding } = data;
  switch (container) {
    case 'jsonl': return readJsonLines(readLines(textOf(data, onBytes), file), file, notes);
    case 'json': return readJsonList(textOf(data, onBytes), file);
    case 'json-columns': {
      if (encoding !== 'utf-8' && encoding !== 'utf-8-bom') throw columnsNeedUtf8(file, encoding);
      return readJsonColumns({ file, hasMark: encoding === 'utf-8-bom' }, (names) => notes.onColumns(names, true));
    }
    case 'csv': {
      const delimiter = data.delimiter ?? ',';
      return readTable(readQuoted(textOf(data, onBytes), file, delimiter), { file, header: data.header, isQuoted: true, separator: separators[delimiter] }, notes);
    }
    case 'tsv': return readTable(readUnquoted(readLines(textOf(data, onBytes), file)), { file, header: data.header, isQuoted: false, separator: separators['\t'] }, notes);
    case 'parquet': return readParquet(file, { onColumns: (names) => notes.onColumns(names, true), onShare: (share) => onBytes(share * data.sizeBytes) });
    default: return container satisfies never;
  }
}

const separators: Record<Delimiter, string> = { ',': 'commas', '\t': 'TABs', ';': 'semicolons', '|': 'bars' };

function textOf({ file, encoding }: DataFile, onBytes: (bytes: number) => void): AsyncGenerator<string> {
  return decodeText(countBytes(createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>, onBytes), encoding, file);
}

async function* countBytes(chunks: AsyncIterable<Buffer>, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    onBytes(bytes);
  }
}

function columnsNeedUtf8(file: string, encoding: TextEncoding): Problem {
  return new Problem({
    code: 'columns-need-utf8', found: `a JSON object of lists in ${encoding}`, expected: 'UTF-8', action: 'Convert the file to UTF-8 (for example with iconv).', place: { file },
  });
}

/** The first rows, for deciding what the file holds. */
export async function readSample(data: DataFile): Promise<DataSample> {
  const rows: DataRow[] = [];
  for await (const row of readRows(data, () => {})) {
    rows.push(row);
    if (rows.length === sampleRows) break;
  }
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row.values)))];
  return { fileName: data.file.split(/[\\/]/).at(-1) ?? data.file, container: data.container, fields, rows };
}
