/**
 * Files that are wholly old or wholly new whatever happens in between: a kill, a full disk, a power cut.
 * Written under a temporary name in the same folder (a rename is atomic only within one file system), flushed to the disk,
 * renamed, and the folder flushed, without which the new name itself may be lost with the power.
 * Workers use this file: nothing here touches the database.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';
import { answersSignals } from './process-identity.ts';

/** Tells our own temporary files from those of an earlier process with the same id (usual in containers). */
const session = randomBytes(4).toString('hex');
const temporaryName = /^\.souffleur-(\d+)-([0-9a-f]{8})-\d+\.tmp$/;
let temporaryCount = 0;

/** Windows refuses to flush a descriptor that was opened for reading only; elsewhere the file itself may be read-only. */
export const flushFlags = process.platform === 'win32' ? 'r+' : 'r';

/**
 * Writes a whole file so that its path holds either the old content or the new one at every moment.
 * @param bytes text is written as UTF-8.
 * @throws {Problem} `system-…` (full disk, no permission, …) or `file-not-written`; the temporary file is gone and the old file stays.
 */
export function writeFileAtomicSync(path: string, bytes: Uint8Array | string): void {
  const temporary = temporaryPathIn(dirname(path));
  try {
    const descriptor = openSync(temporary, 'wx');
    try {
      writeAllSync(descriptor, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    } finally {
      closeSync(descriptor);
    }
    publishFileSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeProblem(error, path);
  }
}

/** Node refuses to write 2 GiB at once, and the state of a fully tuned base model has 3. */
const largestWriteBytes = 64 * 1024 * 1024;

function writeAllSync(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, Math.min(largestWriteBytes, bytes.length - written));
  }
}

/** @returns a name in `folder` that no other process and no other call uses; `removeStaleTemporaryFiles` knows it. */
export function temporaryPathIn(folder: string): string {
  temporaryCount += 1;
  return join(folder, `.souffleur-${process.pid}-${session}-${temporaryCount}.tmp`);
}

/** Flushes a finished file to the disk and gives it its final name, replacing what is there. Both must be on one file system. */
export function publishFileSync(finished: string, target: string): void {
  const descriptor = openSync(finished, flushFlags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(finished, target);
  flushFolderSync(dirname(target));
}

/**
 * Removes the temporary files of processes that are gone. Those of living processes, this one included, stay.
 * @returns how many were removed; 0 for a folder that does not exist.
 */
export function removeStaleTemporaryFiles(folder: string): number {
  let removed = 0;
  for (const name of listNames(folder)) {
    const match = temporaryName.exec(name);
    if (match === null || isInUse(Number(match[1]), match[2])) continue;
    rmSync(join(folder, name), { force: true });
    removed += 1;
  }
  return removed;
}

/** A system error in words, with the path that the person knows instead of the temporary name. */
export function writeProblem(error: unknown, path: string): Problem {
  const problem = toProblem(error);
  if (problem.code !== 'unexpected') {
    return new Problem({ ...problem.toRecord(), place: { file: path }, cause: error });
  }
  return new Problem({
    code: 'file-not-written',
    kind: 'failure',
    found: error instanceof Error ? `a write that failed (${error.message})` : 'a write that failed',
    expected: 'a file system that takes the file',
    action: 'Check the disk and its limits and run the command again; what was saved before is intact.',
    place: { file: path },
    cause: error,
  });
}

function isInUse(processId: number, fileSession: string | undefined): boolean {
  return processId === process.pid ? fileSession === session : answersSignals(processId);
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw toProblem(error);
  }
}

/** Not every file system can flush a folder (Windows, some network ones); the rename itself is still atomic there. */
function flushFolderSync(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
  } finally {
    closeSync(descriptor);
  }
}
