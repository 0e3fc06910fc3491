/** From values to pixels, and the round values at which an axis is labelled. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Pixel of a value, clamped to the axis. */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

export interface ScaleOptions {
  /** Pixels of the low and of the high end. */
  readonly from: number;
  readonly to: number;
  /** About how many ticks; a log axis may have fewer. */
  readonly tickCount?: number;
  /** Widen the axis to whole ticks. */
  readonly nice?: boolean;
}

/** A linear axis over [low, high]; an empty or reversed interval is widened around its middle. */
export function linearScale(low: number, high: number, { from, to, tickCount = 5, nice = false }: ScaleOptions): Scale {
  const [bottom, top] = low < high ? [low, high] : widened(low);
  const step = niceStep(top - bottom, tickCount);
  const first = nice ? Math.floor(bottom / step + tolerance) * step : bottom;
  const last = nice ? Math.ceil(top / step - tolerance) * step : top;
  return { low: first, high: last, place: placer(first, last, from, to), ticks: linearTicks(first, last, step) };
}

/** A logarithmic axis over positive values; its ticks are powers of ten, thinned when there are too many. */
export function logScale(low: number, high: number, { from, to, tickCount = 6, nice = false }: ScaleOptions): Scale {
  const positiveLow = low > 0 ? low : 1;
  const [bottom, top] =
    positiveLow < high ? [Math.log10(positiveLow), Math.log10(high)] : [Math.log10(positiveLow) - 0.5, Math.log10(positiveLow) + 0.5];
  const first = nice ? Math.floor(bottom + tolerance) : bottom;
  const last = nice ? Math.max(first + 1, Math.ceil(top - tolerance)) : top;
  const place = placer(first, last, from, to);
  return {
    low: 10 ** first,
    high: 10 ** last,
    place: (value) => place(value > 0 ? Math.log10(value) : first),
    ticks: logTicks(first, last, tickCount),
  };
}

const tolerance = 1e-9;

/** 1, 2, 2.5 or 5 times a power of ten, so that about `count` steps fill the span. */
function niceStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * magnitude >= rough * (1 - tolerance)) ?? 10;
  return factor * magnitude;
}

function linearTicks(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - tolerance);
  const last = Math.floor(high / step + tolerance);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Powers of ten; where few of them fit on the axis, also 3 times or 2 and 5 times each, as long as there are `count` at most. */
function logTicks(first: number, last: number, count: number): number[] {
  const fine = [
    [1, 2, 5],
    [1, 3],
  ]
    .map((factors) => factoredTicks(first, last, factors))
    .find((ticks) => ticks.length <= count);
  if (fine !== undefined) return fine;
  const decades = factoredTicks(first, last, [1]);
  const stride = Math.ceil(decades.length / count);
  return decades.filter((tick) => Math.round(Math.log10(tick)) % stride === 0);
}

function factoredTicks(first: number, last: number, factors: readonly number[]): number[] {
  const ticks: number[] = [];
  for (let decade = Math.floor(first); decade <= Math.ceil(last); decade += 1) {
    for (const factor of factors) {
      const exponent = decade + Math.log10(factor);
      if (exponent >= first - tolerance && exponent <= last + tolerance) ticks.push(Number((factor * 10 ** decade).toPrecision(12)));
    }
  }
  return ticks;
}

function placer(low: number, high: number, from: number, to: number): (value: number) => number {
  return (value) => from + (to - from) * Math.min(1, Math.max(0, (value - low) / (high - low)));
}

function widened(value: number): [number, number] {
  const half = Math.abs(value) > 0 ? Math.abs(value) / 2 : 0.5;
  return [value - half, value + half];
}
