/**
 * Rows of a Parquet file, one row group in memory at a time. A file says in its own words how large its parts are; each such word is held
 * against a bound before anything is allocated for it.
 */
import { open } from 'node:fs/promises';
import type { AsyncBuffer, Compressors, FileMetaData, ParquetParsers } from 'hyparquet';
import { Problem } from '../../contract/problem.ts';
import { rawInteger } from './exact-json.ts';
import type { RawRow } from './json-rows.ts';
import { maxFields, tooManyFields } from './lines.ts';

/** Of a row group as the file declares it, unpacked: the size that writers aim at (Spark 128 MiB, the hub 100 MB). */
const mostGroupBytes = 128 * 1024 * 1024;
/** A page is one megabyte by every writer's default. */
const mostPageBytes = 64 * 1024 * 1024;
const mostFooterBytes = 16 * 1024 * 1024;
const mostGroupRows = 2_000_000;
/** Rows turned into objects at once. */
const sliceRows = 5000;

export interface ParquetListener {
  /** Gets the columns in the file's order, once, before the first row. */
  onColumns(names: readonly string[]): void;
  /** Gets the share of the rows that was given out, after every row group. */
  onShare(share: number): void;
}

/**
 * @throws {Problem} `parquet-invalid`, `parquet-group-too-large`, `parquet-page-too-large`, `parquet-not-text`, `duplicate-column`, `too-many-fields`
 */
export async function* readParquet(file: string, { onColumns, onShare }: ParquetListener): AsyncGenerator<RawRow> {
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const handle = await open(file, 'r');
  try {
    const buffer = await bufferOf(handle, file);
    const metadata = await guard(file, () => parquetMetadataAsync(buffer, { geoparquet: false }));
    const names = checkNames((await guard(file, () => Promise.resolve(parquetSchema(metadata)))).children.map(({ element }) => element.name), file);
    onColumns(names);
    let line = 1;
    const ranges = groupRanges(metadata, file);
    const rowCount = ranges.at(-1)?.end ?? 0;
    for (const range of ranges) {
      for await (const values of readGroup({ file, buffer, metadata, names, ...range })) {
        yield { line, ...values };
        line += 1;
      }
      onShare(range.end / rowCount);
    }
  } finally {
    await handle.close();
  }
}

async function bufferOf(handle: Awaited<ReturnType<typeof open>>, file: string): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  const tail = Buffer.alloc(8);
  if (size >= 12) await handle.read(tail, 0, 8, size - 8);
  const footer = tail.readUInt32LE(0);
  if (size < 12 || tail.toString('latin1', 4) !== 'PAR1' || footer > size - 12) {
    throw invalid(file, 'a Parquet file without its end', 'The file may have been cut; fetch it again.');
  }
  if (footer > mostFooterBytes) throw invalid(file, `a table of contents of ${footer.toLocaleString('en')} bytes`, 'Write the file again with fewer columns or larger row groups.');
  return {
    byteLength: size,
    async slice(start, end = size) {
      const length = Math.max(0, Math.min(end, size) - start);
      if (start < 0 || length > mostGroupBytes) throw new Error(`a stretch of ${length} bytes at ${start}`);
      const bytes = new ArrayBuffer(length);
      await handle.read(new Uint8Array(bytes), 0, length, start);
      return bytes;
    },
  };
}

function checkNames(names: readonly string[], file: string): readonly string[] {
  if (names.length > maxFields) throw tooManyFields(names.length, { file, line: 1 });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new Problem({
    code: 'duplicate-column', found: `the name ${JSON.stringify(twice)} over two columns`, expected: 'a different name for every column',
    action: 'Rename or remove one of the columns.', place: { file },
  });
}

interface GroupRange {
  start: number;
  end: number;
}

function groupRanges({ row_groups: groups }: FileMetaData, file: string): GroupRange[] {
  let start = 0;
  return groups.map((group) => {
    const rows = Number(group.num_rows);
    const bytes = group.columns.reduce((sum, { meta_data: data }) => sum + Number(data?.total_uncompressed_size ?? 0n), 0);
    if (!(rows >= 0 && rows <= mostGroupRows && bytes <= mostGroupBytes)) {
      throw new Problem({
        code: 'parquet-group-too-large',
        found: `a row group of ${rows.toLocaleString('en')} rows and ${bytes.toLocaleString('en')} bytes`,
        expected: `at most ${mostGroupRows.toLocaleString('en')} rows and ${mostGroupBytes.toLocaleString('en')} bytes`,
        action: 'Write the file again with smaller row groups (pyarrow: row_group_size=10000).',
        place: { file },
      });
    }
    const range = { start, end: start + rows };
    start = range.end;
    return range;
  });
}

