/** Training loss and dev score over steps: every seed as a thin line, their mean as a thick one. */
import type { CurvePoint } from '../contract/study.ts';
import { group, label, line, type Chart, type ValueTable } from './chart.ts';
import type { Look } from './look.ts';
import { coordinate, element, join, text, type Markup } from './markup.ts';
import { countText, dash, scoreText, scoreTickText } from './number-text.ts';
import { linearScale, logScale, type Scale } from './scale.ts';
import { fitText, titleSize } from './text-width.ts';
import { drawablePoints, meanCurve, thinCurve } from './thinning.ts';

export interface CurveSeries {
  readonly label: string;
  readonly look: Look;
  readonly seeds: readonly { readonly seed: number; readonly loss: readonly CurvePoint[]; readonly dev: readonly CurvePoint[] }[];
}

export interface CurveOptions {
  readonly id: string;
  readonly title: string;
  readonly width?: number;
  readonly lossScale?: 'linear' | 'log';
  /** Most points of one line; peaks are kept. */
  readonly pointLimit?: number;
}

const plotLeft = 40;
const plotHeight = 84;
const lossTop = 34;
const devTop = lossTop + plotHeight + 28;

/** One task's panel: the loss above, the dev score below, over the same steps. */
export function drawLearningCurves(series: readonly CurveSeries[], options: CurveOptions): Chart {
  const { id, title, width = 356, lossScale = 'linear', pointLimit = 200 } = options;
  const lines = series.map((one) => ({
    ...one,
    seeds: one.seeds.map((seed) => ({ ...seed, loss: drawablePoints(seed.loss), dev: drawablePoints(seed.dev) })),
  }));
  const steps = lines.flatMap(({ seeds }) => seeds.flatMap(({ loss, dev }) => [...loss, ...dev].map((point) => point.step)));
  const x = linearScale(0, maximum(steps, 1), { from: plotLeft, to: width - 18, tickCount: 5 });
  const dev = devAxis(lines);
  const bottom = devTop + plotHeight;
  return {
    id,
    title: `${title}: learning curves`,
    description: `Training loss (${lossScale} axis) and dev score in percent over training steps. Thin lines are seeds, the thick line their mean.`,
    width,
    height: bottom + 20,
    looks: [],
    body: join([
      label(fitText(title, width - 20, titleSize), 0, 13, { tone: 'strong', title }),
      drawPlot({
        name: lossScale === 'log' ? 'loss, log' : 'loss',
        lines: lines.map((one) => ({ ...one, curves: one.seeds.map((seed) => seed.loss) })),
        x,
        top: lossTop,
        scale: lossAxis(lines, lossScale),
        format: lossTickText,
        pointLimit,
      }),
      drawPlot({
        name: 'dev score, %',
        lines: lines.map((one) => ({ ...one, curves: one.seeds.map((seed) => seed.dev) })),
        x,
        top: devTop,
        scale: dev,
        format: scoreTickText(dev.ticks),
        pointLimit,
      }),
      ...x.ticks.map((tick) => label(countText(tick), x.place(tick), bottom + 13, { anchor: 'middle', tone: 'quiet small' })),
    ]),
    table: valueTable(lines, title),
  };
}

interface Plot {
  readonly name: string;
  readonly lines: readonly { readonly label: string; readonly look: Look; readonly curves: readonly (readonly CurvePoint[])[] }[];
  readonly x: Scale;
  readonly top: number;
  readonly scale: Scale;
  readonly format: (value: number) => string;
  readonly pointLimit: number;
}

