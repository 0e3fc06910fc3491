/** A run's best checkpoint on a file that it may never have seen. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';
import type { Evaluation, JobEvent } from '../contract/worker-protocol.ts';
import type { Checkpoint } from '../store/checkpoints-table.ts';
import type { RunId } from '../store/identifiers.ts';
import type { Workspace } from '../store/workspace.ts';
import { findFormat } from '../task/index.ts';
import { hashData } from './data-files.ts';
import { readEvaluation, writeEvaluation, type EvaluationScores } from './evaluation-values.ts';
import { getPresentModel, locateModel, requireSameTokenizer } from './model-location.ts';
import { readRunConfig } from './run-config.ts';
import { askWorker } from './single-answer.ts';

export interface EvaluationRequest {
  run: RunId;
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
  predictionsObject: string;
}

/**
 * Evaluates in a worker. The predictions stay in the run's folder and as an object; where the file is one of the run's own splits,
 * they also take the place of that split's predictions.
 * @throws {Problem} `run-not-found`, `run-without-checkpoint`, `object-corrupt`, `tokenizer-changed`, and what the worker finds wrong
 */
export async function evaluateRun(workspace: Workspace, request: EvaluationRequest): Promise<EvaluationReport> {
  const run = workspace.runs.get(request.run);
  const checkpoint = requireCheckpoint(workspace, run.id);
  await workspace.objects.verifyObject(checkpoint.weights);
  const { settings, labels, tokenizerSha256, runtime } = readRunConfig(run);
  await requireSameTokenizer(getPresentModel(workspace, run.model), tokenizerSha256);
  const dataFile = resolve(request.dataFile);
  const dataHash = await hashData(dataFile);
  const folder = join(workspace.runFolder(run.id), 'evaluations');
  mkdirSync(folder, { recursive: true });
  const predictionsFile = join(folder, `step-${checkpoint.step}-${dataHash.slice(0, 16)}.jsonl`);
  const [evaluation] = await askWorker({
    job: {
      kind: 'evaluate', model: locateModel(workspace, run.model), method: run.method, config: settings,
      task: { format: run.task, labels }, dataFile, members: [{ checkpointFile: workspace.objects.objectPath(checkpoint.weights), predictionsFile }], runtime,
    },
    answer: 'evaluated',
    logFile: join(workspace.folder('logs'), `${run.id}.log`),
    ...(request.onEvent === undefined ? {} : { onEvent: request.onEvent }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...(request.workerFile === undefined ? {} : { workerFile: request.workerFile }),
  });
  const object = await workspace.objects.putObjectFile(predictionsFile);
  const own = workspace.runInputs.list(run.id).find((input) => input.sha256 === dataHash);
  if (own !== undefined) workspace.predictions.record({ run: run.id, step: checkpoint.step, split: own.role, object });
  const words = labels?.map(({ word }) => word) ?? findFormat(run.task).labels;
  return {
    run: run.id,
    step: checkpoint.step,
    data: dataFile,
    ...(readEvaluation(writeEvaluation(evaluation as Evaluation)) as EvaluationScores),
    confusion: words === null ? null : await countConfusion(predictionsFile, words),
    predictions: predictionsFile,
    predictionsObject: object,
  };
}

function requireCheckpoint(workspace: Workspace, run: RunId): Checkpoint {
  const checkpoint = workspace.checkpoints.findBest(run) ?? workspace.checkpoints.list(run).at(-1);
  if (checkpoint !== undefined) return checkpoint;
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
