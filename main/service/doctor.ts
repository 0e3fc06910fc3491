/** Whether this machine and this workspace are in order, point by point, each with what to do when it is not. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { toProblem } from '../contract/problem.ts';
import { openDatabase } from '../store/database.ts';
import { readLockHolder } from '../store/lock.ts';
import { openWorkspace } from '../store/workspace.ts';
import { probeDevices } from './devices.ts';
import { findStaleFiles } from './stale-files.ts';
import { readVersions } from './versions.ts';

type CheckStatus = 'ok' | 'warn' | 'fail';

interface Check {
  id: string;
  status: CheckStatus;
  detail: string;
  /** What to do; null when nothing is. */
  action: string | null;
}

export interface Diagnosis {
  /** The worst of the checks. */
  status: CheckStatus;
  checks: Check[];
}

const neededNodeMajor = 24;
const gibibyte = 1024 ** 3;
/** A prompt run needs little; full tuning of a base model keeps two copies of 1 GB and its state. */
const comfortableDiskBytes = 5 * gibibyte;
const leastDiskBytes = gibibyte / 2;
/** T5 small trains in about 1 GiB. */
const comfortableMemoryBytes = 2 * gibibyte;

/** @param options `workerFile` replaces the worker in tests. Never throws for what it is there to find. */
export async function diagnose(directory: string, options: { workerFile?: string } = {}): Promise<Diagnosis> {
  const workspace = resolve(directory);
  const checks = [
    checkNode(),
    await checkRuntime(options),
    checkMemory(),
    checkDisk(workspace),
    checkWritable(workspace),
    checkDatabase(workspace),
    checkLock(workspace),
    checkStaleFiles(workspace),
  ];
  const worst = (['fail', 'warn'] as const).find((status) => checks.some((check) => check.status === status));
  return { status: worst ?? 'ok', checks };
}

function checkNode(): Check {
  const { node } = process.versions;
  const isNewEnough = Number(node.split('.')[0]) >= neededNodeMajor;
  return isNewEnough
    ? ok('node', `Node ${node}, ${availableParallelism()} processors`)
    : { id: 'node', status: 'fail', detail: `Node ${node}`, action: `Use Node ${neededNodeMajor} or newer; npm install brings one for most systems.` };
}

async function checkRuntime(options: { workerFile?: string }): Promise<Check> {
  const { onnxruntime } = readVersions();
  try {
    const { runtimeVersion, providers } = await probeDevices(options);
    const usable = providers.filter(({ available }) => available).map(({ provider }) => provider);
    if (usable.includes('cpu')) return ok('onnxruntime', `onnxruntime ${runtimeVersion}, usable: ${usable.join(', ')}`);
    return { id: 'onnxruntime', status: 'fail', detail: `onnxruntime ${runtimeVersion} without a usable processor`, action: 'Look at: souffleur devices' };
  } catch (thrown) {
    const { found, action } = toProblem(thrown);
    return { id: 'onnxruntime', status: 'fail', detail: `onnxruntime ${onnxruntime}: ${found}`, action: `Run npm install again. ${action}` };
  }
}

function checkMemory(): Check {
  const free = process.availableMemory();
  const detail = `${gibibytes(free)} of ${gibibytes(totalmem())} memory free`;
  return free >= comfortableMemoryBytes ? ok('memory', detail) : { id: 'memory', status: 'warn', detail, action: 'Close other programs before you train; a small micro-batch needs less.' };
}

function checkDisk(workspace: string): Check {
  const { bavail, bsize } = statfsSync(nearestExisting(workspace));
  const free = bavail * bsize;
  const detail = `${gibibytes(free)} free on the workspace’s disk`;
  if (free >= comfortableDiskBytes) return ok('disk', detail);
  return { id: 'disk', status: free >= leastDiskBytes ? 'warn' : 'fail', detail, action: 'Free some space, or choose a workspace on another disk.' };
}

function checkWritable(workspace: string): Check {
  const place = nearestExisting(workspace);
  if (!statSync(place).isDirectory()) return { id: 'workspace', status: 'fail', detail: `${place} is a file`, action: 'Choose another folder with --workspace.' };
  try {
    accessSync(place, constants.W_OK);
    return ok('workspace', place === workspace ? `${workspace} can be written` : `${workspace} does not exist yet and can be made`);
  } catch {
    return { id: 'workspace', status: 'fail', detail: `${place} cannot be written`, action: 'Change its permissions, or choose another folder with --workspace.' };
  }
}

function checkDatabase(workspace: string): Check {
  const path = join(workspace, 'souffleur.db');
  if (!existsSync(path)) return ok('database', 'none yet; the first command that writes makes it');
  try {
    // The schema first: another program's file may be whole and still not ours.
    openWorkspace(workspace, { access: 'read' }).close();
    const database = openDatabase(path, { access: 'read' });
    try {
      const rows = database.prepare('PRAGMA integrity_check(1)').all() as { integrity_check: string }[];
      const verdict = rows[0]?.integrity_check ?? 'no answer';
      if (verdict === 'ok') return ok('database', 'whole');
      return { id: 'database', status: 'fail', detail: `damaged: ${verdict.split('\n')[0] ?? ''}`, action: 'Put back a copy of souffleur.db; the files in objects/ are not affected.' };
    } finally {
      database.close();
    }
  } catch (thrown) {
    const { code, found, action } = toProblem(thrown);
    return { id: 'database', status: code === 'workspace-older' ? 'warn' : 'fail', detail: `found ${found}`, action };
  }
}

function checkLock(workspace: string): Check {
  const holder = readLockHolder(workspace);
  if (holder === null) return ok('lock', 'nobody is writing to the workspace');
  return { ...ok('lock', `process ${holder.processId} on ${holder.host} is writing since ${holder.since}`), action: 'Commands that only read work meanwhile; others wait for it to end.' };
}

function checkStaleFiles(workspace: string): Check {
  const { temporaryFiles, runFolders } = findStaleFiles(workspace);
  if (temporaryFiles + runFolders === 0) return ok('stale-files', 'none');
  return {
    id: 'stale-files',
    status: 'warn',
    detail: `${temporaryFiles} temporary files and ${runFolders} run folders that belong to nothing`,
    action: 'The next command that writes removes temporary files; emptying the trash removes the folders.',
  };
}

function ok(id: string, detail: string): Check {
  return { id, status: 'ok', detail, action: null };
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function gibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}
