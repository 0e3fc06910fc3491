/**
 * A workspace folder: the database, the objects that it names, and the lock. One process writes; any number read meanwhile.
 *
 *   souffleur.db  lock.db  lock.json  objects/<sha256>  models/  logs/  runs/<id>/  trash/
 */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem, toProblem } from '../contract/problem.ts';
import { removeStaleTemporaryFiles } from './atomic-file.ts';
import { openCheckpointCatalogue, type Catalogue, type CatalogueReader } from './checkpoint-catalogue.ts';
import { openCheckpointsTable, type CheckpointsReader, type CheckpointsTable } from './checkpoints-table.ts';
import { openDatabase, type Access, type Database } from './database.ts';
import { openDatasetsTable, type DatasetsReader, type DatasetsTable } from './datasets-table.ts';
import { openExampleMarksTable, type ExampleMarksReader, type ExampleMarksTable } from './example-marks-table.ts';
import { makeFolderSync } from './folder.ts';
import type { RunId } from './identifiers.ts';
import { acquireLock, type Lock } from './lock.ts';
import { openMetricsTable, type MetricsReader, type MetricsTable } from './metrics-table.ts';
import { checkSchema, migrate, type MigrationResult } from './migrations.ts';
import { openModelsTable, type ModelsReader, type ModelsTable } from './models-table.ts';
import { openObjects, type ObjectReader, type ObjectStore } from './objects.ts';
import { openPacksTable, type PacksReader, type PacksTable } from './packs-table.ts';
import { openPredictionsTable, type PredictionsReader, type PredictionsTable } from './predictions-table.ts';
import { openPromptFactsTable, type PromptFactsReader, type PromptFactsTable } from './prompt-facts-table.ts';
import { openQueueTable, type QueueReader, type QueueTable } from './queue-table.ts';
import { openRunAnnotationsTable, type RunAnnotationsReader, type RunAnnotationsTable } from './run-annotations-table.ts';
import { openRunInputsTable, type RunInputsReader } from './run-inputs-table.ts';
import { openRunPages, type RunPages } from './run-pages.ts';
import { openRunsTable, type RunsReader, type RunsTable } from './runs-table.ts';
import { applicationId, migrations } from './schema/index.ts';
import { openSettingsTable, type SettingsReader, type SettingsTable } from './settings-table.ts';
import { openStudiesTable, type StudiesReader, type StudiesTable } from './studies-table.ts';
import { openTasksTable, type TasksReader, type TasksTable } from './tasks-table.ts';
import { finishTrash, openTrash, type Trash } from './trash.ts';
import { openVotesTable, type VotesReader, type VotesTable } from './votes-table.ts';

/** What a second process may do while a run trains. */
export interface ReadableWorkspace {
  /** Absolute. */
  readonly directory: string;
  readonly access: Access;
  readonly objects: ObjectReader;
  readonly datasets: DatasetsReader;
  readonly tasks: TasksReader;
  readonly models: ModelsReader;
  readonly runs: RunsReader;
  readonly runInputs: RunInputsReader;
  readonly runPages: RunPages;
  readonly runAnnotations: RunAnnotationsReader;
  readonly queue: QueueReader;
  readonly checkpoints: CheckpointsReader;
  readonly checkpointCatalogue: CatalogueReader;
  readonly promptFacts: PromptFactsReader;
  readonly metrics: MetricsReader;
  readonly predictions: PredictionsReader;
  readonly packs: PacksReader;
  readonly votes: VotesReader;
  readonly studies: StudiesReader;
  readonly settings: SettingsReader;
  readonly exampleMarks: ExampleMarksReader;
  /** Where a kind of file lies; the folder exists. */
  folder(kind: 'objects' | 'models' | 'logs' | 'runs'): string;
  /** Closing twice does nothing; after it, every other call throws. */
  close(): void;
}

