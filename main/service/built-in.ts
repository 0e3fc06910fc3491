/** What comes with the program: a task library and two models, in assets/ beside main/. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem, type ProblemPlace } from '../contract/problem.ts';
import type { AnswerConvention, JobEvent } from '../contract/worker-protocol.ts';
import { parseModelName, type ModelName } from '../store/identifiers.ts';
import type { ModelRow } from '../store/models-table.ts';
import type { Workspace } from '../store/workspace.ts';
import { findCloseMatch } from './close-match.ts';
import { addModel, showModel, type AddedModel } from './models.ts';
import { programFolder } from './program-files.ts';
import { askWorker } from './single-answer.ts';

export interface BuiltInTask {
  id: string;
  title: string;
  /** A task format's id. */
  format: string;
  /** Absolute. */
  files: { train: string; dev: string; test: string };
}

/** A package puts the folder elsewhere and says so. */
export function findAssetsFolder(): string {
  return process.env['SOUFFLEUR_ASSETS'] ?? join(programFolder(), 'assets');
}

const librarySchema = z.object({
  version: z.literal(1),
  tasks: z.array(z.object({
    id: z.string(), title: z.string(), format: z.string(), files: z.object({ train: z.string(), dev: z.string(), test: z.string() }),
  })),
});

/** @throws {Problem} `built-in-missing`, `built-in-library-invalid` */
export function readBuiltInTasks(): readonly BuiltInTask[] {
  const folder = join(findAssetsFolder(), 'library');
  const file = join(folder, 'library.json');
  if (!existsSync(file)) throw missing('task library', file);
  const parsed = librarySchema.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (!parsed.success) throw invalidLibrary(file, parsed.error);
  return parsed.data.tasks.map((task) => ({
    ...task, files: { train: join(folder, task.files.train), dev: join(folder, task.files.dev), test: join(folder, task.files.test) },
  }));
}

/** @param place of the name, in a study file. @throws {Problem} `built-in-task-unknown`, and as readBuiltInTasks */
export function findBuiltInTask(id: string, place: ProblemPlace = {}): BuiltInTask {
  const tasks = readBuiltInTasks();
  const task = tasks.find((candidate) => candidate.id === id);
  if (task !== undefined) return task;
  const ids = tasks.map((known) => known.id);
  const close = findCloseMatch(id, ids);
  throw new Problem({
    code: 'built-in-task-unknown',
    found: `the built-in task “${id.slice(0, 80)}”`,
    expected: `one of ${ids.join(', ')}`,
    action: close === null ? 'Choose one of these.' : `Did you mean ${close}?`,
    place,
  });
}

const splits = ['train', 'dev', 'test'] as const;

/**
 * A file of a built-in task by its name, `built-in:sst2/train`, for a client that cannot know where it lies.
 * @returns null for any other text. @throws {Problem} `built-in-task-unknown` for a task or split that there is not
 */
export function resolveBuiltInFile(text: string): string | null {
  const [, id, name] = /^built-in:([^/]*)\/?(.*)$/.exec(text) ?? [];
  if (id === undefined) return null;
  const { files } = findBuiltInTask(id);
  const split = splits.find((candidate) => candidate === name);
  if (split !== undefined) return files[split];
  throw new Problem({
    code: 'built-in-task-unknown', found: `“${text.slice(0, 80)}”`, expected: `built-in:${id}/ and one of ${splits.join(', ')}`, action: 'Name one of these.',
  });
}

const builtInModels: Readonly<Record<string, { name: string; folder: string; convention: AnswerConvention }>> = {
  'built-in': { name: 'built-in', folder: 'lm-adapted', convention: 'lm-adapted' },
  'built-in:span-corruption': { name: 'built-in-span-corruption', folder: 'span-corruption', convention: 'span-corruption' },
};

export interface ModelLookup {
  onEvent?: (event: JobEvent) => void;
  signal?: AbortSignal;
  workerFile?: string;
}

