/** Tables of what was compared and what was run. */
import type { StudyComparison, StudyReport, StudyRun } from '../contract/study.ts';
import { isSignificant } from './headline.ts';
import { line } from './chart.ts';
import { element, text, type Markup } from './markup.ts';
import { bytesText, countText, dash, differenceText, durationText, pValueText, scoreText, shareText } from './number-text.ts';
import { methodTitle, taskTitle } from './page-data.ts';
import { linearScale } from './scale.ts';
import { drawInterval } from './score-mark.ts';
import { metricsText } from './score-tables.ts';
import { number, words, type Table, type TableRow } from './table.ts';

/** Each comparison in words, with the difference drawn on one axis for all of them; significant differences are bold. */
export function tabulateVerdicts(report: StudyReport): Table {
  const { comparisons } = report;
  const reach = comparisons
    .flatMap(({ difference, bootstrap }) => [difference, bootstrap?.low ?? 0, bootstrap?.high ?? 0])
    .filter(Number.isFinite);
  const limit = reach.reduce((most, value) => Math.max(most, Math.abs(value)), 0.01);
  const pairs = new Set(comparisons.map((comparison) => pairText(report, comparison)));
  // One pair throughout is said once, above the table.
  const [onlyPair] = pairs.size === 1 ? pairs : [];
  return {
    caption: `Difference of mean scores in points (${onlyPair ?? 'first method − second'}), with its 95 % bootstrap interval. Bold: Holm-adjusted p < 0.05.`,
    head: [
      [
        words('Task'),
        ...(onlyPair === undefined ? [words('Methods')] : []),
        words('In words'),
        number('Difference'),
        words('95 % interval', { columns: 2 }),
        number('Holm p'),
      ],
    ],
    rows: comparisons.map((comparison): TableRow => {
      const strong = isSignificant(comparison);
      return {
        cells: [
          words(taskTitle(report, comparison.task)),
          ...(onlyPair === undefined ? [words(pairText(report, comparison))] : []),
          words(comparison.sentence, { prose: true }),
          number(differenceText(comparison.difference), { strong }),
          number(intervalText(comparison)),
          { content: drawDifference(comparison, limit) },
          number(pValueText(comparison.adjustedPValue), { strong }),
        ],
      };
    }),
  };
}

function pairText(report: StudyReport, { a, b }: StudyComparison): string {
  return `${methodTitle(report, a)} − ${methodTitle(report, b)}`;
}

function intervalText({ bootstrap }: StudyComparison): string {
  return bootstrap === null ? dash : `${differenceText(bootstrap.low)} to ${differenceText(bootstrap.high)}`;
}

/** Zero in the middle of 120 pixels; the numbers stand beside it, so it is hidden from screen readers. */
function drawDifference({ difference, bootstrap }: StudyComparison, limit: number): Markup {
  const { place } = linearScale(-limit, limit, { from: 4, to: 116 });
  return element('svg', { width: 120, height: 16, 'aria-hidden': 'true' }, [
    line(60, 0, 60, 16, 'axis'),
    ...(bootstrap === null || !Number.isFinite(bootstrap.low + bootstrap.high)
      ? []
      : drawInterval(place(bootstrap.low), place(bootstrap.high), 8)),
    ...(Number.isFinite(difference) ? [element('circle', { cx: place(difference), cy: 8, r: 3, class: 'filled' })] : []),
  ]);
}

/** Every test of every comparison. */
export function tabulateComparisons(report: StudyReport): Table {
  return {
    caption:
      'Every test: McNemar’s and the paired bootstrap over examples, the exact permutation over seeds, Holm’s correction over all rows.',
    head: [
      [
        words('Task'),
        words('First'),
        words('Second'),
        number('Difference'),
        number('95 % bootstrap'),
        number('only first right'),
        number('only second right'),
        number('McNemar p'),
        number('bootstrap p'),
        number('seeds p'),
        number('Holm p'),
        number('Cohen’s g'),
      ],
    ],
    rows: report.comparisons.map((comparison): TableRow => {
      const { mcnemar, bootstrap, permutation } = comparison;
      const strong = isSignificant(comparison);
      return {
        cells: [
          words(taskTitle(report, comparison.task)),
          words(methodTitle(report, comparison.a)),
          words(methodTitle(report, comparison.b)),
          number(differenceText(comparison.difference), { strong }),
          number(intervalText(comparison)),
          number(mcnemar === null ? dash : countText(mcnemar.onlyA)),
          number(mcnemar === null ? dash : countText(mcnemar.onlyB)),
          number(pValueText(mcnemar?.pValue)),
          number(pValueText(bootstrap?.pValue)),
          number(pValueText(permutation?.pValue)),
          number(pValueText(comparison.adjustedPValue), { strong }),
          number(comparison.effect === null ? dash : comparison.effect.toFixed(2)),
        ],
      };
    }),
  };
}

