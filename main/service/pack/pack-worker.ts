/** The worker that opens packs. What it reads was made by strangers: it may write to one folder, start nothing and load no native code. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackAssumptions, PackContent, WritePackJob, WrittenPack } from '../../contract/pack-job.ts';
import { askWorker } from '../single-answer.ts';

/** A broken file ends in a second; a worker that is silent for so long is lost in one. */
const silenceMs = 120_000;

/**
 * Reads a file or folder through.
 * @param staging an empty folder for the checked files; null only looks.
 * @throws {Problem} what is wrong with it
 */
export async function readPackFile({ path, staging, assumptions }: { path: string; staging: string | null; assumptions: PackAssumptions }): Promise<PackContent> {
  return withScratchFolder((scratch) => askWorker({
    job: { kind: 'read-pack', path, stagingDirectory: staging, assumptions },
    answer: 'pack-read',
    logFile: join(scratch, 'worker.log'),
    nodeArguments: ['--permission', '--allow-fs-read=*', ...(staging === null ? [] : [`--allow-fs-write=${staging}`])],
    silenceMs,
  }));
}

/** @throws {Problem} `pack-target-exists`, a system error */
export async function writePackFile(job: Omit<WritePackJob, 'kind'>): Promise<WrittenPack> {
  return withScratchFolder((scratch) => askWorker({ job: { kind: 'write-pack', ...job }, answer: 'pack-written', logFile: join(scratch, 'worker.log'), silenceMs }));
}

/** Gone when the body is through. */
export async function withScratchFolder<Result>(body: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-pack-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