/**
 * A model by its name in the workspace; a built-in one is added on first use.
 * @param text a name, `built-in` or `built-in:span-corruption`
 * @throws {Problem} `built-in-missing`, `built-in-model-changed`, `model-name-invalid`, and as addModel
 */
export async function resolveModelName(workspace: Workspace, text: string, lookup: ModelLookup = {}): Promise<ModelName> {
  const builtIn = Object.hasOwn(builtInModels, text) ? builtInModels[text] : undefined;
  if (builtIn === undefined) return parseModelName(text);
  const name = parseModelName(builtIn.name);
  const directory = join(findAssetsFolder(), 'backbone', builtIn.folder);
  if (!existsSync(join(directory, 'config.json'))) throw missing('model', directory);
  const row = workspace.models.find(name);
  if (row === null) await addModel(workspace, { directory, name, convention: builtIn.convention, ...lookup });
  else if (!isCertainlySame(row, directory)) await settleChange(workspace, { row, directory, convention: builtIn.convention, lookup });
  return name;
}

/** The first step of somebody without a model. @throws {Problem} as resolveModelName */
export async function addBuiltInModel(workspace: Workspace, lookup: ModelLookup = {}): Promise<AddedModel> {
  const { memory: _memory, ...model } = showModel(workspace, await resolveModelName(workspace, 'built-in', lookup));
  return { ...model, conventionReason: 'it comes with the program', hasTokenizer: true, sameAs: [] };
}

/** From the same folder, and added after its files were written. */
function isCertainlySame({ directory, addedAtMs }: ModelRow, wanted: string): boolean {
  return directory === wanted && ['config.json', 'model.safetensors'].every((file) => (statSync(join(wanted, file), { throwIfNoEntry: false })?.mtimeMs ?? 0) <= addedAtMs);
}

/** The program was moved or brought up to date: the same weights are found in their new place, others take the place of unused ones. */
async function settleChange(
  workspace: Workspace,
  { row, directory, convention, lookup }: { row: ModelRow; directory: string; convention: AnswerConvention; lookup: ModelLookup },
): Promise<void> {
  // Not in the model's own cache folder: if these are other weights, the old ones stay usable.
  const cacheDirectory = mkdtempSync(join(workspace.folder('models'), 'checking-'));
  try {
    const { fingerprint } = await askWorker({
      job: { kind: 'inspect-model', directory, cacheDirectory }, answer: 'inspected', logFile: join(workspace.folder('logs'), 'models.log'), ...lookup,
    });
    if (fingerprint === row.fingerprint) return workspace.models.setDirectory(row.name, directory);
  } finally {
    rmSync(cacheDirectory, { recursive: true, force: true });
  }
  if (workspace.runs.list({ model: row.name, trash: 'with' }).length > 0) throw modelChanged(row, directory);
  workspace.models.remove(row.name);
  if (row.preparedDirectory !== null) rmSync(row.preparedDirectory, { recursive: true, force: true });
  await addModel(workspace, { directory, name: row.name, convention, ...lookup });
}

function missing(what: string, file: string): Problem {
  return new Problem({
    code: 'built-in-missing',
    found: `no built-in ${what} here`,
    expected: 'the one that comes with Souffleur',
    action: 'Install Souffleur again, or name a model and data files of your own.',
    place: { file },
  });
}

function invalidLibrary(file: string, error: z.ZodError): Problem {
  const issue = error.issues[0];
  return new Problem({
    code: 'built-in-library-invalid',
    kind: 'failure',
    found: `a task library whose ${issue?.path.join('.') || 'content'} cannot be read`,
    expected: 'the library that comes with Souffleur, version 1',
    action: 'Install Souffleur again.',
    place: { file },
    cause: error,
  });
}

function modelChanged({ name, fingerprint }: ModelRow, directory: string): Problem {
  return new Problem({
    code: 'built-in-model-changed',
    found: 'another version of the built-in model than this workspace has runs of',
    expected: `the one with fingerprint ${fingerprint.slice(0, 12)}, which ${name} stands for here`,
    action: 'Use a new workspace (--workspace DIR) for the new version, or go back to the version of Souffleur that the runs were made with.',
    place: { file: directory },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
