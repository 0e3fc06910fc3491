import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProblemRecord } from '../../main/contract/problem.ts';
import { acquireLock, readLockHolder } from '../../main/store/lock.ts';
import { openWorkspace } from '../../main/store/workspace.ts';
import { children, makeScratchFolder, newRun, openScratchWorkspace, problemOf, startChild } from './fixture.ts';

describe('one core at a time', () => {
  test('a second process is told who holds the workspace, since when and with which command', async () => {
    const directory = makeScratchFolder();
    const holder = startChild(children.holdWorkspace, directory);
    expect(await holder.firstLine).toBe('held');

    const problem = problemOf(() => openWorkspace(directory));
    expect(problem.code).toBe('workspace-locked');
    expect(problem.found).toMatch(`in use by process ${holder.process.pid} on ${hostname()} since ${new Date().getUTCFullYear()}-`);
    expect(problem.found).toContain('hold-workspace.ts');
    expect(problem.place.file).toBe(directory);
  });

  test('kill -9 frees the workspace at once, whatever the file that names the holder says', async () => {
    const directory = makeScratchFolder();
    const holder = startChild(children.holdWorkspace, directory);
    await holder.firstLine;
    await holder.kill('SIGKILL');

    expect(existsSync(join(directory, 'lock.json'))).toBe(true);
    expect(readLockHolder(directory)).toBeNull();
    const lock = acquireLock(directory);
    expect(readLockHolder(directory)?.processId).toBe(process.pid);
    lock.release();
  });

  test('closing frees the workspace and takes the name away', async () => {
    const directory = makeScratchFolder();
    const holder = startChild(children.holdWorkspace, directory);
    await holder.firstLine;
    holder.process.stdin?.end();
    await holder.ended;

    expect(existsSync(join(directory, 'lock.json'))).toBe(false);
    const workspace = openWorkspace(directory);
    workspace.close();
    workspace.close();
    openWorkspace(directory).close();
  });

  test('of four processes that start at once on a new folder exactly one gets it, and the others name it', async () => {
    for (let round = 0; round < 2; round += 1) {
      const directory = join(makeScratchFolder(), 'new');
      const starters = Array.from({ length: 4 }, () => startChild(children.holdWorkspace, directory));
      const answers = await Promise.all(starters.map((starter) => starter.firstLine));
      const winner = starters[answers.indexOf('held')];
      const refusals = answers.filter((answer) => answer !== 'held').map((answer) => JSON.parse(answer) as ProblemRecord);
      expect(refusals.map(({ code }) => code)).toEqual(['workspace-locked', 'workspace-locked', 'workspace-locked']);
      for (const { found } of refusals) expect(found).toContain(`process ${winner?.process.pid} on`);
      await Promise.all(starters.map((starter) => starter.kill('SIGKILL')));
    }
  });

  test('the same process cannot open it twice either', () => {
    const workspace = openScratchWorkspace();
    expect(problemOf(() => openWorkspace(workspace.directory)).found).toContain(`process ${process.pid} on`);
  });

  test('a holder that cannot be read is not invented', () => {
    const directory = makeScratchFolder();
    writeFileSync(join(directory, 'lock.json'), '{"processId": "me"');
    expect(readLockHolder(directory)).toBeNull();
    const lock = acquireLock(directory);
    writeFileSync(join(directory, 'lock.json'), '');
    expect(problemOf(() => acquireLock(directory)).found).toBe('a workspace in use by another process that has just started');
    lock.release();
  });
});

describe('reading beside the holder', () => {
  test('another process lists runs while one holds the lock, and sees what is committed meanwhile', async () => {
    const directory = makeScratchFolder();
    const writer = openScratchWorkspace(directory);
    const reader = openWorkspace(directory, { access: 'read' });
    expect(reader.runs.list()).toEqual([]);
    writer.transaction(() => {
      writer.runs.create(newRun);
      expect(reader.runs.list()).toEqual([]);
    });
    expect(reader.runs.list().map(({ id }) => id)).toEqual(['r0001']);
    writer.close();

    const holder = startChild(children.holdWorkspace, directory);
    expect(await holder.firstLine).toBe('held');
    expect(reader.runs.list()).toHaveLength(1);
    reader.close();
  });

  test('whoever reads can change nothing', () => {
    const { directory } = openScratchWorkspace();
    const reader = openWorkspace(directory, { access: 'read' });
    const disguised = reader as ReturnType<typeof openWorkspace>;
    expect(problemOf(() => disguised.models.remove(reader.models.list()[0]?.name ?? ('' as never))).code).toBe('database-read-only');
    expect(reader.models.list()).toHaveLength(1);
    reader.close();
  });

  test('a killed writer leaves a workspace that can be read before anybody writes again', async () => {
    const directory = makeScratchFolder();
    const workspace = openScratchWorkspace(directory);
    workspace.runs.create(newRun);
    workspace.close();
    const loop = startChild(children.writeLoop, directory, join(directory, 'logs', 'file'));
    await loop.firstLine;
    while (loop.lines.length < 3) await new Promise((resolve) => void setTimeout(resolve, 5));
    await loop.kill('SIGKILL');
    expect(existsSync(join(directory, 'souffleur.db-wal'))).toBe(true);
    const reader = openWorkspace(directory, { access: 'read' });
    expect(reader.checkpoints.list(reader.runs.list()[0]?.id ?? ('' as never)).length).toBeGreaterThanOrEqual(2);
    reader.close();
  });
});
