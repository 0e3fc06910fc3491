/** The tables of scores: methods side by side, and Average / Best / Ensemble as in table 3 of Lester, Al-Rfou and Constant 2021. */
import type { ScoreSummary, Scores, StudyMethod, StudyReport, StudyTask } from '../contract/study.ts';
import { isSignificant } from './headline.ts';
import { element, text } from './markup.ts';
import { dash, scoreText, summaryText } from './number-text.ts';
import { comparedMethods, findCell, meanOver, superGlueTasks, votes, zeroShotScore, type StudyPageExtras } from './page-data.ts';
import { number, words, type Cell, type Table, type TableRow } from './table.ts';

/** Names as papers print them. */
const metricNames: Readonly<Record<string, string>> = {
  accuracy: 'acc.',
  'referent-accuracy': 'acc.',
  'macro-f1': 'macro F1',
  f1: 'F1',
  f1a: 'F1a',
  'question-exact-match': 'EM',
  'span-f1': 'F1',
  'span-exact-match': 'EM',
};

function metricName(id: string): string {
  return metricNames[id] ?? id;
}

/** Every method's mean ± std of `score` a task, with its vote, beside the majority answer and zero-shot. */
export function tabulateMethods(report: StudyReport, extras: StudyPageExtras): Table {
  const methods = comparedMethods(report);
  const width = (method: StudyMethod): number => (votes(report, method.id) ? 3 : 1);
  return {
    caption: `Score (mean of a task’s metrics), percent, ${report.split} split; mean ± sample std over seeds. Bold: the highest mean and those statistically tied with it.`,
    head: [
      [
        words(''),
        number('Baselines', { columns: 2, begins: true }),
        ...methods.map((method) => number(method.title, { columns: width(method), begins: true })),
      ],
      [
        words('Task'),
        number('majority', { begins: true }),
        number('zero-shot'),
        ...methods.flatMap((method) => [
          number('average', { begins: true }),
          ...(width(method) === 3 ? [number('best'), number('ensemble')] : []),
        ]),
      ],
    ],
    rows: [...report.tasks.map((task) => methodRow(report, extras, { task, methods })), ...meanRows(report, extras, methods)],
  };
}

function methodRow(
  report: StudyReport,
  extras: StudyPageExtras,
  { task, methods }: { task: StudyTask; methods: readonly StudyMethod[] },
): TableRow {
  const leaders = leadingMethods(report, task.id, methods);
  return {
    cells: [
      words(task.title),
      number(scoreText(task.majority?.['score']), { begins: true }),
      number(scoreText(zeroShotScore(report, extras, task.id))),
      ...methods.flatMap((method) => {
        const cell = findCell(report, task.id, method.id);
        const average = number(summaryText(cell?.summary['score']), { begins: true, strong: leaders.has(method.id) });
        return votes(report, method.id)
          ? [average, number(scoreText(cell?.best?.scores['score'])), number(scoreText(cell?.ensemble?.scores['score']))]
          : [average];
      }),
    ],
  };
}

/** The method with the highest mean, and every other whose difference from it is tested and not significant. */
function leadingMethods(report: StudyReport, task: string, methods: readonly StudyMethod[]): ReadonlySet<string> {
  const scored = methods.flatMap(({ id }) => {
    const mean = findCell(report, task, id)?.summary['score']?.mean;
    return mean === undefined ? [] : [{ id, mean }];
  });
  const top = scored.reduce<{ id: string; mean: number } | undefined>(
    (best, one) => (best === undefined || one.mean > best.mean ? one : best),
    undefined,
  );
  if (top === undefined || scored.length < 2) return new Set();
  const tied = report.comparisons
    .filter((comparison) => comparison.task === task && comparison.adjustedPValue !== null && !isSignificant(comparison))
    .flatMap(({ a, b }) => (a === top.id ? [b] : b === top.id ? [a] : []));
  return new Set([top.id, ...tied]);
}

function meanRows(report: StudyReport, extras: StudyPageExtras, methods: readonly StudyMethod[]): TableRow[] {
  return taskGroups(report).map(({ name, tasks }) => ({
    total: true,
    cells: [
      words(name),
      number(
        meanText(tasks, (task) => task.majority?.['score']),
        { begins: true },
      ),
      number(meanText(tasks, (task) => zeroShotScore(report, extras, task.id))),
      ...methods.flatMap((method) => {
        const average = number(
          meanText(tasks, (task) => findCell(report, task.id, method.id)?.summary['score']?.mean),
          { begins: true },
        );
        if (!votes(report, method.id)) return [average];
        return [
          average,
          number(meanText(tasks, (task) => findCell(report, task.id, method.id)?.best?.scores['score'])),
          number(meanText(tasks, (task) => findCell(report, task.id, method.id)?.ensemble?.scores['score'])),
        ];
      }),
    ],
  }));
}

