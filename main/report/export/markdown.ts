/** GitHub's tables; every text shows as it is written, whatever marks it holds. */
import { numberText, readableTitle, spreadText, type Cell, type ExportColumn, type ExportTable } from './table.ts';

export function writeMarkdown(title: string, tables: readonly ExportTable[]): string {
  return `${[`# ${escapeMarkdown(title)}`, ...tables.map(writeTable)].join('\n\n')}\n`;
}

function writeTable({ caption, columns, rows, notes }: ExportTable): string {
  const lines = [
    row(columns.map((column) => escapeMarkdown(readableTitle(column)))),
    row(columns.map(alignment)),
    ...rows.map(({ cells }) => row(cells.map(markdownCell))),
  ];
  return [`## ${escapeMarkdown(caption)}`, lines.join('\n'), ...notes.map(escapeMarkdown)].join('\n\n');
}

function row(fields: readonly string[]): string {
  return `| ${fields.join(' | ')} |`;
}

function alignment({ align }: ExportColumn): string {
  return align === 'right' ? '---:' : ':---';
}

function markdownCell(cell: Cell): string {
  if (cell.kind === 'text') return escapeMarkdown(cell.text);
  const text = escapeMarkdown(cell.kind === 'number' ? numberText(cell.value, cell.form) : spreadText(cell));
  return `${cell.isBest === true ? `**${text}**` : text}${escapeMarkdown(cell.mark ?? '')}`;
}

/**
 * Every mark that GitHub's Markdown knows inside a line (CommonMark 2.4 allows a backslash before any of them), so also formulas
 * between dollars, links that need no brackets, and HTML. Line breaks would end the table. Marks that count only at the beginning of
 * a line stay readable: no line begins with a text of somebody else's.
 */
export function escapeMarkdown(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/[\\`*_{}[\]~|$#]|:(?=\/\/)|(?<=www)\./gi, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
