/**
 * Whether the files that workers run are those that were packed. They lie outside the app's archive, because a plain Node cannot read
 * one, so Electron's own check of integrity does not cover them; the list of hashes is inside. Whoever may write to the archive too can
 * of course change both.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { Problem } from '../main/contract/problem.ts';

/** Path below the package's resources, with `/` → SHA-256. */
export const programHashesSchema = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
export type ProgramHashes = z.infer<typeof programHashesSchema>;

export interface ProgramCheck {
  /** Reads everything. @throws {Problem} `program-changed` */
  verify(): Promise<void>;
  /** Before a worker starts: that nothing was written since. @throws {Problem} `program-changed` */
  requireUnchanged(): void;
}

export function createProgramCheck(resources: string, hashesFile: string): ProgramCheck {
  const hashes = programHashesSchema.parse(JSON.parse(readFileSync(hashesFile, 'utf8')));
  const seen = new Map<string, string>();
  return {
    async verify() {
      for (const [path, expected] of Object.entries(hashes)) {
        const file = join(resources, path);
        const before = stampOf(file);
        if (before === null || (await hashFile(file)) !== expected) throw changed(file);
        seen.set(file, before);
      }
    },
    requireUnchanged() {
      for (const path of Object.keys(hashes)) {
        const file = join(resources, path);
        if (stampOf(file) !== seen.get(file)) throw changed(file);
      }
    },
  };
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Changes with every writing: the kernel sets the change time, whatever a program says of the others. */
function stampOf(file: string): string | null {
  const facts = statSync(file, { throwIfNoEntry: false, bigint: true });
  return facts === undefined ? null : [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
}

function changed(file: string): Problem {
  return new Problem({
    code: 'program-changed', kind: 'failure', found: 'a file of the program that is not as it was packed', expected: 'the one that came with Souffleur', action: 'Install Souffleur again, from where you trust it.', place: { file },
  });
}