function drawPlot({ name, lines, x, top, scale, format, pointLimit }: Plot): Markup {
  const [left, right] = [x.place(x.low), x.place(x.high)];
  return group([
    label(name, 0, top - 6, { tone: 'quiet small' }),
    ...scale.ticks.flatMap((tick) => [
      line(left, top + scale.place(tick), right, top + scale.place(tick), 'grid'),
      label(format(tick), plotLeft - 5, top + scale.place(tick) + 3.5, { anchor: 'end', tone: 'quiet small' }),
    ]),
    line(left, top + plotHeight, right, top + plotHeight, 'axis'),
    ...lines.flatMap(({ label: method, look, curves }) => {
      const mean = meanCurve(curves);
      const seedStyle = mean.length > 1 ? 'thin' : 'thick';
      const draw = (points: readonly CurvePoint[], style: string): Markup =>
        drawCurve(thinCurve(points, pointLimit), { x, scale, top, look, style, method });
      return [...curves.map((points) => draw(points, seedStyle)), ...(mean.length > 1 ? [draw(mean, 'thick')] : [])];
    }),
  ]);
}

function drawCurve(
  points: readonly CurvePoint[],
  { x, scale, top, look, style, method }: { x: Scale; scale: Scale; top: number; look: Look; style: string; method: string },
): Markup {
  if (points.length === 0) return join([]);
  const places = points.map(({ step, value }) => `${tenth(x.place(step))} ${tenth(top + scale.place(value))}`);
  const path = places.length === 1 ? `M${places[0]}h.01` : `M${places.join('L')}`;
  return element(
    'path',
    {
      d: path,
      class: `line-${look.family} ${style}`,
      'stroke-dasharray': style === 'thick' && look.dash !== '' ? look.dash : undefined,
      'stroke-linecap': places.length === 1 ? 'round' : undefined,
    },
    style === 'thick' ? [element('title', {}, [text(method)])] : [],
  );
}

/** Pictures of a few hundred pixels need no hundredths; a page of curves is half as long without them. */
function tenth(value: number): string {
  return coordinate(Math.round(value * 10) / 10);
}

type Lines = readonly { readonly seeds: readonly { readonly loss: readonly CurvePoint[]; readonly dev: readonly CurvePoint[] }[] }[];

function lossAxis(lines: Lines, kind: 'linear' | 'log'): Scale {
  const losses = lines.flatMap(({ seeds }) => seeds.flatMap(({ loss }) => loss.map((point) => point.value)));
  const pixels = { from: plotHeight, to: 0, tickCount: 4 };
  if (kind === 'linear') return linearScale(Math.min(0, minimum(losses, 0)), maximum(losses, 1), { ...pixels, nice: true });
  const positive = losses.filter((loss) => loss > 0);
  return logScale(minimum(positive, 0.1), maximum(positive, 1), pixels);
}

function devAxis(lines: Lines): Scale {
  const scores = lines.flatMap(({ seeds }) => seeds.flatMap(({ dev }) => dev.map((point) => point.value)));
  return linearScale(minimum(scores, 0), maximum(scores, 1), { from: plotHeight, to: 0, tickCount: 4, nice: true });
}

/** Not `Math.min(...values)`: a long curve would overflow the stack. */
function minimum(values: readonly number[], fallback: number): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? fallback);
}

function maximum(values: readonly number[], fallback: number): number {
  return values.reduce((most, value) => Math.max(most, value), values[0] ?? fallback);
}

function lossTickText(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function valueTable(lines: readonly CurveSeries[], title: string): ValueTable {
  return {
    caption: 'Where the curves end',
    head: ['Task', 'Method', 'Seed', 'Steps', 'Last loss', 'Best dev', 'at step'],
    rows: lines.flatMap(({ label: name, seeds }) =>
      seeds.map(({ seed, loss, dev }) => {
        const last = loss.at(-1);
        const best = dev.reduce<CurvePoint | undefined>(
          (top, point) => (top === undefined || point.value > top.value ? point : top),
          undefined,
        );
        return [
          title,
          name,
          String(seed),
          last === undefined ? dash : countText(last.step),
          last === undefined ? dash : last.value.toPrecision(3),
          scoreText(best?.value),
          best === undefined ? dash : countText(best.step),
        ];
      }),
    ),
  };
}
