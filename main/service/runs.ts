/** Making runs: everything is checked before a row exists, so that a typing error leaves nothing behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../contract/problem.ts';
import type { UsedPvp } from '../contract/pvp.ts';
import { findMethod } from '../method/index.ts';
import { parseModelName, parseRunId, type RunId } from '../store/identifiers.ts';
import type { ModelRow } from '../store/models-table.ts';
import type { RunInput } from '../store/run-inputs-table.ts';
import type { Run } from '../store/run-row.ts';
import type { NewRun } from '../store/runs-table.ts';
import { isActive } from '../store/run-status.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import { describeInput, requireUnchanged, settleLabels } from './data-files.ts';
import { resolveDataFile } from './dataset/datasets.ts';
import { resolveFileSettings, parseSettings } from './method-settings.ts';
import { getPresentModel, hashTokenizer, requireSameTokenizer } from './model-location.ts';
import { expandInit, settleSource } from './checkpoint/source.ts';
import { readRunConfig, type RunConfig, type RuntimeChoice } from './run-config.ts';
import { formatOf, settleSlots } from './run-task.ts';
import { describeVersions } from './versions.ts';

export interface TuneRequest {
  /** As typed: a name in the workspace. */
  model: string;
  method: string;
  /** A task format's id. */
  format: string;
  /** How rows become text and which word says which class; absent for the format's own form. */
  pvp?: UsedPvp | null;
  /** Paths, or `dataset:NAME/SPLIT` of an imported data set. */
  files: { train: string; dev: string | null; test: string | null };
  /** `key=value` each. */
  settings: readonly string[];
  /** Null lets the task or the training file decide. */
  labels: readonly string[] | null;
  /** So many examples to train on and, without a development file, as many others to choose by; null takes the files whole. */
  fewShot: { examples: number; dataSeed: number } | null;
  runtime: RuntimeChoice;
  /** The argument list, for the record. */
  command: readonly string[];
}

/** A request that was checked: any number of seeds can be run with it. */
export interface RunPlan {
  model: ModelRow;
  method: string;
  format: string;
  config: RunConfig;
  inputs: readonly RunInput[];
  command: readonly string[];
}

/**
 * Checks a request against the workspace and the files; reads the files through.
 * @throws {Problem} `model-not-found`, `model-folder-missing`, `method-unknown`, `unknown-task-format`, `nothing-to-evaluate`, those of parseSettings, formatOf, settleSlots, settleLabels and the files
 */
export async function planRun(workspace: ReadableWorkspace, request: TuneRequest): Promise<RunPlan> {
  const method = findMethod(request.method);
  const pvp = request.pvp ?? null;
  const format = formatOf({ format: request.format, pvp });
  const given = expandInit(request.settings);
  const parsed = settleSlots(method, { pvp, given, settings: resolveFileSettings(parseSettings(method, given)) });
  if (method.trains === 'nothing') requireEvaluation(method.id, request);
  const model = getPresentModel(workspace, parseModelName(request.model));
  const { settings, source } = settleSource(workspace, { settings: parsed, model });
  const train = resolveDataFile(workspace, request.files.train);
  const dev = resolveDataFile(workspace, request.files.dev);
  const test = resolveDataFile(workspace, request.files.test);
  const inputs = [await describeInput('train', train)];
  if (dev !== null) inputs.push(await describeInput('dev', dev));
  if (test !== null) inputs.push(await describeInput('test', test));
  const labels = await settleLabels(format, train, request.labels);
  const sampling = request.fewShot === null ? null : {
    trainExamples: request.fewShot.examples,
    devExamples: dev === null ? request.fewShot.examples : null,
    dataSeed: request.fewShot.dataSeed,
  };
  const config = { settings, labels, pvp, sampling, tokenizerSha256: await hashTokenizer(model), source, runtime: request.runtime };
  return { model, method: method.id, format: format.id, config, inputs, command: request.command };
}

function requireEvaluation(method: string, { files, fewShot }: TuneRequest): void {
  if (files.dev !== null || files.test !== null || fewShot !== null) return;
  throw new Problem({
    code: 'nothing-to-evaluate',
    found: `${method}, which trains nothing, and neither a development nor a test file`,
    expected: 'examples to answer',
    action: 'Give --dev FILE, --test FILE or both.',
  });
}

/** Queues one run of a plan. */
export function createRun(workspace: Workspace, plan: RunPlan, { seed }: { seed: number }): Run {
  return workspace.runs.create(newRunOf(plan, seed));
}

/** A plan's row before it has an id. */
export function newRunOf(plan: RunPlan, seed: number): NewRun {
  const { model, method, format, config, inputs, command } = plan;
  return {
    method,
    model: model.name,
    modelFingerprint: model.fingerprint,
    task: format,
    config: { ...config },
    seed,
    command,
    versions: describeVersions(),
    parent: config.source?.run === undefined || config.source.run === null ? null : parseRunId(config.source.run),
    inputs,
  };
}

/** A worker whose core was killed notices at once and ends with its step. */
const farewellMs = 15_000;
const pollMs = 250;

/**
 * The run, if it can go on: its data and its model are what they were, and nobody works on it.
 * @throws {Problem} `run-not-found`, `run-finished`, `run-active`, `run-in-trash`, `model-folder-missing`, `model-changed`, `tokenizer-changed`, `data-changed`
 */
export async function prepareResume(workspace: Workspace, id: RunId): Promise<Run> {
  const run = await awaitEndOfWorker(workspace, id);
  if (run.status === 'finished') throw finished(run);
  if (isActive(run.status)) throw stillActive(run);
  const model = getPresentModel(workspace, run.model);
  if (model.fingerprint !== run.modelFingerprint) throw modelChanged(run, model);
  await requireSameTokenizer(model, readRunConfig(run).tokenizerSha256);
  await requireUnchanged(workspace.runInputs.list(id));
  return run;
}

async function awaitEndOfWorker(workspace: Workspace, id: RunId): Promise<Run> {
  const deadlineMs = Date.now() + farewellMs;
  while (isActive(workspace.runs.get(id).status) && Date.now() < deadlineMs) {
    await sleep(pollMs);
    workspace.runs.markLostRuns();
  }
  return workspace.runs.get(id);
}

function finished(run: Run): Problem {
  return new Problem({
    code: 'run-finished',
    found: `run ${run.id}, which is finished`,
    expected: 'a run that stopped before its end',
    action: `Look at it with: souffleur runs show ${run.id}. To train longer, start a new run with more steps.`,
  });
}

function stillActive(run: Run): Problem {
  return new Problem({
    code: 'run-active',
    found: `run ${run.id}, on which process ${run.worker?.processId ?? 'unknown'} still works`,
    expected: 'a run that nobody works on',
    action: 'Wait until that process has ended, or end it.',
  });
}

/** With both fingerprints. */
export function modelChanged(run: Run, model: ModelRow): Problem {
  return new Problem({
    code: 'model-changed',
    found: `model ${model.name} with fingerprint ${model.fingerprint}`,
    expected: `${run.modelFingerprint}, the model that run ${run.id} began with`,
    action: 'Put the original weights back, or start a new run.',
    place: { file: model.directory },
  });
}
