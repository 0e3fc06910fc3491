/** A row as examples before a task's classes are settled: for looking at, never for training. */
import type { DataRow, TaskExample, TaskFormat } from '../../task/format.ts';
import { readId } from '../../task/fields.ts';
import { cellText } from './cell-text.ts';

/** @returns a function that throws the format's own Problems; without a format a row is one example of all its texts, without a target. */
export function exampleReader(format: TaskFormat | null): (row: DataRow) => TaskExample[] {
  if (format === null) return (row) => [rowAsExample(row)];
  const { anyClasses, roles } = format;
  if (anyClasses === undefined) return (row) => format.examples(row, 'evaluate');
  const labelNames = new Set(roles.filter(({ kind }) => kind === 'label').flatMap(({ names }) => names.map((name) => name.toLowerCase())));
  return (row) => {
    const target = anyClasses.labelOf(row);
    // Without its label a row needs no classes; what the label says is then its target.
    const values = Object.fromEntries(Object.entries(row.values).filter(([name]) => !labelNames.has(name.toLowerCase())));
    return format.examples({ index: row.index, line: row.line, values }, 'evaluate').map((example) => ({ ...example, target }));
  };
}

function rowAsExample(row: DataRow): TaskExample {
  const input = Object.entries(row.values).map(([name, value]) => `${name}: ${cellText(value) ?? ''}`).join(' ');
  return { id: readId(row), input, target: null, label: null, group: null, answers: [], line: row.line };
}
