import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toProblem } from '../../main/contract/problem.ts';
import { hashFile, openObjects } from '../../main/store/objects.ts';
import type { ObjectHash } from '../../main/store/identifiers.ts';
import { makeScratchFolder, problemOf } from './fixture.ts';

function makeStore() {
  const folder = join(makeScratchFolder(), 'objects');
  return { folder, objects: openObjects(folder) };
}

describe('objects', () => {
  test('any bytes are named by their SHA-256, kept once however often they are put, and come back', () => {
    const { folder, objects } = makeStore();
    const hashes = new Set<string>();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const hash = objects.putObject(bytes);
        expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'));
        expect(objects.putObject(bytes)).toBe(hash);
        expect(new Uint8Array(objects.readObject(hash))).toEqual(bytes);
        hashes.add(hash);
        expect(readdirSync(folder)).toHaveLength(hashes.size);
      }),
      { numRuns: 30 },
    );
  });

  test.each(['keep', 'consume'] as const)('a file of 9 MB is put in pieces and gets the hash of its bytes (%s)', async (source) => {
    const { folder, objects } = makeStore();
    const path = join(makeScratchFolder(), 'weights');
    const bytes = Buffer.from(Uint32Array.from({ length: 9 << 18 }, (_, index) => index * 2654435761).buffer);
    writeFileSync(path, bytes);

    const hash = await objects.putObjectFile(path, { source });
    expect(hash).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(existsSync(path)).toBe(source === 'keep');
    expect(objects.readObject(hash).equals(bytes)).toBe(true);
    await objects.verifyObject(hash);

    writeFileSync(path, bytes);
    expect(await objects.putObjectFile(path, { source })).toBe(hash);
    expect(existsSync(path)).toBe(source === 'keep');
    expect(readdirSync(folder)).toEqual([hash]);
  });

  test('a file on another file system is consumed too', async (context) => {
    if (!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync(makeScratchFolder()).dev) {
      return context.skip('this machine has no second file system at /dev/shm');
    }
    const elsewhere = mkdtempSync('/dev/shm/souffleur-');
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    const { folder, objects } = makeStore();
    writeFileSync(join(elsewhere, 'file'), 'content');
    const hash = await objects.putObjectFile(join(elsewhere, 'file'), { source: 'consume' });
    expect(objects.readObject(hash).toString()).toBe('content');
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(folder)).toEqual([hash]);
  });

  test('a read-only file and a link are put like any other, and what the link points to stays', async () => {
    const { objects } = makeStore();
    const folder = makeScratchFolder();
    writeFileSync(join(folder, 'file'), 'content');
    chmodSync(join(folder, 'file'), 0o444);
    symlinkSync(join(folder, 'file'), join(folder, 'link'));
    const hash = await objects.putObjectFile(join(folder, 'link'), { source: 'consume' });
    expect(readdirSync(folder)).toEqual(['file']);
    expect(lstatSync(objects.objectPath(hash)).isFile()).toBe(true);
    expect(await objects.putObjectFile(join(folder, 'file'))).toBe(hash);
    expect(await hashFile(join(folder, 'file'))).toBe(hash);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('content');
    expect(objects.readObject(hash).toString()).toBe('content');
  });

  test('a changed byte is noticed on reading and healed by putting the content again', async () => {
    const { objects } = makeStore();
    const bytes = Buffer.from('a prompt of five tokens');
    const hash = objects.putObject(bytes);
    for (const heal of [() => objects.putObject(bytes), () => objects.putObjectFile(written(bytes), { source: 'consume' })]) {
      writeFileSync(objects.objectPath(hash), 'A prompt of five tokens');
      expect(problemOf(() => objects.readObject(hash)).toRecord()).toMatchObject({
        code: 'object-corrupt', kind: 'failure', place: { file: objects.objectPath(hash) },
      });
      expect((await objects.verifyObject(hash).then(() => null, toProblem))?.code).toBe('object-corrupt');
      expect(await heal()).toBe(hash);
      expect(objects.readObject(hash).equals(bytes)).toBe(true);
    }
  });

  test('a missing object, a missing file and a hash that is a path are refused in words', async () => {
    const { folder, objects } = makeStore();
    const absent = 'a'.repeat(64) as ObjectHash;
    expect(problemOf(() => objects.readObject(absent)).code).toBe('object-missing');
    expect((await objects.verifyObject(absent).then(() => null, toProblem))?.code).toBe('object-missing');
    expect(problemOf(() => objects.readObject('../souffleur.db' as ObjectHash)).code).toBe('object-hash-invalid');
    const missing = join(folder, 'absent');
    for (const source of ['keep', 'consume'] as const) {
      expect((await objects.putObjectFile(missing, { source }).then(() => null, toProblem))?.toRecord()).toMatchObject({
        code: 'system-enoent', place: { file: missing },
      });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('putting what is there already makes it fresh, so that emptying the trash leaves it alone', async () => {
    const { objects } = makeStore();
    const bytes = Buffer.from('content');
    const hash = objects.putObject(bytes);
    const path = objects.objectPath(hash);
    const puts = [() => objects.putObject(bytes), () => objects.putObjectFile(written(bytes)), () => objects.putObjectFile(written(bytes), { source: 'consume' })];
    for (const put of puts) {
      utimesSync(path, 1, 1);
      const beforeMs = Date.now();
      await put();
      // A file system may keep times a few milliseconds behind the clock.
      expect(statSync(path).mtimeMs).toBeGreaterThan(beforeMs - 50);
    }
  });
});

function written(bytes: Buffer): string {
  const path = join(makeScratchFolder(), 'file');
  writeFileSync(path, bytes);
  return path;
}
