/** Asking a pack: its prompts answer a file, labelled or not, in shared passes over the frozen model. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PackAnswer, PackRun } from '../../contract/api/packs.ts';
import type { PackManifest, PackTask } from '../../contract/prompt-pack.ts';
import { Problem } from '../../contract/problem.ts';
import type { JobEvent } from '../../contract/worker-protocol.ts';
import { findMethod } from '../../method/index.ts';
import { parseObjectHash } from '../../store/identifiers.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import { findFormat } from '../../task/index.ts';
import { resolveDataFile } from '../dataset/datasets.ts';
import { locateModel } from '../model-location.ts';
import { defaultSettings } from '../method-settings.ts';
import type { RuntimeChoice } from '../run-config.ts';
import { boundFormatOf, taskForWorker, type SpokenTask } from '../run-task.ts';
import { askWorker } from '../single-answer.ts';
import { joinAnswers, readAnswers } from './pack-answers.ts';
import { chooseModel } from './pack-base.ts';
import { openPack, type GivenFacts, type OpenedPack } from './pack-source.ts';
import { withScratchFolder } from './pack-worker.ts';

export interface PackRunRequest extends GivenFacts {
  /** An id such as p0001, or a path. */
  pack: string;
  /** A data file, a split of a data set of the workspace, or rows by the roles of the task. */
  input: string | readonly Readonly<Record<string, unknown>>[];
  runtime: RuntimeChoice;
  onEvent?: (event: JobEvent) => void;
  signal?: AbortSignal;
}

/**
 * The answers become an object, which no row names: it stays for a day at least.
 * @throws {Problem} `pack-task-unknown`, `pack-labels-differ`, those of openPack and chooseModel, what the worker finds wrong with the file
 */
export async function runPack(workspace: Workspace, request: PackRunRequest): Promise<PackRun> {
  return withScratchFolder(async (folder) => {
    const opened = await openPack(workspace, request.pack, { given: request, folder });
    const { manifest } = opened;
    const task = requireTask(manifest);
    const model = await chooseModel(workspace, manifest.base, request.model);
    const input = typeof request.input === 'string' ? resolve(resolveDataFile(workspace, request.input)) : writeTypedRows(request.input, folder);
    const predictionFiles = await ask(workspace, { request, opened, task, model: locateModel(workspace, model.name), input, folder });
    const answers = join(folder, 'answers.jsonl');
    const counts = await joinAnswers(predictionFiles, { prompts: manifest.prompts, labels: task.labels, target: answers });
    const answersObject = await workspace.objects.putObjectFile(answers);
    return {
      pack: opened.report.id ?? opened.report.source, title: manifest.title, model: model.name, input: typeof request.input === 'string' ? input : null, task: task.format, prompts: manifest.prompts.length,
      examples: counts.examples, labels: task.labels?.map(({ value }, i) => ({ label: value, count: counts.labels[i] ?? 0 })) ?? [],
      withoutLabel: counts.withoutLabel, ties: counts.ties, answersObject, answers: workspace.objects.objectPath(answersObject),
    };
  });
}

function writeTypedRows(rows: readonly Readonly<Record<string, unknown>>[], folder: string): string {
  const file = join(folder, 'typed.jsonl');
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

async function ask(
  workspace: Workspace,
  { request, opened, task, model, input, folder }: { request: PackRunRequest; opened: OpenedPack; task: PackTask; model: ReturnType<typeof locateModel>; input: string; folder: string },
): Promise<string[]> {
  const method = findMethod('prompt-tuning');
  const { maxSourceTokens, maxTargetTokens } = task;
  const predictionFiles = opened.trained.map((_, i) => join(folder, `predictions-${i}.jsonl`));
  await askWorker({
    job: {
      kind: 'answer', model, method: method.id,
      // What answering needs of a method's settings; how the prompt was trained does not matter any more.
      config: { ...defaultSettings(method), promptLength: opened.manifest.prompts[0]?.rows ?? 1, maxSourceTokens, maxTargetTokens },
      task: taskForWorker(spokenTask(task)), dataFile: input, runtime: request.runtime,
      members: opened.trained.map((checkpointFile, i) => ({ checkpointFile, predictionsFile: predictionFiles[i] ?? '' })),
    },
    answer: 'answered',
    logFile: join(workspace.folder('logs'), 'packs.log'),
    ...(request.onEvent === undefined ? {} : { onEvent: request.onEvent }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  return predictionFiles;
}

/** Labels are a job's only where the format has none of its own. */
function spokenTask({ format, labels, pvp }: PackTask): SpokenTask {
  return { format, labels: findFormat(format).anyClasses === undefined ? null : labels, pvp };
}

/** @throws {Problem} `pack-task-unknown`, `pack-labels-differ`, with both lists */
function requireTask({ task, title }: PackManifest): PackTask {
  if (task === null) {
    throw new Problem({
      code: 'pack-task-unknown', found: `${JSON.stringify(title)}, which does not say what it was trained for`, expected: 'the task whose examples it is to answer',
      action: 'Name it with --task; `souffleur data inspect FILE` says which fits a file.',
    });
  }
  const words = boundFormatOf(spokenTask(task)).labels;
  const told = task.labels?.map(({ word }) => word) ?? null;
  if (JSON.stringify(words) === JSON.stringify(told)) return task;
  throw new Problem({
    code: 'pack-labels-differ', found: `a pack with the labels ${told?.join(', ') ?? 'of open answers'}`, expected: `${words?.join(', ') ?? 'open answers'}, as ${task.format} has them`,
    action: 'The pack was made by another version or edited; its answers could not be told apart here.',
  });
}

/** @throws {Problem} `object-missing` once the answers were cleared away, `object-hash-invalid` */
export async function pageAnswers(workspace: ReadableWorkspace, { answersObject, offset, limit }: { answersObject: string; offset: number; limit: number }): Promise<{ total: number; rows: PackAnswer[] }> {
  const hash = parseObjectHash(answersObject);
  await workspace.objects.verifyObject(hash);
  return readAnswers(workspace.objects.objectPath(hash), { offset, limit });
}
