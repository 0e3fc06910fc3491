/** What every format has in common: examples are drafts without their fields. */
import type { DataRow, TaskDraft, TaskExample, TaskFormat } from './format.ts';

/** A format from its drafts alone. */
export function defineFormat(parts: Omit<TaskFormat, 'examples'>): TaskFormat {
  return { ...parts, examples: (row, use) => parts.drafts(row, use).map(withoutFields) };
}

/** The fields of a row that a pattern may name, less those that hold the answer; `own` under the format's names. */
export function fieldsOf(row: DataRow, own: Readonly<Record<string, unknown>>, hidden: readonly string[]): Record<string, unknown> {
  const names = new Set(hidden.map((name) => name.toLowerCase()));
  const others = Object.entries(row.values).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(others), ...own };
}

function withoutFields(draft: TaskDraft): TaskExample {
  const example: TaskExample & Partial<Pick<TaskDraft, 'fields'>> = { ...draft };
  delete example.fields;
  return example;
}
