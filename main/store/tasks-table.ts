/** The task library, version by version. What a task is made of belongs to the core; here it is JSON under a name and a hash. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import type { Database } from './database.ts';
import { jsonColumn, jsonObject, parseRow, writeJson, type JsonObject } from './json-column.ts';

export interface TaskRow {
  name: string;
  createdAtMs: number;
  trashedAtMs: number | null;
  /** The latest. */
  version: number;
}

export interface TaskVersionRow {
  name: string;
  /** From 1. */
  version: number;
  /** SHA-256 of the definition's canonical JSON. */
  hash: string;
  definition: JsonObject;
  createdAtMs: number;
}

export interface TasksReader {
  find(name: string): TaskRow | null;
  /** @throws {Problem} `task-not-found`, naming those that exist */
  get(name: string): TaskRow;
  /** By name. */
  list(options?: { trash: 'without' | 'only' }): TaskRow[];
  /** @param version the latest without. @throws {Problem} `task-not-found`, `task-version-not-found` */
  getVersion(name: string, version?: number): TaskVersionRow;
  /** The latest first. @throws {Problem} `task-not-found` */
  listVersions(name: string): TaskVersionRow[];
}

export interface TasksTable extends TasksReader {
  /** With its first version. @throws {Problem} `task-name-taken` */
  create(task: Pick<TaskVersionRow, 'name' | 'hash' | 'definition'>): TaskVersionRow;
  /** @throws {Problem} `task-not-found`, `task-in-trash` */
  addVersion(task: Pick<TaskVersionRow, 'name' | 'hash' | 'definition'>): TaskVersionRow;
  /** Twice is once. @throws {Problem} `task-not-found` */
  trash(name: string): TaskRow;
  /** @throws {Problem} `task-not-found` */
  restore(name: string): TaskRow;
}

const taskRow = z.object({ name: z.string(), createdAtMs: z.int(), trashedAtMs: z.int().nullable(), version: z.int() });
const versionRow = z.object({ name: z.string(), version: z.int(), hash: z.string(), definition: jsonColumn(jsonObject), createdAtMs: z.int() });

const tasksWithVersion = `
  SELECT name, tasks.created_at AS createdAtMs, trashed_at AS trashedAtMs, max(version) AS version
  FROM tasks JOIN task_versions ON task = number`;
const versions = 'SELECT name, version, hash, definition, task_versions.created_at AS createdAtMs FROM task_versions JOIN tasks ON number = task';

export function openTasksTable(database: Database): TasksTable {
  const select = database.prepare(`${tasksWithVersion} WHERE name = :name GROUP BY number`);
  const selectAll = database.prepare(`${tasksWithVersion} WHERE (trashed_at IS NOT NULL) = :isTrashed GROUP BY number ORDER BY name`);
  const selectVersions = database.prepare(`${versions} WHERE name = :name AND (:version IS NULL OR version = :version) ORDER BY version DESC`);
  const insertTask = database.prepare('INSERT INTO tasks (name, created_at) VALUES (:name, :nowMs)');
  const insertVersion = database.prepare(`
    INSERT INTO task_versions (task, version, hash, definition, created_at)
    VALUES ((SELECT number FROM tasks WHERE name = :name), :version, :hash, :definition, :nowMs)`);
  const setTrashed = database.prepare('UPDATE tasks SET trashed_at = coalesce(trashed_at, :nowMs) WHERE name = :name');
  const setRestored = database.prepare('UPDATE tasks SET trashed_at = NULL WHERE name = :name');

  const list = ({ trash }: { trash: 'without' | 'only' } = { trash: 'without' }): TaskRow[] =>
    selectAll.all({ isTrashed: Number(trash === 'only') }).map((row) => parseRow(taskRow, row, 'tasks'));
  const find = (name: string): TaskRow | null => {
    const row = select.get({ name });
    return row === undefined ? null : parseRow(taskRow, row, 'tasks');
  };
  const get = (name: string): TaskRow => {
    const row = find(name);
    if (row === null) throw notFound(name, list());
    return row;
  };
  const listVersions = (name: string, version: number | null): TaskVersionRow[] =>
    selectVersions.all({ name, version }).map((row) => parseRow(versionRow, row, 'task_versions'));
  const getVersion = (name: string, version?: number): TaskVersionRow => {
    const latest = get(name).version;
    const [row] = listVersions(name, version ?? latest);
    if (row === undefined) throw versionNotFound(name, { version: version ?? latest, latest });
    return row;
  };
  const write = ({ name, hash, definition }: Pick<TaskVersionRow, 'name' | 'hash' | 'definition'>, version: number): TaskVersionRow => {
    insertVersion.run({ name, version, hash, definition: writeJson(definition), nowMs: Date.now() });
    return getVersion(name, version);
  };

  return {
    find,
    get,
    list,
    getVersion,
    listVersions(name) {
      get(name);
      return listVersions(name, null);
    },
    create: (task) => database.transaction(() => {
      const taken = find(task.name);
      if (taken !== null) throw nameTaken(taken);
      insertTask.run({ name: task.name, nowMs: Date.now() });
      return write(task, 1);
    }),
    addVersion: (task) => database.transaction(() => {
      const { version, trashedAtMs } = get(task.name);
      if (trashedAtMs !== null) throw inTrash(task.name);
      return write(task, version + 1);
    }),
    trash: (name) => database.transaction(() => {
      get(name);
      setTrashed.run({ name, nowMs: Date.now() });
      return get(name);
    }),
    restore: (name) => database.transaction(() => {
      get(name);
      setRestored.run({ name });
      return get(name);
    }),
  };
}

function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

function notFound(name: string, existing: readonly TaskRow[]): Problem {
  return new Problem({
    code: 'task-not-found',
    found: `no task named ${shownName(name)}`,
    expected: existing.length === 0 ? 'a task in the library, which has none yet' : `one of ${existing.slice(0, 30).map((task) => task.name).join(', ')}`,
    action: existing.length === 0 ? 'Add one with: souffleur tasks add NAME --format FORMAT' : 'Correct the name; see: souffleur tasks list',
  });
}

function versionNotFound(name: string, { version, latest }: { version: number; latest: number }): Problem {
  return new Problem({
    code: 'task-version-not-found',
    found: `version ${version} of the task ${shownName(name)}`,
    expected: latest === 1 ? 'version 1, the only one' : `1 to ${latest}`,
    action: 'Name a version that there is.',
  });
}

function nameTaken({ name, trashedAtMs }: TaskRow): Problem {
  return new Problem({
    code: 'task-name-taken',
    found: `a task named ${shownName(name)} already${trashedAtMs === null ? '' : ', in the trash'}`,
    expected: 'a new name',
    action: trashedAtMs === null ? 'Choose another name, or edit the task that there is.' : 'Restore that task, empty the trash, or choose another name.',
  });
}

function inTrash(name: string): Problem {
  return new Problem({ code: 'task-in-trash', found: `the task ${shownName(name)} in the trash`, expected: 'a task that is not', action: 'Restore it first.' });
}
