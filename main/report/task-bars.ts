/** Grouped bars: one panel a task, one bar a method, from an honest zero, with everything a reader compares on one line. */
import type { ScoreSummary } from '../contract/study.ts';
import { group, label, line, type Chart, type ValueTable } from './chart.ts';
import { drawBest, drawInterval, drawVote } from './score-mark.ts';
import { patternId, type Look } from './look.ts';
import { coordinate, element, join, text, type Markup } from './markup.ts';
import { dash, scoreText, summaryText } from './number-text.ts';
import { linearScale, type Scale } from './scale.ts';
import { fitText, textWidth, titleSize } from './text-width.ts';

export interface BarRow {
  readonly label: string;
  readonly look: Look;
  /** Absent while no run is finished. */
  readonly summary: ScoreSummary | undefined;
  /** Test score of the run that dev chose. */
  readonly best: number | null;
  /** Score of the vote. */
  readonly ensemble: number | null;
}

export interface BarGroup {
  readonly title: string;
  readonly majority: number | null;
  readonly zeroShot: number | null;
  readonly rows: readonly BarRow[];
}

const headHeight = 20;
/** A line of words and under it the bar with the lanes of its marks. */
const rowHeight = 38;
const barTop = 20;
const barHeight = 12;
const footHeight = 20;
/** Half of “100 %”, so that the last tick is not cut. */
const side = 17;
const description =
  'Mean score on the chosen split in percent, from zero; whiskers are one sample standard deviation over seeds, dots single seeds, ' +
  'the triangle the run that dev chose, the diamond the vote; dashed the majority answer, dotted zero-shot.';

/** One task's panel. */
export function drawTaskBars(bars: BarGroup, { id, width = 356 }: { id: string; width?: number }): Chart {
  return {
    id,
    title: `${bars.title}: score by method`,
    description,
    width,
    height: panelHeight(bars),
    looks: looksOf([bars]),
    body: drawPanel(bars, width),
    table: valueTable([bars]),
  };
}

/** All tasks in one picture, in columns: for a paper or a slide. */
export function drawGroupedBars(
  groups: readonly BarGroup[],
  { id, title, columns = 3, panelWidth = 356 }: { id: string; title: string; columns?: number; panelWidth?: number },
): Chart {
  const gap = 24;
  const pitch = Math.max(0, ...groups.map(panelHeight)) + 12;
  const used = Math.max(1, Math.min(columns, groups.length));
  return {
    id,
    title,
    description,
    width: used * (panelWidth + gap) - gap,
    height: Math.max(1, Math.ceil(groups.length / used)) * pitch,
    looks: looksOf(groups),
    body: join(
      groups.map((bars, index) => {
        const x = (index % used) * (panelWidth + gap);
        const y = Math.floor(index / used) * pitch;
        return group([drawPanel(bars, panelWidth)], { transform: `translate(${x} ${y})` });
      }),
    ),
    table: valueTable(groups),
  };
}

function panelHeight(bars: BarGroup): number {
  return headHeight + bars.rows.length * rowHeight + footHeight;
}

function looksOf(groups: readonly BarGroup[]): Look[] {
  return groups.flatMap((bars) => bars.rows.map((row) => row.look));
}

function drawPanel(bars: BarGroup, width: number): Markup {
  const scale = linearScale(0, 1, { from: 1, to: width - side, tickCount: 4 });
  const bottom = headHeight + bars.rows.length * rowHeight;
  return join([
    drawHead(bars, width),
    ...scale.ticks.map((tick) =>
      label(tick === 1 ? '100 %' : scoreText(tick, 0), tick === 0 ? 0 : scale.place(tick), bottom + 14, {
        anchor: tick === 0 ? 'start' : 'middle',
        tone: 'quiet small',
      }),
    ),
    ...bars.rows.map((_, index) => drawLane(bars, scale, headHeight + index * rowHeight)),
    ...bars.rows.map((row, index) => drawRow(row, { scale, top: headHeight + index * rowHeight, width })),
  ]);
}

function drawHead(bars: BarGroup, width: number): Markup {
  const references = [
    ...(bars.majority === null ? [] : [`majority ${scoreText(bars.majority)}`]),
    ...(bars.zeroShot === null ? [] : [`zero-shot ${scoreText(bars.zeroShot)}`]),
  ].join(' · ');
  const room = width - side - textWidth(references, 10) - 12;
  return join([
    label(fitText(bars.title, room, titleSize), 1, 13, { tone: 'strong', title: bars.title }),
    label(references, width - side, 13, { anchor: 'end', tone: 'quiet small' }),
  ]);
}

