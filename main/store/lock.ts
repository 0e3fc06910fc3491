/**
 * One core at a time. The lock is an exclusive transaction on `lock.db` that stays open as long as the workspace: the operating system
 * gives it back when its process ends, however that happens, so there are no stale locks and nothing to take over by guesswork.
 * `lock.json` beside it only tells people who holds it. Child processes do not inherit the lock.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import { writeFileAtomicSync } from './atomic-file.ts';
import { sqliteProblem } from './database.ts';
import { findProcessState, identifyProcess } from './process-identity.ts';

export interface LockHolder {
  processId: number;
  startToken: string | null;
  host: string;
  /** ISO 8601. */
  since: string;
  command: string;
}

export interface Lock {
  /** Lets the next one in. Closing twice does nothing. */
  release(): void;
}

const lockHolder: z.ZodType<LockHolder> = z.object({
  processId: z.int().positive(),
  startToken: z.string().nullable(),
  host: z.string(),
  since: z.iso.datetime(),
  command: z.string(),
});

/** Two that start at once touch the file in turns; the one that has it needs the other to let go of its first, shared look. */
const contentionMs = 250;
/** A holder writes `lock.json` right after it took the lock. */
const introductionMs = 1000;
const pollMs = 20;
/** Characters; it becomes part of a sentence. */
const longestCommand = 200;

/**
 * @param directory an existing workspace folder
 * @throws {Problem} `workspace-locked`, saying by whom since when; `database-…` or `system-…` when the folder cannot be used
 */
export function acquireLock(directory: string): Lock {
  const path = join(directory, 'lock.db');
  let sqlite: BetterSqlite.Database | undefined;
  try {
    sqlite = new BetterSqlite(path, { timeout: contentionMs });
    sqlite.exec('BEGIN EXCLUSIVE');
    introduce(directory);
  } catch (error) {
    sqlite?.close();
    const problem = sqliteProblem(error, path);
    throw problem?.code === 'database-busy' ? lockedProblem(directory) : (problem ?? error);
  }
  const held = sqlite;
  return {
    release() {
      if (!held.open) return;
      try {
        rmSync(join(directory, 'lock.json'), { force: true });
      } finally {
        held.close();
      }
    },
  };
}

/** @returns who says to hold the lock, or null when nobody alive does. Says nothing about the lock itself. */
export function readLockHolder(directory: string): LockHolder | null {
  try {
    const holder = lockHolder.parse(JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8')));
    return findProcessState(holder) === 'gone' ? null : holder;
  } catch {
    return null;
  }
}

function introduce(directory: string): void {
  const holder: LockHolder = {
    ...identifyProcess(process.pid),
    since: new Date().toISOString(),
    command: process.argv.slice(1).join(' ').slice(0, longestCommand),
  };
  writeFileAtomicSync(join(directory, 'lock.json'), `${JSON.stringify(holder, null, 2)}\n`);
}

function lockedProblem(directory: string): Problem {
  const holder = awaitIntroductionSync(directory);
  const who = holder === null
    ? 'another process that has just started'
    : `process ${holder.processId} on ${holder.host} since ${holder.since} (${holder.command})`;
  return new Problem({
    code: 'workspace-locked',
    found: `a workspace in use by ${who}`,
    expected: 'a workspace that no other Souffleur is writing to',
    action: 'Wait until it ends, stop it, or choose another workspace; commands that only read work meanwhile.',
    place: { file: directory },
  });
}

function awaitIntroductionSync(directory: string): LockHolder | null {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const holder = readLockHolder(directory);
    if (holder !== null || waitedMs >= introductionMs) return holder;
    Atomics.wait(sleeper, 0, 0, pollMs);
  }
}
