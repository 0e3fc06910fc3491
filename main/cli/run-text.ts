/** Runs as a table. */
import type { RunSummary } from '../service/run-report.ts';
import { durationText, lossText, percentText } from './number-text.ts';
import { formatTable } from './table.ts';

export function describeRuns(runs: readonly RunSummary[]): string {
  return formatTable([
    ['run', 'status', 'method', 'model', 'task', 'seed', 'best step', 'dev', 'legal', 'test', 'legal', 'loss', 'time'],
    ...runs.map((run) => [
      run.id, run.status, run.method, run.model, run.task, String(run.seed), run.bestStep === null ? '–' : String(run.bestStep),
      percentText(run.dev?.score), percentText(run.dev?.legalRate), percentText(run.test?.score), percentText(run.test?.legalRate),
      lossText(run.finalLoss), durationText(run.seconds),
    ]),
  ]);
}
