/** A curve with fewer points: what a picture of a few hundred pixels can show, with every peak still there. */
import type { CurvePoint } from '../contract/study.ts';

/** Points that are numbers, in the order of their steps. */
export function drawablePoints(curve: readonly CurvePoint[]): CurvePoint[] {
  return curve.filter((point) => Number.isFinite(point.step) && Number.isFinite(point.value)).sort((a, b) => a.step - b.step);
}

/**
 * At most `limit` points (4 or more): the first, the last, and the lowest and highest of every stretch between, in order of steps.
 */
export function thinCurve(points: readonly CurvePoint[], limit: number): CurvePoint[] {
  if (points.length <= limit) return [...points];
  const inner = points.slice(1, -1);
  const stretches = Math.max(1, Math.floor((limit - 2) / 2));
  const kept: CurvePoint[] = points.slice(0, 1);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const part = inner.slice(Math.floor((stretch * inner.length) / stretches), Math.floor(((stretch + 1) * inner.length) / stretches));
    kept.push(...extremes(part));
  }
  return [...kept, ...points.slice(-1)];
}

/** The mean over several curves, at the steps which all of them have; empty for fewer than two curves. */
export function meanCurve(curves: readonly (readonly CurvePoint[])[]): CurvePoint[] {
  if (curves.length < 2) return [];
  const sums = new Map<number, { total: number; count: number }>();
  for (const { step, value } of curves.flat()) {
    const sum = sums.get(step) ?? { total: 0, count: 0 };
    sums.set(step, { total: sum.total + value, count: sum.count + 1 });
  }
  return [...sums]
    .filter(([, { count }]) => count === curves.length)
    .map(([step, { total, count }]) => ({ step, value: total / count }))
    .sort((a, b) => a.step - b.step);
}

function extremes(points: readonly CurvePoint[]): CurvePoint[] {
  let lowest = points[0];
  let highest = points[0];
  if (lowest === undefined || highest === undefined) return [];
  for (const point of points) {
    if (point.value < lowest.value) lowest = point;
    if (point.value > highest.value) highest = point;
  }
  if (lowest === highest) return [lowest];
  return lowest.step < highest.step ? [lowest, highest] : [highest, lowest];
}
