/** A study as tables: methods × tasks as papers print them, and one number a row for a script. */
import type { Scores, StudyCell, StudyComparison, StudyMethod, StudyReport, StudyTask } from '../../contract/study.ts';
import { column, numberCell, textCell, type Cell, type ExportTable, type PlainCell, type SpreadCell } from './table.ts';

const noCell = numberCell(null, 'share');

/** Of the mean score against the task's best method, after Holm's correction. */
const levels = [[0.001, '***'], [0.01, '**'], [0.05, '*']] as const;

interface MethodRow {
  readonly title: string;
  readonly startsGroup: boolean;
  /** In the order of the tasks; null where there is none. */
  readonly cells: readonly (SpreadCell | null)[];
}

/** Rows: majority, then for every method its mean, the run that dev chose, and the vote. Columns: tasks and their mean. */
export function scoresTable(report: StudyReport): ExportTable {
  const { tasks, methods } = report;
  const rows = methods.flatMap((method) => methodRows(report, method));
  const withMeans = rows.map((row) => ({ ...row, cells: [...row.cells, meanOfCells(row.cells)] }));
  const best = [...tasks.keys(), tasks.length].map((place) => Math.max(...withMeans.map(({ cells }) => shownShare(cells[place]?.mean))));
  return {
    caption: `${report.name}: ${report.split} scores of ${report.model.name}, %`,
    columns: [column.text('method'), ...tasks.map(({ title }) => column.number(title)), column.number('mean of tasks')],
    rows: [
      ...majorityRows(tasks),
      ...withMeans.map(({ title, startsGroup, cells }) => ({
        startsGroup,
        cells: [textCell(title), ...cells.map((cell, place): Cell => (cell === null ? noCell : { ...cell, isBest: shownShare(cell.mean) === best[place] }))],
      })),
    ],
    notes: notesOf(report),
  };
}

/** Equal as printed is equal: no reader could tell which of two 84.3 is bold. */
function shownShare(share: number | undefined): number {
  return share === undefined ? Number.NEGATIVE_INFINITY : Math.round(share * 1000);
}

function notesOf({ cells, comparisons, tasks }: StudyReport): string[] {
  const notes = ['Mean ± sample standard deviation (number of runs) of the score, which is the mean of a task’s metrics. The best of each column is bold.'];
  if (cells.some(({ ensemble }) => ensemble !== null)) notes.push('Vote: majority of the answers of all runs’ prompts. Best: the run with the best dev score.');
  if (comparisons.some(({ adjustedPValue }) => adjustedPValue !== null)) {
    notes.push(`Stars: below the task’s best method, p < ${levels.toReversed().map(([level, stars]) => `${level} (${stars})`).join(', ')}, after Holm’s correction. No star: no difference shown.`);
  }
  if (tasks.some(({ majority }) => majority !== null)) notes.push('Majority: always one answer, the one that scores best on the training file.');
  return notes;
}

function majorityRows(tasks: readonly StudyTask[]) {
  if (tasks.every(({ majority }) => majority === null)) return [];
  const shares = tasks.map(({ majority }) => majority?.['score'] ?? null);
  const known = shares.filter((share) => share !== null);
  const mean = known.length === shares.length ? meanOf(known) : null;
  return [{ cells: [textCell('Majority'), ...[...shares, mean].map((share): Cell => numberCell(share, 'share'))] }];
}

function methodRows(report: StudyReport, method: StudyMethod): MethodRow[] {
  const cells = report.tasks.map((task) => report.cells.find((cell) => cell.task === task.id && cell.method === method.id));
  const hasSeveral = cells.some((cell) => (cell?.runs.length ?? 0) > 1);
  const members = Math.max(0, ...cells.map((cell) => cell?.ensemble?.members ?? 0));
  const row = (title: string, read: (cell: StudyCell) => SpreadCell | null): MethodRow => ({
    title, startsGroup: title === method.title, cells: cells.map((cell) => (cell === undefined ? null : read(cell))),
  });
  return [
    row(method.title, (cell) => meanCell(cell, report)),
    ...(hasSeveral ? [row(`${method.title}, best`, ({ best }) => singleCell(best?.scores))] : []),
    ...(members > 0 ? [row(`${method.title}, vote of ${members}`, ({ ensemble }) => singleCell(ensemble?.scores))] : []),
  ];
}

function meanCell({ task, method, summary }: StudyCell, report: StudyReport): SpreadCell | null {
  const score = summary['score'];
  if (score === undefined) return null;
  return { kind: 'spread', mean: score.mean, standardDeviation: score.standardDeviation, count: score.values.length, mark: starsOf(report, task, method) };
}

function singleCell(scores: Scores | undefined): SpreadCell | null {
  const score = scores?.['score'];
  return score === undefined ? null : { kind: 'spread', mean: score, standardDeviation: null, count: 1 };
}

