/** The pictures of a study's page, drawn from its report. */
import type { StudyCell, StudyMethod, StudyReport } from '../contract/study.ts';
import { renderFigure, renderValues, type Chart } from './chart.ts';
import { drawHeatMap } from './heat-map.ts';
import { drawLearningCurves } from './learning-curves.ts';
import { assignLooks, drawMarker, lookOf, patternId, type Look } from './look.ts';
import { element, join, text, type Markup } from './markup.ts';
import { comparedMethods, findCell, methodTitle, taskTitle, zeroShotScore, type StudyPageExtras } from './page-data.ts';
import { drawParameterCounts } from './parameter-counts.ts';
import { drawSeedDots } from './seed-dots.ts';
import { drawTaskBars } from './task-bars.ts';
import { drawVoteStrip } from './vote-strip.ts';

/** Of one line in a panel of 306 pixels; eleven tasks with twenty seeds each stay under a megabyte. */
const pointBudget = 11_000;
const votedExampleLimit = 400;

export type Looks = ReadonlyMap<string, Look>;

function look(looks: Looks, method: string): Look {
  return looks.get(method) ?? lookOf('other');
}

/** One panel of bars a task. */
export function drawBarPanels(report: StudyReport, extras: StudyPageExtras, looks: Looks): Markup {
  return panels(
    report.tasks.map((task, index) =>
      drawTaskBars(
        {
          title: task.title,
          majority: task.majority?.['score'] ?? null,
          zeroShot: zeroShotScore(report, extras, task.id),
          rows: comparedMethods(report).map((method) => {
            const cell = findCell(report, task.id, method.id);
            return {
              label: method.title,
              look: look(looks, method.id),
              summary: cell?.summary['score'],
              best: cell?.best?.scores['score'] ?? null,
              ensemble: cell?.ensemble?.scores['score'] ?? null,
            };
          }),
        },
        { id: `bars-${index}` },
      ),
    ),
  );
}

/** Panels of the methods that ran with several seeds, or null where none did. */
export function drawSeedPanels(report: StudyReport, looks: Looks): Markup | null {
  const charts = report.tasks.flatMap((task, index) => {
    const rows = comparedMethods(report).flatMap((method) => {
      const cell = findCell(report, task.id, method.id);
      const summary = cell?.summary['score'];
      if (summary === undefined || summary.values.length < 2) return [];
      return [
        {
          label: method.title,
          look: look(looks, method.id),
          summary,
          best: cell?.best?.scores['score'] ?? null,
          ensemble: cell?.ensemble?.scores['score'] ?? null,
        },
      ];
    });
    return rows.length === 0 ? [] : [drawSeedDots(rows, { id: `seeds-${index}`, title: task.title })];
  });
  return charts.length === 0 ? null : panels(charts);
}

/** Panels of the tasks that have curves, or null when none has. */
export function drawCurvePanels(report: StudyReport, looks: Looks): Markup | null {
  const withCurves = report.tasks.filter((task) => report.cells.some((cell) => cell.task === task.id && hasCurve(cell)));
  if (withCurves.length === 0) return null;
  const lines = report.cells.reduce((count, cell) => count + (hasCurve(cell) ? cell.runs.length * 2 + 2 : 0), 0);
  const pointLimit = Math.max(20, Math.min(200, Math.floor((pointBudget * 2) / lines)));
  return panels(
    withCurves.map((task, index) =>
      drawLearningCurves(
        comparedMethods(report).flatMap((method) => {
          const cell = findCell(report, task.id, method.id);
          if (cell === undefined || !hasCurve(cell)) return [];
          return [{ label: method.title, look: look(looks, method.id), seeds: cell.runs.map((run) => ({ seed: run.seed, ...run.curve })) }];
        }),
        { id: `curves-${index}`, title: task.title, lossScale: 'log', pointLimit },
      ),
    ),
  );
}

/** The methods that have curves, for their legend. */
export function methodsWithCurves(report: StudyReport): StudyMethod[] {
  return comparedMethods(report).filter((method) => report.cells.some((cell) => cell.method === method.id && hasCurve(cell)));
}

function hasCurve(cell: StudyCell): boolean {
  return cell.runs.some((run) => run.curve.loss.length > 0 || run.curve.dev.length > 0);
}

