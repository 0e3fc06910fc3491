/** A pattern-verbalizer pair as a person names it: a JSON file, or TASK/PVP[@version] of the task library. */
import { resolve } from 'node:path';
import { Problem } from '../contract/problem.ts';
import type { UsedPvp } from '../contract/pvp.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readPvpFile } from './pvp-file.ts';

/**
 * @param text as typed; a name that ends in `.json` is a file. @param folder where a relative path starts.
 * @throws {Problem} `pvp-not-found`, those of readPvpFile
 */
export async function findPvp(_workspace: ReadableWorkspace, text: string, { folder }: { folder: string }): Promise<UsedPvp> {
  if (/\.json$/i.test(text)) return { pvp: await readPvpFile(resolve(folder, text)), version: null };
  throw new Problem({
    code: 'pvp-not-found', found: `the pattern “${text.slice(0, 120)}”`, expected: 'a JSON file', action: 'Name a file that ends in .json.',
  });
}
