/** Columns for a terminal. */

/** @param rows cells by column; the first row is the header. Numbers stand right, text left. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const isNumeric = widths.map((_, column) => rows.length > 1 && rows.slice(1).every((row) => /^(?:[-–]?[\d.,]+(?:e-?\d+)?%?|–)$/.test(row[column] ?? '')));
  return rows
    .map((row) => widths.map((width, column) => pad(row[column] ?? '', width, isNumeric[column] === true ? 'right' : 'left')).join('  ').trimEnd())
    .join('\n');
}

/** `name: value` lines, values below each other. */
export function formatFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

function pad(text: string, width: number, side: 'left' | 'right'): string {
  return side === 'right' ? text.padStart(width) : text.padEnd(width);
}
