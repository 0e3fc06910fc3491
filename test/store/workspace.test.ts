import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { migrations } from '../../main/store/schema/index.ts';
import { openWorkspace } from '../../main/store/workspace.ts';
import { makeScratchFolder, newRun, openScratchWorkspace, problemOf, tinyModel } from './fixture.ts';

const newestVersion = migrations.length;

describe('opening a workspace', () => {
  test('makes the folders and the database, and finds them again', () => {
    const directory = join(makeScratchFolder(), 'deep', 'workspace');
    const workspace = openWorkspace(directory);
    expect(workspace.migration).toEqual({ from: 0, to: newestVersion, backupPath: null });
    workspace.models.add(tinyModel);
    workspace.close();
    expect(readdirSync(directory).sort()).toEqual(['lock.db', 'logs', 'models', 'objects', 'runs', 'souffleur.db', 'trash']);
    const again = openWorkspace(directory, { create: 'never' });
    expect(again.models.list()).toHaveLength(1);
    expect(again.migration.from).toBe(newestVersion);
    again.close();
  });

  test('a folder with other files, a file, and a folder that is no workspace are refused and left alone', () => {
    const folder = makeScratchFolder();
    expect(problemOf(() => openWorkspace(folder, { create: 'never' })).code).toBe('workspace-missing');
    expect(problemOf(() => openWorkspace(folder, { access: 'read' })).code).toBe('workspace-missing');
    expect(problemOf(() => openWorkspace(join(folder, 'absent'), { access: 'read' })).code).toBe('workspace-missing');
    writeFileSync(join(folder, 'thesis.tex'), '');
    const strange = problemOf(() => openWorkspace(folder));
    expect(strange.code).toBe('workspace-folder-not-empty');
    expect(strange.found).toContain('thesis.tex');
    expect(problemOf(() => openWorkspace(join(folder, 'thesis.tex'))).code).toBe('workspace-not-a-folder');
    expect(readdirSync(folder)).toEqual(['thesis.tex']);
  });

  test('what a kill during the first opening left behind is no obstacle', () => {
    const directory = makeScratchFolder();
    mkdirSync(join(directory, 'objects'));
    for (const name of ['lock.db', 'souffleur.db', '.souffleur-1-00000000-1.tmp']) writeFileSync(join(directory, name), '');
    expect(problemOf(() => openWorkspace(directory, { access: 'read' })).found).toContain('still being created');
    openWorkspace(directory).close();
  });

  test('a newer schema is refused naming both versions, for reading too, and nothing is changed', () => {
    const { directory } = closedWorkspace();
    const path = join(directory, 'souffleur.db');
    const sqlite = new BetterSqlite(path);
    sqlite.pragma('user_version = 12');
    sqlite.close();
    const before = readFileSync(path);
    for (const open of [() => openWorkspace(directory), () => openWorkspace(directory, { access: 'read' })]) {
      const problem = problemOf(open);
      expect(problem.code).toBe('database-newer');
      expect(problem.message).toMatch(new RegExp(`schema version 12.*version ${newestVersion} or older`));
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a file that is no database, another program\'s database and a damaged one each get their own sentence', () => {
    for (const [code, damage] of [
      ['database-not-sqlite', (path: string) => writeFileSync(path, 'dear diary, '.repeat(1000))],
      ['database-corrupt', (path: string) => truncateSync(path, 5000)],
      ['database-foreign', (path: string) => {
        rmSync(path);
        new BetterSqlite(path).exec('CREATE TABLE browser_history (url TEXT)').close();
      }],
    ] as const) {
      const { directory } = closedWorkspace();
      damage(join(directory, 'souffleur.db'));
      for (const open of [() => openWorkspace(directory), () => openWorkspace(directory, { access: 'read' })]) {
        expect(problemOf(open).toRecord()).toMatchObject({ code, place: { file: join(directory, 'souffleur.db') } });
      }
      // The refusal must not keep the lock.
      expect(problemOf(() => openWorkspace(directory)).code).toBe(code);
    }
  });

  test('objects without their database are not taken for an empty workspace', () => {
    const { directory } = closedWorkspace();
    writeFileSync(join(directory, 'objects', 'a'.repeat(64)), 'x');
    rmSync(join(directory, 'souffleur.db'));
    expect(problemOf(() => openWorkspace(directory)).code).toBe('workspace-database-missing');
    expect(readdirSync(directory)).not.toContain('souffleur.db');
  });

  test('temporary files of gone processes are swept from every folder that is written', () => {
    const { directory } = closedWorkspace();
    mkdirSync(join(directory, 'runs', 'r0001'));
    const folders = ['.', 'objects', 'models', 'logs', 'runs', 'runs/r0001'];
    for (const folder of folders) writeFileSync(join(directory, folder, '.souffleur-999999999-00000000-1.tmp'), '');
    openWorkspace(directory).close();
    expect(readdirSync(directory, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual([]);
  });
});

describe('transactions', () => {
  test('a failure takes everything back; an inner one can fail alone', () => {
    const workspace = openScratchWorkspace();
    expect(() => workspace.transaction(() => {
      workspace.runs.create(newRun);
      throw new Error('stop');
    })).toThrow('stop');
    expect(workspace.runs.list()).toEqual([]);

    workspace.transaction(() => {
      workspace.runs.create(newRun);
      expect(() => workspace.models.add(tinyModel)).toThrow('tiny');
    });
    expect(workspace.runs.list()).toHaveLength(1);
  });
});

function closedWorkspace(): { directory: string } {
  const workspace = openScratchWorkspace();
  for (let index = 0; index < 50; index += 1) workspace.runs.create(newRun);
  workspace.close();
  return { directory: workspace.directory };
}
