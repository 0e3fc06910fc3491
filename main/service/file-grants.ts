/**
 * Files that a person handed over by a drop or a dialog. A page never names a path: it gets an opaque grant and passes that on
 * (Electron's checklist in docs/architecture.md). The terminal, and a browser whose token proves the same person, may name paths.
 */
import { randomUUID } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';

export interface GrantedFile {
  /** `grant:…`; stands for the path wherever the contract takes one. */
  grant: string;
  /** Without its folder. */
  name: string;
  kind: 'file' | 'folder';
  bytes: number;
}

/** `granted` takes nothing but grants. */
export type PathPolicy = 'any' | 'granted';

export interface FileGrants {
  /** @throws {Problem} a system error with the path; `path-unusable` for what is neither file nor folder */
  add(path: string): GrantedFile;
  /** @throws {Problem} `grant-unknown`, `path-not-granted` */
  resolve(text: string, policy: PathPolicy): string;
}

const prefix = 'grant:';
/** A person drops hundreds; more are a page gone wrong. The oldest are forgotten. */
const mostGrants = 10_000;

export function createFileGrants(): FileGrants {
  const paths = new Map<string, string>();
  return {
    add(path) {
      try {
        const real = realpathSync(path);
        const facts = statSync(real);
        if (!facts.isFile() && !facts.isDirectory()) throw unusable(path);
        const grant = `${prefix}${randomUUID()}`;
        paths.set(grant, real);
        const [oldest] = paths.keys();
        if (paths.size > mostGrants && oldest !== undefined) paths.delete(oldest);
        return { grant, name: basename(real), kind: facts.isDirectory() ? 'folder' : 'file', bytes: facts.isDirectory() ? 0 : facts.size };
      } catch (thrown) {
        throw toProblem(thrown);
      }
    },
    resolve(text, policy) {
      if (!text.startsWith(prefix)) {
        if (policy === 'any') return text;
        throw new Problem({
          code: 'path-not-granted',
          found: 'a path by its name',
          expected: 'a file that was dropped into the window or chosen in a dialog',
          action: 'Drop the file again, or choose it in the dialog.',
        });
      }
      const path = paths.get(text);
      if (path !== undefined) return path;
      throw new Problem({
        code: 'grant-unknown',
        found: 'a file that was handed over to an earlier start of the program',
        expected: 'one that was dropped or chosen since',
        action: 'Drop the file again, or choose it in the dialog.',
      });
    },
  };
}

function unusable(path: string): Problem {
  return new Problem({
    code: 'path-unusable', found: 'a device, a pipe or a socket', expected: 'a file or a folder', action: 'Choose a regular file.', place: { file: path },
  });
}
