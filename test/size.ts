/** `npm run -s size`: lines per folder, and files longer than they should be. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const longFileLines = 300;
const root = join(import.meta.dirname, '..');
const totals = new Map<string, number>();
const longFiles: string[] = [];

for (const top of ['main', 'test']) {
  for (const name of readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const lines = readFileSync(join(root, top, name), 'utf8').split('\n').length;
    const folder = `${top}/${dirname(name).split('/')[0] ?? ''}`;
    totals.set(folder, (totals.get(folder) ?? 0) + lines);
    if (lines > longFileLines) longFiles.push(`${top}/${name} (${lines})`);
  }
}

for (const [folder, lines] of [...totals].sort()) console.log(`${String(lines).padStart(6)}  ${folder}`);
console.log(`${String([...totals.values()].reduce((sum, lines) => sum + lines, 0)).padStart(6)}  in all`);
if (longFiles.length > 0) console.log(`longer than ${longFileLines} lines: ${longFiles.join(', ')}`);
