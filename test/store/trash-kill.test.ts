import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { parseRunId } from '../../main/store/identifiers.ts';
import { openWorkspace } from '../../main/store/workspace.ts';
import { children, makeScratchFolder, newRun, openScratchWorkspace, startChild } from './fixture.ts';

const killCount = 12;
const run = parseRunId('r1');

test('after each of 12 kills amid pinning, trashing, restoring and emptying, no named object is missing and what was said to be done is done', async () => {
  const directory = join(makeScratchFolder(), 'workspace');
  const workspace = openScratchWorkspace(directory);
  workspace.runs.create(newRun);
  workspace.close();
  const done = { pinned: new Set<number>(), restored: new Set<number>(), emptied: new Set<number>() };
  for (let kill = 0; kill < killCount; kill += 1) {
    const child = startChild(children.trashLoop, directory);
    expect(await child.firstLine).toBe('ready');
    while (child.lines.length < 1 + (kill % 4) && child.process.exitCode === null) await sleep(1);
    await sleep(Math.random() * 30);
    await child.kill('SIGKILL');
    for (const line of child.lines.slice(1)) {
      const [, what, step] = /^(pinned|restored|emptied) (\d+)$/.exec(line) ?? [];
      if (what !== undefined) done[what as keyof typeof done].add(Number(step));
    }
    check(directory, done);
  }
  expect(done.emptied.size).toBeGreaterThanOrEqual(killCount / 4);

  // What a kill left in the trash can still be taken out of it, or emptied, and then nothing is left over.
  const again = openWorkspace(directory);
  for (const { step } of again.measureTrash().checkpoints) expect(again.checkpoints.restore(run, step).trashedAtMs).toBeNull();
  expect(again.measureTrash()).toMatchObject({ checkpoints: [], bytes: 0 });
  for (const { step, weights } of again.checkpoints.list(run)) expect(again.objects.readObject(weights).toString()).toMatch(new RegExp(`^${step}`));
  again.close();
}, 120_000);

function check(directory: string, done: { pinned: Set<number>; restored: Set<number>; emptied: Set<number> }): void {
  const sqlite = new BetterSqlite(join(directory, 'souffleur.db'), { readonly: true });
  expect(sqlite.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(sqlite.pragma('foreign_key_check')).toEqual([]);
  sqlite.close();
  const workspace = openWorkspace(directory, { access: 'read' });
  const { rows } = workspace.checkpointCatalogue.list({ trash: 'with', sort: { by: 'step', direction: 'ascending' }, offset: 0, limit: 500 });
  for (const { weights } of rows) workspace.objects.readObject(weights);
  for (const step of done.pinned) expect(workspace.checkpointCatalogue.get(run, step).pin?.name).toBe(`pin ${step}`);
  for (const step of done.restored) expect(workspace.checkpoints.find(run, step)?.trashedAtMs).toBeNull();
  for (const step of done.emptied) {
    expect(workspace.checkpoints.find(run, step)).toBeNull();
    expect(existsSync(join(workspace.folder('runs'), run, `trained-${step}.safetensors`))).toBe(false);
  }
  // Rows go before files: at most the objects of one emptying are left without a row.
  const named = new Set<string>(rows.map(({ weights }) => weights));
  expect(readdirSync(workspace.folder('objects')).filter((name) => !name.startsWith('.') && !named.has(name)).length).toBeLessThanOrEqual(2 * killCount);
  workspace.close();
}
