/** What a study's page is made of beside the report itself, and how to look things up in both. */
import type { Scores, StudyCell, StudyMethod, StudyReport, StudyTask } from '../contract/study.ts';
import type { Family } from './palette.ts';
import type { VoteStripData } from './vote-strip.ts';

/** Everything is optional: what is absent is not on the page. */
export interface StudyPageExtras {
  /** Examples worth reading, above all those that methods answer differently. */
  readonly examples?: readonly PageExample[];
  /** How many of the same examples two methods answered right. */
  readonly overlaps?: readonly MethodOverlap[];
  /** One method's answers (rows) against another's or the targets (columns). */
  readonly confusions?: readonly AnswerConfusion[];
  /** Members' outcomes by example; at most 400 examples of each are drawn. */
  readonly votes?: readonly (VoteStripData & { readonly task: string })[];
  /** The frozen model asked without any prompt, by task id, where that is no method of the study. */
  readonly zeroShot?: Readonly<Record<string, Scores>>;
  /** Methods that the study did not run, for the chart of parameter counts. */
  readonly parameterCounts?: readonly ComputedParameters[];
  /** What was run and where, in the order shown: device, versions, seconds, command. */
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
}

export interface PageExample {
  readonly task: string;
  readonly id: string;
  readonly input: string;
  /** Null for an example without a label. */
  readonly target: string | null;
  /** By method id. */
  readonly answers: Readonly<Record<string, PageAnswer>>;
  /** What each prompt of an ensemble answered, in the order of its members. */
  readonly votes?: readonly PageVote[];
}

export interface PageAnswer {
  readonly answer: string;
  readonly right: boolean;
}

export interface PageVote {
  readonly member: string;
  readonly answer: string;
  readonly outcome: 'right' | 'wrong' | 'abstain';
}

export interface MethodOverlap {
  readonly task: string;
  readonly a: string;
  readonly b: string;
  readonly bothRight: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly bothWrong: number;
}

export interface AnswerConfusion {
  readonly task: string;
  readonly rowTitle: string;
  readonly columnTitle: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `counts[row][column]`. */
  readonly counts: readonly (readonly number[])[];
}

export interface ComputedParameters {
  readonly title: string;
  readonly family: Family;
  readonly trainedParameters: number;
  readonly keptParameters?: number;
}

/** The eight tasks of SuperGLUE by their formats, in the order of its table. */
const superGlueFormats = ['boolq', 'cb', 'copa', 'multirc', 'record', 'rte', 'wic', 'wsc'] as const;

export function findCell(report: StudyReport, task: string, method: string): StudyCell | undefined {
  return report.cells.find((cell) => cell.task === task && cell.method === method);
}

export function taskTitle(report: StudyReport, id: string): string {
  return report.tasks.find((task) => task.id === id)?.title ?? id;
}

export function methodTitle(report: StudyReport, id: string): string {
  return report.methods.find((method) => method.id === id)?.title ?? id;
}

/** Methods that are trained or asked more than once: all but zero-shot, which charts draw as a line. */
export function comparedMethods(report: StudyReport): readonly StudyMethod[] {
  return report.methods.filter((method) => method.method !== 'zero-shot');
}

/** Score of the frozen model without a prompt: of the study's own zero-shot method, else from the extras. */
export function zeroShotScore(report: StudyReport, extras: StudyPageExtras, task: string): number | null {
  const own = report.methods.find((method) => method.method === 'zero-shot');
  const mean = own === undefined ? undefined : findCell(report, task, own.id)?.summary['score']?.mean;
  return mean ?? extras.zeroShot?.[task]?.['score'] ?? null;
}

/** Whether a vote over this method's prompts exists for any task. */
export function votes(report: StudyReport, method: string): boolean {
  return report.cells.some((cell) => cell.method === method && cell.ensemble !== null);
}

/** SuperGLUE's eight tasks of the study, or null unless each is there exactly once. */
export function superGlueTasks(report: StudyReport): readonly StudyTask[] | null {
  const tasks = superGlueFormats.map((format) => report.tasks.filter((task) => task.format === format));
  return tasks.every((found) => found.length === 1) ? tasks.flat() : null;
}

/** The mean over tasks of what `scoreOf` gives, or null as long as one task has nothing. */
export function meanOver(tasks: readonly StudyTask[], scoreOf: (task: StudyTask) => number | null | undefined): number | null {
  const scores = tasks.map(scoreOf).filter((score): score is number => typeof score === 'number' && Number.isFinite(score));
  return tasks.length === 0 || scores.length < tasks.length ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
