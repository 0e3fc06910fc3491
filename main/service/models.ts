/** Models of the workspace: added after a worker has read and checked them, shown from the rows alone. */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import type { AnswerConvention, JobEvent, ModelFacts } from '../contract/worker-protocol.ts';
import { Problem } from '../contract/problem.ts';
import { parseModelName, type ModelName } from '../store/identifiers.ts';
import type { ModelRow } from '../store/models-table.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import { estimateMemory, readSizes, type MemoryEstimate, type MemoryQuestion } from './memory-estimate.ts';
import { cacheDirectoryOf } from './model-location.ts';
import { askWorker } from './single-answer.ts';

export interface AddModelRequest {
  directory: string;
  /** Null takes the folder's name. */
  name: string | null;
  /** Null guesses. */
  convention: AnswerConvention | null;
  onEvent?: (event: JobEvent) => void;
  signal?: AbortSignal;
  workerFile?: string;
}

export interface ModelReport {
  name: string;
  directory: string;
  architecture: string;
  parameterCount: number;
  weightKind: string;
  fingerprint: string;
  convention: AnswerConvention;
  sizes: Readonly<Record<string, unknown>>;
  addedAt: string;
}

export interface AddedModel extends ModelReport {
  /** Why this convention. */
  conventionReason: string;
  hasTokenizer: boolean;
  /** Other models of the workspace with the same weights. */
  sameAs: string[];
}

/** What the estimate assumes, and what it says. */
export interface ModelMemory {
  assumes: { microBatch: number; sourceTokens: number; targetTokens: number; promptRows: number };
  promptTuning: MemoryEstimate;
  fullTuning: MemoryEstimate;
}

/**
 * Checks a folder in a worker and takes it into the workspace. The folder stays where it is.
 * @throws {Problem} `model-name-taken`, `model-name-invalid`, `job-cancelled`, and what the worker finds wrong with the folder; nothing is left then
 */
