/** Writes a file (path, length in bytes) atomically and says `written` or the problem. */
import { toProblem } from '../../../main/contract/problem.ts';
import { writeFileAtomicSync } from '../../../main/store/atomic-file.ts';

const [path = '', length = '0'] = process.argv.slice(2);
try {
  writeFileAtomicSync(path, new Uint8Array(Number(length)).fill(1));
  process.stdout.write('written\n');
} catch (error) {
  process.stdout.write(`${JSON.stringify(toProblem(error).toRecord())}\n`);
}
