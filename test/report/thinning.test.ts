import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawablePoints, meanCurve, thinCurve } from '../../main/report/thinning.ts';

const curve = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 3000 })
  .map((values) => values.map((value, index) => ({ step: index * 3, value })));

const values = (points: readonly { value: number }[]) => points.map((point) => point.value);

describe('a thinned curve', () => {
  it('keeps its ends, its lowest and its highest value, its order, and its limit', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: 4, max: 200 }), (points, limit) => {
        const thinned = thinCurve(points, limit);
        expect(thinned.length).toBeLessThanOrEqual(Math.max(limit, 0));
        expect(thinned.length).toBeGreaterThanOrEqual(Math.min(points.length, 3));
        expect([thinned[0], thinned.at(-1)]).toEqual([points[0], points.at(-1)]);
        expect(Math.min(...values(thinned))).toBe(Math.min(...values(points)));
        expect(Math.max(...values(thinned))).toBe(Math.max(...values(points)));
        expect(thinned.every((point) => points.includes(point))).toBe(true);
        expect(thinned.map((point) => point.step)).toEqual(thinned.map((point) => point.step).toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  it('is the curve itself where it is short enough', () => {
    const points = [
      { step: 1, value: 2 },
      { step: 2, value: 1 },
    ];
    expect(thinCurve(points, 200)).toEqual(points);
  });
});

describe('points to draw', () => {
  it('are those that are numbers, by step', () => {
    expect(
      drawablePoints([
        { step: 2, value: 1 },
        { step: 1, value: Number.NaN },
        { step: 0, value: 5 },
        { step: 3, value: Number.POSITIVE_INFINITY },
      ]),
    ).toEqual([
      { step: 0, value: 5 },
      { step: 2, value: 1 },
    ]);
  });
});

describe('a mean curve', () => {
  it('is taken where all seeds have a value and nowhere else', () => {
    const seeds = [
      [
        { step: 1, value: 2 },
        { step: 2, value: 4 },
      ],
      [
        { step: 1, value: 4 },
        { step: 3, value: 9 },
      ],
    ];
    expect(meanCurve(seeds)).toEqual([{ step: 1, value: 3 }]);
    expect(meanCurve(seeds.slice(0, 1))).toEqual([]);
  });
});
