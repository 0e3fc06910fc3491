import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeLatex, writeLatexDocument, writeLatexTabular } from '../../../main/report/export/latex.ts';
import { textCell, type ExportTable } from '../../../main/report/export/table.ts';
import { hostileText, hostileTexts } from './hostile.ts';
import { compileLatex, hasPdflatex, readLatexTables, unescapeLatex } from './latex-tool.ts';

const hostileTable: ExportTable = {
  caption: hostileTexts.join(' '),
  columns: [{ title: 'left & right', align: 'left' }, { title: '100 %', align: 'wrapped' }],
  rows: hostileTexts.map((text) => ({ cells: [textCell(text), textCell(text)], startsGroup: text === '--' })),
  notes: [hostileTexts.join(' ')],
};

function printed(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

describe('LaTeX', () => {
  it.each(hostileTexts)('prints %j as it is written', (text) => {
    expect(unescapeLatex(escapeLatex(text))).toBe(printed(text));
  });

  it('lets no text become a command, a comment, a ligature or an argument', () => {
    fc.assert(fc.property(hostileText, (text) => {
      const escaped = escapeLatex(text);
      expect(unescapeLatex(escaped)).toBe(printed(text));
      const commands = [...escaped.matchAll(/\\([A-Za-z]+|.)/gu)].map(([, name]) => name);
      for (const name of commands) expect(name).toMatch(/^(?:text[a-z]+|souffleurchar|char|pm|[{}$&#_%])$/);
      expect(escaped.replaceAll(/\\./g, '')).not.toMatch(/[%&#_^~"`<>|]|--|''|,,|\n/);
      expect(escaped).not.toMatch(/^[*[]/);
    }));
  });

  it('keeps the rows and columns of a table of hostile texts', () => {
    const [read] = readLatexTables(writeLatexTabular(hostileTable));
    expect(read?.slice(1).map((cells) => cells.map((cell) => cell.trim()))).toEqual(hostileTexts.map((text) => [printed(text).trim(), printed(text).trim()]));
  });

  it.skipIf(!hasPdflatex)('of hostile texts compiles as a document and as a tabular inside the plainest document (needs pdflatex)', () => {
    const document = compileLatex({ 'main.tex': writeLatexDocument(hostileTexts.join(' '), [hostileTable]) });
    expect(document, document.log.slice(-2000)).toMatchObject({ isCompiled: true });
    const main = '\\documentclass{article}\\usepackage{booktabs,array}\\begin{document}\\begin{table}\\input{table.tex}\\caption{x}\\end{table}\\end{document}';
    const tabular = compileLatex({ 'main.tex': main, 'table.tex': writeLatexTabular(hostileTable) });
    expect(tabular, tabular.log.slice(-2000)).toMatchObject({ isCompiled: true });
    expect(document.log + tabular.log).not.toContain('(/etc/passwd');
  });

  it.skipIf(!hasPdflatex)('compiles for every letter of Latin and for characters pdfTeX has no fonts for (needs pdflatex)', () => {
    const codes = [...Array.from({ length: 0x180 - 0xa0 }, (_, index) => 0xa0 + index), ...Array.from({ length: 0x70 }, (_, index) => 0x2000 + index), 0x410, 0x3b1, 0x4e2d, 0x1f642, 0x301];
    const rows = codes.map((code) => ({ cells: [textCell(String.fromCodePoint(code))] }));
    const table: ExportTable = { caption: 'c', columns: [{ title: 'x', align: 'left' }], rows, notes: [] };
    const document = compileLatex({ 'main.tex': writeLatexDocument('t', [table]) });
    expect(document, document.log.slice(-2000)).toMatchObject({ isCompiled: true });
    const old = compileLatex({ 'main.tex': `\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n\\input{table.tex}\\end{document}`, 'table.tex': writeLatexTabular({ ...table, rows: rows.slice(0, 60) }) });
    expect(old, old.log.slice(-2000)).toMatchObject({ isCompiled: true });
  });
});
