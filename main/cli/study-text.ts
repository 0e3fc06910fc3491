/** A study for people. */
import type { StudyCell, StudyMethod, StudyReport, StudyTask } from '../contract/study.ts';
import { countText, durationText, percentText, pointsText, spreadText } from './number-text.ts';
import { formatTable } from './table.ts';

export function describeStudy(report: StudyReport, { runs }: { runs: boolean }): string {
  const sections = [describeHead(report), describeCells(report), describeComparisons(report)];
  return [...sections, ...(runs ? [describeRuns(report)] : [])].filter((text) => text !== '').join('\n\n');
}

function describeHead({ name, model, split, cells }: StudyReport): string {
  const all = cells.flatMap((cell) => cell.runs);
  const finished = all.filter(({ status }) => status === 'finished').length;
  const state = `${finished} ${finished === 1 ? 'run' : 'runs'} finished${all.length > finished ? `, ${all.length - finished} not` : ''}`;
  return `Study ${name} on ${model.name} (${countText(model.parameterCount)} parameters), ${state}.\n`
    + `Scores are points of 100 on the ${split} files${split === 'test' ? '; the dev files made every choice' : ''}: mean ± standard deviation (runs), the run that dev chose, and the vote of all.`;
}

function describeCells({ tasks, methods, cells }: StudyReport): string {
  const rows = tasks.flatMap((task) => methods.map((method) => rowOf(task, method, cells.find((cell) => cell.task === task.id && cell.method === method.id))));
  return formatTable([['task', 'metrics', 'majority', 'method', 'mean', 'best', 'vote', 'legal', 'trained parameters'], ...rows]);
}

function rowOf(task: StudyTask, method: StudyMethod, cell: StudyCell | undefined): string[] {
  return [
    task.id, task.metrics.join(', '), pointsText(task.majority?.['score']), method.id, spreadText(cell?.summary['score']), pointsText(cell?.best?.scores['score']),
    pointsText(cell?.ensemble?.scores['score']), percentText(cell?.legalRate), countText(method.trainableParameters),
  ];
}

function describeComparisons({ comparisons }: StudyReport): string {
  return comparisons.map(({ sentence }) => `- ${sentence}`).join('\n');
}

function describeRuns({ cells, split }: StudyReport): string {
  return formatTable([
    ['run', 'status', 'task', 'method', 'seed', 'dev', split === 'test' ? 'test' : '', 'legal', 'time'],
    ...cells.flatMap(({ task, method, runs }) => runs.map((run) => [
      run.runId, run.status, task, method, String(run.seed), pointsText(run.dev?.['score']), split === 'test' ? pointsText(run.test?.['score']) : '', percentText(run.legalRate), durationText(run.seconds),
    ])),
  ]);
}
