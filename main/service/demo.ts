/** The demo: a study of the built-in model on built-in tasks, and what of it is told. */
import { join } from 'node:path';
import type { StudyCell, StudyReport, StudyTask } from '../contract/study.ts';
import { findAssetsFolder } from './built-in.ts';
import { isZeroShot, pickDifferences } from './study/study-page.ts';
import type { StudyDetails } from './study/study-report.ts';

/** Shares from 0 to 1 of `score`, the mean of the task's metrics; null where the study has no such thing. */
export interface DemoTask {
  task: string;
  /** The metric, or those of which the score is the mean, with + between them. */
  metric: string;
  majority: number | null;
  /** Prompt tuning over its seeds. */
  pt: { mean: number; std: number | null; values: readonly number[] } | null;
  /** The prompt that dev chose. */
  best: number | null;
  ensemble: number | null;
  ft: number | null;
  /** Share of prompt tuning's answers that are a label. */
  legal: number | null;
  /** The frozen model asked without any words of ours. */
  zeroShot: number | null;
  /** Means of the study's other methods, by their ids. */
  others: Readonly<Record<string, number | null>>;
}

/** An example that only one of the two answered rightly. */
export interface DemoDifference {
  task: string;
  id: string;
  input: string | null;
  target: string;
  promptTuning: { answer: string; isRight: boolean };
  fullTuning: { answer: string; isRight: boolean };
}

/** The study file. */
export function findDemoFile({ isFull }: { isFull: boolean }): string {
  return join(findAssetsFolder(), 'study', isFull ? 'demo-full.yaml' : 'demo.yaml');
}

export function summariseDemo(report: StudyReport): DemoTask[] {
  const { pt, ft, zeroShot } = findRoles(report);
  const others = report.methods.filter(({ id }) => ![pt, ft, zeroShot].includes(id));
  return report.tasks.map((task) => {
    const cellOf = (method: string | undefined): StudyCell | undefined => report.cells.find((cell) => cell.task === task.id && cell.method === method);
    const prompt = cellOf(pt);
    const score = prompt?.summary['score'];
    return {
      task: task.id,
      metric: task.metrics.join('+'),
      majority: task.majority?.['score'] ?? null,
      pt: score === undefined ? null : { mean: score.mean, std: score.standardDeviation, values: score.values },
      best: prompt?.best?.scores['score'] ?? null,
      ensemble: prompt?.ensemble?.scores['score'] ?? null,
      ft: meanOf(cellOf(ft)),
      legal: prompt?.legalRate ?? null,
      zeroShot: meanOf(cellOf(zeroShot)),
      others: Object.fromEntries(others.map(({ id }) => [id, meanOf(cellOf(id))])),
    };
  });
}

function meanOf(cell: StudyCell | undefined): number | null {
  return cell?.summary['score']?.mean ?? null;
}

/** The first method of each kind. */
function findRoles({ methods }: StudyReport): { pt: string | undefined; ft: string | undefined; zeroShot: string | undefined } {
  const firstOf = (kind: string): string | undefined => methods.find(({ method }) => method === kind)?.id;
  return { pt: firstOf('prompt-tuning'), ft: firstOf('full-tuning'), zeroShot: methods.find(isZeroShot)?.id };
}

/** The first there is, of the first task that has one; null where both methods agree everywhere. */
export function findDifference({ report, comparisons }: StudyDetails): DemoDifference | null {
  const { pt, ft } = findRoles(report);
  for (const task of report.tasks) {
    const difference = differenceOn(task, { report, comparisons }, { pt, ft });
    if (difference !== null) return difference;
  }
  return null;
}

function differenceOn(task: StudyTask, { report, comparisons }: StudyDetails, { pt, ft }: { pt: string | undefined; ft: string | undefined }): DemoDifference | null {
  const runOf = (method: string | undefined): string | undefined => report.cells.find((cell) => cell.task === task.id && cell.method === method)?.best?.runId;
  const [promptRun, fullRun] = [runOf(pt), runOf(ft)];
  const comparison = comparisons.get(task.id);
  const pair = comparison?.pairs.find(({ a, b }) => [promptRun, fullRun].includes(a) && [promptRun, fullRun].includes(b));
  const [example] = comparison === undefined ? [] : pickDifferences(comparison, pair, 1);
  if (example === undefined) return null;
  const answerOf = (run: string | undefined): DemoDifference['promptTuning'] => {
    const answer = example.answers[comparison?.runs.findIndex(({ id }) => id === run) ?? -1];
    return { answer: answer?.text ?? '', isRight: answer?.isRight === true };
  };
  return { task: task.id, id: example.id, input: example.input, target: example.target, promptTuning: answerOf(promptRun), fullTuning: answerOf(fullRun) };
}
