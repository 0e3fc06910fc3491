/**
 * Deleting in two steps: into the trash, which can be undone, and emptying it, which cannot. Whole runs go there, and single
 * checkpoints of a run that stays.
 *
 * Emptying deletes rows first and files after the commit, so that a kill in between leaves files without rows (found the next time),
 * never rows without files. A file goes only when no row names it and one of these holds:
 * - a row that was just deleted named it, and nobody has put the same content again since that row was written (a put refreshes
 *   the file's time, so content that a worker has put and not yet named is told apart);
 * - it has had no row for a day: left by a process that was killed between the put and the row.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
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

/** A checkpoint by what it is of. */
export interface CheckpointKey {
  run: RunId;
  step: number;
}

/** What emptying deletes. */
export interface DoomedRows {
  runs: RunId[];
  /** Single ones, of runs that stay. */
  checkpoints: CheckpointKey[];
  /** `NAME@VERSION` */
  datasets: string[];
  /** By id. */
  packs: string[];
  tasks: string[];
}

export interface EmptiedTrash extends DoomedRows {
  objectCount: number;
  /** Of the objects that were deleted. */
  freedBytes: number;
}

export interface TrashContents extends DoomedRows {
  /** Of the objects that emptying would delete. */
  bytes: number;
  /** Runs in the trash that emptying leaves there, because a checkpoint of theirs is pinned. */
  keptRuns: RunId[];
}

export interface Trash {
  /** Trashing twice is trashing once. @throws {Problem} `run-not-found`, `run-active` */
  trashRun(id: RunId): Run;
  /** Undoes `trashRun`. @throws {Problem} `run-not-found` */
  restoreRun(id: RunId): Run;
  /** What lies there now; a run with a pinned checkpoint stays until the pin is taken off. */
  measureTrash(): TrashContents;
  /** Deletes what `measureTrash` tells of with its rows, folders and objects, for good. Nothing that any row names is deleted. */
  emptyTrash(): EmptiedTrash;
}

const orphanAgeMs = 24 * 60 * 60 * 1000;

const doomedRuns = 'SELECT number FROM runs WHERE trashed_at IS NOT NULL AND number NOT IN (SELECT run FROM checkpoint_pins)';
const ofDoomedRun = `run IN (${doomedRuns})`;
const doomedSteps = `SELECT run, step FROM checkpoints WHERE trashed_at IS NOT NULL AND run NOT IN (${doomedRuns})`;
const ofDoomedCheckpoint = `(${ofDoomedRun} OR (run, step) IN (${doomedSteps}))`;

/** Every column that names an object, with the time when the row was written and whether emptying the trash deletes the row. */
const references = `
  SELECT weights AS hash, created_at AS atMs, ${ofDoomedCheckpoint} AS isDoomed FROM checkpoints
  UNION ALL SELECT resume_state, created_at, ${ofDoomedCheckpoint} FROM checkpoints WHERE resume_state IS NOT NULL
  UNION ALL SELECT object, created_at, ${ofDoomedCheckpoint} FROM predictions
  UNION ALL SELECT object, created_at, ${ofDoomedRun} FROM votes
  UNION ALL SELECT object, imported_at, trashed_at IS NOT NULL FROM dataset_splits JOIN datasets ON number = dataset
  UNION ALL SELECT adapter_config, imported_at, trashed_at IS NOT NULL FROM pack_prompts JOIN packs ON number = pack
  UNION ALL SELECT adapter_weights, imported_at, trashed_at IS NOT NULL FROM pack_prompts JOIN packs ON number = pack
  UNION ALL SELECT trained, imported_at, trashed_at IS NOT NULL FROM pack_prompts JOIN packs ON number = pack
  UNION ALL SELECT sha256, (SELECT created_at FROM runs WHERE number = run), ${ofDoomedRun} FROM run_inputs
  UNION ALL SELECT config ->> '$.source.weights', created_at, number IN (${doomedRuns}) FROM runs WHERE config ->> '$.source.weights' IS NOT NULL`;

/** In this order; rows that belong to a deleted one go with it. Facts last as long as their prompt. */
const deletions = [
  'DELETE FROM datasets WHERE trashed_at IS NOT NULL',
  'DELETE FROM packs WHERE trashed_at IS NOT NULL',
  'DELETE FROM tasks WHERE trashed_at IS NOT NULL',
  'DELETE FROM checkpoints WHERE trashed_at IS NOT NULL',
  `DELETE FROM runs WHERE number IN (${doomedRuns})`,
  'DELETE FROM prompt_facts WHERE weights NOT IN (SELECT weights FROM checkpoints)',
];

