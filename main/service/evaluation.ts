/** A run's best checkpoint on a file that it may never have seen. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import type { Evaluation, JobEvent } from '../contract/worker-protocol.ts';
import type { Checkpoint } from '../store/checkpoints-table.ts';
import type { ObjectHash, RunId } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { Workspace } from '../store/workspace.ts';
import { hashData } from './data-files.ts';
import { resolveDataFile } from './dataset/datasets.ts';
import { readEvaluation, writeEvaluation, type EvaluationScores } from './evaluation-values.ts';
import { getPresentModel, locateModel, requireSameTokenizer } from './model-location.ts';
import { findKeptCheckpoint } from './predictions.ts';
import { readRunConfig } from './run-config.ts';
import { boundFormatOf, taskForWorker, taskOfRun } from './run-task.ts';
import { askWorker } from './single-answer.ts';

export interface EvaluationRequest extends EvaluationsRequest {
  run: RunId;
}

interface EvaluationsRequest {
  dataFile: string;
  onEvent?: (event: JobEvent) => void;
  signal?: AbortSignal;
  workerFile?: string;
}

export interface Confusion {
  labels: string[];
  /** [right label][answer], in label order; the last column counts answers that are no label. */
  counts: number[][];
}

export interface EvaluationReport extends EvaluationScores {
  run: RunId;
  /** Of the checkpoint. */
  step: number;
  data: string;
  /** Null for open answers and for rows without labels. */
  confusion: Confusion | null;
  /** JSON Lines, one prediction a line. */
  predictions: string;
  /** SHA-256 of the predictions. */
  predictionsObject: ObjectHash;
}

/**
 * Evaluates in a worker. The predictions stay in the run's folder and as an object; where the file is one of the run's own splits,
 * they also take the place of that split's predictions.
 * @throws {Problem} `run-not-found`, `run-without-checkpoint`, `object-corrupt`, `tokenizer-changed`, and what the worker finds wrong
 */
export async function evaluateRun(workspace: Workspace, { run, ...request }: EvaluationRequest): Promise<EvaluationReport> {
  const [report] = await evaluateRuns(workspace, { runs: [run], ...request });
  return report as EvaluationReport;
}

/**
 * The same for several runs in one pass over the file: their prompts share one frozen model.
 * @param request runs of one model, method and task whose passes are alike (ensemble-members.ts).
 * @returns in the order of the runs.
 * @throws {Problem} as evaluateRun
 */
export async function evaluateRuns(workspace: Workspace, { runs, ...request }: EvaluationsRequest & { runs: readonly RunId[] }): Promise<EvaluationReport[]> {
  const dataFile = resolve(resolveDataFile(workspace, request.dataFile));
  const dataHash = await hashData(dataFile);
  const members: Evaluated[] = [];
  for (const id of runs) members.push(await prepareMember(workspace, id, dataHash));
  const [first] = members;
  if (first === undefined) return [];
  const { settings, runtime } = readRunConfig(first.run);
  const evaluations = await askWorker({
    job: {
      kind: 'evaluate', model: locateModel(workspace, first.run.model), method: first.run.method, config: settings,
      task: taskForWorker(taskOfRun(first.run)), dataFile, runtime,
      members: members.map(({ checkpoint, predictionsFile }) => ({ checkpointFile: workspace.objects.objectPath(checkpoint.weights), predictionsFile })),
    },
    answer: 'evaluated',
    logFile: join(workspace.folder('logs'), `${first.run.id}.log`),
    ...(request.onEvent === undefined ? {} : { onEvent: request.onEvent }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(request.workerFile === undefined ? {} : { workerFile: request.workerFile }),
  });
  const reports: EvaluationReport[] = [];
  for (const [i, member] of members.entries()) reports.push(await reportMember(workspace, member, { dataFile, dataHash, evaluation: evaluations[i] as Evaluation }));
  return reports;
}

interface Evaluated {
  run: Run;
  checkpoint: Checkpoint;
  predictionsFile: string;
}

async function prepareMember(workspace: Workspace, id: RunId, dataHash: string): Promise<Evaluated> {
  const run = workspace.runs.get(id);
  const checkpoint = requireCheckpoint(workspace, id);
  await workspace.objects.verifyObject(checkpoint.weights);
  await requireSameTokenizer(getPresentModel(workspace, run.model), readRunConfig(run).tokenizerSha256);
  const folder = join(workspace.runFolder(id), 'evaluations');
  mkdirSync(folder, { recursive: true });
  return { run, checkpoint, predictionsFile: join(folder, `step-${checkpoint.step}-${dataHash.slice(0, 16)}.jsonl`) };
}

async function reportMember(
  workspace: Workspace,
  { run, checkpoint, predictionsFile }: Evaluated,
  { dataFile, dataHash, evaluation }: { dataFile: string; dataHash: string; evaluation: Evaluation },
): Promise<EvaluationReport> {
  const object = await workspace.objects.putObjectFile(predictionsFile);
  const own = workspace.runInputs.list(run.id).find((input) => input.sha256 === dataHash);
  if (own !== undefined) workspace.predictions.record({ run: run.id, step: checkpoint.step, split: own.role, object });
  const words = boundFormatOf(taskOfRun(run)).labels;
  return {
    run: run.id,
    step: checkpoint.step,
    data: dataFile,
    ...(readEvaluation(writeEvaluation(evaluation)) as EvaluationScores),
    confusion: words === null ? null : await countConfusion(predictionsFile, words),
    predictions: predictionsFile,
    predictionsObject: object,
  };
}

function requireCheckpoint(workspace: Workspace, run: RunId): Checkpoint {
  const checkpoint = findKeptCheckpoint(workspace, run);
  if (checkpoint !== null) return checkpoint;
  throw new Problem({
    code: 'run-without-checkpoint',
    found: `run ${run}, which has no checkpoint yet`,
    expected: 'a run that was evaluated at least once',
    action: `Let it train: souffleur tune --resume ${run}`,
  });
}

/** What confusion needs of a prediction; class ids, −1 for an answer that is no label. */
const predictionSchema = z.object({ label: z.int().nullable(), answeredLabel: z.int().nullable() });

/** @returns null where no row has both a label and a class for its answer. */
async function countConfusion(predictionsFile: string, labels: readonly string[]): Promise<Confusion | null> {
  const counts = labels.map(() => Array.from({ length: labels.length + 1 }, () => 0));
  let counted = 0;
  for (const line of (await readFile(predictionsFile, 'utf8')).split('\n')) {
    if (line === '') continue;
    const parsed = predictionSchema.safeParse(JSON.parse(line));
    const { label, answeredLabel } = parsed.success ? parsed.data : { label: null, answeredLabel: null };
    if (label === null || answeredLabel === null) continue;
    const row = counts[label];
    if (row === undefined) continue;
    const column = answeredLabel >= 0 && answeredLabel < labels.length ? answeredLabel : labels.length;
    row[column] = (row[column] ?? 0) + 1;
    counted += 1;
  }
  return counted === 0 ? null : { labels: [...labels], counts };
}
