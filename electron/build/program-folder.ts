/** What lies beside the app's archive, because a plain Node reads it: the workers' bundles, the runtime of one platform, the built-in data, Node itself. */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { hashFile, type ProgramHashes } from '../program-check.ts';
import { root } from './build.ts';

export interface Target {
  platform: 'linux' | 'darwin' | 'win32';
  arch: 'x64' | 'arm64';
}

/** Which of a package's files the program needs, below node_modules. */
const packageFiles: Readonly<Record<string, (target: Target) => readonly string[]>> = {
  'onnxruntime-node': ({ platform, arch }) => ['package.json', 'LICENSE', 'dist', `bin/napi-v6/${platform}/${arch}`],
  'onnxruntime-common': () => ['package.json', 'LICENSE', 'dist/cjs'],
  'better-sqlite3': ({ platform, arch }) => ['package.json', 'LICENSE', 'lib', `prebuilds/${platform}-${arch}.node`],
};

/** Tools that make the data are no part of it. */
const assetFolders = ['backbone/lm-adapted', 'backbone/span-corruption', 'library', 'published', 'study', 'icon'] as const;

/** @returns the Node for a target, from npm or the one that runs this. @throws Error where there is none */
export function findNode({ platform, arch }: Target): string {
  const name = platform === 'win32' ? 'node.exe' : 'node';
  const own = join(root, 'node_modules', `node-${platform === 'win32' ? 'win' : platform}-${arch}`, 'bin', name);
  if (existsSync(own)) return own;
  if (platform === process.platform && arch === process.arch) return process.execPath;
  throw new Error(`There is no Node for ${platform}-${arch} here: npm has it for Linux and Windows; a package for macOS is made on a Mac.`);
}

/** Puts everything into `folder` (`program/`, `node_modules/`, `node/`, `bin/`). @returns the hashes of whatever a worker runs, by path below it */
export async function fillProgramFolder(folder: string, target: Target): Promise<ProgramHashes> {
  rmSync(folder, { recursive: true, force: true });
  const program = join(folder, 'program');
  mkdirSync(program, { recursive: true });
  cpSync(join(root, 'dist', 'program', 'main'), join(program, 'main'), { recursive: true });
  cpSync(join(root, 'dist', 'renderer'), join(program, 'dist', 'renderer'), { recursive: true });
  cpSync(join(root, 'package.json'), join(program, 'package.json'));
  for (const name of assetFolders) {
    const from = join(root, 'assets', name);
    if (existsSync(from)) cpSync(from, join(program, 'assets', name), { recursive: true, filter: (path) => !path.endsWith('.ts') });
  }
  for (const [name, filesOf] of Object.entries(packageFiles)) {
    for (const file of filesOf(target)) {
      const from = join(root, 'node_modules', name, file);
      if (existsSync(from)) cpSync(from, join(folder, 'node_modules', name, file), { recursive: true, dereference: true, filter: (path) => !/\.(map|d\.ts|ts)$/.test(path) });
    }
  }
  const node = join(folder, 'node', target.platform === 'win32' ? 'node.exe' : 'node');
  mkdirSync(join(folder, 'node'));
  cpSync(findNode(target), node, { dereference: true });
  chmodSync(node, 0o755);
  writeCommand(folder, target);
  return hashRunnable(folder);
}

/** The terminal's program, on the same files. */
function writeCommand(folder: string, { platform }: Target): void {
  mkdirSync(join(folder, 'bin'));
  if (platform === 'win32') {
    writeFileSync(join(folder, 'bin', 'souffleur.cmd'), '@"%~dp0..\\node\\node.exe" "%~dp0..\\program\\main\\cli\\souffleur.mjs" %*\r\n');
  } else {
    const file = join(folder, 'bin', 'souffleur');
    writeFileSync(file, '#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")/..\nexec "$here/node/node" "$here/program/main/cli/souffleur.mjs" "$@"\n');
    chmodSync(file, 0o755);
  }
  // The bundle lies as deep as the source; what it cannot know is said before it is loaded.
  writeFileSync(join(folder, 'program', 'main', 'cli', 'souffleur.mjs'), `import { join } from 'node:path';\nprocess.env.SOUFFLEUR_PROGRAM = join(import.meta.dirname, '..', '..');\nawait import('./main.mjs');\n`);
}

async function hashRunnable(folder: string): Promise<ProgramHashes> {
  const files = ['node', 'program/main', 'node_modules'].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)));
  const hashes: Record<string, string> = {};
  for (const file of files.sort()) hashes[relative(folder, file).replaceAll(sep, '/')] = await hashFile(file);
  return hashes;
}
