/** The fixtures of this folder, made by make-reference.py with the real `sentencepiece` and `tokenizers`. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { TokenizerError } from '../../main/token/index.ts';

interface DecodeCase {
  ids: number[];
  text: string;
}

interface LongReference {
  ids: number[][];
  shakespeare: string;
  c4: string[];
  chinese: string;
  decode: DecodeCase[];
}

interface Reference {
  texts: string[];
  special_texts: string[];
  models: Record<string, { size: number; ids: number[][]; decode: DecodeCase[] }>;
  json: Record<string, { patch: Record<string, unknown>; ids: number[][] }>;
  t5: { spiece: LongReference; tiny: LongReference };
}

export function fixturePath(name: string): string {
  return join(import.meta.dirname, 'fixture', name);
}

export const reference = JSON.parse(readFileSync(fixturePath('reference.json'), 'utf8')) as Reference;

/** @returns the small tokenizer.json with parts replaced; "@charsmap" stands for its own charsmap. */
export function patchedTokenizerJson(patch: Record<string, unknown>): Record<string, unknown> {
  const base = JSON.parse(readFileSync(fixturePath('tokenizer.json'), 'utf8')) as {
    normalizer: { precompiled_charsmap: string };
  };
  const filled = JSON.stringify(patch).replaceAll('@charsmap', base.normalizer.precompiled_charsmap);
  return { ...base, ...(JSON.parse(filled) as Record<string, unknown>) };
}

const folder = mkdtempSync(join(tmpdir(), 'souffleur-token-'));
// Hostile files are large: nothing stays behind.
afterAll(() => rmSync(folder, { recursive: true }));
let fileCount = 0;

/** @returns the path of a new file, which is deleted after the test file's last test. */
export function writeTemporary(content: string | Uint8Array, extension: string): string {
  const path = join(folder, `${fileCount++}${extension}`);
  writeFileSync(path, content);
  return path;
}

/** @returns the TokenizerError that `act` throws; any other outcome fails the test. */
export function tokenizerErrorOf(act: () => unknown): TokenizerError {
  try {
    act();
  } catch (error) {
    if (error instanceof TokenizerError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

/** The form in which make-reference.py hashes ids. */
export function hashIds(ids: readonly number[]): string {
  return createHash('sha256').update(ids.join(',')).digest('hex');
}
