/** A real full disk: a file system of one MiB in memory. Mounting needs rights that not every machine gives. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, test, expect } from 'vitest';
import { toProblem } from '../../main/contract/problem.ts';
import { writeFileAtomicSync } from '../../main/store/atomic-file.ts';
import { openWorkspace } from '../../main/store/workspace.ts';
import { makeScratchFolder, newRun, openScratchWorkspace, problemOf } from './fixture.ts';

function mountSmallDisk(kibibytes: number): string | null {
  if (process.platform !== 'linux') return null;
  const folder = makeScratchFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder]).status !== 0) return null;
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  return folder;
}

test('a full disk leaves the old file, no temporary one, and says what to do', (context) => {
  const folder = mountSmallDisk(1024);
  if (folder === null) return context.skip('this machine does not let the test mount a small disk');
  const path = join(folder, 'file');
  const old = Buffer.alloc(300 * 1024, 1);
  writeFileAtomicSync(path, old);

  const problem = problemOf(() => writeFileAtomicSync(path, Buffer.alloc(900 * 1024, 2)));
  expect(problem.toRecord()).toMatchObject({ code: 'system-enospc', kind: 'failure', found: 'a full disk', place: { file: path } });
  expect(readFileSync(path).equals(old)).toBe(true);
  expect(readdirSync(folder)).toEqual(['file']);
  writeFileAtomicSync(path, Buffer.alloc(500 * 1024, 3));
  expect(readFileSync(path)[0]).toBe(3);
});

test('a workspace on a full disk refuses what does not fit, keeps what it has, and goes on when there is space', async (context) => {
  const folder = mountSmallDisk(4096);
  if (folder === null) return context.skip('this machine does not let the test mount a small disk');
  const directory = join(folder, 'workspace');
  const workspace = openScratchWorkspace(directory);
  const run = workspace.runs.create(newRun);
  const small = workspace.objects.putObject(Buffer.from('small'));
  const ballast = join(folder, 'ballast');
  try {
    writeFileSync(ballast, Buffer.alloc(8 << 20));
  } catch {
    // That it does not fit is the point: not a page is left.
  }

  expect(problemOf(() => workspace.objects.putObject(Buffer.alloc(100_000))).code).toBe('system-enospc');
  const source = join(makeScratchFolder(), 'source');
  writeFileSync(source, Buffer.alloc(100_000));
  const streamed = await workspace.objects.putObjectFile(source).then(() => null, toProblem);
  expect(streamed?.code).toBe('system-enospc');
  const points = Array.from({ length: 20_000 }, (_, step) => ({ step, key: 'train/loss', value: step }));
  expect(problemOf(() => workspace.metrics.record(run.id, points)).code).toBe('database-disk-full');
  expect(workspace.metrics.listKeys(run.id)).toEqual([]);
  expect(workspace.objects.readObject(small).toString()).toBe('small');
  expect(readdirSync(join(directory, 'objects'))).toEqual([small]);

  rmSync(ballast);
  workspace.metrics.record(run.id, points);
  workspace.close();
  const again = openWorkspace(directory);
  expect(again.metrics.readCurve(run.id, 'train/loss')).toEqual(points);
  again.close();
});
