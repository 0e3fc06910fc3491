/** Opening a file that somebody else put into a model folder. */
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Problem, toProblem } from '../contract/problem.ts';
import type { ProblemPlace } from '../contract/problem.ts';

/**
 * Opens a file for reading, hands it to `read` with its length, and closes it.
 * @throws {Problem} `not-a-file` for a folder, a device or a pipe (opening a pipe would wait for ever), what `read` throws, or a system error.
 */
export async function withPlainFile<Result>(file: string, read: (handle: FileHandle, byteLength: number) => Promise<Result>): Promise<Result> {
  try {
    const facts = await stat(file);
    if (!facts.isFile()) {
      throw new Problem({
        code: 'not-a-file',
        found: facts.isDirectory() ? 'a folder' : 'a device, pipe or socket',
        expected: 'a file',
        action: 'Put the file itself in its place.',
        place: { file },
      });
    }
    const handle = await open(file, 'r');
    try {
      return await read(handle, facts.size);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

/**
 * Reads `byteLength` bytes at a place.
 * @throws {Problem} `file-cut` when the file ends first.
 */
export async function readRange(handle: FileHandle, range: { file: string; byteOffset: number; byteLength: number }): Promise<Buffer> {
  const bytes = Buffer.alloc(range.byteLength);
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, range.byteOffset + filled);
    if (bytesRead === 0) {
      throw new Problem({
        code: 'file-cut',
        found: `the end of the file at byte ${range.byteOffset + filled}`,
        expected: `bytes up to ${range.byteOffset + range.byteLength}`,
        action: 'The file is cut: download it again.',
        place: { file: range.file, byteOffset: range.byteOffset + filled },
      });
    }
    filled += bytesRead;
  }
  return bytes;
}

/**
 * What a folder cloned without its large files holds in their place: nothing, or a Git LFS pointer.
 * @throws {Problem} `weights-empty`, `git-lfs-pointer`.
 */
export async function refuseStandIn(handle: FileHandle, file: string): Promise<void> {
  const start = Buffer.alloc(40);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  if (bytesRead === 0) {
    throw new Problem({ code: 'weights-empty', found: 'an empty file', expected: 'the weights', action: 'Download the file again.', place: { file } });
  }
  if (start.toString('latin1').startsWith(gitLfsStart)) throw gitLfsPointer('the weights themselves', { file, byteOffset: 0 });
}

/** How a Git LFS pointer begins (git-lfs, docs/spec.md). */
export const gitLfsStart = 'version https://git-lfs.github.com/';

/** @param expected what belongs in the pointer's place. @returns the error to throw. */
export function gitLfsPointer(expected: string, place: ProblemPlace): Problem {
  return new Problem({
    code: 'git-lfs-pointer',
    found: 'a Git LFS pointer, a stand-in of a few lines',
    expected,
    action: 'Run "git lfs pull" in the model’s folder, or download the file from the hub.',
    place,
  });
}
