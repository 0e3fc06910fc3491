/** What a study found so far, from the rows and the predictions of its runs. */
import { statSync } from 'node:fs';
import type { ComparisonReport } from '../../contract/comparison.ts';
import type { CurvePoint, Scores, ScoreSummary, StudyCell, StudyMethod, StudyReport, StudyRun, StudyTask } from '../../contract/study.ts';
import { parseModelName } from '../../store/identifiers.ts';
import type { Run } from '../../store/run-row.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { summarize } from '../../statistics/summary.ts';
import { countParameters } from '../comparison-parameters.ts';
import type { EvaluationScores } from '../evaluation-values.ts';
import { summariseRun, type RunSummary } from '../run-report.ts';
import { listCells, type Study, type StudyCellState } from './studies.ts';
import { compareBestRuns, compareMethods } from './study-comparison.ts';
import type { DefinedMethod, DefinedTask } from './study-definition.ts';
import { summariseVote, voteInCell } from './study-vote.ts';

/** A curve of a million steps is drawn from as many points as a screen has. */
const mostCurvePoints = 400;

export interface StudyDetails {
  report: StudyReport;
  /** By task id: the runs that dev chose, one a method, down to the single example. */
  comparisons: ReadonlyMap<string, ComparisonReport>;
}

/** @throws {Problem} as buildStudyDetails */
export async function buildStudyReport(workspace: ReadableWorkspace, study: Study): Promise<StudyReport> {
  return (await buildStudyDetails(workspace, study)).report;
}

/** Reads predictions of the best runs and resamples them: seconds for a large study. @throws {Problem} of damaged rows and objects */
export async function buildStudyDetails(workspace: ReadableWorkspace, study: Study): Promise<StudyDetails> {
  const { model, tasks, methods } = study.definition;
  const split = tasks.every(({ examples }) => examples.test > 0) ? 'test' : 'dev';
  const states = listCells(workspace, study);
  const cells: StudyCell[] = [];
  for (const task of tasks) {
    for (const method of methods) {
      const own = states.filter((state) => state.task === task.id && state.method === method.id);
      cells.push(await reportCell(workspace, own, { task, method, split, isVoting: study.definition.ensemble }));
    }
  }
  const comparisons = await compareBestRuns(workspace, { tasks, cells, split });
  const report: StudyReport = {
    name: study.name,
    model: { name: model.name, fingerprint: model.fingerprint, parameterCount: model.parameterCount },
    split,
    tasks: tasks.map((task) => reportTask(task, split)),
    methods: methods.map((method) => reportMethod(workspace, study, { method, states })),
    cells,
    comparisons: compareMethods({ tasks, methods, cells, reports: comparisons }),
  };
  return { report, comparisons };
}

function reportTask({ id, title, format, metrics, majority, examples }: DefinedTask, split: 'dev' | 'test'): StudyTask {
  return { id, title, format, metrics, majority: majority[split], examples };
}

interface CellContext {
  task: DefinedTask;
  method: DefinedMethod;
  split: 'dev' | 'test';
  isVoting: boolean;
}

async function reportCell(workspace: ReadableWorkspace, states: readonly StudyCellState[], context: CellContext): Promise<StudyCell> {
  const { task, method, split, isVoting } = context;
  const made = states.flatMap(({ run }) => (run === null ? [] : [run]));
  const runs = made.map((run) => reportRun(workspace, run, { split, isOpen: task.isOpen }));
  const finished = runs.filter(({ status }) => status === 'finished');
  const best = chooseBest(finished);
  const vote = isVoting ? await voteInCell(workspace, made.filter(({ status }) => status === 'finished'), split) : null;
  const bestScores = best === null ? null : best[split];
  return {
    task: task.id,
    method: method.id,
    runs,
    summary: summariseScores(finished.map((run) => run[split]).filter((scores) => scores !== null)),
    best: best === null || bestScores === null ? null : { runId: best.runId, scores: bestScores },
    ensemble: vote === null ? null : summariseVote(vote),
    legalRate: meanOrNull(finished.flatMap(({ legalRate }) => legalRate ?? [])),
  };
}

