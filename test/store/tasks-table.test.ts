/** The task library in the database: versions that never change, names that are given once, trash and undo. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import { openWorkspace, type Workspace } from '../../main/store/workspace.ts';

const first = { name: 'rte', hash: 'a'.repeat(64), definition: { format: 'rte', pvps: [] } };
const second = { ...first, hash: 'b'.repeat(64), definition: { format: 'rte', pvps: ['x'] } };

let directory: string;
let workspace: Workspace;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'souffleur-tasks-'));
  workspace = openWorkspace(directory);
});
afterEach(() => {
  workspace.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('the tasks table', () => {
  it('keeps every version as it was written, and gives the latest without a number', () => {
    const { tasks } = workspace;
    expect(tasks.create(first)).toMatchObject({ ...first, version: 1 });
    expect(tasks.addVersion(second)).toMatchObject({ ...second, version: 2 });
    expect(tasks.getVersion('rte')).toMatchObject({ ...second, version: 2 });
    expect(tasks.getVersion('rte', 1)).toMatchObject({ ...first, version: 1 });
    expect(tasks.listVersions('rte').map(({ version }) => version)).toEqual([2, 1]);
    expect(() => tasks.getVersion('rte', 3)).toThrow(expect.objectContaining({ code: 'task-version-not-found', expected: '1 to 2' }));
  });

  it('refuses to change a version, even to somebody who opens the file', () => {
    workspace.tasks.create(first);
    workspace.close();
    const database = new Database(join(directory, 'souffleur.db'));
    expect(() => database.exec("UPDATE task_versions SET definition = '{}'")).toThrow('a version of a task never changes');
    expect(() => database.exec("UPDATE task_versions SET hash = 'x'")).toThrow();
    database.close();
    workspace = openWorkspace(directory);
    expect(workspace.tasks.getVersion('rte')).toMatchObject(first);
  });

  it('gives a name once, names what there is, and takes no version for a task in the trash', () => {
    const { tasks } = workspace;
    expect(() => tasks.get('rte')).toThrow(expect.objectContaining({ code: 'task-not-found', expected: expect.stringContaining('none yet') as string }));
    tasks.create(first);
    expect(() => tasks.create(second)).toThrow(expect.objectContaining({ code: 'task-name-taken' }));
    expect(() => tasks.get('cb')).toThrow(expect.objectContaining({ code: 'task-not-found', expected: 'one of rte' }));
    tasks.trash('rte');
    expect(() => tasks.create(second)).toThrow(expect.objectContaining({ code: 'task-name-taken', found: expect.stringContaining('in the trash') as string }));
    expect(() => tasks.addVersion(second)).toThrow(expect.objectContaining({ code: 'task-in-trash' }));
  });

  it('moves a task to the trash and back with all its versions; emptying the trash deletes it for good', () => {
    const { tasks } = workspace;
    tasks.create(first);
    tasks.addVersion(second);
    const { trashedAtMs } = tasks.trash('rte');
    expect(tasks.trash('rte').trashedAtMs).toBe(trashedAtMs);
    expect(tasks.list()).toEqual([]);
    expect(tasks.list({ trash: 'only' }).map(({ name }) => name)).toEqual(['rte']);
    expect(tasks.restore('rte')).toMatchObject({ version: 2, trashedAtMs: null });
    workspace.emptyTrash();
    expect(tasks.listVersions('rte')).toHaveLength(2);
    tasks.trash('rte');
    workspace.emptyTrash();
    expect(tasks.find('rte')).toBeNull();
    expect(tasks.create(first)).toMatchObject({ version: 1 });
  });
});
