/** What ran: written into every run, shown by `--version` and `doctor`. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { nodeVersion, programFolder } from './program-files.ts';

/** Program → version. */
export function readVersions(): { souffleur: string; node: string; onnxruntime: string } {
  return { souffleur: readOwnVersion(), node: nodeVersion(), onnxruntime: readRuntimeVersion() ?? 'not installed' };
}

/** What a run's row keeps: the programs, and the kind of machine, whose arithmetic decides the last bits. */
export function describeVersions(): Record<string, string> {
  return { ...readVersions(), platform: `${process.platform}-${process.arch}` };
}

/** From package.json, the one place where it is written. */
export function readOwnVersion(): string {
  return readVersionOf(join(programFolder(), 'package.json')) ?? 'unknown';
}

/** Read beside the library, which only workers load. */
function readRuntimeVersion(): string | null {
  const require = createRequire(join(programFolder(), 'package.json'));
  const folders = require.resolve.paths('onnxruntime-node') ?? [];
  for (const folder of folders) {
    const version = readVersionOf(join(folder, 'onnxruntime-node', 'package.json'));
    if (version !== null) return version;
  }
  return null;
}

function readVersionOf(packageFile: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch {
    // Absent: not installed there.
    return null;
  }
}