function reportRun(workspace: ReadableWorkspace, run: Run, { split, isOpen }: { split: 'dev' | 'test'; isOpen: boolean }): StudyRun {
  const summary = summariseRun(workspace, run.id);
  return {
    runId: run.id,
    seed: run.seed,
    status: run.status,
    dev: toScores(summary.dev),
    test: toScores(summary.test),
    legalRate: isOpen ? null : (summary[split]?.legalRate ?? null),
    seconds: summary.seconds,
    peakMemoryBytes: summary.peakMemoryBytes,
    curve: { loss: readCurve(workspace, run, 'train/loss'), dev: readCurve(workspace, run, 'dev/score') },
  };
}

/** Without the scores that are no number. @returns null without a score. */
function toScores(evaluation: EvaluationScores | null): Scores | null {
  if (evaluation === null || evaluation.score === null) return null;
  const numbers = Object.entries(evaluation.scores).filter((entry): entry is [string, number] => entry[1] !== null);
  return { ...Object.fromEntries(numbers), score: evaluation.score };
}

/** By dev alone; of equals the first. Without a dev file nothing was chosen: the first run stands for all. */
export function chooseBest(runs: readonly StudyRun[]): StudyRun | null {
  return runs.reduce<StudyRun | null>((best, run) => (best === null || (run.dev?.score ?? -1) > (best.dev?.score ?? -1) ? run : best), null);
}

/** @returns by metric, over the runs that have it. */
export function summariseScores(scores: readonly Scores[]): Record<string, ScoreSummary> {
  const names = new Set(scores.flatMap(Object.keys));
  return Object.fromEntries([...names].map((name) => [name, summarize(scores.map((own) => own[name]).filter((value) => value !== undefined))]));
}

function readCurve(workspace: ReadableWorkspace, run: Run, key: string): CurvePoint[] {
  const points = workspace.metrics.readCurve(run.id, key).filter(({ value }) => Number.isFinite(value)).map(({ step, value }) => ({ step, value }));
  return thinCurve(points, mostCurvePoints);
}

/** @returns at most that many points: the mean of as many equal stretches, each at its last step. */
export function thinCurve(points: readonly CurvePoint[], most: number): CurvePoint[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, index) => {
    const stretch = points.slice(Math.floor((index * points.length) / most), Math.floor(((index + 1) * points.length) / most));
    return { step: stretch.at(-1)?.step ?? 0, value: stretch.reduce((sum, { value }) => sum + value, 0) / stretch.length };
  });
}

/** What runs measured; where there is none yet, what the formula says. */
function reportMethod(workspace: ReadableWorkspace, study: Study, { method, states }: { method: DefinedMethod; states: readonly StudyCellState[] }): StudyMethod {
  const summaries = states.flatMap(({ method: id, run }) => (id !== method.id || run?.status !== 'finished' ? [] : [summariseRun(workspace, run.id)]));
  const counted = countMethod(workspace, study, method);
  return {
    id: method.id,
    method: method.method,
    title: method.title,
    settings: method.settings,
    trainableParameters: summaries.find(({ trainableParameters }) => trainableParameters !== null)?.trainableParameters ?? counted?.trainableParameters ?? 0,
    storageBytesPerTask: findStorage(summaries) ?? counted?.storageBytesPerTask ?? 0,
  };
}

function countMethod(workspace: ReadableWorkspace, { definition: { model } }: Study, { method, settings }: DefinedMethod) {
  const config = workspace.models.find(parseModelName(model.name))?.config;
  const { promptLength } = settings;
  const counts = config === undefined ? null : countParameters(config, typeof promptLength === 'number' ? { promptLength } : {});
  return counts?.find((row) => row.method === method);
}

function findStorage(summaries: readonly RunSummary[]): number | null {
  const file = summaries.find(({ checkpoint }) => checkpoint !== null)?.checkpoint ?? null;
  return file === null ? null : (statSync(file, { throwIfNoEntry: false })?.size ?? null);
}

function meanOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