function meanText(tasks: readonly StudyTask[], scoreOf: (task: StudyTask) => number | null | undefined): string {
  return scoreText(meanOver(tasks, scoreOf));
}

/** SuperGLUE's own mean where its eight tasks are there, and the mean of all. */
function taskGroups(report: StudyReport): { readonly name: string; readonly tasks: readonly StudyTask[] }[] {
  const superGlue = superGlueTasks(report);
  const all = report.tasks.length > (superGlue?.length ?? 1) ? [{ name: `Mean of ${report.tasks.length} tasks`, tasks: report.tasks }] : [];
  return [...(superGlue === null ? [] : [{ name: 'SuperGLUE', tasks: superGlue }]), ...all];
}

/** Dataset, metrics, average, best, ensemble, as the paper prints it: several metrics stand as “99.3 / 99.0”. */
export function tabulateEnsemble(report: StudyReport, method: StudyMethod): Table {
  const rows = report.tasks.map((task): TableRow => {
    const cell = findCell(report, task.id, method.id);
    return {
      cells: [
        words(task.title),
        words(task.metrics.map(metricName).join(' / ')),
        number(task.metrics.map((metric) => summaryText(cell?.summary[metric])).join(' / ')),
        number(metricsText(task, cell?.best?.scores)),
        number(metricsText(task, cell?.ensemble?.scores)),
        number(cell?.ensemble === null || cell?.ensemble === undefined ? dash : `${cell.ensemble.ties} / ${cell.ensemble.abstentions}`),
        number(scoreText(cell?.legalRate)),
      ],
    };
  });
  const means = taskGroups(report).map(({ name, tasks }): TableRow => ({
    total: true,
    cells: [
      words(name),
      words('score'),
      number(meanText(tasks, (task) => findCell(report, task.id, method.id)?.summary['score']?.mean)),
      number(meanText(tasks, (task) => findCell(report, task.id, method.id)?.best?.scores['score'])),
      number(meanText(tasks, (task) => findCell(report, task.id, method.id)?.ensemble?.scores['score'])),
      number(''),
      number(meanText(tasks, (task) => findCell(report, task.id, method.id)?.legalRate)),
    ],
  }));
  return {
    caption: `${method.title}: average ± std over seeds, the run that dev chose, and the vote; percent, ${report.split} split.`,
    head: [
      [
        words('Dataset'),
        words('Metric'),
        number('Average'),
        number('Best'),
        number('Ensemble'),
        number('ties / abstentions'),
        number('legal, %'),
      ],
    ],
    rows: [...rows, ...means],
  };
}

/** A task's metrics in its order, “99.3 / 99.0”. */
export function metricsText(task: StudyTask, scores: Scores | null | undefined): string {
  return scores === null || scores === undefined ? dash : task.metrics.map((metric) => scoreText(scores[metric])).join(' / ');
}

/** Every metric of every method, for whoever copies numbers into a paper. */
export function tabulateMetrics(report: StudyReport): Table {
  return {
    caption: `Every metric, percent, ${report.split} split.`,
    head: [
      [
        words('Task'),
        words('Metric'),
        words('Method'),
        number('Majority'),
        number('Mean ± std'),
        number('95 % interval'),
        number('n'),
        number('Best'),
        number('Vote'),
        words('Seeds'),
      ],
    ],
    rows: report.tasks.flatMap((task) =>
      [...task.metrics, 'score'].flatMap((metric) =>
        report.methods.map((method): TableRow => {
          const cell = findCell(report, task.id, method.id);
          const summary: ScoreSummary | undefined = cell?.summary[metric];
          const interval = summary?.interval;
          return {
            cells: [
              words(task.title),
              words(metric === 'score' ? 'score' : metricName(metric)),
              words(method.title),
              number(scoreText(task.majority?.[metric])),
              number(summaryText(summary)),
              number(interval === null || interval === undefined ? dash : `${scoreText(interval.low)} to ${scoreText(interval.high)}`),
              number(String(summary?.values.length ?? 0)),
              number(scoreText(cell?.best?.scores[metric])),
              number(scoreText(cell?.ensemble?.scores[metric])),
              {
                content: element('span', { class: 'quiet' }, [text(summary?.values.map((value) => scoreText(value)).join(' ') ?? dash)]),
                words: true,
              } satisfies Cell,
            ],
          };
        }),
      ),
    ),
  };
}
