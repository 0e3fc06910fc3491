import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const readme = join(import.meta.dirname, '..', '..', 'main', 'graph', 'README.md');

function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, found]) => found === language).map(([, , text]) => text ?? '');
}

test('the page of the graph runs as it stands and prints what it says', () => {
  const markdown = readFileSync(readme, 'utf8');
  const source = blocksOf(markdown, 'ts').join('\n');
  const printed = blocksOf(markdown, 'text').join('');
  expect(blocksOf(markdown, 'ts').length).toBe(5);

  const folder = mkdtempSync(join(tmpdir(), 'souffleur-readme-'));
  try {
    const absolute = source.replaceAll(/from '(\.[^']+)'/g, (_, path: string) => `from '${pathToFileURL(resolve(dirname(readme), path)).href}'`);
    writeFileSync(join(folder, 'page.ts'), absolute);
    const output = execFileSync(process.execPath, [join(folder, 'page.ts')], { encoding: 'utf8', timeout: 60_000 });
    expect(output).toBe(printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
