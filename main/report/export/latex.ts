/**
 * LaTeX with booktabs, for pdflatex, XeLaTeX and LuaLaTeX. No text can become a command: every character that TeX treats apart is
 * written out, also those that only ligatures, babel or the optional argument of a line end would pick up.
 */
import { numberText, readableTitle, spreadText, type Cell, type ExportColumn, type ExportRow, type ExportTable } from './table.ts';

/** Every table, each as long as it gets: compiles as it is. */
export function writeLatexDocument(title: string, tables: readonly ExportTable[]): string {
  return [
    '\\documentclass[10pt]{article}',
    '\\usepackage[T1]{fontenc}',
    '\\usepackage[utf8]{inputenc}',
    '\\usepackage{booktabs,longtable,array}',
    '\\usepackage[landscape,margin=15mm]{geometry}',
    '\\setlength{\\parindent}{0pt}',
    '\\setlength{\\tabcolsep}{4pt}',
    rareCharacter,
    '\\begin{document}\\small',
    `\\section*{${escapeLatex(title)}}`,
    ...tables.flatMap(longTable),
    '\\end{document}',
    '',
  ].join('\n');
}

/** One bare tabular, for \input into a table of a paper. */
export function writeLatexTabular(table: ExportTable): string {
  return [
    '% Needs \\usepackage{booktabs}.',
    `% ${commentText(table.caption)}`,
    rareCharacter,
    `\\begin{tabular}{${table.columns.map(columnType).join('')}}`,
    '\\toprule',
    header(table),
    '\\midrule',
    ...table.rows.flatMap(tableRow),
    '\\bottomrule',
    '\\end{tabular}',
    ...table.notes.map((note) => `% ${commentText(note)}`),
    '',
  ].join('\n');
}

function longTable(table: ExportTable): string[] {
  return [
    `\\begin{longtable}{${table.columns.map(columnType).join('')}}`,
    `\\caption{${escapeLatex(table.caption)}}\\\\`,
    '\\toprule',
    header(table),
    '\\midrule',
    '\\endhead',
    '\\bottomrule',
    '\\endlastfoot',
    ...table.rows.flatMap(tableRow),
    '\\end{longtable}',
    ...table.notes.map((note) => `{\\small ${escapeLatex(note)}\\par}`),
  ];
}

function columnType({ align }: ExportColumn): string {
  return { left: 'l', right: 'r', wrapped: '>{\\raggedright\\arraybackslash}p{70mm}' }[align];
}

function header({ columns }: ExportTable): string {
  return `${columns.map((column) => escapeLatex(readableTitle(column))).join(' & ')} \\\\`;
}

function tableRow({ cells, startsGroup }: ExportRow): string[] {
  const line = `${cells.map(latexCell).join(' & ')} \\\\`;
  return startsGroup === true ? ['\\midrule', line] : [line];
}

function latexCell(cell: Cell): string {
  if (cell.kind === 'text') return escapeLatex(cell.text);
  const text = escapeLatex(cell.kind === 'number' ? numberText(cell.value, cell.form) : spreadText(cell));
  const shown = cell.isBest === true ? `\\textbf{${text}}` : text;
  return cell.mark === undefined || cell.mark === '' ? shown : `${shown}$^{${cell.mark.replaceAll(/[^*]/g, '')}}$`;
}

/**
 * pdfTeX knows no fonts for most scripts and stops at such a character; there its code stands instead. The other engines show it as far
 * as the font has it, and an author can define the command anew.
 */
const rareCharacter = '\\ifdefined\\souffleurchar\\else\\protected\\def\\souffleurchar#1#2{\\ifdefined\\Umathchar#1\\else[U+#2]\\fi}\\fi';

/** In every font encoding of pdfTeX's default set-up (tried one by one with OT1 and T1): accented Latin letters and usual punctuation. */
const plainCharacter =
  /[ -~\u00A0-\u00AA\u00AC-\u00BA\u00BC-\u00CF\u00D1-\u00DD\u00DF-\u00EF\u00F1-\u00FD\u00FF-\u0103\u0106-\u010F\u0112-\u0117\u011A-\u0125\u0128-\u012D\u0130-\u0137\u0139-\u013E\u0141-\u0148\u014C-\u0165\u0168-\u0171\u0174-\u017E\u2013\u2014\u2018\u2019\u201C\u201D\u2020-\u2022\u2026\u2030\u20AC]/;

const written: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  _: '\\_',
  '%': '\\%',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '\\char34{}',
  '`': '\\textasciigrave{}',
  // After a line end a star or a bracket would be its argument.
  '*': '{*}',
  '[': '{[}',
  ']': '{]}',
  '−': '$-$',
  '±': '$\\pm$',
};

/** @returns text that prints as it is written; line breaks and control characters are spaces. */
export function escapeLatex(text: string): string {
  const line = text.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  const characters = Array.from(line, (character) => written[character] ?? (plainCharacter.test(character) ? character : rare(character)));
  // Ligatures: two hyphens are a dash, two quotes or commas another quote.
  return characters.join('').replaceAll(/([-',])(?=\1)/g, '$1{}');
}

function rare(character: string): string {
  return `\\souffleurchar{${character}}{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`;
}

/** A comment ends with its line. */
function commentText(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
