/**
 * `npm run library`: writes the built-in task library, byte for byte the same every time. With `--check` nothing is written and a
 * difference to the files on disk is an error.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { libraryFiles } from './files.ts';

const folder = import.meta.dirname;
const isCheck = process.argv.includes('--check');
let different = 0;
for (const [path, text] of libraryFiles()) {
  const file = join(folder, path);
  if (isCheck) {
    if (readFileSync(file, 'utf8') === text) continue;
    different += 1;
    process.stderr.write(`${path} differs from what the script makes\n`);
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
process.exitCode = different > 0 ? 1 : 0;
