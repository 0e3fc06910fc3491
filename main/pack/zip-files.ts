/**
 * A pack's zip, opened with suspicion: every entry is judged before a byte of it is read, and nothing is ever written by an entry's name.
 * What a plain zip of a few files does not need is refused: zip64, several disks, comments behind the end, encryption, links, names twice,
 * entries over each other (APPNOTE.TXT 6.3.10, sections 4.3 and 4.4).
 */
import { resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type LocalFileHeader, type ZipFile } from 'yauzl';
import { packLimits } from '../contract/prompt-pack.ts';
import { Problem, toProblem } from '../contract/problem.ts';
import { readRange, withPlainFile } from '../model/plain-file.ts';
import { quote } from '../model/strict-json.ts';
import { isPackFileName, isPackFolderName, refusePack, requireSize, type PackFiles } from './pack-files.ts';

/** The files of the largest pack, its folders, and room for none else. */
const entryLimit = 3 * packLimits.prompts + 1;
const endBytes = 22;
const zip64LocatorBytes = 20;
/** Text of some kilobytes may shrink a lot; numbers do not, and a bomb is large. */
const smallBytes = 1 << 16;
const largestRatio = 100;
/** Universal time stamps and user ids of common tools take up to 32. */
const stuffingLimit = 256;

/**
 * @throws {Problem} `pack-zip-damaged`, `pack-zip64`, `pack-entries`, `pack-entry-name`, `pack-entry-repeated`, `pack-entry-link`,
 *   `pack-encrypted`, `pack-compression`, `pack-too-large`, `pack-ratio`, `pack-overlap`, `not-a-file`, or a system error
 */
export async function openZipFiles(path: string): Promise<PackFiles> {
  const file = resolve(path);
  const centralStart = await checkEnd(file);
  const zip = await openPromise(file, { autoClose: false, decodeStrings: false }).catch((thrown: unknown) => Promise.reject(damaged(file, thrown)));
  try {
    const entries = await listEntries(zip, { file, centralStart });
    return {
      path: file,
      names: [...entries.keys()],
      ignored: [],
      async read(name) {
        const entry = entries.get(name);
        if (entry === undefined) throw new Error(`no entry ${name}`);
        return readEntry(zip, { file, name, entry });
      },
      close: () => zip.close(),
    };
  } catch (thrown) {
    zip.close();
    throw damaged(file, thrown);
  }
}

/** The record at the very end says where the directory lies; it must lie right before it. @returns the directory's start. */
async function checkEnd(file: string): Promise<number> {
  return withPlainFile(file, async (handle, fileBytes) => {
    const size = Math.min(fileBytes, endBytes + zip64LocatorBytes);
    const tail = await readRange(handle, { file, byteOffset: fileBytes - size, byteLength: size });
    if (size < endBytes) throw refuse(file, 'pack-zip-damaged', `${fileBytes} bytes`, 'a zip archive');
    const end = tail.subarray(size - endBytes);
    if (end.readUInt32LE(0) !== 0x06054b50) throw refuse(file, 'pack-zip-damaged', 'no end record in the last 22 bytes', 'a whole zip archive without a comment');
    if (size === endBytes + zip64LocatorBytes && tail.readUInt32LE(0) === 0x07064b50) throw zip64(file);
    const [disk, firstDisk, here, entries] = [4, 6, 8, 10].map((offset) => end.readUInt16LE(offset));
    const [directoryBytes, start] = [end.readUInt32LE(12), end.readUInt32LE(16)];
    if (entries === 0xffff || directoryBytes === 0xffffffff || start === 0xffffffff) throw zip64(file);
    if (disk !== 0 || firstDisk !== 0 || here !== entries) throw refuse(file, 'pack-zip-damaged', 'an archive of several parts', 'one');
    if ((entries ?? 0) > entryLimit) throw refuse(file, 'pack-entries', `${entries} entries`, `at most ${entryLimit}`);
    if (start + directoryBytes !== fileBytes - endBytes) {
      throw refuse(file, 'pack-zip-damaged', `a directory at bytes ${start} to ${start + directoryBytes}`, `one that ends at ${fileBytes - endBytes}, where the end record begins`);
    }
    return start;
  });
}

interface Judged {
  readonly entry: Entry;
  readonly start: number;
  readonly end: number;
}

async function listEntries(zip: ZipFile, { file, centralStart }: { file: string; centralStart: number }): Promise<Map<string, Entry>> {
  const files = new Map<string, Entry>();
  const seen = new Set<string>();
  const places: Judged[] = [];
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    const name = readName(entry, file);
    if (seen.has(name)) throw refuse(file, 'pack-entry-repeated', `the entry ${quote(name)} twice`, 'each entry once');
    seen.add(name);
    if (seen.size > entryLimit) throw refuse(file, 'pack-entries', `more than ${entryLimit} entries`, 'fewer');
    checkEntry(entry, { file, name });
    total += entry.uncompressedSize;
    if (total > packLimits.totalBytes) throw refuse(file, 'pack-too-large', `more than ${packLimits.totalBytes} bytes when unpacked`, 'less');
    places.push(await locate(zip, entry, { file, name }));
    if (!name.endsWith('/')) files.set(name, entry);
  }
  checkPlaces(places, { file, centralStart });
  return files;
}

