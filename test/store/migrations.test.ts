import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase, readPragmaInteger } from '../../main/store/database.ts';
import { checkSchema, migrate, type Migration } from '../../main/store/migrations.ts';
import { migrations } from '../../main/store/schema/index.ts';
import { makeScratchFolder, problemOf } from './fixture.ts';

const applicationId = 0x1234;
const prompts: Migration = { version: 1, sql: 'CREATE TABLE prompts (name TEXT PRIMARY KEY) STRICT; CREATE TABLE uses (prompt TEXT REFERENCES prompts (name)) STRICT;' };
const addLength: Migration = { version: 2, sql: 'ALTER TABLE prompts ADD COLUMN length INTEGER; UPDATE prompts SET length = 5;' };
const rebuild: Migration = {
  version: 3,
  sql: `CREATE TABLE rebuilt (name TEXT PRIMARY KEY, length INTEGER NOT NULL) STRICT; INSERT INTO rebuilt SELECT * FROM prompts;
        DROP TABLE prompts; ALTER TABLE rebuilt RENAME TO prompts;`,
};

function openAtVersion1() {
  const folder = makeScratchFolder();
  const database = openDatabase(join(folder, 'test.db'), { access: 'write' });
  onTestFinished(() => database.close());
  migrate(database, { applicationId, migrations: [prompts] });
  database.execute("INSERT INTO prompts VALUES ('hint'); INSERT INTO uses VALUES ('hint');");
  return { folder, database };
}

describe('migrations', () => {
  test('a new file gets every version in order and no copy is made of nothing', () => {
    const folder = makeScratchFolder();
    const database = openDatabase(join(folder, 'test.db'), { access: 'write' });
    expect(checkSchema(database, { applicationId, migrations: [prompts, addLength] })).toBe('empty');
    expect(migrate(database, { applicationId, migrations: [prompts, addLength, rebuild] })).toEqual({ from: 0, to: 3, backupPath: null });
    expect(checkSchema(database, { applicationId, migrations: [prompts, addLength, rebuild] })).toBe('current');
    database.close();
    expect(readdirSync(folder)).toEqual(['test.db']);
  });

  test('an older file is copied whole, the log included, and then brought up to date with its rows', () => {
    const { folder, database } = openAtVersion1();
    const target = { applicationId, migrations: [prompts, addLength, rebuild] };
    expect(checkSchema(database, target)).toBe('older');
    const result = migrate(database, target);
    expect(result).toMatchObject({ from: 1, to: 3 });
    expect(database.prepare('SELECT * FROM prompts').all()).toEqual([{ name: 'hint', length: 5 }]);
    expect(database.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
    expect(migrate(database, target)).toEqual({ from: 3, to: 3, backupPath: null });

    expect(result.backupPath).toMatch(/test\.db\.v1-\d{8}T\d{6}Z\.backup$/);
    const backup = openDatabase(result.backupPath ?? '', { access: 'read' });
    expect(readPragmaInteger(backup, 'user_version')).toBe(1);
    expect(readPragmaInteger(backup, 'application_id')).toBe(applicationId);
    expect(backup.prepare('SELECT * FROM prompts').all()).toEqual([{ name: 'hint' }]);
    expect(backup.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    backup.close();
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test.each([
    ['fails in the middle', { version: 3, sql: 'CREATE TABLE half (name TEXT) STRICT; CREATE TABEL' }, /syntax error/],
    ['breaks a reference', { version: 3, sql: 'DELETE FROM prompts' }, /1 rows that name something absent \(first in uses\)/],
  ])('one that %s leaves the file as it was', (_, broken, message) => {
    const { database } = openAtVersion1();
    expect(() => migrate(database, { applicationId, migrations: [prompts, addLength, broken] })).toThrow(message);
    expect(readPragmaInteger(database, 'user_version')).toBe(1);
    expect(database.prepare('SELECT * FROM prompts').all()).toEqual([{ name: 'hint' }]);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([]);
    expect(database.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
  });

  test('a newer file and a file of another program are refused untouched', () => {
    const { database } = openAtVersion1();
    database.execute('PRAGMA user_version = 7');
    const newer = problemOf(() => migrate(database, { applicationId, migrations: [prompts, addLength] }));
    expect(newer.code).toBe('database-newer');
    expect(newer.message).toMatch(/schema version 7, written by a newer Souffleur; expected version 2 or older/);
    expect(problemOf(() => migrate(database, { applicationId: 1, migrations: [prompts] })).code).toBe('database-foreign');
    expect(readPragmaInteger(database, 'user_version')).toBe(7);
  });

  test('the versions of the real schema count 1, 2, 3 without a gap', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });
});
