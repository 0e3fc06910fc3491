/** Every seed as a marker on a zoomed axis, with the mean, one standard deviation as a box and the 95 % interval as a whisker. */
import type { ScoreSummary } from '../contract/study.ts';
import { group, label, line, type Chart, type ValueTable } from './chart.ts';
import { drawMarker, patternId, type Look } from './look.ts';
import { element, join, text, type Markup } from './markup.ts';
import { dash, scoreText, summaryText } from './number-text.ts';
import { linearScale, type Scale } from './scale.ts';
import { fitText } from './text-width.ts';

export interface SeedRow {
  readonly label: string;
  readonly look: Look;
  readonly summary: ScoreSummary | undefined;
}

const headHeight = 22;
const rowHeight = 20;
const labelWidth = 92;
const valueWidth = 84;

/** One task's panel; the axis covers the values at hand and need not start at zero, which its ticks show. */
export function drawSeedDots(rows: readonly SeedRow[], { id, title, width = 356 }: { id: string; title: string; width?: number }): Chart {
  const values = rows.flatMap(({ summary }) => reach(summary)).filter(Number.isFinite);
  const [low, high] = values.length === 0 ? [0, 1] : [Math.max(0, Math.min(...values)), Math.min(1, Math.max(...values))];
  const scale = linearScale(low, high, { from: labelWidth, to: width - valueWidth, tickCount: 4, nice: true });
  const bottom = headHeight + rows.length * rowHeight;
  const decimals = scale.high - scale.low < 0.04 ? 1 : 0;
  return {
    id,
    title: `${title}: every seed`,
    description: 'Score in percent on a zoomed axis. Markers are seeds, the bar is the mean, the box one sample standard deviation, the whisker the 95 % interval of the mean (Student’s t).',
    width,
    height: bottom + 20,
    looks: rows.map((row) => row.look),
    body: join([
      label(fitText(title, width - 70, 12), 0, 13, { tone: 'strong', title }),
      label('zoomed, %', width, 13, { anchor: 'end', tone: 'quiet small' }),
      ...scale.ticks.flatMap((tick) => [
        line(scale.place(tick), headHeight, scale.place(tick), bottom, 'grid'),
        label(scoreText(tick, decimals), scale.place(tick), bottom + 13, { anchor: 'middle', tone: 'quiet small' }),
      ]),
      ...rows.map((row, index) => drawRow(row, { scale, middle: headHeight + (index + 0.5) * rowHeight, width })),
    ]),
    table: valueTable(rows, title),
  };
}

function reach(summary: ScoreSummary | undefined): number[] {
  if (summary === undefined) return [];
  const spread = summary.standardDeviation ?? 0;
  return [...summary.values, summary.mean - spread, summary.mean + spread, ...(summary.interval === null ? [] : [summary.interval.low, summary.interval.high])];
}

function drawRow({ label: name, look, summary }: SeedRow, { scale, middle, width }: { scale: Scale; middle: number; width: number }): Markup {
  const head = label(fitText(name, labelWidth - 8, 11), labelWidth - 6, middle + 4, { anchor: 'end', title: name });
  if (summary === undefined || !Number.isFinite(summary.mean)) return join([head, label('no run yet', width, middle + 4, { anchor: 'end', tone: 'quiet' })]);
  const mean = scale.place(summary.mean);
  return join([
    head,
    group([
      element('title', {}, [text(`${name}: ${summaryText(summary)}; 95 % interval ${intervalText(summary)}; seeds ${summary.values.map((value) => scoreText(value)).join(', ')}`)]),
      ...drawBox(summary, { scale, middle, look }),
      ...drawInterval(summary, scale, middle),
      line(mean, middle - 7, mean, middle + 7, 'mark mean'),
      ...summary.values.filter(Number.isFinite).map((value, index) => drawMarker(look, scale.place(value), middle + jitter(index), 2.4)),
    ]),
    label(intervalText(summary), width, middle + 4, { anchor: 'end', tone: 'quiet' }),
  ]);
}

function drawBox(summary: ScoreSummary, { scale, middle, look }: { scale: Scale; middle: number; look: Look }): Markup[] {
  const spread = summary.standardDeviation;
  if (spread === null || !Number.isFinite(spread)) return [];
  const low = scale.place(summary.mean - spread);
  return [element('rect', { x: low, y: middle - 5, width: scale.place(summary.mean + spread) - low, height: 10, rx: 2, fill: `url(#${patternId(look)})` })];
}

function drawInterval(summary: ScoreSummary, scale: Scale, middle: number): Markup[] {
  if (summary.interval === null) return [];
  const [low, high] = [scale.place(summary.interval.low), scale.place(summary.interval.high)];
  return [line(low, middle, high, middle, 'mark whisker'), line(low, middle - 3, low, middle + 3, 'mark'), line(high, middle - 3, high, middle + 3, 'mark')];
}

/** Equal scores would hide each other on one line; the place says nothing. */
function jitter(index: number): number {
  return [0, -2.5, 2.5, -1.25, 1.25][index % 5] ?? 0;
}

function intervalText({ interval }: ScoreSummary): string {
  return interval === null ? dash : `${scoreText(interval.low)} to ${scoreText(interval.high)}`;
}

function valueTable(rows: readonly SeedRow[], title: string): ValueTable {
  return {
    caption: `${title}: seeds, percent`,
    head: ['Method', 'Mean ± std', '95 % interval', 'Seeds'],
    rows: rows.map(({ label: name, summary }) => [
      name,
      summaryText(summary),
      summary === undefined ? dash : intervalText(summary),
      summary?.values.map((value) => scoreText(value)).join(', ') ?? dash,
    ]),
  };
}
