/**
 * What a new process may still take, and whether the system killed one for taking too much. Linux tells both, of the machine and of the
 * control groups (containers, batch systems) around this process; other systems tell the free pages only.
 */
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

export interface FreeMemory {
  freeBytes: number;
  /** What there would be if nothing else ran. */
  totalBytes: number;
  /** Who sets the limit. */
  source: 'machine' | 'control-group' | 'free-pages';
}

/** @param root of the system's files, for tests. */
export function readFreeMemory({ root = '/' } = {}): FreeMemory {
  const machine = readMachine(root);
  if (machine === null) return { freeBytes: freemem(), totalBytes: totalmem(), source: 'free-pages' };
  const limits = listGroupFolders(root).flatMap((folder) => readGroup(folder) ?? []);
  const tightest = limits.toSorted((a, b) => a.freeBytes - b.freeBytes)[0];
  const smallest = Math.min(machine.totalBytes, ...limits.map(({ totalBytes }) => totalBytes));
  if (tightest === undefined || tightest.freeBytes >= machine.freeBytes) return { ...machine, totalBytes: smallest };
  return { ...tightest, totalBytes: smallest };
}

/** Processes that the system has killed because memory ran out, as far as this one can see; 0 where nothing is told. Only differences say something. */
export function countMemoryKills({ root = '/' } = {}): number {
  const counts = [
    readCount(join(root, 'proc/vmstat'), 'oom_kill'),
    ...listGroupFolders(root).flatMap((folder) => [readCount(join(folder, 'memory.events'), 'oom_kill'), readCount(join(folder, 'memory.oom_control'), 'oom_kill')]),
  ];
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** @returns what a process holds in memory; null where the system does not tell. */
export function readResidentBytes(processId: number): number | null {
  return readKibibytes(`/proc/${processId}/status`, 'VmRSS');
}

function readMachine(root: string): FreeMemory | null {
  const file = join(root, 'proc/meminfo');
  const freeBytes = readKibibytes(file, 'MemAvailable');
  const totalBytes = readKibibytes(file, 'MemTotal');
  return freeBytes === null || totalBytes === null ? null : { freeBytes, totalBytes, source: 'machine' };
}

/** This process's groups and all above them: each may have a limit. Version 2 has one hierarchy, version 1 one a resource. */
function listGroupFolders(root: string): string[] {
  const folders: string[] = [];
  for (const line of readText(join(root, 'proc/self/cgroup')).split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined || (controllers !== '' && controllers?.split(',').includes('memory') !== true)) continue;
    const base = join(root, 'sys/fs/cgroup', controllers === '' ? '' : 'memory');
    const parts = path.split('/').filter((part) => part !== '' && part !== '..');
    for (let length = parts.length; length >= 0; length -= 1) folders.push(join(base, ...parts.slice(0, length)));
  }
  return folders;
}

/** Cached files count as used, and are given back when somebody needs the memory. */
function readGroup(folder: string): FreeMemory | null {
  const version2 = readNumber(join(folder, 'memory.max'));
  const limit = version2 ?? readNumber(join(folder, 'memory.limit_in_bytes'));
  const used = readNumber(join(folder, version2 === null ? 'memory.usage_in_bytes' : 'memory.current'));
  // Version 1 writes a limit of 2^63 where there is none.
  if (limit === null || used === null || limit > 2 ** 60) return null;
  const cached = readCount(join(folder, 'memory.stat'), version2 === null ? 'total_inactive_file' : 'inactive_file') ?? 0;
  return { freeBytes: Math.max(0, limit - used + cached), totalBytes: limit, source: 'control-group' };
}

/** `Name:   123 kB` */
function readKibibytes(file: string, name: string): number | null {
  const value = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readText(file))?.[1];
  return value === undefined ? null : Number(value) * 1024;
}

/** `name 123` */
function readCount(file: string, name: string): number | null {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(readText(file))?.[1];
  return value === undefined ? null : Number(value);
}

function readNumber(file: string): number | null {
  const text = readText(file).trim();
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** What the system does not show is not known. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
