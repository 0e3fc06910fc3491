import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPart } from '../../electron/build/build.ts';
import { makeBuilderConfig } from '../../electron/build/builder.ts';
import { fuses } from '../../electron/build/fuses.ts';

const outDir = mkdtempSync(join(tmpdir(), 'souffleur-build-'));
beforeAll(() => buildPart('electron', { outDir }));
afterAll(() => rmSync(outDir, { recursive: true }));

const builtin = new Set(builtinModules);
const requires = (text: string): string[] => [...new Set([...text.matchAll(/\brequire\(["'`]([^"'`]+)["'`]\)/g)].map(([, name]) => name ?? ''))];

test('the preload script is one file that requires nothing but electron', () => {
  expect(requires(readFileSync(join(outDir, 'electron', 'preload.cjs'), 'utf8'))).toEqual(['electron']);
});

test('the shell’s bundle needs Node, Electron, the database and its own files only', () => {
  const files = readdirSync(join(outDir, 'electron'));
  const found = files.flatMap((file) => requires(readFileSync(join(outDir, 'electron', file), 'utf8')));
  const foreign = found.filter((name) => !name.startsWith('node:') && !name.startsWith('./'));
  // ws looks for two native helpers that nobody needs, and tries without them.
  const known = new Set(['electron', 'better-sqlite3', 'bufferutil', 'utf-8-validate']);
  expect(foreign.filter((name) => !known.has(name) && !builtin.has(name))).toEqual([]);
});
const config = makeBuilderConfig({ programFolder: '/p', outDir: '/o', electronVersion: '45.4.1', electronFolder: null, setsFuses: true });

test('every fuse is decided, and those that open the program are off', () => {
  const names = Object.values(FuseV1Options).filter((value) => typeof value === 'number');
  expect(Object.keys(fuses).map(Number).sort()).toEqual(names.sort());
  expect([FuseV1Options.RunAsNode, FuseV1Options.EnableNodeOptionsEnvironmentVariable, FuseV1Options.EnableNodeCliInspectArguments, FuseV1Options.GrantFileProtocolExtraPrivileges, FuseV1Options.LoadBrowserProcessSpecificV8Snapshot].map((fuse) => fuses[fuse])).toEqual([false, false, false, false, false]);
  expect(fuses[FuseV1Options.EnableEmbeddedAsarIntegrityValidation] && fuses[FuseV1Options.OnlyLoadAppFromAsar]).toBe(true);
});

test('packages are made for three systems, know .promptpack, rebuild nothing and publish nothing', () => {
  expect(config).toMatchObject({
    npmRebuild: false, asar: true, publish: null, linux: { target: ['deb', 'AppImage', 'tar.gz'] }, win: { target: ['nsis'] }, mac: { target: ['dmg'] },
    fileAssociations: [expect.objectContaining({ ext: 'promptpack' })], protocols: [{ name: 'Souffleur', schemes: ['souffleur'] }],
  });
  expect(typeof config.afterPack).toBe('function');
});
