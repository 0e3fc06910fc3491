/** A run as a person or a script is told of it: rows of the workspace put together, nothing more. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProblemRecord } from '../contract/problem.ts';
import { methods } from '../method/index.ts';
import type { Checkpoint } from '../store/checkpoints-table.ts';
import type { RunId } from '../store/identifiers.ts';
import type { MetricValues } from '../store/json-column.ts';
import type { RunInput } from '../store/run-inputs-table.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readEvaluation, type EvaluationScores } from './evaluation-values.ts';
import { readRunConfig, type RunConfig, type RuntimeChoice } from './run-config.ts';

interface CheckpointReport {
  step: number;
  isBest: boolean;
  dev: EvaluationScores | null;
  /** SHA-256 of the file with the trained tensors. */
  sha256: string;
  /** safetensors, inside the workspace. */
  file: string;
}

export interface RunSummary {
  id: RunId;
  status: Run['status'];
  method: string;
  model: string;
  task: string;
  seed: number;
  bestStep: number | null;
  dev: EvaluationScores | null;
  /** The best checkpoint on the test file. */
  test: EvaluationScores | null;
  /** The best checkpoint's file. */
  checkpoint: string | null;
  /** The same under a name with its ending, in the run's folder, for a method that trains nothing but a prompt. */
  promptFile: string | null;
  /** Smoothed training loss per target token at the end. */
  finalLoss: number | null;
  seconds: number | null;
  trainableParameters: number | null;
  /** Share of source tokens that were padding. */
  paddingShare: number | null;
  truncatedExamples: number | null;
  peakMemoryBytes: number | null;
  /** Of so many dev answers of the best prompt, so many differ from the bare model's: none, and the prompt does nothing. Null where it was not looked at. */
  effect: { examples: number; differing: number } | null;
  device: string | null;
  problem: ProblemRecord | null;
}

export interface RunReport extends RunSummary {
  /** Training losses per target token. */
  losses: { first: number; last: number; steps: number } | null;
}

/** Everything that `runs show` tells. */
export interface RunDetails extends RunReport {
  settings: Readonly<Record<string, unknown>>;
  labels: RunConfig['labels'];
  /** The pattern-verbalizer pair that the run speaks by; null for the format's own text form. */
  pvp: RunConfig['pvp'];
  sampling: RunConfig['sampling'];
  /** The ids that a few-shot run drew; null for others, and before its worker drew them. */
  sampleFile: string | null;
  /** Of the tokenizer file that the run began with. */
  tokenizerSha256: string;
  runtime: RuntimeChoice;
  modelFingerprint: string;
  inputs: RunInput[];
  command: readonly string[];
  versions: Run['versions'];
  /** Times as ISO 8601. */
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  checkpoints: CheckpointReport[];
  metrics: Record<string, { steps: number; first: number | null; last: number | null }>;
  directory: string;
  log: string;
}

/** Without the curves, which for a list of long runs would be millions of points. @throws {Problem} `run-not-found` */
export function summariseRun(workspace: ReadableWorkspace, id: RunId): RunSummary {
  const run = workspace.runs.get(id);
  const best = workspace.checkpoints.findBest(id);
  const figures = run.finalMetrics ?? {};
  const checkpoint = best === null ? null : workspace.objects.objectPath(best.weights);
  return {
    id,
    status: run.status,
    method: run.method,
    model: run.model,
    task: run.task,
    seed: run.seed,
    bestStep: run.bestStep,
    dev: best === null ? null : readEvaluation(best.devMetrics),
    test: readEvaluation(figures, 'test/'),
    checkpoint,
    promptFile: best === null || !trainsPrompt(run.method) ? null : (findTrainedFile(workspace, best) ?? checkpoint),
    ...pickFigures(figures),
    device: run.device,
    problem: run.problem,
  };
}

/** @throws {Problem} `run-not-found` */
export function reportRun(workspace: ReadableWorkspace, id: RunId): RunReport {
  return { ...summariseRun(workspace, id), losses: reportLosses(workspace, id) };
}

/** @throws {Problem} `run-not-found`, `run-config-invalid` */
export function reportRunDetails(workspace: ReadableWorkspace, id: RunId): RunDetails {
  const run = workspace.runs.get(id);
  return {
    ...reportRun(workspace, id),
    ...readRunConfig(run),
    sampleFile: findRunFile(workspace, id, 'sample.json'),
    modelFingerprint: run.modelFingerprint,
    inputs: workspace.runInputs.list(id),
    command: run.command,
    versions: run.versions,
    createdAt: new Date(run.createdAtMs).toISOString(),
    startedAt: isoTime(run.startedAtMs),
    endedAt: isoTime(run.endedAtMs),
    checkpoints: workspace.checkpoints.list(id).map((checkpoint) => reportCheckpoint(workspace, checkpoint)),
    metrics: reportMetrics(workspace, id),
    directory: join(workspace.folder('runs'), id),
    log: join(workspace.folder('logs'), `${run.group ?? id}.log`),
  };
}

/** Of a method that this Souffleur does not know, which a later one wrote, nothing is promised. */
function trainsPrompt(id: string): boolean {
  return methods.some((method) => method.id === id && method.trains === 'prompt');
}

/** As main/worker/train names what it keeps; a workspace that was copied without its run folders has only the object. */
function findTrainedFile(workspace: ReadableWorkspace, { run, step }: Checkpoint): string | null {
  return findRunFile(workspace, run, `trained-${step}.safetensors`);
}

function findRunFile(workspace: ReadableWorkspace, run: RunId, name: string): string | null {
  const file = join(workspace.folder('runs'), run, name);
  return existsSync(file) ? file : null;
}

function reportCheckpoint(workspace: ReadableWorkspace, { step, isBest, devMetrics, weights }: Checkpoint): CheckpointReport {
  return { step, isBest, dev: readEvaluation(devMetrics), sha256: weights, file: workspace.objects.objectPath(weights) };
}

function reportLosses(workspace: ReadableWorkspace, id: RunId): RunReport['losses'] {
  const curve = workspace.metrics.readCurve(id, 'train/loss');
  const [first, last] = [curve[0], curve.at(-1)];
  return first === undefined || last === undefined ? null : { first: first.value, last: last.value, steps: curve.length };
}

function reportMetrics(workspace: ReadableWorkspace, id: RunId): RunDetails['metrics'] {
  return Object.fromEntries(workspace.metrics.listKeys(id).map((key) => {
    const curve = workspace.metrics.readCurve(id, key);
    return [key, { steps: curve.length, first: finiteOrNull(curve[0]?.value), last: finiteOrNull(curve.at(-1)?.value) }];
  }));
}

/** Tasks without a loss on dev have NaN there, which no client can be told. */
function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function pickFigures(figures: MetricValues) {
  const figure = (name: string): number | null => figures[name] ?? null;
  return {
    finalLoss: figure('finalLoss'),
    seconds: figure('seconds'),
    trainableParameters: figure('trainableParameters'),
    paddingShare: figure('paddingShare'),
    truncatedExamples: figure('truncatedExamples'),
    peakMemoryBytes: figure('peakMemoryBytes'),
    effect: readEffect(figures),
  };
}

export function readEffect(figures: MetricValues): RunSummary['effect'] {
  const [examples, differing] = [figures['zeroShot/examples'] ?? null, figures['zeroShot/differing'] ?? null];
  return examples === null || differing === null ? null : { examples, differing };
}

function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
