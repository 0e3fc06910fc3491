/**
 * Where the program's own files are, and which Node runs its workers. One place, because the shell's package puts them elsewhere and says
 * so before anything is asked: SOUFFLEUR_PROGRAM names the folder that holds main/ and assets/, SOUFFLEUR_NODE the binary. The Electron
 * binary never runs a worker: its allocator kills a process that asks for one block of 2 GiB (electron/electron#44291).
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Absolute; holds main/, assets/ and package.json. */
export function programFolder(): string {
  return process.env['SOUFFLEUR_PROGRAM'] ?? join(import.meta.dirname, '..', '..');
}

export function nodeBinary(): string {
  return process.env['SOUFFLEUR_NODE'] ?? process.execPath;
}

let check: (() => void) | null = null;

/** A package says how to see that nobody changed what workers run. */
export function setProgramCheck(requireUnchanged: () => void): void {
  check = requireUnchanged;
}

/** Before every start of a worker. @throws {Problem} `program-changed` in a package */
export function requireProgramUnchanged(): void {
  check?.();
}

let versionOfBinary: { binary: string; version: string } | null = null;

/** Of the Node that runs the workers, without the `v`. */
export function nodeVersion(): string {
  const binary = nodeBinary();
  if (binary === process.execPath) return process.versions.node;
  if (versionOfBinary?.binary !== binary) {
    versionOfBinary = { binary, version: execFileSync(binary, ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim().replace(/^v/, '') };
  }
  return versionOfBinary.version;
}

/** @param name of an entry point under main/worker, without its ending: a package holds bundles. */
export function workerEntry(name: string): string {
  const folder = join(programFolder(), 'main', 'worker');
  const bundle = join(folder, `${name}.mjs`);
  return existsSync(bundle) ? bundle : join(folder, `${name}.ts`);
}