/** The study's methods and those computed for comparison, most parameters first. */
export function drawParameters(report: StudyReport, extras: StudyPageExtras, looks: Looks): Markup {
  const rows = [
    ...comparedMethods(report).map((method) => ({
      label: method.title,
      look: look(looks, method.id),
      trainedParameters: method.trainableParameters,
    })),
    ...(extras.parameterCounts ?? []).map(({ title, family, ...counts }) => ({
      label: title,
      look: lookOf(family),
      ...counts,
      computed: true,
    })),
  ].sort((a, b) => b.trainedParameters - a.trainedParameters);
  const options = { title: 'Trained parameters for one task', modelParameters: report.model.parameterCount };
  const chart = drawParameterCounts(rows, { ...options, id: 'parameters' });
  return join([
    element('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': options.title }, [renderFigure(chart)]),
    foldedValues([chart]),
  ]);
}

export function drawOverlapPanels(report: StudyReport, extras: StudyPageExtras): Markup {
  return panels(
    (extras.overlaps ?? []).map((overlap, index) => {
      const [a, b] = [methodTitle(report, overlap.a), methodTitle(report, overlap.b)];
      return drawHeatMap(
        {
          title: taskTitle(report, overlap.task),
          rowTitle: a,
          columnTitle: b,
          rows: ['right', 'wrong'],
          columns: ['right', 'wrong'],
          counts: [
            [overlap.bothRight, overlap.onlyA],
            [overlap.onlyB, overlap.bothWrong],
          ],
        },
        { id: `overlap-${index}` },
      );
    }),
  );
}

export function drawConfusionPanels(report: StudyReport, extras: StudyPageExtras): Markup {
  return panels(
    (extras.confusions ?? []).map((confusion, index) =>
      drawHeatMap({ ...confusion, title: taskTitle(report, confusion.task) }, { id: `confusion-${index}` }),
    ),
  );
}

export function drawVotePanels(report: StudyReport, extras: StudyPageExtras): Markup {
  return panels(
    (extras.votes ?? []).map((strip, index) =>
      drawVoteStrip(
        { ...strip, title: `${taskTitle(report, strip.task)}: ${strip.title}`, examples: strip.examples.slice(0, votedExampleLimit) },
        { id: `votes-${index}` },
      ),
    ),
  );
}

/** Figures in as many columns as fit, their values folded under them. */
function panels(charts: readonly Chart[]): Markup {
  return join([element('div', { class: 'panels' }, charts.map(renderFigure)), foldedValues(charts)]);
}

function foldedValues(charts: readonly Chart[]): Markup {
  return element('details', {}, [element('summary', {}, [text('Values of these charts')]), renderValues(charts)]);
}

/** What the signs mean: hatch and marker of every method. */
export function drawLegend(methods: readonly StudyMethod[], looks: Looks, { withBars }: { withBars: boolean }): Markup {
  return element('ul', { class: 'legend' }, [
    ...methods.map((method) => {
      const own = look(looks, method.id);
      return withBars
        ? swatch(
            [
              element('rect', { x: 0.5, y: 0.5, width: 29, height: 11, fill: `url(#${patternId(own)})` }),
              element('path', { d: 'M.5 .5h29v11h-29z', class: `line-${own.family}` }),
            ],
            method.title,
          )
        : swatch(
            [
              element('path', {
                d: 'M0 6H30',
                class: `line-${own.family} thick`,
                'stroke-dasharray': own.dash === '' ? undefined : own.dash,
              }),
            ],
            method.title,
          );
    }),
    ...(withBars
      ? [
          swatch([element('path', { d: 'M4 6H26M4 3v6M26 3v6', class: 'mark' })], '± 1 std'),
          swatch([element('circle', { cx: 15, cy: 6, r: 1.7, class: 'dot-reference' })], 'a seed'),
          swatch([element('path', { d: 'M15 9l-3 -4h6z', class: 'ink-reference' })], 'best by dev'),
          swatch([drawMarker(lookOf('ensemble'), 15, 6, 3.4)], 'vote'),
          swatch([element('path', { d: 'M15 0V12', class: 'reference-line', 'stroke-dasharray': '4 3' })], 'majority'),
          swatch([element('path', { d: 'M15 0V12', class: 'reference-line', 'stroke-dasharray': '1 3' })], 'zero-shot'),
        ]
      : []),
  ]);
}

function swatch(children: readonly Markup[], name: string): Markup {
  return element('li', {}, [element('svg', { width: 30, height: 12, 'aria-hidden': 'true' }, children), text(name)]);
}

/** The looks of everything that the page draws, for its patterns. */
export function pageLooks(report: StudyReport, extras: StudyPageExtras): { readonly byMethod: Looks; readonly all: readonly Look[] } {
  const byMethod = assignLooks(report.methods);
  return {
    byMethod,
    all: [...byMethod.values(), lookOf('ensemble'), ...(extras.parameterCounts ?? []).map(({ family }) => lookOf(family))],
  };
}