export function openTrash(database: Database, runs: RunsReader, folders: TrashFolders): Trash {
  const setTrashed = database.prepare('UPDATE runs SET trashed_at = coalesce(trashed_at, :nowMs) WHERE number = :number');
  const setRestored = database.prepare('UPDATE runs SET trashed_at = NULL WHERE number = :number');
  const selectDoomedRuns = database.prepare(`${doomedRuns} ORDER BY number`);
  const selectDoomedSteps = database.prepare(`${doomedSteps} ORDER BY run, step`);
  const selectKeptRuns = database.prepare('SELECT number FROM runs WHERE trashed_at IS NOT NULL AND number IN (SELECT run FROM checkpoint_pins) ORDER BY number');
  const selectDoomed = database.prepare(`SELECT hash, max(atMs) AS atMs FROM (${references}) WHERE isDoomed GROUP BY hash`);
  const selectUnnamed = database.prepare(`SELECT hash FROM (${references}) GROUP BY hash HAVING min(isDoomed) = 1`);
  const selectNamed = database.prepare(`SELECT DISTINCT hash FROM (${references})`);
  const deletionStatements = deletions.map((sql) => database.prepare(sql));

  const selectDatasets = database.prepare("SELECT name || '@' || version AS name FROM datasets WHERE trashed_at IS NOT NULL ORDER BY name, version");
  const selectPacks = database.prepare("SELECT printf('p%04d', number) AS name FROM packs WHERE trashed_at IS NOT NULL ORDER BY number");
  const selectTasks = database.prepare('SELECT name FROM tasks WHERE trashed_at IS NOT NULL ORDER BY name');

  const listDoomed = (): DoomedRows => ({
    runs: readRuns(selectDoomedRuns.all()),
    datasets: readNames(selectDatasets.all()),
    packs: readNames(selectPacks.all()),
    tasks: readNames(selectTasks.all()),
    checkpoints: (selectDoomedSteps.all() as { run: number; step: number }[]).map(({ run, step }) => ({ run: runIdOf(run), step })),
  });

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

    measureTrash: () => database.transaction(() => ({
      ...listDoomed(),
      bytes: (selectUnnamed.all() as { hash: string }[]).reduce((total, { hash }) => total + sizeOf(join(folders.objects, hash)), 0),
      keptRuns: readRuns(selectKeptRuns.all()),
    })),

    emptyTrash() {
      // Before the rows: a worker that goes on with the run tells of every checkpoint whose file is there, and would bring it back.
      for (const checkpoint of listDoomed().checkpoints) removeWorkingFiles(folders.runs, checkpoint);
      const { emptied, writtenAtMs, named } = database.transaction(() => {
        const emptied = listDoomed();
        const doomed = selectDoomed.all() as { hash: string; atMs: number }[];
        for (const statement of deletionStatements) statement.run();
        const named = new Set((selectNamed.all() as { hash: string }[]).map(({ hash }) => hash));
        return { emptied, writtenAtMs: new Map(doomed.map(({ hash, atMs }) => [hash, atMs])), named };
      });
      removeRunFolders(runs, folders);
      return { ...emptied, ...collectObjects(folders.objects, { writtenAtMs, named }) };
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

/** A worker's own copies of a checkpoint, as main/worker/run-files names them. */
function removeWorkingFiles(runsFolder: string, { run, step }: CheckpointKey): void {
  const folder = join(runsFolder, run);
  if (!existsSync(folder)) return;
  for (const name of [`trained-${step}.safetensors`, `predictions-dev-${step}.jsonl`, `predictions-test-${step}.jsonl`]) rmSync(join(folder, name), { force: true });
}

function readNames(rows: readonly unknown[]): string[] {
  return (rows as readonly { name: string }[]).map(({ name }) => name);
}

function readRuns(rows: unknown[]): RunId[] {
  return (rows as { number: number }[]).map(({ number }) => runIdOf(number));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function stillActive(run: Run): Problem {
  return new Problem({
    code: 'run-active',
    found: `run ${run.id}, which is ${run.status}`,
    expected: 'a run that is not at work',
    action: 'Pause or cancel the run first.',
  });
}
