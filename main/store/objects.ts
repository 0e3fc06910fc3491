/**
 * Content-addressed files: `objects/<sha256>`. Written once, never changed, found by their hash, so equal content is kept once and
 * a damaged file is noticed. Datasets, prompts, weights, resume states and predictions live here; the database only names them.
 * Workers use this file: nothing here touches the database.
 *
 * Every put leaves the object's modification time at "now", also when the object was there already. The garbage collection relies
 * on that: an object that was put but not yet named in a row is recognisably fresh (trash.ts).
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, lstatSync, mkdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem, toProblem } from '../contract/problem.ts';
import { flushFlags, publishFileSync, temporaryPathIn, writeFileAtomicSync, writeProblem } from './atomic-file.ts';
import { parseObjectHash, type ObjectHash } from './identifiers.ts';

const chunkBytes = 1 << 20;

export interface ObjectReader {
  /** Where the object lies, or would lie. For readers that map the file; call `verifyObject` first where damage matters. */
  objectPath(hash: ObjectHash): string;
  /** The whole object in memory, verified: for prompts and predictions. @throws {Problem} `object-missing`, `object-corrupt` */
  readObject(hash: ObjectHash): Buffer;
  /** Reads the object through in constant memory. @throws {Problem} `object-missing`, `object-corrupt` */
  verifyObject(hash: ObjectHash): Promise<void>;
}

export interface ObjectStore extends ObjectReader {
  /** Keeps bytes that are in memory; durable on return. Heals a damaged object of the same hash. */
  putObject(bytes: Uint8Array): ObjectHash;
  /**
   * Keeps a file of any size in constant memory; durable when resolved. Nobody may write to the file meanwhile.
   * @param options `keep` (the default) copies; `consume` moves, and removes the source also where it had to copy (another file system).
   */
  putObjectFile(path: string, options?: { source: 'keep' | 'consume' }): Promise<ObjectHash>;
}

/** @param folder `<workspace>/objects`; made when the first object comes. */
export function openObjects(folder: string): ObjectStore {
  const objectPath = (hash: ObjectHash): string => join(folder, parseObjectHash(hash));

  return {
    objectPath,

    readObject(hash) {
      const path = objectPath(hash);
      const bytes = readBytes(path, hash);
      checkHash(path, hash, hashBytes(bytes));
      return bytes;
    },

    async verifyObject(hash) {
      const path = objectPath(hash);
      checkHash(path, hash, await hashFile(path).catch((error: unknown) => Promise.reject(readProblem(error, path, hash))));
    },

    putObject(bytes) {
      const hash = hashBytes(bytes);
      const path = objectPath(hash);
      if (holdsSync(path, hash)) {
        refreshSync(path);
        return hash;
      }
      mkdirSync(folder, { recursive: true });
      writeFileAtomicSync(path, bytes);
      return hash;
    },

    async putObjectFile(path, options = { source: 'keep' }) {
      mkdirSync(folder, { recursive: true });
      const moved = options.source === 'consume' ? await moveIn(path, objectPath) : null;
      if (moved !== null) return moved;
      const hash = await copyIn(path, folder, objectPath);
      if (options.source === 'consume') rmSync(path, { force: true });
      return hash;
    },
  };
}

/**
 * SHA-256 of a file in constant memory; the same hash that names objects, so that inputs can be compared with them.
 * @throws the system's error as it is
 */
export async function hashFile(path: string): Promise<ObjectHash> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) hash.update(chunk as Buffer);
  return hash.digest('hex') as ObjectHash;
}

function hashBytes(bytes: Uint8Array): ObjectHash {
  return createHash('sha256').update(bytes).digest('hex') as ObjectHash;
}

/** @returns null where the file has to be copied: it lies on another file system, or is a link to one that is not ours to move. */
async function moveIn(path: string, objectPath: (hash: ObjectHash) => string): Promise<ObjectHash | null> {
  const hash = await hashFile(path).catch((error: unknown) => Promise.reject(toProblem(error)));
  if (lstatSync(path).isSymbolicLink()) return null;
  const target = objectPath(hash);
  if (await holds(target, hash)) {
    refreshSync(target);
    rmSync(path, { force: true });
    return hash;
  }
  try {
    refreshSync(path);
    await flush(path);
    publishFileSync(path, target);
    return hash;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EXDEV') return null;
    throw writeProblem(error, target);
  }
}

/** The hash is that of the bytes that were copied, whatever happens to the source meanwhile. */
async function copyIn(path: string, folder: string, objectPath: (hash: ObjectHash) => string): Promise<ObjectHash> {
  const temporary = temporaryPathIn(folder);
  const hash = createHash('sha256');
  const hashing = new Transform({
    highWaterMark: chunkBytes,
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const source = await open(path, 'r').catch((error: unknown) => Promise.reject(toProblem(error)));
    await pipeline(source.createReadStream({ highWaterMark: chunkBytes }), hashing, createWriteStream(temporary, { flags: 'wx' }));
    await flush(temporary);
    const digest = hash.digest('hex') as ObjectHash;
    const target = objectPath(digest);
    publishFileSync(temporary, target);
    return digest;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error instanceof Problem ? error : writeProblem(error, path);
  }
}

/** Away from the event loop; the flush that publishing repeats then has nothing left to wait for. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, flushFlags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reading an object again is cheap beside writing and flushing it, and finds the damaged ones. */
function holdsSync(path: string, hash: ObjectHash): boolean {
  try {
    return hashBytes(readFileSync(path)) === hash;
  } catch {
    return false;
  }
}

async function holds(path: string, hash: ObjectHash): Promise<boolean> {
  return hashFile(path).then((found) => found === hash, () => false);
}

function refreshSync(path: string): void {
  const now = new Date();
  utimesSync(path, now, now);
}

function readBytes(path: string, hash: ObjectHash): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw readProblem(error, path, hash);
  }
}

function readProblem(error: unknown, path: string, hash: ObjectHash): Problem {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) return toProblem(error);
  return new Problem({
    code: 'object-missing',
    kind: 'failure',
    found: `no file for object ${hash.slice(0, 12)}…`,
    expected: 'every object that the workspace names',
    action: 'Restore the file from a copy of the workspace, or run the training again.',
    place: { file: path },
    cause: error,
  });
}

function checkHash(path: string, expected: ObjectHash, found: ObjectHash): void {
  if (found === expected) return;
  throw new Problem({
    code: 'object-corrupt',
    kind: 'failure',
    found: `content with SHA-256 ${found.slice(0, 12)}…`,
    expected: `${expected.slice(0, 12)}…, the content that was saved`,
    action: 'The file was changed or the disk is failing. Restore it from a copy of the workspace, or run the training again.',
    place: { file: path },
  });
}
