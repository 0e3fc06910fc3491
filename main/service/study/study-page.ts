/** A study as one HTML page: the report, and what its predictions add to it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ComparedExample, ComparedPair, ComparisonReport, ParameterCount } from '../../contract/comparison.ts';
import type { ExamplePrediction } from '../../contract/prediction.ts';
import type { StudyReport } from '../../contract/study.ts';
import type { AnswerConfusion, ComputedParameters, MethodOverlap, PageExample, StudyPageExtras } from '../../report/page-data.ts';
import { renderStudyPage } from '../../report/study-page.ts';
import { writeFileAtomicSync } from '../../store/atomic-file.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { judgeAnswer } from '../../task/metric/judgement.ts';
import type { StudyDetails } from './study-report.ts';
import { boundFormatOf } from '../run-task.ts';
import { listCells, type Study } from './studies.ts';
import type { DefinedTask } from './study-definition.ts';
import { describeFacts } from './study-facts.ts';
import { voteInCell, type CellVote } from './study-vote.ts';

export interface StudyPageRequest {
  study: Study;
  details: StudyDetails;
  /** What ran it; null where nobody knows. */
  command: string | null;
  /** One that is there is replaced. */
  file: string;
}

/** @returns `reports/<study>.html` in the workspace; the folder is made. */
export function defaultPageFile({ directory }: ReadableWorkspace, { name, edition }: Study): string {
  const folder = join(directory, 'reports');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}${edition > 1 ? `@${edition}` : ''}.html`);
}

/** @throws {Problem} as writeFileAtomicSync and voteInCell */
export async function writeStudyPage(workspace: ReadableWorkspace, { file, ...request }: StudyPageRequest): Promise<void> {
  writeFileAtomicSync(file, Buffer.from(await renderStudy(workspace, request)));
}

/** @returns the page. @throws {Problem} as voteInCell */
export async function renderStudy(workspace: ReadableWorkspace, { study, details, command }: Omit<StudyPageRequest, 'file'>): Promise<string> {
  const finished = listCells(workspace, study).flatMap(({ run }) => (run?.status === 'finished' ? [run] : []));
  const extras = { ...await collectExtras(workspace, study, details), facts: describeFacts(finished, command) };
  return renderStudyPage(nameZeroShot(details.report), extras);
}

/** The page draws the frozen model without any words as a line, which for us is prompt design with nothing designed. */
function nameZeroShot(report: StudyReport): StudyReport {
  return { ...report, methods: report.methods.map((method) => (isZeroShot(method) ? { ...method, method: 'zero-shot' } : method)) };
}

export function isZeroShot({ method, settings }: { method: string; settings: Readonly<Record<string, unknown>> }): boolean {
  return method === 'prompt-design' && settings['instruction'] === '' && settings['shots'] === 0;
}

/** Of each task this many that only the one method, and that only the other, answered right. */
const examplesOfEach = 2;

async function collectExtras(workspace: ReadableWorkspace, study: Study, { report, comparisons }: StudyDetails): Promise<StudyPageExtras> {
  const examples: PageExample[] = [];
  const overlaps: MethodOverlap[] = [];
  const confusions: AnswerConfusion[] = [];
  const votes: NonNullable<StudyPageExtras['votes']>[number][] = [];
  for (const task of study.definition.tasks) {
    const voted = await findVotedCell(workspace, study, { task, split: report.split });
    if (voted !== null) votes.push(drawnVotes(task, voted));
    const comparison = comparisons.get(task.id);
    if (comparison === undefined) continue;
    const methods = methodsOf(report, task.id);
    overlaps.push(...overlapsOf(comparison, { task: task.id, methods }));
    confusions.push(...confusionsOf(report, comparison, { task: task.id, methods }));
    examples.push(...pickDifferences(comparison, comparison.pairs[0], examplesOfEach).map((example) => pageExample(example, comparison, { task, methods, voted })));
  }
  return { examples, overlaps, confusions, votes, parameterCounts: otherMethods(report, [...comparisons.values()][0]?.parameterCounts ?? []) };
}

/** Best run → method. */
type MethodsByRun = ReadonlyMap<string, string>;

function methodsOf(report: StudyReport, task: string): MethodsByRun {
  return new Map(report.cells.flatMap((cell) => (cell.task === task && cell.best !== null ? [[cell.best.runId, cell.method] as const] : [])));
}

/** That only the one, and that only the other of a pair answered right. */
export function pickDifferences({ examples }: ComparisonReport, pair: ComparedPair | undefined, ofEach: number): ComparedExample[] {
  if (pair === undefined) return [];
  const { quadrants } = pair.outcome;
  const byId = new Map(examples.map((example) => [example.id, example]));
  return [...quadrants['only-a'].slice(0, ofEach), ...quadrants['only-b'].slice(0, ofEach)].flatMap((id) => byId.get(id) ?? []);
}

interface TaskContext {
  task: string;
  methods: MethodsByRun;
}

function overlapsOf({ pairs }: ComparisonReport, { task, methods }: TaskContext): MethodOverlap[] {
  return pairs.map(({ a, b, outcome: { quadrants } }) => ({
    task, a: methods.get(a) ?? a, b: methods.get(b) ?? b,
    bothRight: quadrants['both-right'].length, onlyA: quadrants['only-a'].length, onlyB: quadrants['only-b'].length, bothWrong: quadrants['both-wrong'].length,
  }));
}

function confusionsOf(report: StudyReport, { runs }: ComparisonReport, { task, methods }: TaskContext): AnswerConfusion[] {
  return runs.flatMap(({ id, confusion }) => (confusion === null ? [] : [{
    task, rowTitle: 'target', columnTitle: report.methods.find((method) => method.id === methods.get(id))?.title ?? id,
    rows: confusion.rows, columns: confusion.columns, counts: confusion.counts,
  }]));
}

function pageExample(example: ComparedExample, { runs }: ComparisonReport, { task, methods, voted }: { task: DefinedTask; methods: MethodsByRun; voted: CellVote | null }): PageExample {
  const vote = voted?.votes.find((candidate) => candidate.example.id === example.id);
  return {
    task: task.id,
    id: example.id,
    input: example.input ?? '',
    target: example.target,
    answers: Object.fromEntries(runs.map(({ id }, index) => [methods.get(id) ?? id, { answer: example.answers[index]?.text ?? '', right: example.answers[index]?.isRight === true }])),
    ...(vote === undefined || voted === null ? {} : {
      votes: vote.answers.map((prediction, index) => ({ member: memberName(voted, index), answer: prediction.answer, outcome: outcomeOf(prediction, task) })),
    }),
  };
}

async function findVotedCell(workspace: ReadableWorkspace, study: Study, { task, split }: { task: DefinedTask; split: 'dev' | 'test' }): Promise<CellVote | null> {
  if (!study.definition.ensemble) return null;
  for (const method of study.definition.methods) {
    const runs = listCells(workspace, study).flatMap(({ run, ...cell }) => (cell.task === task.id && cell.method === method.id && run?.status === 'finished' ? [run] : []));
    const vote = await voteInCell(workspace, runs, split);
    if (vote !== null) return vote;
  }
  return null;
}

function drawnVotes(task: DefinedTask, voted: CellVote): NonNullable<StudyPageExtras['votes']>[number] {
  return {
    task: task.id,
    title: task.title,
    members: voted.members.map((_, index) => memberName(voted, index)),
    examples: voted.votes.filter(({ example }) => example.target !== null).map(({ example, answers, result }) => ({
      id: example.id,
      members: answers.map((prediction) => outcomeOf(prediction, task)),
      vote: result.answer === null ? 'abstain' : outcomeOf({ ...example, answer: result.answer, answeredLabel: result.label }, task),
    })),
  };
}

function memberName({ members }: CellVote, index: number): string {
  return `seed ${members[index]?.run.seed ?? index}`;
}

function outcomeOf(prediction: ExamplePrediction, task: DefinedTask): 'right' | 'wrong' | 'abstain' {
  const { metrics, labels: words } = boundFormatOf(task);
  if (words === null ? prediction.answer.trim() === '' : prediction.answeredLabel === -1) return 'abstain';
  const { id, target, label, group, answers, answer } = prediction;
  return judgeAnswer({ labels: words, metrics }, { id, input: '', target, label, group, answers, line: 0 }, answer).isRight ? 'right' : 'wrong';
}

const families: Readonly<Record<string, ComputedParameters['family']>> = { 'prefix-tuning': 'prefix-tuning', warp: 'warp' };

function otherMethods({ methods }: StudyReport, counts: readonly ParameterCount[]): ComputedParameters[] {
  return counts.flatMap(({ method, title, trainableParameters }) => {
    const family = families[method];
    return family === undefined || methods.some((own) => own.method === method) ? [] : [{ title, family, trainedParameters: trainableParameters }];
  });
}
