/**
 * Deleting in two steps: into the trash, which can be undone, and emptying it, which cannot.
 *
 * Emptying deletes rows first and files after the commit, so that a kill in between leaves files without rows (found the next time),
 * never rows without files. A file goes only when no row names it and one of these holds:
 * - a row that was just deleted named it, and nobody has put the same content again since that row was written (a put refreshes
 *   the file's time, so content that a worker has put and not yet named is told apart);
 * - it has had no row for a day: left by a process that was killed between the put and the row.
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../contract/problem.ts';
import type { Database } from './database.ts';
import { runIdOf, runNumberOf, type RunId } from './identifiers.ts';
import { isActive } from './run-status.ts';
import type { Run } from './run-row.ts';
import type { RunsReader } from './runs-table.ts';

export interface TrashFolders {
  objects: string;
  runs: string;
  /** Run folders on their way out; emptied at once, or at the next start if that was interrupted. */
  trash: string;
}

export interface EmptiedTrash {
  runs: RunId[];
  objectCount: number;
  /** Of the objects that were deleted. */
  freedBytes: number;
}

export interface Trash {
  /** Trashing twice is trashing once. @throws {Problem} `run-not-found`, `run-active` */
  trashRun(id: RunId): Run;
  /** Undoes `trashRun`. @throws {Problem} `run-not-found` */
  restoreRun(id: RunId): Run;
  /** Deletes the trashed runs with their rows, folders and objects, for good. Nothing that any row names is deleted. */
  emptyTrash(): EmptiedTrash;
}

const orphanAgeMs = 24 * 60 * 60 * 1000;

/** Every column that names an object, with the time when the row was written. */
const references = `
  SELECT run, weights AS hash, created_at AS atMs FROM checkpoints
  UNION ALL SELECT run, resume_state, created_at FROM checkpoints WHERE resume_state IS NOT NULL
  UNION ALL SELECT run, object, created_at FROM predictions
  UNION ALL SELECT run, object, created_at FROM votes
  UNION ALL SELECT run, sha256, (SELECT created_at FROM runs WHERE number = run) FROM run_inputs`;

export function openTrash(database: Database, runs: RunsReader, folders: TrashFolders): Trash {
  const setTrashed = database.prepare('UPDATE runs SET trashed_at = coalesce(trashed_at, :nowMs) WHERE number = :number');
  const setRestored = database.prepare('UPDATE runs SET trashed_at = NULL WHERE number = :number');
  const selectDoomed = database.prepare(`
    SELECT hash, max(atMs) AS atMs FROM (${references}) JOIN runs ON runs.number = run WHERE trashed_at IS NOT NULL GROUP BY hash`);
  const selectNamed = database.prepare(`SELECT DISTINCT hash FROM (${references})`);
  const deleteTrashed = database.prepare('DELETE FROM runs WHERE trashed_at IS NOT NULL');

  return {
    trashRun: (id) => database.transaction(() => {
      const run = runs.get(id);
      if (isActive(run.status)) throw stillActive(run);
      setTrashed.run({ number: runNumberOf(id), nowMs: Date.now() });
      return runs.get(id);
    }),

    restoreRun: (id) => database.transaction(() => {
      runs.get(id);
      setRestored.run({ number: runNumberOf(id) });
      return runs.get(id);
    }),

    emptyTrash() {
      const { emptied, writtenAtMs, named } = database.transaction(() => {
        const emptied = runs.list({ trash: 'only' }).map(({ id }) => id);
        const doomed = selectDoomed.all() as { hash: string; atMs: number }[];
        deleteTrashed.run();
        const named = new Set((selectNamed.all() as { hash: string }[]).map(({ hash }) => hash));
        return { emptied, writtenAtMs: new Map(doomed.map(({ hash, atMs }) => [hash, atMs])), named };
      });
      removeRunFolders(runs, folders);
      return { runs: emptied, ...collectObjects(folders.objects, { writtenAtMs, named }) };
    },
  };
}

/** Finishes what an interrupted `emptyTrash` left in the trash folder. */
export function finishTrash(folders: Pick<TrashFolders, 'trash'>): void {
  for (const name of readdirSync(folders.trash)) rmSync(join(folders.trash, name), { recursive: true, force: true });
}

interface Reachability {
  /** Hash → when the newest deleted row that named it was written. */
  writtenAtMs: ReadonlyMap<string, number>;
  /** Hashes that a row still names. */
  named: ReadonlySet<string>;
}

function collectObjects(folder: string, { writtenAtMs, named }: Reachability): { objectCount: number; freedBytes: number } {
  const orphanedBeforeMs = Date.now() - orphanAgeMs;
  let objectCount = 0;
  let freedBytes = 0;
  for (const name of readdirSync(folder)) {
    if (named.has(name) || !/^[0-9a-f]{64}$/.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs, size } = statSync(path);
    const goneAtMs = writtenAtMs.get(name) ?? orphanedBeforeMs;
    // Rows count whole milliseconds, files fractions of them.
    if (Math.floor(mtimeMs) > Math.max(goneAtMs, orphanedBeforeMs)) continue;
    rmSync(path, { force: true });
    objectCount += 1;
    freedBytes += size;
  }
  return { objectCount, freedBytes };
}

/** Also those whose rows an interrupted emptying deleted; ids are never given twice, so a folder without a row is nobody's. */
function removeRunFolders(runs: RunsReader, folders: TrashFolders): void {
  for (const name of readdirSync(folders.runs)) {
    const number = Number(/^r(\d{4,15})$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(number) || runIdOf(number) !== name || runs.find(runIdOf(number)) !== null) continue;
    renameSync(join(folders.runs, name), join(folders.trash, name));
  }
  finishTrash(folders);
}

function stillActive(run: Run): Problem {
  return new Problem({
    code: 'run-active',
    found: `run ${run.id}, which is ${run.status}`,
    expected: 'a run that is not at work',
    action: 'Pause or cancel the run first.',
  });
}
