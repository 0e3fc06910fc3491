import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { parseObjectHash, parseRunId } from '../../main/store/identifiers.ts';
import { openObjects } from '../../main/store/objects.ts';
import { openWorkspace } from '../../main/store/workspace.ts';
import { children, makeScratchFolder, newRun, openScratchWorkspace, startChild } from './fixture.ts';

const killCount = 24;
const stepBytes = 64 * 1024;

test('after each of 24 kills at random moments every file is whole, every named object is there, and what was confirmed is kept', async () => {
  const directory = join(makeScratchFolder(), 'workspace');
  const replacedFile = join(directory, 'logs', 'replaced');
  const workspace = openScratchWorkspace(directory);
  workspace.runs.create(newRun);
  workspace.close();

  let interruptedWrites = 0;
  let confirmed = 0;
  for (let kill = 0; kill < killCount; kill += 1) {
    // Starting at all proves each time that the lock of the killed process is free.
    const child = startChild(children.writeLoop, directory, replacedFile);
    expect(await child.firstLine).toBe('ready');
    // Progress first, so that a slow machine is not killed at the same place each time; then anywhere within a step or two.
    while (child.lines.length < 1 + (kill % 3) && child.process.exitCode === null) await sleep(1);
    await sleep(Math.random() * 30);
    await child.kill('SIGKILL');
    confirmed = Math.max(confirmed, ...child.lines.slice(1).map(Number));

    interruptedWrites += countTemporaryFiles(directory);
    const replaced = readStep(replacedFile);
    const steps = checkDatabase(directory);
    // The row of a step is written after its file and confirmed after that.
    expect(steps).toBeGreaterThanOrEqual(confirmed);
    expect([steps, steps + 1]).toContain(replaced);
    checkObjects(directory);
  }
  expect(confirmed).toBeGreaterThanOrEqual(killCount);
  // Otherwise no kill met a write, and the test has shown nothing.
  expect(interruptedWrites).toBeGreaterThan(0);

  openWorkspace(directory).close();
  expect(countTemporaryFiles(directory)).toBe(0);
});

/** @returns the step whose content the file is, all of it; 0 for none yet. */
function readStep(path: string): number {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return 0;
  }
  expect(bytes.length).toBe(stepBytes);
  const values = new Set(new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4));
  expect(values.size).toBe(1);
  return [...values][0] ?? 0;
}

/** @returns the last step; reads beside nobody, right after a kill, as `runs list` would. */
function checkDatabase(directory: string): number {
  const sqlite = new BetterSqlite(join(directory, 'souffleur.db'), { readonly: true });
  expect(sqlite.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(sqlite.pragma('foreign_key_check')).toEqual([]);
  sqlite.close();

  const workspace = openWorkspace(directory, { access: 'read' });
  const run = parseRunId('r1');
  const checkpoints = workspace.checkpoints.list(run);
  expect(checkpoints.map(({ step }) => step)).toEqual(checkpoints.map((_, index) => index + 1));
  for (const { step, weights } of checkpoints) expect(workspace.objects.readObject(weights).readUInt32LE(0)).toBe(step);
  // One transaction wrote both, so neither is ahead.
  expect(workspace.metrics.readCurve(run, 'train/49').length).toBe(checkpoints.length);
  expect(workspace.checkpoints.findBest(run)?.step ?? 0).toBe(checkpoints.length);
  workspace.close();
  return checkpoints.length;
}

function checkObjects(directory: string): void {
  const folder = join(directory, 'objects');
  const objects = openObjects(folder);
  // Whatever carries a final name is whole, also what no row names yet.
  for (const name of readdirSync(folder).filter((name) => !name.startsWith('.'))) objects.readObject(parseObjectHash(name));
}

function countTemporaryFiles(directory: string): number {
  return readdirSync(directory, { recursive: true }).filter((name) => String(name).endsWith('.tmp')).length;
}