interface Group extends GroupRange {
  file: string;
  buffer: AsyncBuffer;
  metadata: FileMetaData;
  names: readonly string[];
}

/** Columns stay columns until their rows are wanted: objects of a whole group would take several times the memory. */
async function* readGroup({ file, buffer, metadata, names, start, end }: Group): AsyncGenerator<Omit<RawRow, 'line'>> {
  const { parquetRead } = await import('hyparquet');
  const compressors = await boundedCompressors(file);
  const parsers = strictParsers(file);
  const columns: unknown[][] = [];
  for (const name of names) {
    const column: unknown[] = [];
    await guard(file, () => parquetRead({
      file: buffer, metadata, columns: [name], rowStart: start, rowEnd: end, compressors, parsers, geoparquet: false,
      onComplete: (rows) => rows.forEach((row) => column.push((row as unknown[])[0])),
    }));
    if (column.length !== end - start) throw invalid(file, `${column.length} values of the column ${JSON.stringify(name)} for ${end - start} rows`, 'The file is damaged; fetch it again.');
    columns.push(column);
  }
  for (let row = 0; row < end - start; row += 1) {
    // A turn of the event loop, so that progress and cancelling come through.
    if (row % sliceRows === sliceRows - 1) await new Promise((resolve) => void setImmediate(resolve));
    yield makeRow(names, columns.map((column) => column[row]), file);
  }
}

function makeRow(names: readonly string[], cells: readonly unknown[], file: string): Omit<RawRow, 'line'> {
  if (cells.every((cell) => cell === null || typeof cell === 'string')) return { values: Object.fromEntries(names.map((name, index) => [name, cells[index]])) };
  const values = Object.fromEntries(names.map((name, index) => [name, plainValue(cells[index], { file, name })]));
  const json = JSON.stringify(values);
  return { values: JSON.parse(json) as Record<string, unknown>, json };
}

/** As JSON has it: exact integers, dates as ISO 8601, no bytes. */
function plainValue(value: unknown, place: { file: string; name: string }): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return rawInteger(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) throw notText(place);
  if (Array.isArray(value)) return value.map((each) => plainValue(each, place));
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, (each) => plainValue(each, place));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainValue(each, place)]));
  return value;
}

async function boundedCompressors(file: string): Promise<Compressors> {
  const { compressors } = await import('hyparquet-compressors');
  return Object.fromEntries(Object.entries(compressors).map(([codec, decompress]) => [codec, (input: Uint8Array, outputLength: number) => {
    if (outputLength <= mostPageBytes) return decompress(input, outputLength);
    throw new Problem({
      code: 'parquet-page-too-large', found: `a page that unpacks to ${outputLength.toLocaleString('en')} bytes`,
      expected: `at most ${mostPageBytes.toLocaleString('en')}`, action: 'Write the file again with pages of the usual size (1 MiB).', place: { file },
    });
  }]));
}

function strictParsers(file: string): Partial<ParquetParsers> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return {
    stringFromBytes(bytes: Uint8Array | undefined) {
      if (bytes === undefined) return bytes;
      try {
        return decoder.decode(bytes);
      } catch {
        throw notText({ file, name: null });
      }
    },
  };
}

/** The library says what is wrong in an engine's words and in any class of error; a person needs the file and one sentence. */
async function guard<Result>(file: string, body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown;
    const words = thrown instanceof Error ? thrown.message.split('\n')[0] ?? '' : '';
    throw invalid(file, `a Parquet file that cannot be read (${words.slice(0, 120)})`, 'The file is damaged or uses a form that is not known here; fetch it again or export it as JSON Lines.', thrown);
  }
}

function invalid(file: string, found: string, action: string, cause?: unknown): Problem {
  return new Problem({ code: 'parquet-invalid', found, expected: 'a whole Parquet file', action, place: { file }, cause });
}

function notText({ file, name }: { file: string; name: string | null }): Problem {
  return new Problem({
    code: 'parquet-not-text', found: `bytes that are no text${name === null ? '' : ` in the column ${JSON.stringify(name)}`}`, expected: 'texts, numbers, lists and objects of them',
    action: 'Leave out the columns with pictures or other binary data.', place: { file },
  });
}
