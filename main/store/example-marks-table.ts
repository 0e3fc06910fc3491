/** Stars and notes that a person gave to examples of a data file. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { parseObjectHash, type ObjectHash } from './identifiers.ts';
import { parseRow } from './json-column.ts';

export interface ExampleMarkRow {
  /** SHA-256 of the file with the example. */
  data: ObjectHash;
  /** Its id in the file. */
  example: string;
  isStarred: boolean;
  /** Empty for none. */
  note: string;
  changedAtMs: number;
}

export interface ExampleMarksReader {
  find(data: ObjectHash, example: string): ExampleMarkRow | null;
  /** Of a file, by example id. */
  list(data: ObjectHash): ExampleMarkRow[];
}

export interface ExampleMarksTable extends ExampleMarksReader {
  /** @returns null where neither star nor note is left, which forgets the row. */
  set(mark: Omit<ExampleMarkRow, 'changedAtMs'>): ExampleMarkRow | null;
}

const markRow = z.object({
  data: z.string().transform(parseObjectHash),
  example: z.string(),
  isStarred: z.int().transform((flag) => flag === 1),
  note: z.string(),
  changedAtMs: z.int(),
});

const columns = 'data, example, is_starred AS isStarred, note, changed_at AS changedAtMs';

export function openExampleMarksTable(database: Database): ExampleMarksTable {
  const select = database.prepare(`SELECT ${columns} FROM example_marks WHERE data = :data AND example = :example`);
  const selectAll = database.prepare(`SELECT ${columns} FROM example_marks WHERE data = :data ORDER BY example`);
  const upsert = database.prepare(`
    INSERT INTO example_marks (data, example, is_starred, note, changed_at) VALUES (:data, :example, :isStarred, :note, :changedAtMs)
    ON CONFLICT (data, example) DO UPDATE SET is_starred = excluded.is_starred, note = excluded.note, changed_at = excluded.changed_at`);
  const remove = database.prepare('DELETE FROM example_marks WHERE data = :data AND example = :example');

  return {
    find(data, example) {
      const row = select.get({ data, example });
      return row === undefined ? null : parseRow(markRow, row, 'example_marks');
    },
    list: (data) => selectAll.all({ data }).map((row) => parseRow(markRow, row, 'example_marks')),
    set({ data, example, isStarred, note }) {
      if (!isStarred && note === '') {
        remove.run({ data, example });
        return null;
      }
      const changedAtMs = Date.now();
      upsert.run({ data, example, isStarred: isStarred ? 1 : 0, note, changedAtMs });
      return { data, example, isStarred, note, changedAtMs };
    },
  };
}
