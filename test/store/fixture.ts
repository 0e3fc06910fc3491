/** Scratch workspaces and child processes, gone when the test that asked for them ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Problem } from '../../main/contract/problem.ts';
import { parseModelName } from '../../main/store/identifiers.ts';
import type { NewRun } from '../../main/store/runs-table.ts';
import { openWorkspace, type Workspace } from '../../main/store/workspace.ts';

export function makeScratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A new workspace with one model, `tiny`. */
export function openScratchWorkspace(directory = makeScratchFolder()): Workspace {
  const workspace = openWorkspace(directory);
  onTestFinished(() => workspace.close());
  workspace.models.add(tinyModel);
  return workspace;
}

export const tinyModel = {
  name: parseModelName('tiny'),
  directory: '/models/tiny',
  fingerprint: 'f'.repeat(64),
  config: { d_model: 8, feed_forward_proj: 'gated-gelu' },
  weightKind: 'safetensors',
  parameterCount: 1000,
  answerConvention: 'lm-adapted',
  preparedDirectory: null,
} as const;

export const newRun: NewRun = {
  method: 'prompt-tuning',
  model: tinyModel.name,
  modelFingerprint: tinyModel.fingerprint,
  task: 'rte',
  config: { promptLength: 5 },
  seed: 1,
  command: ['souffleur', 'train', '--task', 'rte'],
  versions: { souffleur: '0.1.0', node: '24' },
  parent: null,
  inputs: [],
};

/** What `body` throws, which has to be a Problem. */
export function problemOf(body: () => unknown): Problem {
  try {
    body();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('expected a Problem, nothing was thrown');
}

export interface Child {
  process: ChildProcess;
  /** Every line of output so far. */
  lines: string[];
  /** @returns the first line; rejects when the process ends without one. */
  firstLine: Promise<string>;
  /** @returns when the process is gone and its output is read. */
  kill(signal: NodeJS.Signals): Promise<void>;
  ended: Promise<void>;
}

export const children = {
  holdWorkspace: new URL('./child/hold-workspace.ts', import.meta.url),
  writeLoop: new URL('./child/write-loop.ts', import.meta.url),
  writeFile: new URL('./child/write-file.ts', import.meta.url),
  trashLoop: new URL('./child/trash-loop.ts', import.meta.url),
};

/** Runs a script of child/ with the Node that runs the tests. */
export function startChild(script: URL, ...scriptArguments: string[]): Child {
  return watch(spawn(process.execPath, [fileURLToPath(script), ...scriptArguments], { stdio: ['pipe', 'pipe', 'inherit'] }));
}

/** The same under a limit on the size of files: a write past it fails as on a full disk, and needs no special rights. */
export function startChildWithFileLimit(kibibytes: number, script: URL, ...scriptArguments: string[]): Child {
  const shellArguments = ['-c', `ulimit -f ${kibibytes} && exec "$@"`, 'bash', process.execPath, fileURLToPath(script), ...scriptArguments];
  return watch(spawn('bash', shellArguments, { stdio: ['pipe', 'pipe', 'inherit'] }));
}

function watch(child: ReturnType<typeof spawn>): Child {
  if (child.stdout === null) throw new Error('the child has no output');
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  const firstLine = new Promise<string>((resolve, reject) => {
    output.once('line', resolve);
    child.once('error', reject);
    child.once('close', (code, signal) => reject(new Error(`the child ended without output (${code ?? signal})`)));
  });
  firstLine.catch(() => undefined);
  output.on('line', (line) => lines.push(line));
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    process: child,
    lines,
    firstLine,
    ended,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
