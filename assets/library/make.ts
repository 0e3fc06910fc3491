/**
 * `npm run library`: writes the built-in task library, byte for byte the same every time. With `--check` nothing is written and a
 * difference to the files on disk is an error.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../main/contract/problem.ts';
import { runScript } from '../script.ts';
import { libraryFiles } from './files.ts';

const folder = import.meta.dirname;

await runScript(() => {
  const isCheck = process.argv.includes('--check');
  for (const [path, text] of libraryFiles()) {
    const file = join(folder, path);
    if (isCheck) {
      requireSame(file, text);
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
});

function requireSame(file: string, text: string): void {
  const found = existsSync(file) ? readFileSync(file, 'utf8') : null;
  if (found === text) return;
  throw new Problem({
    code: 'library-differs', found: found === null ? 'no such file' : 'another content', expected: 'what the script makes', action: 'Make it anew: npm run library', place: { file },
  });
}
