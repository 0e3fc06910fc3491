/** Packs for tests: good ones by the product's own writer, and whatever can be made of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackContent } from '../../main/contract/pack-job.ts';
import type { PackDraft } from '../../main/contract/prompt-pack.ts';
import { Problem } from '../../main/contract/problem.ts';
import { readPackContent, type StageFile } from '../../main/pack/read-content.ts';
import { composePack, zipFiles, type ComposedPack } from '../../main/pack/write-pack.ts';
import { makeFolder } from '../model/make-files.ts';
import { randomValues } from '../model/tiny-t5.ts';

export const rows = 3;
export const width = 8;

export function makeDraft(prompts: number, change: Partial<PackDraft> = {}): PackDraft {
  return {
    format: 'souffleur-prompt-pack', version: 1, title: 'RTE', writtenBy: 'Souffleur 0.1.0', licence: 'CC0-1.0',
    base: { name: 'tiny', hubId: 'someone/tiny', fingerprint: 'f'.repeat(64), width, layers: 2, heads: 2, convention: 'lm-adapted', tokenizerSha256: 'a'.repeat(64) },
    task: { format: 'rte', labels: [{ value: 'entailment', word: 'entailment' }, { value: 'not_entailment', word: 'not_entailment' }], pvp: null, maxSourceTokens: 64, maxTargetTokens: 8 },
    policy: { answers: 'greedy', stepChosenBy: 'score' },
    prompts: Array.from({ length: prompts }, (_, i) => ({
      rows, step: 100, seed: i + 1, sampling: null, method: { id: 'prompt-tuning', settings: { promptLength: rows, learningRate: 0.3 } },
      metrics: [{ split: 'dev' as const, sha256: 'b'.repeat(64), rows: 10, examples: 10, scores: { accuracy: 0.5 + i / 10 }, score: 0.5 + i / 10, legalRate: 1, loss: 0.7 }],
    })),
    ...change,
  };
}

export function makePrompt(seed: number) {
  return { rows, width, values: randomValues(rows * width, seed) };
}

export function makeComposed(prompts = 1, change: Partial<PackDraft> = {}): ComposedPack {
  return composePack(makeDraft(prompts, change), Array.from({ length: prompts }, (_, i) => makePrompt(i + 1)));
}

/** @returns the file's path. */
export async function writePack(prompts = 1): Promise<string> {
  return writeBytes('some.promptpack', await zipFiles(makeComposed(prompts).files));
}

export function writeBytes(name: string, bytes: Uint8Array | string): string {
  const path = join(makeFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

export const noAssumptions = { base: null, task: null, writtenBy: 'Souffleur 0.1.0' };

export function readContent(path: string, stage: StageFile | null = null): Promise<PackContent> {
  return readPackContent({ path, assumptions: noAssumptions }, stage);
}

/** What reading a file ends with, which has to be a Problem. */
export async function problemOf(path: string): Promise<Problem> {
  try {
    await readContent(path);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error('expected a Problem, the file was read');
}