export function tabulateMethodCosts(report: StudyReport): Table {
  return {
    caption: 'What each method trains and keeps for one task, and what a run took (median over finished runs).',
    head: [
      [
        words('Method'),
        words('Id'),
        number('Trained parameters'),
        number('of the model'),
        number('kept a task'),
        number('time a run'),
        number('peak memory'),
        number('runs'),
        words('Settings'),
      ],
    ],
    rows: report.methods.map((method): TableRow => {
      const runs = report.cells.filter((cell) => cell.method === method.id).flatMap((cell) => cell.runs);
      const seconds = median(runs.map((run) => run.seconds));
      const memory = median(runs.map((run) => run.peakMemoryBytes));
      return {
        cells: [
          words(method.title),
          words(method.method),
          number(countText(method.trainableParameters)),
          number(shareText(method.trainableParameters / report.model.parameterCount)),
          number(bytesText(method.storageBytesPerTask)),
          number(seconds === null ? dash : durationText(seconds)),
          number(memory === null ? dash : bytesText(memory)),
          number(countText(runs.length)),
          words(settingsText(method.settings), { prose: true }),
        ],
      };
    }),
  };
}

export function tabulateTasks(report: StudyReport): Table {
  return {
    caption: 'Tasks and their examples.',
    head: [[words('Task'), words('Id'), words('Format'), words('Metrics'), number('train'), number('dev'), number('test')]],
    rows: report.tasks.map((task): TableRow => ({
      cells: [
        words(task.title),
        words(task.id),
        words(task.format),
        words(task.metrics.join(', ')),
        number(countText(task.examples.train)),
        number(countText(task.examples.dev)),
        number(countText(task.examples.test)),
      ],
    })),
  };
}

/** Every run, finished or not. */
export function tabulateRuns(report: StudyReport): Table {
  return {
    caption: 'Every run. Scores in percent; metrics in the task’s order.',
    head: [
      [
        words('Run'),
        words('Task'),
        words('Method'),
        number('seed'),
        words('status'),
        number('dev score'),
        number('dev metrics'),
        number('test score'),
        number('test metrics'),
        number('legal'),
        number('time'),
        number('peak memory'),
      ],
    ],
    rows: report.tasks.flatMap((task) =>
      report.cells
        .filter((cell) => cell.task === task.id)
        .flatMap((cell) =>
          cell.runs.map((run): TableRow => ({
            cells: [
              { content: text(run.runId), words: true },
              words(task.title),
              words(methodTitle(report, cell.method)),
              number(String(run.seed)),
              words(statusText(run)),
              number(scoreText(run.dev?.['score'])),
              number(metricsText(task, run.dev)),
              number(scoreText(run.test?.['score'])),
              number(metricsText(task, run.test)),
              number(scoreText(run.legalRate)),
              number(run.seconds === null ? dash : durationText(run.seconds)),
              number(run.peakMemoryBytes === null ? dash : bytesText(run.peakMemoryBytes)),
            ],
          })),
        ),
    ),
  };
}

/** States are words with a shape. */
function statusText({ status }: StudyRun): string {
  const shapes: Readonly<Record<string, string>> = { queued: '○', running: '◐', finished: '●', failed: '✕', paused: '⏸', lost: '?' };
  const shape = Object.hasOwn(shapes, status) ? shapes[status] : undefined;
  return shape === undefined ? status : `${shape} ${status}`;
}

function settingsText(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : (JSON.stringify(value) ?? dash)}`)
    .join(' · ');
}

function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value): value is number => value !== null && Number.isFinite(value)).sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
