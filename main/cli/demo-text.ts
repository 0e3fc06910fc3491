/** The demo's end for people: the table, the comparisons, one example, where the page is. */
import type { StudyReport } from '../contract/study.ts';
import type { DemoDifference, DemoTask } from '../service/demo.ts';
import { countText, durationText, percentText, pointsText } from './number-text.ts';
import { formatTable } from './table.ts';

export interface DemoText {
  report: StudyReport;
  tasks: readonly DemoTask[];
  difference: DemoDifference | null;
  page: string;
  seconds: number;
}

const inputCharacters = 300;

export function describeDemo({ report, tasks, difference, page, seconds }: DemoText): string {
  const { name, parameterCount } = report.model;
  return [
    `The model ${name} (${countText(parameterCount)} parameters, frozen) and ${tasks.length} tasks, on the ${report.split} files in points of 100. Done in ${durationText(seconds)}.`,
    describeTable(report, tasks),
    describeCosts(report),
    report.comparisons.map(({ sentence }) => `- ${sentence}`).join('\n'),
    difference === null ? '' : describeDifference(difference),
    `The whole report, with curves and votes: ${page}`,
  ].filter((text) => text !== '').join('\n\n');
}

interface Column {
  title: string;
  valueOf(task: DemoTask): number | null;
}

function describeTable(report: StudyReport, tasks: readonly DemoTask[]): string {
  const columns = columnsOf(report, tasks);
  const spreads = tasks.map(({ pt }) => (pt === null || pt.std === null ? '–' : `± ${pointsText(pt.std)}`));
  const average = columns.findIndex(({ title }) => title === 'average');
  const rows = tasks.map((task, index) => {
    const cells = columns.map(({ valueOf }) => pointsText(valueOf(task)));
    return [task.task, ...cells.slice(0, average + 1), spreads[index] ?? '', ...cells.slice(average + 1), percentText(task.legal)];
  });
  const means = columns.map(({ valueOf }) => pointsText(meanOf(tasks.map(valueOf))));
  const titles = columns.map(({ title }) => title);
  return formatTable([
    ['task', ...titles.slice(0, average + 1), '', ...titles.slice(average + 1), 'legal'],
    ...rows,
    ...(tasks.length > 1 ? [['mean', ...means.slice(0, average + 1), '', ...means.slice(average + 1), percentText(meanOf(tasks.map(({ legal }) => legal)))]] : []),
  ]);
}

/** Average, best and ensemble are prompt tuning's, as in the paper's table. */
function columnsOf({ methods }: StudyReport, tasks: readonly DemoTask[]): Column[] {
  const others = Object.keys(tasks[0]?.others ?? {});
  return [
    { title: 'majority', valueOf: ({ majority }) => majority },
    ...(tasks.some(({ zeroShot }) => zeroShot !== null) ? [{ title: 'zero-shot', valueOf: ({ zeroShot }: DemoTask) => zeroShot }] : []),
    ...others.map((id): Column => ({ title: id, valueOf: (task) => task.others[id] ?? null })),
    { title: 'average', valueOf: ({ pt }) => pt?.mean ?? null },
    { title: 'best', valueOf: ({ best }) => best },
    { title: 'ensemble', valueOf: ({ ensemble }) => ensemble },
    { title: methods.some(({ method }) => method === 'full-tuning') ? 'full tuning' : 'ft', valueOf: ({ ft }) => ft },
  ];
}

function meanOf(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 || numbers.length < values.length ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

function describeCosts({ methods, model }: StudyReport): string {
  const rows = methods.map(({ title, trainableParameters }) => [title, countText(trainableParameters), `${((trainableParameters / model.parameterCount) * 100).toFixed(trainableParameters === 0 ? 0 : 2)}%`]);
  return formatTable([['method', 'parameters a task', 'of the model'], ...rows]);
}

function describeDifference({ task, id, input, target, promptTuning, fullTuning }: DemoDifference): string {
  const shown = input === null ? '' : `\n  ${input.length > inputCharacters ? `${input.slice(0, inputCharacters)} …` : input}`;
  return `One example that they answer differently, ${id} of ${task}; right is ${target}:${shown}\n  prompt tuning: ${describeAnswer(promptTuning)}\n  full tuning: ${describeAnswer(fullTuning)}`;
}

function describeAnswer({ answer, isRight }: DemoDifference['promptTuning']): string {
  return `${answer === '' ? '(nothing)' : answer} ${isRight ? '(right)' : '(wrong)'}`;
}
