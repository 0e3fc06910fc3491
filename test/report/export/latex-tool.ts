/** Reading our LaTeX back, and the real pdflatex where there is one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasPdflatex = spawnSync('pdflatex', ['--version']).status === 0;

export interface Compilation {
  isCompiled: boolean;
  log: string;
}

/** Stops at the first error; shell escape is off. */
export function compileLatex(files: Readonly<Record<string, string>>): Compilation {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-latex-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const ended = spawnSync('pdflatex', ['-no-shell-escape', '-halt-on-error', '-interaction=nonstopmode', 'main.tex'], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    const log = existsSync(join(folder, 'main.log')) ? readFileSync(join(folder, 'main.log'), 'latin1') : ended.stdout;
    return { isCompiled: ended.status === 0 && existsSync(join(folder, 'main.pdf')), log };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows of all tables of a document, their cells as plain text; titles of columns included. */
export function readLatexTables(text: string): string[][][] {
  return [...text.matchAll(/\\toprule\n([^]*?)\\end\{(?:longtable|tabular)\}/g)].map(([, body = '']) => body
    .split('\n')
    .filter((line) => line.endsWith('\\\\'))
    .map((line) => line.slice(0, -2).trimEnd().split(/(?<!\\) ?& ?/).map(unescapeLatex)));
}

const names: Readonly<Record<string, string>> = {
  textbackslash: '\\', textasciicircum: '^', textasciitilde: '~', textless: '<', textgreater: '>', textbar: '|', textasciigrave: '`',
};

export function unescapeLatex(text: string): string {
  return text
    .replace(/^\\textbf\{(.*)\}(\$\^\{\**\}\$)?$/, '$1$2')
    .replaceAll(/\\souffleurchar\{(.+?)\}\{[0-9A-F]+\}|\\char34\{\}|\\(text[a-z]+)\{\}|\\([{}$&#_%])|\{([*[\]])\}|\$-\$|\$\\pm\$|\$\^\{(\**)\}\$|([-',])\{\}/gu,
      (whole: string, character?: string, name?: string, escaped?: string, bracketed?: string, stars?: string, single?: string) => {
        if (whole === '\\char34{}') return '"';
        if (whole === '$-$') return '−';
        if (whole === '$\\pm$') return '±';
        return character ?? (name === undefined ? undefined : names[name]) ?? escaped ?? bracketed ?? stars ?? single ?? whole;
      });
}
