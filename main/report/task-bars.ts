/** Grouped bars: one panel a task, one bar a method, from an honest zero, with everything a reader compares on one line. */
import type { ScoreSummary } from '../contract/study.ts';
import { group, label, line, type Chart, type ValueTable } from './chart.ts';
import { drawMarker, lookOf, patternId, type Look } from './look.ts';
import { element, join, text, type Markup } from './markup.ts';
import { dash, scoreText, summaryText } from './number-text.ts';
import { linearScale, type Scale } from './scale.ts';
import { fitText, textWidth } from './text-width.ts';

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

const headHeight = 24;
const rowHeight = 18;
const barHeight = 11;
const footHeight = 22;
const labelWidth = 92;
const valueWidth = 92;
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
    body: join(groups.map((bars, index) => {
      const x = (index % used) * (panelWidth + gap);
      const y = Math.floor(index / used) * pitch;
      return group([drawPanel(bars, panelWidth)], { transform: `translate(${x} ${y})` });
    })),
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
  const scale = linearScale(0, 1, { from: labelWidth, to: width - valueWidth, tickCount: 4 });
  const bottom = headHeight + bars.rows.length * rowHeight;
  return join([
    drawHead(bars, width),
    ...scale.ticks.flatMap((tick) => [
      line(scale.place(tick), headHeight, scale.place(tick), bottom, tick === 0 ? 'axis' : 'grid'),
      label(tick === 1 ? '100 %' : scoreText(tick, 0), scale.place(tick), bottom + 14, { anchor: 'middle', tone: 'quiet small' }),
    ]),
    ...bars.rows.map((row, index) => drawRow(row, { scale, top: headHeight + index * rowHeight, width })),
    ...drawReference(bars.majority, { scale, bottom, dash: '4 3', title: `Majority ${scoreText(bars.majority)}` }),
    ...drawReference(bars.zeroShot, { scale, bottom, dash: '1 3', title: `Zero-shot ${scoreText(bars.zeroShot)}` }),
  ]);
}

function drawHead(bars: BarGroup, width: number): Markup {
  const references = [
    ...(bars.majority === null ? [] : [`majority ${scoreText(bars.majority)}`]),
    ...(bars.zeroShot === null ? [] : [`zero-shot ${scoreText(bars.zeroShot)}`]),
  ].join(' · ');
  const room = width - textWidth(references, 10) - 12;
  return join([
    label(fitText(bars.title, room, 12), 0, 13, { tone: 'strong', title: bars.title }),
    label(references, width, 13, { anchor: 'end', tone: 'quiet small' }),
  ]);
}

function drawRow(row: BarRow, { scale, top, width }: { scale: Scale; top: number; width: number }): Markup {
  const middle = top + rowHeight / 2;
  const name = label(fitText(row.label, labelWidth - 8, 11), labelWidth - 6, middle + 4, { anchor: 'end', title: row.label });
  const right = width - valueWidth + 8;
  const { summary } = row;
  if (summary === undefined || !Number.isFinite(summary.mean)) return join([name, label('no run yet', right, middle + 4, { tone: 'quiet' })]);
  const zero = scale.place(0);
  const end = scale.place(summary.mean);
  return join([
    name,
    group([
      element('title', {}, [text(tooltip(row, summary))]),
      element('rect', { x: zero, y: middle - barHeight / 2, width: end - zero, height: barHeight, fill: `url(#${patternId(row.look)})` }),
      element('path', { d: `M${zero} ${middle - barHeight / 2}H${round(end)}v${barHeight}H${zero}`, class: `line-${row.look.family}` }),
      ...drawWhisker(summary, scale, middle),
      ...summary.values.filter(Number.isFinite).map((value) => element('circle', { cx: scale.place(value), cy: middle, r: 1.7, class: `dot-${row.look.family}` })),
      ...drawBest(row, scale, middle),
      ...(row.ensemble === null ? [] : [drawMarker(lookOf('ensemble'), scale.place(row.ensemble), middle, 3.4)]),
    ], { class: 'bar' }),
    label(summaryText(summary), right, middle + 4),
    label(`n ${summary.values.length}`, width, middle + 4, { anchor: 'end', tone: 'quiet small' }),
  ]);
}

/** From one standard deviation below the mean to one above, cut at 0 and 100 %. */
function drawWhisker(summary: ScoreSummary, scale: Scale, middle: number): Markup[] {
  const spread = summary.standardDeviation;
  if (spread === null || !Number.isFinite(spread)) return [];
  const low = scale.place(summary.mean - spread);
  const high = scale.place(summary.mean + spread);
  return [
    line(low, middle, high, middle, 'mark whisker'),
    line(low, middle - 3, low, middle + 3, 'mark'),
    line(high, middle - 3, high, middle + 3, 'mark'),
  ];
}

function drawBest(row: BarRow, scale: Scale, middle: number): Markup[] {
  if (row.best === null) return [];
  const x = round(scale.place(row.best));
  const y = middle - barHeight / 2;
  return [element('path', { d: `M${x} ${y + 1}l-3 -4h6z`, class: `ink-${row.look.family} best` })];
}

function drawReference(
  value: number | null,
  { scale, bottom, dash: dashes, title }: { scale: Scale; bottom: number; dash: string; title: string },
): Markup[] {
  if (value === null || !Number.isFinite(value)) return [];
  const x = scale.place(value);
  return [element('line', { x1: x, x2: x, y1: headHeight - 3, y2: bottom, class: 'reference-line', 'stroke-dasharray': dashes }, [element('title', {}, [text(title)])])];
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
    rows: groups.flatMap((bars) => bars.rows.map((row) => [
      bars.title,
      row.label,
      summaryText(row.summary),
      String(row.summary?.values.length ?? 0),
      row.summary?.values.map((value) => scoreText(value)).join(', ') ?? dash,
      scoreText(row.best),
      scoreText(row.ensemble),
      scoreText(bars.majority),
      scoreText(bars.zeroShot),
    ])),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
