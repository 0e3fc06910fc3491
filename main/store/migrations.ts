/**
 * Brings a database file to the newest schema. The file's own header says what it is (`application_id`) and how new (`user_version`),
 * so the answer is known before any table is touched.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem } from '../contract/problem.ts';
import { publishFileSync, temporaryPathIn } from './atomic-file.ts';
import { readPragmaInteger, type Database } from './database.ts';

export interface Migration {
  /** The version that the file has afterwards; the list counts 1, 2, 3, … */
  version: number;
  sql: string;
}

export interface SchemaTarget {
  applicationId: number;
  migrations: readonly Migration[];
}

export interface MigrationResult {
  from: number;
  to: number;
  /** The copy that was made of an older file; null for a new file and for one that was up to date. */
  backupPath: string | null;
}

/** What a file is, before anything is changed. */
export type SchemaState = 'empty' | 'current' | 'older';

/**
 * @throws {Problem} `database-foreign` for another program's SQLite file, `database-newer` for a file of a newer Souffleur
 */
export function checkSchema(database: Database, target: SchemaTarget): SchemaState {
  const version = readPragmaInteger(database, 'user_version');
  const applicationId = readPragmaInteger(database, 'application_id');
  if (version === 0 && applicationId === 0 && countTables(database) === 0) return 'empty';
  if (applicationId !== target.applicationId || version < 1) {
    throw new Problem({
      code: 'database-foreign',
      found: 'an SQLite file of another program',
      expected: 'a workspace database of Souffleur',
      action: 'Choose another workspace folder.',
      place: { file: database.path },
    });
  }
  const newest = newestVersion(target);
  if (version > newest) {
    throw new Problem({
      code: 'database-newer',
      found: `a workspace of schema version ${version}, written by a newer Souffleur`,
      expected: `version ${newest} or older, which is all that this Souffleur knows`,
      action: 'Update Souffleur, or use another workspace. Nothing was changed.',
      place: { file: database.path },
    });
  }
  return version === newest ? 'current' : 'older';
}

/**
 * Applies what is missing, all in one transaction: after a failure or a kill the file is as before.
 * An older file is copied first, beside itself, as `<name>.v<version>-<time>.backup`.
 * @throws {Problem} as `checkSchema`, and `migration-broke-references`
 */
export function migrate(database: Database, target: SchemaTarget): MigrationResult {
  const state = checkSchema(database, target);
  const from = readPragmaInteger(database, 'user_version');
  const to = newestVersion(target);
  if (state === 'current') return { from, to, backupPath: null };
  const backupPath = state === 'older' ? backUp(database, from) : null;
  // SQLite's procedure for changing tables (lang_altertable.html §7): references are off outside, and checked before the commit.
  database.execute('PRAGMA foreign_keys = OFF');
  try {
    database.transaction(() => {
      for (const migration of target.migrations.filter(({ version }) => version > from)) database.execute(migration.sql);
      requireWholeReferences(database);
      database.execute(`PRAGMA application_id = ${target.applicationId}; PRAGMA user_version = ${to};`);
    });
  } finally {
    database.execute('PRAGMA foreign_keys = ON');
  }
  return { from, to, backupPath };
}

function newestVersion({ migrations }: SchemaTarget): number {
  return migrations.at(-1)?.version ?? 0;
}

function countTables(database: Database): number {
  return (database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }).count;
}

/** A copy of the file alone would miss what is still in the write-ahead log; VACUUM INTO writes a whole, checked database. */
function backUp(database: Database, version: number): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const path = `${database.path}.v${version}-${time}.backup`;
  const temporary = temporaryPathIn(dirname(path));
  try {
    database.prepare('VACUUM INTO :path').run({ path: temporary });
    publishFileSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return path;
}

function requireWholeReferences(database: Database): void {
  const broken = database.prepare('PRAGMA foreign_key_check').all() as { table: string }[];
  if (broken.length === 0) return;
  throw new Problem({
    code: 'migration-broke-references',
    kind: 'failure',
    found: `${broken.length} rows that name something absent (first in ${broken[0]?.table ?? 'an unknown table'})`,
    expected: 'none after the migration',
    action: 'Nothing was changed. Please report this with the log.',
    place: { file: database.path },
  });
}
