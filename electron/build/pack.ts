/**
 * `npm run pack`: a package for this system. Without arguments the plain folder, which needs no network where
 * ELECTRON_OVERRIDE_DIST_PATH names an unpacked Electron; `npm run pack -- deb AppImage tar.gz` makes those.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, Platform } from 'electron-builder';
import { z } from 'zod';
import { buildPart, isStale, root } from './build.ts';
import { makeBuilderConfig } from './builder.ts';
import { fillProgramFolder, type Target } from './program-folder.ts';
import { describeSize, measurePacked, packedBudgetBytes } from './size-budget.ts';

const packageSchema = z.object({ devDependencies: z.object({ electron: z.string() }) });

async function pack(targets: readonly string[]): Promise<void> {
  const target: Target = { platform: process.platform as Target['platform'], arch: process.arch as Target['arch'] };
  for (const part of ['renderer', 'electron', 'program'] as const) if (isStale(part)) await buildPart(part);
  const programFolder = join(root, 'dist', 'package', 'resources');
  const hashes = await fillProgramFolder(programFolder, target);
  writeFileSync(join(root, 'dist', 'program-hashes.json'), JSON.stringify(hashes));

  const { devDependencies: { electron: wanted } } = packageSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const electronFolder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? null;
  const electronVersion = electronFolder === null ? wanted : readFileSync(join(electronFolder, 'version'), 'utf8').trim().replace(/^v/, '');
  if (electronVersion !== wanted) console.log(`This is Electron ${electronVersion}, not ${wanted}: good for trying the packaging, not for giving away. Its fuses are left as they are.`);
  if (electronFolder === null) console.log(`Electron ${wanted} is downloaded from GitHub. Without a network, name an unpacked one: ELECTRON_OVERRIDE_DIST_PATH=DIR`);

  const outDir = join(root, 'dist', 'package', 'out');
  const config = makeBuilderConfig({ programFolder, outDir, electronVersion, electronFolder, setsFuses: electronVersion === wanted });
  const platform = { linux: Platform.LINUX, darwin: Platform.MAC, win32: Platform.WINDOWS }[target.platform];
  await build({ targets: platform.createTarget(targets.length === 0 ? ['dir'] : [...targets]), config, projectDir: root, publish: 'never' });

  if (target.platform !== 'linux') return;
  const size = await measurePacked(join(outDir, target.arch === 'x64' ? 'linux-unpacked' : `linux-${target.arch}-unpacked`));
  console.log(describeSize(size));
  if (target.arch === 'x64' && size.ownBytes + size.electronBytes > packedBudgetBytes) throw new Error('The package is larger than its budget.');
  if (targets.length === 0) console.log('For installers: npm run pack -- deb AppImage tar.gz (they download tools from GitHub once; tar.gz needs only ELECTRON_BUILDER_7ZIP_PATH).');
}

if (import.meta.main) {
  try {
    await pack(process.argv.slice(2));
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    process.exitCode = 1;
  }
}
