import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProblemRecord } from '../../main/contract/problem.ts';
import { removeStaleTemporaryFiles, temporaryPathIn, writeFileAtomicSync } from '../../main/store/atomic-file.ts';
import { children, makeScratchFolder, problemOf, startChildWithFileLimit } from './fixture.ts';

describe('writing a file atomically', () => {
  test('any bytes come back as they were, over any earlier content, and nothing else is left in the folder', () => {
    const folder = makeScratchFolder();
    const path = join(folder, 'file');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        writeFileAtomicSync(path, bytes);
        expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
        expect(readdirSync(folder)).toEqual(['file']);
      }),
      { numRuns: 30 },
    );
  });

  test('a file larger than one write comes back whole', () => {
    const path = join(makeScratchFolder(), 'file');
    const bytes = Buffer.alloc(150 * 1024 * 1024 + 7);
    for (let i = 0; i < bytes.length; i += 4093) bytes[i] = i % 251;
    writeFileAtomicSync(path, bytes);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('text is written as UTF-8', () => {
    const path = join(makeScratchFolder(), 'file');
    writeFileAtomicSync(path, 'суфлёр');
    expect(readFileSync(path)).toEqual(Buffer.from('суфлёр', 'utf8'));
  });

  test('a write that fails half-way leaves the old file and no temporary one, and names the file', async () => {
    const folder = makeScratchFolder();
    const path = join(folder, 'weights');
    writeFileSync(path, 'old');
    const small = startChildWithFileLimit(64, children.writeFile, path, String(16 * 1024));
    expect(await small.firstLine).toBe('written');
    writeFileSync(path, 'old');

    const large = startChildWithFileLimit(64, children.writeFile, path, String(1024 * 1024));
    const problem = JSON.parse(await large.firstLine) as ProblemRecord;
    expect(problem).toMatchObject({ code: 'file-not-written', kind: 'failure', place: { file: path } });
    expect(problem.found).toContain('EFBIG');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['weights']);
  });

  test('a missing folder and a folder in the way are said by the path that was asked for', () => {
    const folder = makeScratchFolder();
    const missing = join(folder, 'absent', 'file');
    expect(problemOf(() => writeFileAtomicSync(missing, '')).toRecord()).toMatchObject({ code: 'system-enoent', place: { file: missing } });
    const inTheWay = join(folder, 'folder');
    mkdirSync(inTheWay);
    expect(problemOf(() => writeFileAtomicSync(inTheWay, 'x')).place.file).toBe(inTheWay);
    expect(readdirSync(folder)).toEqual(['folder']);
  });
});

describe('stale temporary files', () => {
  test('those of gone processes go; those of living ones, of this one and all other files stay', () => {
    const folder = makeScratchFolder();
    const gone = spawnSync(process.execPath, ['--version']).pid;
    const ownName = temporaryPathIn(folder);
    const kept = [ownName, join(folder, `.souffleur-${process.ppid}-00000000-1.tmp`), join(folder, 'mine.tmp'), join(folder, `.souffleur-${gone}.tmp`)];
    const stale = [
      join(folder, `.souffleur-${gone}-0123abcd-1.tmp`),
      // An earlier process with our own id, as every restart of a container makes one.
      join(folder, `.souffleur-${process.pid}-00000000-7.tmp`),
    ];
    for (const path of [...kept, ...stale]) writeFileSync(path, 'x');

    expect(removeStaleTemporaryFiles(folder)).toBe(2);
    expect(kept.map((path) => existsSync(path))).toEqual(kept.map(() => true));
    expect(stale.map((path) => existsSync(path))).toEqual([false, false]);
  });

  test('a folder that does not exist has none', () => {
    expect(removeStaleTemporaryFiles(join(makeScratchFolder(), 'absent'))).toBe(0);
  });
});
