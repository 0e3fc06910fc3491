/** Curves made calmer, for the eye alone. Pure. */
interface Point {
  x: number;
  y: number;
}

/** Mean over a window of so many points that ends at each; 1 changes nothing. A value that is no number stays out of the means. */
export function smoothPoints(points: readonly Point[], window: number): readonly Point[] {
  if (window <= 1) return points;
  let sum = 0;
  let count = 0;
  const add = (y: number | undefined, sign: 1 | -1): void => {
    if (y === undefined || !Number.isFinite(y)) return;
    sum += sign * y;
    count += sign;
  };
  return points.map(({ x, y }, index) => {
    add(y, 1);
    add(points[index - window]?.y, -1);
    return { x, y: count === 0 ? Number.NaN : sum / count };
  });
}

/** Points that came live behind those that were asked for: each step once, in order. */
export function appendPoints(asked: readonly Point[], live: readonly Point[]): readonly Point[] {
  const last = asked.at(-1)?.x ?? -1;
  const later = live.filter(({ x }) => x > last);
  return later.length === 0 ? asked : [...asked, ...later];
}