/** Null unless every task has a number: a mean over other tasks could not be compared. */
function meanOfCells(cells: readonly (SpreadCell | null)[]): SpreadCell | null {
  const known = cells.filter((cell) => cell !== null);
  return known.length === 0 || known.length < cells.length ? null : { kind: 'spread', mean: meanOf(known.map(({ mean }) => mean)), standardDeviation: null, count: 1 };
}

function starsOf({ cells, comparisons }: StudyReport, task: string, method: string): string {
  const means = cells.filter((cell) => cell.task === task).map((cell) => ({ method: cell.method, mean: cell.summary['score']?.mean ?? Number.NEGATIVE_INFINITY }));
  const best = means.reduce((first, next) => (next.mean > first.mean ? next : first), { method, mean: Number.NEGATIVE_INFINITY });
  if (best.method === method) return '';
  const between = comparisons.find((comparison) => comparison.task === task && isBetween(comparison, method, best.method));
  const pValue = between?.adjustedPValue ?? 1;
  return levels.find(([level]) => pValue < level)?.[1] ?? '';
}

function isBetween({ a, b }: StudyComparison, left: string, right: string): boolean {
  return (a === left && b === right) || (a === right && b === left);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What a method trains, keeps and answers. */
export function methodsTable({ methods, cells, model }: StudyReport): ExportTable {
  return {
    caption: `What each method trains and keeps; ${model.name} has ${model.parameterCount.toLocaleString('en')} parameters`,
    columns: [
      column.text('method'), column.number('trained parameters'), column.number('% of the model'), column.bytes('storage a task'), column.share('legal answers'),
      column.seconds('time a run'),
    ],
    rows: methods.map(({ id, title, trainableParameters, storageBytesPerTask }) => {
      const own = cells.filter(({ method }) => method === id);
      const rates = own.flatMap(({ legalRate }) => legalRate ?? []);
      const seconds = own.flatMap(({ runs }) => runs.flatMap((run) => run.seconds ?? []));
      return { cells: [
        textCell(title), numberCell(trainableParameters, 'count'), numberCell(trainableParameters / model.parameterCount, 'portion'),
        numberCell(storageBytesPerTask, 'bytes'), numberCell(rates.length === 0 ? null : meanOf(rates), 'share'),
        numberCell(seconds.length === 0 ? null : meanOf(seconds), 'seconds'),
      ] };
    }),
    notes: [],
  };
}

export function studyPairsTable({ comparisons, tasks, methods }: StudyReport): ExportTable {
  const taskTitle = (id: string): string => tasks.find((task) => task.id === id)?.title ?? id;
  const methodTitle = (id: string): string => methods.find((method) => method.id === id)?.title ?? id;
  return {
    caption: 'Pairs of methods on the same examples',
    columns: [
      ...['task', 'A', 'B'].map(column.text), column.difference('A − B'),
      ...['95 % from', '95 % to', 'p, McNemar', 'p, bootstrap', 'p, seeds', 'p, Holm', 'effect'].map(column.number),
    ],
    rows: comparisons.map(({ task, a, b, difference, bootstrap, mcnemar, permutation, adjustedPValue, effect }) => ({ cells: [
      textCell(taskTitle(task)), textCell(methodTitle(a)), textCell(methodTitle(b)), numberCell(difference, 'difference'),
      numberCell(bootstrap?.low ?? null, 'difference'), numberCell(bootstrap?.high ?? null, 'difference'), numberCell(mcnemar?.pValue ?? null, 'probability'),
      numberCell(bootstrap?.pValue ?? null, 'probability'), numberCell(permutation?.pValue ?? null, 'probability'),
      numberCell(adjustedPValue, 'probability'), numberCell(effect, 'number'),
    ] })),
    notes: comparisons.map(({ sentence }) => sentence),
  };
}

/** A row a method, task and metric, with all digits. */
export function tidyTable({ cells, tasks, methods, split }: StudyReport): ExportTable<PlainCell> {
  return {
    caption: 'Scores',
    columns: [
      ...['task', 'method', 'method title', 'metric', 'split'].map(column.text),
      ...['runs', 'mean', 'standard deviation', '95 % low', '95 % high', 'best', 'vote', 'majority', 'legal rate'].map(column.number),
    ],
    rows: cells.flatMap((cell) => Object.entries(cell.summary).map(([metric, { values, mean, standardDeviation, interval }]) => ({ cells: [
      textCell(cell.task), textCell(cell.method), textCell(methods.find(({ id }) => id === cell.method)?.title ?? cell.method), textCell(metric), textCell(split),
      numberCell(values.length, 'count'), numberCell(mean, 'share'), numberCell(standardDeviation, 'share'),
      numberCell(interval?.low ?? null, 'share'), numberCell(interval?.high ?? null, 'share'), numberCell(cell.best?.scores[metric] ?? null, 'share'),
      numberCell(cell.ensemble?.scores[metric] ?? null, 'share'), numberCell(tasks.find(({ id }) => id === cell.task)?.majority?.[metric] ?? null, 'share'),
      numberCell(cell.legalRate, 'share'),
    ] }))),
    notes: [],
  };
}