/** Judged by its bytes: a name means the same to every reader only while it is plain ASCII. */
function readName(entry: Entry, file: string): string {
  const name = entry.fileNameRaw.subarray(0, 200).toString('latin1');
  const isKnown = isPackFileName(name) || (name.endsWith('/') && isPackFolderName(name.slice(0, -1)));
  if (isKnown && entry.fileNameRaw.length === name.length) return name;
  throw refuse(file, 'pack-entry-name', `the entry name ${quote(name)}`, 'manifest.json, adapter_config.json, adapter_model.safetensors, the last two also in prompt-1/, prompt-2/, …');
}

function checkEntry(entry: Entry, { file, name }: { file: string; name: string }): void {
  const shown = quote(name);
  if (entry.extraFieldRaw.length + entry.fileCommentRaw.length > stuffingLimit) throw refuse(file, 'pack-zip-damaged', `${entry.extraFieldRaw.length + entry.fileCommentRaw.length} bytes of remarks on ${shown}`, `at most ${stuffingLimit}`);
  if (entry.extraFields.some(({ id }) => id === 1)) throw zip64(file);
  // The upper half holds Unix file modes where the archive comes from such a system; 0 says nothing.
  const kind = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (kind !== 0 && kind !== (name.endsWith('/') ? 0o040000 : 0o100000)) throw refuse(file, 'pack-entry-link', `${shown}, which is ${kind === 0o120000 ? 'a symbolic link' : 'no plain file'}`, 'plain files');
  // Bit 13 hides the directory's values (strong encryption); method 99 is AES.
  if (entry.isEncrypted() || (entry.generalPurposeBitFlag & 0x2000) !== 0 || entry.compressionMethod === 99) throw refuse(file, 'pack-encrypted', `the encrypted entry ${shown}`, 'a plain one');
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw refuse(file, 'pack-compression', `${shown} packed with method ${entry.compressionMethod}`, 'stored (0) or deflated (8)');
  if (name.endsWith('/') && entry.uncompressedSize !== 0) throw refuse(file, 'pack-zip-damaged', `a folder ${shown} of ${entry.uncompressedSize} bytes`, 'none');
  requireSize(file, name, entry.uncompressedSize);
  if (entry.uncompressedSize > smallBytes && entry.uncompressedSize > largestRatio * entry.compressedSize) {
    throw refuse(file, 'pack-ratio', `${shown}, whose ${entry.compressedSize} bytes unpack to ${entry.uncompressedSize}`, `at most ${largestRatio} times as many`);
  }
}

/** The header before the data says everything a second time; a reader that trusts the other one must see the same file. */
async function locate(zip: ZipFile, entry: Entry, { file, name }: { file: string; name: string }): Promise<Judged> {
  const local: LocalFileHeader = await zip.readLocalFileHeaderPromise(entry);
  const sizesFollow = (local.generalPurposeBitFlag & 8) !== 0;
  const agrees = local.fileName.equals(entry.fileNameRaw) && local.compressionMethod === entry.compressionMethod
    && local.generalPurposeBitFlag === entry.generalPurposeBitFlag
    && (sizesFollow || (local.compressedSize === entry.compressedSize && local.uncompressedSize === entry.uncompressedSize && local.crc32 === entry.crc32));
  if (!agrees) throw refuse(file, 'pack-zip-damaged', `two different descriptions of ${quote(name)}`, 'the same in the directory and before the data');
  return { entry, start: entry.relativeOffsetOfLocalHeader, end: local.fileDataStart + entry.compressedSize };
}

function checkPlaces(places: readonly Judged[], { file, centralStart }: { file: string; centralStart: number }): void {
  let end = 0;
  for (const { start, end: next } of places.toSorted((a, b) => a.start - b.start)) {
    if (start < end) throw refuse(file, 'pack-overlap', `an entry at byte ${start}`, `one from ${end} on, behind the entry before it`);
    if (end === 0 && start !== 0) throw refuse(file, 'pack-zip-damaged', `${start} bytes before the first entry`, 'none');
    end = next;
  }
  if (end > centralStart) throw refuse(file, 'pack-overlap', `an entry up to byte ${end}`, `the directory’s start, ${centralStart}, at most`);
}

async function readEntry(zip: ZipFile, { file, name, entry }: { file: string; name: string; entry: Entry }): Promise<Buffer> {
  const bytes = Buffer.alloc(entry.uncompressedSize);
  let filled = 0;
  try {
    for await (const piece of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      if (filled + piece.length > bytes.length) throw refuse(file, 'pack-zip-damaged', `more than the ${bytes.length} bytes that ${quote(name)} is said to have`, 'as many');
      filled += piece.copy(bytes, filled);
    }
  } catch (thrown) {
    throw damaged(file, thrown);
  }
  if (filled === bytes.length && crc32(bytes) === entry.crc32) return bytes;
  throw refuse(file, 'pack-zip-damaged', `${quote(name)} with another checksum than its own`, 'the bytes that were packed');
}

function zip64(file: string): Problem {
  return refuse(file, 'pack-zip64', 'a zip64 archive, for files beyond 4 GB', `a plain one of at most ${packLimits.totalBytes} bytes`);
}

function refuse(file: string, code: string, found: string, expected: string): Problem {
  return refusePack(file, { code, found, expected });
}

/** A fault that the zip library found, or a Problem as it is. */
function damaged(file: string, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const known = toProblem(thrown);
  if (known.code !== 'unexpected') return known;
  const detail = thrown instanceof Error ? thrown.message.split(/[.\n]/)[0] ?? '' : String(thrown);
  return refusePack(file, { code: 'pack-zip-damaged', found: `a damaged zip archive (${detail})`, expected: 'a whole prompt pack', cause: thrown });
}
