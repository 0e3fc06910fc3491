/**
 * Zip archives, as hostile as they come: everything that the table of contents says is checked before a byte is unpacked, and while
 * unpacking no entry may become more than it said. Entries are written under numbers of our own, never under their names.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, type ZipFile, openPromise } from 'yauzl';
import { Problem } from '../../contract/problem.ts';
import { isDataName, isHidden, suggestName } from './data-name.ts';
import type { OpenedSource, SkippedFile, SourceFile, SourceSurroundings } from './source-file.ts';
import { arrangeFiles } from './split-name.ts';

const mostEntries = 10_000;
const mostDataFiles = 1000;
const mostUnpackedBytes = 8 * 1024 ** 3;
/** Text packs to a tenth, repetitive text to a fiftieth; a bomb to a thousandth. */
const mostRatio = 250;
/** Below this a bomb is harmless, and a short file of zeros packs very well. */
const harmlessBytes = 10 * 1024 * 1024;

/**
 * @throws {Problem} `archive-invalid`, `archive-too-large`, `archive-suspicious` for bombs, links and names that lead out of it,
 * `archive-encrypted`, `no-data-files`
 */
export async function openArchive(path: string, { signal }: SourceSurroundings): Promise<OpenedSource> {
  const zip = await guard(path, () => openPromise(path, { autoClose: false, lazyEntries: true, strictFileNames: true, validateEntrySizes: true }));
  let folder: string | null = null;
  const close = async (): Promise<void> => {
    zip.close();
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  };
  try {
    const { entries, skipped } = await listEntries(zip, path);
    const files = entries.map((entry, index): SourceFile => {
      let opened: Promise<string> | null = null;
      const unpack = async (): Promise<string> => {
        folder ??= await mkdtemp(join(tmpdir(), 'souffleur-archive-'));
        const target = join(folder, `${index}-${basename(entry.fileName)}`);
        await guard(path, async () => pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { flags: 'wx' }), { signal }));
        return target;
      };
      return { label: entry.fileName, shown: `${path}/${entry.fileName}`, sizeBytes: entry.uncompressedSize, isLocal: true, open: () => (opened ??= unpack()) };
    });
    if (files.length === 0) throw noDataFiles(path, 'an archive');
    return { kind: 'archive', location: path, suggestedName: suggestName(path), tables: arrangeFiles(withoutSharedFolder(files)), skipped, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function listEntries(zip: ZipFile, path: string): Promise<{ entries: Entry[]; skipped: SkippedFile[] }> {
  if (zip.entryCount > mostEntries) throw tooLarge(path, `${zip.entryCount.toLocaleString('en')} entries`, `at most ${mostEntries.toLocaleString('en')}`);
  const entries: Entry[] = [];
  const skipped: SkippedFile[] = [];
  let bytes = 0;
  await guard(path, async () => {
    for await (const entry of entriesOf(zip)) {
      if (entry.fileName.endsWith('/') || isHidden(entry.fileName)) continue;
      refuseLink(entry, path);
      if (!isDataName(entry.fileName)) {
        skipped.push({ label: entry.fileName, reason: 'not a data file by its name' });
        continue;
      }
      if (entry.isEncrypted()) throw encrypted(entry, path);
      refuseBomb(entry, path);
      bytes += entry.uncompressedSize;
      entries.push(entry);
      if (bytes > mostUnpackedBytes) throw tooLarge(path, `more than ${mostUnpackedBytes.toLocaleString('en')} bytes unpacked`, 'a smaller archive');
      if (entries.length > mostDataFiles) throw tooLarge(path, `more than ${mostDataFiles} data files`, `at most ${mostDataFiles}`);
    }
  });
  return { entries, skipped };
}

function doNothing(): void {}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  const queue: Entry[] = [];
  let failure: Error | null = null;
  let isOver = false;
  let wake: () => void = doNothing;
  zip.on('entry', (entry: Entry) => {
    queue.push(entry);
    wake();
  });
  zip.on('error', (error: Error) => {
    failure = error;
    wake();
  });
  zip.on('end', () => {
    isOver = true;
    wake();
  });
  for (;;) {
    const arrived = new Promise<void>((resolve) => {
      wake = resolve;
    });
    zip.readEntry();
    if (queue.length === 0 && !isOver && failure === null) await arrived;
    if (failure !== null) throw failure;
    const entry = queue.shift();
    if (entry === undefined) return;
    yield entry;
  }
}