function drawRow(row: BarRow, { scale, top, width }: { scale: Scale; top: number; width: number }): Markup {
  const { summary } = row;
  const finished = summary !== undefined && Number.isFinite(summary.mean);
  const value = finished ? `${summaryText(summary)} · n ${summary.values.length}` : 'no run yet';
  const right = width - side;
  const words = [
    label(fitText(row.label, right - textWidth(value, 11) - 8, 11), 1, top + 13, { title: row.label }),
    label(value, right, top + 13, { anchor: 'end', tone: finished ? 'value' : 'value quiet' }),
  ];
  if (!finished) return join(words);
  const middle = top + barTop + barHeight / 2;
  const zero = scale.place(0);
  const end = scale.place(summary.mean);
  return join([
    ...words,
    group(
      [
        element('title', {}, [text(tooltip(row, summary))]),
        element('rect', { x: zero, y: middle - barHeight / 2, width: end - zero, height: barHeight, fill: `url(#${patternId(row.look)})` }),
        element('path', {
          d: `M${coordinate(zero)} ${middle - barHeight / 2}H${coordinate(end)}v${barHeight}H${coordinate(zero)}`,
          class: `line-${row.look.family}`,
        }),
        ...drawWhisker(summary, scale, middle),
        ...summary.values
          .filter(Number.isFinite)
          .map((seed) => element('circle', { cx: scale.place(seed), cy: middle, r: 1.8, class: `dot-${row.look.family}` })),
        ...drawBest(summary.values.length > 1 ? row.best : null, { look: row.look, x: scale.place, y: middle - barHeight / 2 }),
        ...drawVote(row.ensemble, { x: scale.place, y: middle + barHeight / 2 }),
      ],
      { class: 'bar' },
    ),
  ]);
}

/** From one standard deviation below the mean to one above, cut at 0 and 100 %. */
function drawWhisker(summary: ScoreSummary, scale: Scale, middle: number): Markup[] {
  const spread = summary.standardDeviation;
  if (spread === null || !Number.isFinite(spread)) return [];
  return drawInterval(scale.place(summary.mean - spread), scale.place(summary.mean + spread), middle);
}

/** Grid and reference lines behind one bar: they stop short of the words above it. */
function drawLane(bars: BarGroup, scale: Scale, top: number): Markup {
  const [from, to] = [top + barTop - 3, top + rowHeight - 1];
  const reference = (value: number | null, dashes: string): Markup[] =>
    value === null || !Number.isFinite(value)
      ? []
      : [
          element('path', {
            d: `M${coordinate(scale.place(value))} ${from}V${to}`,
            class: 'reference-line',
            'stroke-dasharray': dashes,
          }),
        ];
  return join([
    ...scale.ticks.map((tick) => line(scale.place(tick), from, scale.place(tick), to, tick === 0 ? 'axis' : 'grid')),
    ...reference(bars.majority, '4 3'),
    ...reference(bars.zeroShot, '1 3'),
  ]);
}

function tooltip(row: BarRow, summary: ScoreSummary): string {
  return [
    `${row.label}: ${summaryText(summary)} (n = ${summary.values.length})`,
    `seeds ${summary.values.map((value) => scoreText(value)).join(', ')}`,
    ...(row.best === null ? [] : [`chosen by dev ${scoreText(row.best)}`]),
    ...(row.ensemble === null ? [] : [`vote ${scoreText(row.ensemble)}`]),
  ].join('; ');
}

function valueTable(groups: readonly BarGroup[]): ValueTable {
  return {
    caption: 'Score by task and method, percent',
    head: ['Task', 'Method', 'Mean ± std', 'n', 'Seeds', 'Best by dev', 'Vote', 'Majority', 'Zero-shot'],
    rows: groups.flatMap((bars) =>
      bars.rows.map((row) => [
        bars.title,
        row.label,
        summaryText(row.summary),
        String(row.summary?.values.length ?? 0),
        row.summary?.values.map((value) => scoreText(value)).join(', ') ?? dash,
        scoreText(row.best),
        scoreText(row.ensemble),
        scoreText(bars.majority),
        scoreText(bars.zeroShot),
      ]),
    ),
  };
}
