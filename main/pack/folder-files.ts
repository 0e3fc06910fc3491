/** A pack unzipped: what `packs export` writes as a folder, and what PEFT opens. Links are not followed. */
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { toProblem } from '../contract/problem.ts';
import { readRange } from '../model/plain-file.ts';
import { quote } from '../model/strict-json.ts';
import { isPackFileName, isPackFolderName, refusePack, requireSize, type PackFiles } from './pack-files.ts';

/** More than a pack has, in a folder that somebody also uses for other things. */
const listedLimit = 10_000;

/** @throws {Problem} `pack-entry-link`, `pack-entries`, or a system error */
export async function openFolderFiles(path: string): Promise<PackFiles> {
  const folder = resolve(path);
  const names: string[] = [];
  const ignored: string[] = [];
  for (const name of await list(folder)) {
    if (isPackFileName(name)) names.push(name);
    else if (isPackFolderName(name) && (await lstat(join(folder, name))).isDirectory()) {
      for (const inner of await list(join(folder, name))) (isPackFileName(`${name}/${inner}`) ? names : ignored).push(`${name}/${inner}`);
    } else ignored.push(name);
  }
  return { path: folder, names, ignored, read: (name) => readFile(folder, name), close() {} };
}

async function list(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((thrown: unknown) => Promise.reject(toProblem(thrown)));
  if (names.length > listedLimit) throw refusePack(folder, { code: 'pack-entries', found: `${names.length} files`, expected: 'a folder with a pack alone' });
  return names.sort();
}

/** @throws {Problem} `pack-entry-link`, `pack-too-large`, or a system error */
export async function readFile(folder: string, name: string): Promise<Buffer> {
  const file = join(folder, name);
  try {
    if (!(await lstat(file)).isFile()) throw refusePack(file, { code: 'pack-entry-link', found: `${quote(name)}, which is no plain file`, expected: 'a file, not a link to one' });
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const { size } = await handle.stat();
      requireSize(folder, name, size);
      return await readRange(handle, { file, byteOffset: 0, byteLength: size });
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw toProblem(thrown);
  }
}