/** The upper half of the attributes is Unix's mode, where the archive was made on Unix. */
function refuseLink(entry: Entry, path: string): void {
  const mode = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (mode === 0 || mode === 0o100000 || mode === 0o040000) return;
  throw suspicious(path, `a ${mode === 0o120000 ? 'symbolic link' : 'special file'} (${shownName(entry)})`, 'files only');
}

function refuseBomb(entry: Entry, path: string): void {
  const { uncompressedSize, compressedSize } = entry;
  if (uncompressedSize <= harmlessBytes || uncompressedSize <= compressedSize * mostRatio) return;
  throw suspicious(path, `${shownName(entry)}, which unpacks from ${compressedSize.toLocaleString('en')} to ${uncompressedSize.toLocaleString('en')} bytes`, `at most ${mostRatio} times its packed size`);
}

function shownName(entry: Entry): string {
  return JSON.stringify(entry.fileName.slice(0, 120));
}

/** Most archives hold one folder that holds everything: it says nothing of the tables. */
export function withoutSharedFolder(files: readonly SourceFile[]): SourceFile[] {
  const [first] = files;
  const folder = first?.label.split('/').slice(0, -1)[0];
  if (folder === undefined || !files.every(({ label }) => label.startsWith(`${folder}/`)) || files.length === 1) return [...files];
  return withoutSharedFolder(files.map((file) => ({ ...file, label: file.label.slice(folder.length + 1) })));
}

async function guard<Result>(path: string, body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof Problem || !(thrown instanceof Error)) throw thrown;
    if (thrown.name === 'AbortError') throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code ?? '';
    // A full disk and a missing file have sentences of their own.
    if (/^E[A-Z]+$/.test(code)) throw thrown;
    if (/relative path|absolute path|invalid characters in fileName|strict/i.test(thrown.message)) {
      throw suspicious(path, `a name that leads out of the archive (${thrown.message.split('\n')[0]?.slice(0, 160) ?? ''})`, 'names within the archive', thrown);
    }
    throw new Problem({
      code: 'archive-invalid', found: `a zip archive that cannot be read (${thrown.message.split('\n')[0]?.slice(0, 160) ?? ''})`, expected: 'a whole archive',
      action: 'It may have been cut; fetch it again, or unpack it and import the folder.', place: { file: path }, cause: thrown,
    });
  }
}

function suspicious(path: string, found: string, expected: string, cause?: unknown): Problem {
  return new Problem({
    code: 'archive-suspicious', found, expected, action: 'Do not trust this archive. If you know where it comes from, unpack it yourself and import the folder.', place: { file: path }, cause,
  });
}

function tooLarge(path: string, found: string, expected: string): Problem {
  return new Problem({ code: 'archive-too-large', found, expected, action: 'Unpack it yourself and import the files that you need.', place: { file: path } });
}

function encrypted(entry: Entry, path: string): Problem {
  return new Problem({ code: 'archive-encrypted', found: `${shownName(entry)}, which is encrypted`, expected: 'an archive without a password', action: 'Unpack it yourself and import the folder.', place: { file: path } });
}

/** @param what for the message: `an archive`. */
export function noDataFiles(path: string, what: string): Problem {
  return new Problem({
    code: 'no-data-files', found: `${what} without a data file`, expected: 'at least one of .jsonl, .json, .csv, .tsv, .parquet', action: 'Name the file itself if it is called otherwise.', place: { file: path },
  });
}
