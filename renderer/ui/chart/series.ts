/** Several curves over one axis, as uPlot wants them: one list of x, and for every series a value or null. Pure. */
export interface Series {
  id: string;
  title: string;
  /** A custom property's name: `prompt-tuning`. */
  colour: string;
  dash: readonly number[];
  /** Bold, with a mark at every point. */
  hasPoints: boolean;
  points: readonly { x: number; y: number }[];
}

export function alignSeries(series: readonly Series[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const indexOf = new Map(xs.map((x, index) => [x, index]));
  const columns = series.map(({ points }) => {
    const column = Array.from({ length: xs.length }, (): number | null => null);
    for (const { x, y } of points) column[indexOf.get(x) ?? 0] = Number.isFinite(y) ? y : null;
    return column;
  });
  return [xs, ...columns];
}
