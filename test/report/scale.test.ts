import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearScale, logScale } from '../../main/report/scale.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const pixels = { from: 10, to: 210 };

describe('a linear axis', () => {
  it('has two to a dozen ticks, evenly spaced by 1, 2, 2.5 or 5 times a power of ten, all on the axis', () => {
    fc.assert(
      fc.property(finite, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, span) => {
        const { ticks, ...axis } = linearScale(low, low + span, { ...pixels, nice: true });
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(12);
        const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
        const leading = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
        expect([1, 2, 2.5, 5, 10].some((round) => Math.abs(leading - round) < 1e-3)).toBe(true);
        ticks.slice(1).forEach((tick, index) => expect(tick - (ticks[index] ?? 0)).toBeCloseTo(step, 5));
        for (const tick of ticks) expect(tick >= axis.low - step * 1e-6 && tick <= axis.high + step * 1e-6).toBe(true);
        expect(axis.low).toBeLessThanOrEqual(low + step * 1e-6);
        expect(axis.high).toBeGreaterThanOrEqual(low + span - step * 1e-6);
      }),
    );
  });

  it('places its ends, its middle and everything outside on its pixels', () => {
    const { place } = linearScale(0, 1, pixels);
    expect([0, 0.5, 1, -3, 7].map(place)).toEqual([10, 110, 210, 10, 210]);
  });

  it('keeps what is lower lower, also when its pixels run upwards', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const { place } = linearScale(-1e6, 1e6, { from: 200, to: 0 });
        expect(Math.sign(place(a) - place(b))).toBe(Math.abs(place(a) - place(b)) === 0 ? 0 : Math.sign(b - a));
      }),
    );
  });

  it('is widened where all values are one value', () => {
    for (const value of [0, 0.5, -3]) {
      const { place, ticks } = linearScale(value, value, { ...pixels, nice: true });
      expect(Number.isFinite(place(value))).toBe(true);
      expect(ticks.length).toBeGreaterThan(1);
    }
  });
});

describe('a log axis', () => {
  it('is labelled at powers of ten in order, at most as many as asked for, and holds every value', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 11, noNaN: true }), fc.double({ min: 0, max: 12, noNaN: true }), (exponent, decades) => {
        const [low, high] = [10 ** exponent, 10 ** (exponent + decades)];
        const { ticks, place, ...axis } = logScale(low, high, { ...pixels, tickCount: 7, nice: true });
        expect(axis.low).toBeLessThanOrEqual(low * 1.0001);
        expect(axis.high).toBeGreaterThanOrEqual(high * 0.9999);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
        expect(ticks.length).toBeLessThanOrEqual(7);
        expect(ticks.toSorted((a, b) => a - b)).toEqual(ticks);
        for (const tick of ticks)
          expect([1, 2, 3, 5].some((factor) => Math.abs(Math.log10(tick / factor) - Math.round(Math.log10(tick / factor))) < 1e-6)).toBe(
            true,
          );
        expect([low, high].map(place).every((x) => x >= 10 && x <= 210)).toBe(true);
      }),
    );
  });

  it('puts zero and what is below it at its low end', () => {
    const { place } = logScale(10, 1000, pixels);
    expect([0, -5, 10, 100, 1000].map((value) => Math.round(place(value)))).toEqual([10, 10, 10, 110, 210]);
  });
});