export interface Workspace extends ReadableWorkspace, Trash {
  readonly objects: ObjectStore;
  readonly datasets: DatasetsTable;
  readonly tasks: TasksTable;
  readonly models: ModelsTable;
  readonly runs: RunsTable;
  readonly runAnnotations: RunAnnotationsTable;
  readonly queue: QueueTable;
  readonly checkpoints: CheckpointsTable;
  readonly checkpointCatalogue: Catalogue;
  readonly promptFacts: PromptFactsTable;
  readonly metrics: MetricsTable;
  readonly predictions: PredictionsTable;
  readonly packs: PacksTable;
  readonly votes: VotesTable;
  readonly studies: StudiesTable;
  readonly settings: SettingsTable;
  readonly exampleMarks: ExampleMarksTable;
  /** What opening did to the schema. */
  readonly migration: MigrationResult;
  /** All changes to the database in `body` or none. `body` is synchronous: a transaction never waits. */
  transaction<Result>(body: () => Result): Result;
  /** The folder of a run's own working files, made when needed; emptying the trash deletes it with the run. */
  runFolder(id: RunId): string;
}

export interface WriteOptions {
  access?: 'write';
  /** `never` refuses a folder that is no workspace yet. */
  create?: 'if-missing' | 'never';
}

const subfolders = ['objects', 'models', 'logs', 'runs', 'trash'] as const;
const databaseName = 'souffleur.db';
/** What a kill during the very first opening can leave behind: such a folder counts as empty. */
const ownNames = /^(?:objects|models|logs|runs|trash|uploads|lock\.json|(?:lock|souffleur)\.db(?:-wal|-shm|-journal)?|\.souffleur-.*\.tmp)$/;

/**
 * Opens a workspace, for writing under the lock or for reading beside whoever writes.
 * @throws {Problem} `workspace-locked` (write), `workspace-missing`, `workspace-not-a-folder`, `workspace-folder-not-empty`, `workspace-database-missing`,
 * `workspace-older` (read), `database-…`, `system-…`
 */
export function openWorkspace(directory: string, options: { access: 'read' }): ReadableWorkspace;
export function openWorkspace(directory: string, options?: WriteOptions): Workspace;
export function openWorkspace(directory: string, options: { access: 'read' } | WriteOptions = {}): ReadableWorkspace {
  const absolute = resolve(directory);
  try {
    return options.access === 'read' ? openForReading(absolute) : openForWriting(absolute, options);
  } catch (error) {
    throw error instanceof Problem ? error : toProblem(error);
  }
}

