/** A data file, opened: what it is, and its rows as often as wanted. Every reading streams; nothing of the file is kept. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { DataRow, DataSample, DataWarning } from '../format.ts';
import { type Container, detectContainer, refuseBinary } from './container.ts';
import { readComma, readTabbed, readTable } from './delimited.ts';
import { type TextEncoding, decodeText, detectEncoding } from './encoding.ts';
import { type RawRow, readJsonLines, readJsonList } from './json-rows.ts';
import { readLines } from './lines.ts';

export interface DataFile {
  file: string;
  encoding: TextEncoding;
  container: Container;
}

const headBytes = 256 * 1024;
const chunkBytes = 256 * 1024;
const sampleRows = 50;

/**
 * Looks at the beginning of a file.
 * @throws {Problem} `empty-file`, `not-a-file`, `binary-file`, `old-line-ends`, those of decodeText, and those of the system.
 */
export async function openDataFile(file: string): Promise<DataFile> {
  const { head, size } = await readHead(file);
  refuseBinary(head, file);
  const encoding = detectEncoding(head);
  const text = await decodeHead(head, { encoding, file, isWhole: head.length === size });
  if (text.trim() === '' && head.length === size) throw emptyFile(file);
  return { file, encoding, container: detectContainer(text, { file, isWhole: head.length === size }) };
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
  const end = isWhole ? head.length : wholeLength(head, encoding);
  let text = '';
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

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * All rows, in order. Holds a few rows at a time.
 * @param warn gets what a person should know about the file's shape: empty lines, columns without a name.
 * @throws {Problem} with file and line; `no-rows`.
 */
export async function* readRows(data: DataFile, warn: (warning: DataWarning) => void): AsyncGenerator<DataRow> {
  let firstBlank: number | null = null;
  let blankCount = 0;
  const notes = {
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
    for await (const row of rawRows(data, notes)) {
      yield { index, line: row.line, values: row.values };
      index += 1;
      lastLine = row.line;
    }
  } catch (thrown) {
    throw toProblem(thrown);
  }
  if (firstBlank !== null) warn(blankWarning({ firstBlank, blankCount, lastLine }));
  if (index === 0) {
    throw new Problem({ code: 'no-rows', found: 'no rows', expected: 'at least one', action: 'Choose a file with data.', place: { file: data.file } });
  }
}

function blankWarning({ firstBlank, blankCount, lastLine }: { firstBlank: number; blankCount: number; lastLine: number }): DataWarning {
  const lines = blankCount === 1 ? 'One empty line was' : `${blankCount} empty lines were`;
  return firstBlank > lastLine
    ? { code: 'trailing-blank-lines', line: firstBlank, message: `${lines} left out at the end of the file.` }
    : { code: 'blank-lines', line: firstBlank, message: `${lines} left out, the first at line ${firstBlank}.` };
}

function rawRows(data: DataFile, notes: { onBlankLine(line: number): void; onUnnamedColumn(column: number): void }): AsyncGenerator<RawRow> {
  const { file, container } = data;
  const bytes = createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
  const text = decodeText(bytes, data.encoding, file);
  switch (container) {
    case 'jsonl': return readJsonLines(readLines(text, file), file, notes.onBlankLine);
    case 'json': return readJsonList(text, file);
    case 'csv': return readTable(readComma(text, file), { file, container }, notes);
    case 'tsv': return readTable(readTabbed(readLines(text, file)), { file, container }, notes);
    default: return container satisfies never;
  }
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
