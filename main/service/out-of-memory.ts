/**
 * Memory that ran out shows in many ways: an error of the runtime, an array that is not given, a process that aborts or is killed. All of
 * them become one problem, `out-of-memory`, with the estimate and one thing to change. It is never tried again by itself.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Problem } from '../contract/problem.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { countMemoryKills } from './free-memory.ts';
import { estimateGroupMemory } from './group-memory.ts';
import { describeMemory, suggestLess, type RunMemory } from './run-memory.ts';

export interface MemoryWatch {
  /** @returns the problem, or `out-of-memory` where that is what it comes from. */
  explain(problem: Problem, workspace: ReadableWorkspace, runs: readonly Run[]): Promise<Problem>;
}

/** V8's, C++'s, glibc's, onnxruntime's and CUDA's words for it. */
const words = /std::bad_alloc|out of memory|Array buffer allocation failed|Invalid array buffer length|Failed to allocate memory|Cannot allocate memory|ENOMEM|Reached heap limit|memory allocation of \d+ bytes failed/i;
const longestTailBytes = 64 * 1024;

/** To be called before the worker starts: what was logged and killed before is not its doing. */
export function watchMemory(logFile: string, { countKills = countMemoryKills } = {}): MemoryWatch {
  const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const killsBefore = countKills();
  return {
    async explain(problem, workspace, runs) {
      const evidence = findEvidence(problem, { logFile, logStart, kills: () => countKills() - killsBefore });
      if (evidence === null) return problem;
      const memory = await estimateGroupMemory(workspace, runs).catch(() => null);
      return outOfMemory(evidence, { memory, method: runs[0]?.method ?? '', logFile, cause: problem });
    },
  };
}

/** @returns what says that memory ran out; null where nothing does. */
function findEvidence({ code, found }: Problem, { logFile, logStart, kills }: { logFile: string; logStart: number; kills: () => number }): string | null {
  if (code === 'out-of-memory') return found;
  if (code === 'unexpected') return words.exec(found)?.[0] ?? null;
  if (code !== 'worker-died') return null;
  const line = readFrom(logFile, logStart).split('\n').findLast((text) => words.test(text));
  if (line !== undefined) return `a worker process that ended with “${line.trim().replaceAll(/\p{Cc}/gu, ' ').slice(0, 200)}”`;
  return found.includes('SIGKILL') && kills() > 0 ? 'a worker process that the system killed because memory ran out' : null;
}

function outOfMemory(evidence: string, { memory, method, logFile, cause }: { memory: RunMemory | null; method: string; logFile: string; cause: Problem }): Problem {
  return new Problem({
    code: 'out-of-memory',
    kind: 'failure',
    found: evidence.startsWith('no memory') || evidence.startsWith('a worker') ? evidence : `no memory left (${evidence})`,
    expected: memory === null ? 'enough free memory' : `about ${describeMemory(memory)} of free memory`,
    action: `${memory === null ? 'Set microBatch=1.' : suggestLess(memory, method)} What was saved is intact.`,
    place: { file: logFile },
    cause,
  });
}

function readFrom(file: string, start: number): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const length = Math.min(longestTailBytes, Math.max(0, size - start));
  if (length === 0) return '';
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, size - length)).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