function openForReading(directory: string): ReadableWorkspace {
  if (!existsSync(join(directory, databaseName))) throw missing(directory);
  const database = openDatabase(join(directory, databaseName), { access: 'read' });
  try {
    const state = checkSchema(database, { applicationId, migrations });
    if (state !== 'current') throw notReady(directory, state);
    return assemble(directory, database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function openForWriting(directory: string, { create = 'if-missing' }: WriteOptions): Workspace {
  requireUsableFolder(directory, create);
  for (const name of subfolders) makeFolderSync(join(directory, name));
  const lock = acquireLock(directory);
  let database: Database | undefined;
  try {
    for (const folder of listWrittenFolders(directory)) removeStaleTemporaryFiles(folder);
    finishTrash({ trash: join(directory, 'trash') });
    requireDatabaseOfObjects(directory);
    database = openDatabase(join(directory, databaseName), { access: 'write' });
    const migration = migrate(database, { applicationId, migrations });
    return lockedWorkspace(assemble(directory, database), { database, lock, migration });
  } catch (error) {
    database?.close();
    lock.release();
    throw error;
  }
}

function assemble(directory: string, database: Database) {
  return {
    directory,
    access: 'read' as Access,
    objects: openObjects(join(directory, 'objects')),
    datasets: openDatasetsTable(database),
    tasks: openTasksTable(database),
    models: openModelsTable(database),
    runs: openRunsTable(database),
    runInputs: openRunInputsTable(database),
    runPages: openRunPages(database),
    runAnnotations: openRunAnnotationsTable(database),
    queue: openQueueTable(database),
    checkpoints: openCheckpointsTable(database),
    checkpointCatalogue: openCheckpointCatalogue(database),
    promptFacts: openPromptFactsTable(database),
    metrics: openMetricsTable(database),
    predictions: openPredictionsTable(database),
    packs: openPacksTable(database),
    votes: openVotesTable(database),
    studies: openStudiesTable(database),
    settings: openSettingsTable(database),
    exampleMarks: openExampleMarksTable(database),
    folder: (kind: 'objects' | 'models' | 'logs' | 'runs') => join(directory, kind),
    close: () => database.close(),
  };
}

function lockedWorkspace(
  parts: ReturnType<typeof assemble>,
  { database, lock, migration }: { database: Database; lock: Lock; migration: MigrationResult },
): Workspace {
  const { directory, runs } = parts;
  const folders = { objects: join(directory, 'objects'), runs: join(directory, 'runs'), trash: join(directory, 'trash') };
  return {
    ...parts,
    ...openTrash(database, runs, folders),
    access: 'write',
    migration,
    transaction: (body) => database.transaction(body),
    runFolder(id) {
      const path = join(folders.runs, runs.get(id).id);
      mkdirSync(path, { recursive: true });
      return path;
    },
    close() {
      // The lock last: whoever comes next must find the database closed.
      try {
        database.close();
      } finally {
        lock.release();
      }
    },
  };
}

function requireUsableFolder(directory: string, create: 'if-missing' | 'never'): void {
  if (existsSync(join(directory, databaseName))) return;
  if (create === 'never') throw missing(directory);
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) throw notAFolder(directory);
  const stranger = readdirSync(directory).find((name) => !ownNames.test(name));
  if (stranger === undefined) return;
  throw new Problem({
    code: 'workspace-folder-not-empty',
    found: `a folder with other files in it (${stranger})`,
    expected: 'a workspace, an empty folder or a new one',
    action: 'Choose another folder for the workspace.',
    place: { file: directory },
  });
}

/** Where this process and its workers write: the workspace, its folders, and one folder a run and a model. */
function listWrittenFolders(directory: string): string[] {
  const folders = subfolders.map((name) => join(directory, name));
  const inner = ['models', 'runs'].flatMap((name) =>
    readdirSync(join(directory, name), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name)));
  return [directory, ...folders, ...inner];
}

/**
 * A new database beside objects of an old one would look like an empty workspace, and emptying its trash would delete them all.
 * Asked before SQLite looks at the file: it would throw away the log of a database that is gone.
 */
function requireDatabaseOfObjects(directory: string): void {
  const size = statSync(join(directory, databaseName), { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0 || !readdirSync(join(directory, 'objects')).some((name) => /^[0-9a-f]{64}$/.test(name))) return;
  throw new Problem({
    code: 'workspace-database-missing',
    kind: 'failure',
    found: `saved objects but ${databaseName} is missing or empty`,
    expected: 'the database that names them',
    action: `Put back a copy of ${databaseName} (an older one lies beside it as .backup after a migration), or move the folder away and start a new workspace.`,
    place: { file: directory },
  });
}

function notAFolder(directory: string): Problem {
  return new Problem({
    code: 'workspace-not-a-folder',
    found: 'a file',
    expected: 'a workspace, an empty folder or a new one',
    action: 'Choose another folder for the workspace.',
    place: { file: directory },
  });
}

function missing(directory: string): Problem {
  return new Problem({
    code: 'workspace-missing',
    found: `no ${databaseName}`,
    expected: 'a workspace folder',
    action: 'Check the path, or run a command that creates the workspace first.',
    place: { file: directory },
  });
}

function notReady(directory: string, state: 'empty' | 'older'): Problem {
  return new Problem({
    code: 'workspace-older',
    found: state === 'older' ? 'a workspace of an older version' : 'a workspace that is still being created',
    expected: 'one that is up to date',
    action: 'Run a command that may write first: it brings the workspace up to date and keeps a copy.',
    place: { file: directory },
  });
}
