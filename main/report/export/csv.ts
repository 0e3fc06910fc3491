/** CSV after RFC 4180, safe to open in a spreadsheet. Numbers keep all their digits; shares stay between 0 and 1. */
import type { ExportTable, PlainCell } from './table.ts';

/**
 * A spreadsheet takes a text that begins so for a formula and runs it. An apostrophe in front makes it text again (OWASP, CSV
 * Injection); the full-width forms are what Excel also accepts. White space in front is skipped by some programs.
 */
const formulaStart = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r]/;

/** @returns lines that end in CR LF; the first holds the column titles. */
export function writeCsv(table: ExportTable<PlainCell>): string {
  const header = table.columns.map(({ title, plainUnit }) => csvText(plainUnit === undefined ? title : `${title}, ${plainUnit}`));
  const rows = table.rows.map(({ cells }) => cells.map(csvCell));
  return [header, ...rows].map((fields) => `${fields.join(',')}\r\n`).join('');
}

function csvCell(cell: PlainCell): string {
  if (cell.kind === 'text') return csvText(cell.text);
  return cell.value === null ? '' : String(cell.value);
}

/** Always in quotes: a program that splits at semicolons must not find a formula behind one. */
function csvText(text: string): string {
  // No program reads NUL in a text file.
  const whole = text.replaceAll('\0', '\uFFFD').toWellFormed();
  const safe = formulaStart.test(whole) ? `'${whole}` : whole;
  return `"${safe.replaceAll('"', '""')}"`;
}
