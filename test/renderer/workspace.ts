/**
 * A small workspace with real runs in it, for looking at: two built-in tasks, zero-shot, five prompts each and two whole models, a few steps
 * only. Made once and kept under node_modules/.cache; every test works on a copy.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'node_modules', '.cache', 'souffleur');

const settings = 'batchSize: 16, schedule: linear, evaluateEvery: 10, maxSourceTokens: 96';
const study = `
name: reviews-and-referents
model: built-in
tasks: [{built-in: sst2}, {built-in: wsc}]
methods:
  - {id: zero-shot, title: Zero-shot, method: prompt-design, seeds: [1]}
  - {id: prompt-tuning, method: prompt-tuning, settings: {steps: 40, checkpointEvery: 20, learningRate: 1, promptLength: 8, init: sampled-vocabulary, initVocabulary: 1000, ${settings}}}
  - {id: full-tuning, method: full-tuning, settings: {steps: 30, checkpointEvery: 30, optimizer: adamw, learningRate: 0.001, ${settings}}, seeds: [1, 2]}
seeds: [1, 2, 3, 4, 5]
together: true
ensemble: true
`;

/** @returns a workspace of one's own, to be removed with `remove`; SOUFFLEUR_TEST_WORKSPACE names one that was made before, while the program is being changed */
export async function copyPreparedWorkspace(): Promise<{ directory: string; remove(): void }> {
  const prepared = process.env['SOUFFLEUR_TEST_WORKSPACE'] ?? (await prepareWorkspace());
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-page-'));
  const directory = join(folder, 'workspace');
  cpSync(prepared, directory, { recursive: true });
  return { directory, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Several test files may ask at once: one makes it, the others wait. */
async function prepareWorkspace(): Promise<string> {
  const folder = join(cache, `page-workspace-${hashProgram()}`);
  const lock = `${folder}.lock`;
  mkdirSync(cache, { recursive: true });
  while (!existsSync(folder)) {
    try {
      mkdirSync(lock);
    } catch {
      // A maker that was killed leaves its lock behind.
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) > 15 * 60_000) rmSync(lock, { recursive: true, force: true });
      await sleep(500);
      continue;
    }
    try {
      if (!existsSync(folder)) make(folder);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return folder;
}

function make(folder: string): void {
  for (const name of readdirSync(cache)) if (name.startsWith('page-workspace-') && !name.endsWith('.lock')) rmSync(join(cache, name), { recursive: true, force: true });
  const making = mkdtempSync(join(cache, 'making-'));
  const file = join(making, 'study.yaml');
  writeFileSync(file, study);
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'main', 'cli', 'main.ts'), '--workspace', join(making, 'workspace'), 'study', 'run', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the workspace for the page's tests could not be made:\n${stderr}`);
  renameSync(join(making, 'workspace'), folder);
  rmSync(making, { recursive: true, force: true });
}

/** Of what a workspace made earlier could not be opened or believed without; a fresh clone always makes its own. */
function hashProgram(): string {
  const hash = createHash('sha256').update(study);
  for (const part of ['main/store/schema', 'assets/backbone/lm-adapted', 'assets/library']) {
    for (const entry of readdirSync(join(root, part), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
