/** Settings as JSON under keys. Which keys there are, and their defaults, belongs to the core. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { jsonColumn, parseRow } from './json-column.ts';

export interface SettingsReader {
  /** What was set, by key. @throws {Problem} `workspace-row-invalid` */
  readAll(): Readonly<Record<string, unknown>>;
}

export interface SettingsTable extends SettingsReader {
  /** All of them or none. */
  set(values: Readonly<Record<string, unknown>>): void;
  /** @param key null forgets all. */
  reset(key: string | null): void;
}

const settingRow = z.object({ key: z.string(), value: jsonColumn(z.unknown()) });

export function openSettingsTable(database: Database): SettingsTable {
  const selectAll = database.prepare('SELECT key, value FROM settings ORDER BY key');
  const upsert = database.prepare('INSERT INTO settings (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value');
  const remove = database.prepare('DELETE FROM settings WHERE :key IS NULL OR key = :key');

  return {
    readAll: () => Object.fromEntries(selectAll.all().map((row) => parseRow(settingRow, row, 'settings')).map(({ key, value }) => [key, value])),
    set: (values) => database.transaction(() => {
      for (const [key, value] of Object.entries(values)) upsert.run({ key, value: JSON.stringify(value) });
    }),
    reset: (key) => void remove.run({ key }),
  };
}
