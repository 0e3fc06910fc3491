/**
 * SQLite behind the few calls that the tables need, so that another binding can take better-sqlite3's place.
 *
 * Settings, and why:
 * - WAL: readers (`runs list` in another process) neither wait for the writer nor stop it.
 * - synchronous FULL: with NORMAL a power cut may take back the last transactions. That is not merely "a few metrics less": emptying
 *   the trash deletes files after the rows are gone, so rows that come back would name files that do not. A commit costs one flush
 *   (about 2 ms on a virtual disk), and commits come at most ten times a second.
 * - foreign keys on: a checkpoint cannot outlive its run.
 * - busy timeout 5 s: the lock keeps other cores out, but a reader that repairs the log after a kill, or a person with a shell, may hold it.
 */
import BetterSqlite from 'better-sqlite3';
import { Problem, type ProblemParts } from '../contract/problem.ts';

/** `read` opens the file read-only in SQLite itself: no statement can change it. */
export type Access = 'read' | 'write';

type SqlValue = string | number | null;
export type SqlParameters = Readonly<Record<string, SqlValue>>;

interface Statement {
  run(parameters?: SqlParameters): { changes: number; lastInsertRowid: number };
  /** @returns the first row, or undefined */
  get(parameters?: SqlParameters): unknown;
  all(parameters?: SqlParameters): unknown[];
}

export interface Database {
  readonly path: string;
  prepare(sql: string): Statement;
  /** Runs SQL without parameters or results, several statements if need be. */
  execute(sql: string): void;
  /** All or nothing; takes the write lock at once. A transaction inside another is part of the outer one and can fail alone. */
  transaction<Result>(body: () => Result): Result;
  close(): void;
}

const busyTimeoutMs = 5000;

/**
 * Opens a database file; `write` makes it when it is missing. Every SQLite error from here on is a Problem with the file's path,
 * except those that are our own mistakes (syntax, constraints).
 * @throws {Problem} `database-not-sqlite`, `database-corrupt`, `database-busy`, `database-read-only`, `database-not-opened`, `database-disk-full`, `database-io`
 */
export function openDatabase(path: string, { access }: { access: Access }): Database {
  const sqlite = guard(path, () => new BetterSqlite(path, { readonly: access === 'read', fileMustExist: access === 'read', timeout: busyTimeoutMs }));
  try {
    guard(path, () => {
      if (access === 'write') sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      sqlite.exec('PRAGMA foreign_keys = ON;');
      // The first read of the file: says now, not at the first query, when it is no database.
      sqlite.pragma('schema_version');
    });
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return {
    path,
    prepare: (sql) => wrapStatement(path, guard(path, () => sqlite.prepare(sql))),
    execute: (sql) => guard(path, () => void sqlite.exec(sql)),
    transaction: (body) => guard(path, () => sqlite.transaction(body).immediate()),
    close: () => void sqlite.close(),
  };
}

/** Reads one of the integers in the file's header. */
export function readPragmaInteger(database: Database, name: 'user_version' | 'application_id'): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<typeof name, number>;
  return row[name];
}

function wrapStatement(path: string, statement: BetterSqlite.Statement): Statement {
  return {
    run(parameters = {}) {
      const { changes, lastInsertRowid } = guard(path, () => statement.run(parameters));
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    get: (parameters = {}) => guard(path, () => statement.get(parameters)),
    all: (parameters = {}) => guard(path, () => statement.all(parameters)),
  };
}

function guard<Result>(path: string, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    throw sqliteProblem(error, path) ?? error;
  }
}

/** By SQLite's result code without its extension (`SQLITE_IOERR_WRITE` → `SQLITE_IOERR`). */
const sqliteSentences: Record<string, Omit<ProblemParts, 'place' | 'cause'>> = {
  SQLITE_NOTADB: {
    code: 'database-not-sqlite', kind: 'input', found: 'a file that is no database', expected: 'a workspace database (SQLite)',
    action: 'Choose another workspace, or put back a copy of the file.',
  },
  SQLITE_CORRUPT: {
    code: 'database-corrupt', kind: 'failure', found: 'a damaged database', expected: 'a whole one',
    action: 'Put back a copy of the file; the files in objects/ are not affected.',
  },
  SQLITE_BUSY: {
    code: 'database-busy', kind: 'failure', found: `a database that another program kept locked for ${busyTimeoutMs / 1000} s`, expected: 'short locks only',
    action: 'Close the program that has the file open and run the command again.',
  },
  SQLITE_READONLY: {
    code: 'database-read-only', kind: 'input', found: 'a database that was opened for reading only', expected: 'one that may be changed',
    action: 'Use a command that may write, and check that this user may write to the folder.',
  },
  SQLITE_CANTOPEN: {
    code: 'database-not-opened', kind: 'input', found: 'a database that cannot be opened', expected: 'a file and a folder that this user may use',
    action: 'Check the path and its permissions.',
  },
  SQLITE_FULL: {
    code: 'database-disk-full', kind: 'failure', found: 'a full disk', expected: 'free space',
    action: 'Free some space and run the command again; what was saved before is intact.',
  },
  SQLITE_IOERR: {
    code: 'database-io', kind: 'failure', found: 'a disk that failed to read or write', expected: 'a working disk with free space',
    action: 'Check the disk and run the command again; what was saved before is intact.',
  },
};

/** @returns an SQLite error as a sentence, or null for any other error and for our own mistakes (syntax, constraints). */
export function sqliteProblem(error: unknown, path: string): Problem | null {
  if (!(error instanceof BetterSqlite.SqliteError)) return null;
  const sentence = sqliteSentences[error.code.split('_').slice(0, 2).join('_')];
  return sentence === undefined ? null : new Problem({ ...sentence, place: { file: path }, cause: error });
}
