/** Every seed as a marker on a zoomed axis, with the mean, one standard deviation as a box and the 95 % interval as a whisker. */
import type { ScoreSummary } from '../contract/study.ts';
import { group, label, line, type Chart, type ValueTable } from './chart.ts';
import { drawMarker, patternId, type Look } from './look.ts';
import { element, join, text, type Markup } from './markup.ts';
import { dash, scoreText, scoreTickText, summaryText } from './number-text.ts';
import { linearScale, type Scale } from './scale.ts';
import { drawBest, drawInterval, drawVote } from './score-mark.ts';
import { fitText, textWidth, titleSize } from './text-width.ts';

export interface SeedRow {
  readonly label: string;
  readonly look: Look;
  readonly summary: ScoreSummary;
  /** Score of the run that dev chose, and of the vote. */
  readonly best: number | null;
  readonly ensemble: number | null;
}

const headHeight = 20;
const rowHeight = 44;
const plotMiddle = 29;
const side = 17;

/** One task's panel; the axis covers the values at hand and need not start at zero, which its ticks show. */
export function drawSeedDots(rows: readonly SeedRow[], { id, title, width = 356 }: { id: string; title: string; width?: number }): Chart {
  const values = rows.flatMap(reach).filter(Number.isFinite);
  const [low, high] = values.length === 0 ? [0, 1] : [Math.max(0, Math.min(...values)), Math.min(1, Math.max(...values))];
  const scale = linearScale(low, high, { from: side, to: width - side, tickCount: 5, nice: true });
  const bottom = headHeight + rows.length * rowHeight;
  const tickText = scoreTickText(scale.ticks);
  return {
    id,
    title: `${title}: every seed`,
    description:
      'Score in percent on a zoomed axis. Markers are seeds, the bar is the mean, the box one sample standard deviation, the whisker the 95 % interval of the mean (Student’s t), the triangle the run that dev chose, the diamond the vote.',
    width,
    height: bottom + 20,
    looks: rows.map((row) => row.look),
    body: join([
      label(fitText(title, width - 90, titleSize), 1, 13, { tone: 'strong', title }),
      label('zoomed, %', width - side, 13, { anchor: 'end', tone: 'quiet small' }),
      ...scale.ticks.flatMap((tick) => [
        ...rows.map((_, index) =>
          line(
            scale.place(tick),
            headHeight + index * rowHeight + plotMiddle - 11,
            scale.place(tick),
            headHeight + (index + 1) * rowHeight - 2,
            'grid',
          ),
        ),
        label(tickText(tick), scale.place(tick), bottom + 13, { anchor: 'middle', tone: 'quiet small' }),
      ]),
      ...rows.map((row, index) => drawRow(row, { scale, top: headHeight + index * rowHeight, width })),
    ]),
    table: valueTable(rows, title),
  };
}

function reach({ summary, best, ensemble }: SeedRow): number[] {
  const spread = summary.standardDeviation ?? 0;
  return [
    ...summary.values,
    summary.mean - spread,
    summary.mean + spread,
    best ?? summary.mean,
    ensemble ?? summary.mean,
    ...(summary.interval === null ? [] : [summary.interval.low, summary.interval.high]),
  ];
}

function drawRow(
  { label: name, look, summary, best, ensemble }: SeedRow,
  { scale, top, width }: { scale: Scale; top: number; width: number },
): Markup {
  const middle = top + plotMiddle;
  const value = `${intervalText(summary)} (95 %)`;
  const words = [
    label(fitText(name, width - 2 * side - textWidth(value, 11) - 8, 11), 1, top + 13, { title: name }),
    label(value, width - side, top + 13, { anchor: 'end', tone: 'value quiet' }),
  ];
  if (!Number.isFinite(summary.mean)) return join(words);
  const mean = scale.place(summary.mean);
  return join([
    ...words,
    group([
      element('title', {}, [
        text(
          `${name}: ${summaryText(summary)}; 95 % interval ${intervalText(summary)}; seeds ${summary.values.map((seed) => scoreText(seed)).join(', ')}`,
        ),
      ]),
      ...drawBox(summary, { scale, middle, look }),
      ...(summary.interval === null ? [] : drawInterval(scale.place(summary.interval.low), scale.place(summary.interval.high), middle)),
      line(mean, middle - 7, mean, middle + 7, 'mark mean'),
      ...summary.values.filter(Number.isFinite).map((seed, index) => drawMarker(look, scale.place(seed), middle + jitter(index), 2.4)),
      ...drawBest(best, { look, x: scale.place, y: middle - 7 }),
      ...drawVote(ensemble, { x: scale.place, y: middle + 7 }),
    ]),
  ]);
}

function drawBox(summary: ScoreSummary, { scale, middle, look }: { scale: Scale; middle: number; look: Look }): Markup[] {
  const spread = summary.standardDeviation;
  if (spread === null || !Number.isFinite(spread)) return [];
  const low = scale.place(summary.mean - spread);
  return [
    element('rect', {
      x: low,
      y: middle - 6,
      width: scale.place(summary.mean + spread) - low,
      height: 12,
      rx: 2,
      fill: `url(#${patternId(look)})`,
    }),
  ];
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
    caption: 'Seeds, percent',
    head: ['Task', 'Method', 'Mean ± std', '95 % interval', 'Seeds'],
    rows: rows.map(({ label: name, summary }) => [
      title,
      name,
      summaryText(summary),
      intervalText(summary),
      summary.values.map((seed) => scoreText(seed)).join(', '),
    ]),
  };
}