export async function addModel(workspace: Workspace, request: AddModelRequest): Promise<AddedModel> {
  const directory = resolve(request.directory);
  const name = request.name === null ? nameOfFolder(directory) : parseModelName(request.name);
  // Reading the weights takes a while: what can be refused at once is.
  if (workspace.models.find(name) !== null) throw nameTaken(name);
  const cacheDirectory = cacheDirectoryOf(workspace, name);
  const facts = await askWorker({
    job: { kind: 'inspect-model', directory, cacheDirectory },
    answer: 'inspected',
    logFile: join(workspace.folder('logs'), 'models.log'),
    ...(request.onEvent === undefined ? {} : { onEvent: request.onEvent }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(request.workerFile === undefined ? {} : { workerFile: request.workerFile }),
  }).catch((thrown: unknown) => {
    // Half a conversion can be many GB, and no model has this name: the folder is nobody else's.
    rmSync(cacheDirectory, { recursive: true, force: true });
    throw thrown;
  });
  const { convention, reason } = request.convention === null ? guessConvention(directory, facts) : { convention: request.convention, reason: 'as given' };
  const sameAs = workspace.models.list().filter((other) => other.fingerprint === facts.fingerprint).map((other) => other.name);
  const { config, fingerprint, weightKind, parameterCount, architecture } = facts;
  const row = workspace.models.add({
    name, directory, fingerprint, weightKind, parameterCount,
    config: { ...config, architecture },
    answerConvention: convention,
    preparedDirectory: cacheDirectory,
  });
  return { ...reportModel(row), conventionReason: reason, hasTokenizer: facts.hasTokenizer, sameAs };
}

/**
 * Only T5 1.1 and mT5 as they were pre-trained answer with a filled sentinel, and nothing inside their files tells them from their
 * LM-adapted or fine-tuned successors. So the folder's name decides, and without a word there, plain answers.
 */
export function guessConvention(directory: string, facts: Pick<ModelFacts, 'config'>): { convention: AnswerConvention; reason: string } {
  const folder = basename(directory).toLowerCase();
  const isPreTrainedName = /v1[._-]?1|mt5/.test(folder) && !/lm|adapt|flan|tuned/.test(folder);
  if (facts.config['feedForward'] === 'gated-gelu' && isPreTrainedName) {
    return { convention: 'span-corruption', reason: `guessed: “${basename(directory)}” names a model as it was pre-trained` };
  }
  return { convention: 'lm-adapted', reason: 'guessed: nothing names a model that was only pre-trained on span corruption' };
}

export function listModels(workspace: ReadableWorkspace): ModelReport[] {
  return workspace.models.list().map(reportModel);
}

/** @throws {Problem} `model-name-invalid`, `model-not-found` */
export function showModel(workspace: ReadableWorkspace, name: string): ModelReport & { memory: ModelMemory | null } {
  const row = workspace.models.get(parseModelName(name));
  return { ...reportModel(row), memory: estimateModelMemory(row) };
}

/** Runs and studies follow; a study's own file still says the old name. @throws {Problem} `model-name-invalid`, `model-not-found`, `model-name-taken` */
export function renameModel(workspace: Workspace, { name, to }: { name: string; to: string }): ModelReport {
  return reportModel(workspace.models.rename(parseModelName(name), parseModelName(to)));
}

/**
 * Forgets a model that no run names and deletes what was made of it here. A folder of the person's own is never touched; `delete-download`
 * deletes one that was downloaded into the workspace.
 * @throws {Problem} `model-not-found`, `model-in-use`
 */
export function removeModel(workspace: Workspace, { name: text, files }: { name: string; files: 'keep' | 'delete-download' }): { name: string; freedBytes: number } {
  const { name, directory, preparedDirectory } = workspace.models.get(parseModelName(text));
  const models = workspace.folder('models');
  const isOwn = (folder: string): boolean => folder.startsWith(models + sep);
  // The row first: a kill in between leaves files without a model, never a model without files.
  workspace.models.remove(name);
  const doomed = [...(preparedDirectory === null ? [] : [preparedDirectory]), ...(files === 'delete-download' ? [directory] : [])].filter(isOwn);
  const freedBytes = doomed.reduce((sum, folder) => sum + folderBytes(folder), 0);
  for (const folder of doomed) rmSync(folder, { recursive: true, force: true });
  return { name, freedBytes };
}

function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + (statSync(join(file.parentPath, file.name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** The methods' default lengths, one example at a time: the least that training takes at full length. */
const assumes = { microBatch: 1, sourceTokens: 512, targetTokens: 32, promptRows: 100 };

function estimateModelMemory(row: ModelRow): ModelMemory | null {
  const sizes = readSizes(row.config);
  if (sizes === null) return null;
  const question: MemoryQuestion = {
    sizes, parameterCount: row.parameterCount, examples: assumes.microBatch, sourceTokens: assumes.sourceTokens,
    targetTokens: assumes.targetTokens, promptRows: assumes.promptRows, momentsPerParameter: 1,
  };
  // Full tuning factors the moments of matrices by default: what is left of them is below a hundredth of the weights.
  const full = { ...question, promptRows: 0, momentsPerParameter: 0.01 };
  return { assumes, promptTuning: estimateMemory(question), fullTuning: estimateMemory(full) };
}

function reportModel(row: ModelRow): ModelReport {
  const { architecture, ...sizes } = row.config;
  return {
    name: row.name,
    directory: row.directory,
    architecture: typeof architecture === 'string' ? architecture : 'unknown',
    parameterCount: row.parameterCount,
    weightKind: row.weightKind,
    fingerprint: row.fingerprint,
    convention: row.answerConvention,
    sizes,
    addedAt: new Date(row.addedAtMs).toISOString(),
  };
}

function nameOfFolder(directory: string): ModelName {
  try {
    return parseModelName(basename(directory));
  } catch {
    throw new Problem({
      code: 'model-name-needed',
      found: `a folder whose name, ${JSON.stringify(basename(directory).slice(0, 80))}, cannot be a model’s name`,
      expected: 'a name of letters and digits with . _ - or / between them',
      action: 'Give one with --name.',
    });
  }
}

/** For whoever must know before the folder is there. */
export function nameTaken(name: ModelName): Problem {
  return new Problem({
    code: 'model-name-taken',
    found: `a model named ${name} in the workspace already`,
    expected: 'a new name',
    action: 'Choose another with --name.',
  });
}
