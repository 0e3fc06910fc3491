import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../main/train/schedule.ts';

const base = { learningRate: 0.3, steps: 10, warmupSteps: 0, schedule: 'constant' } as const;
const rates = (settings: Parameters<typeof learningRateAt>[0]): number[] => Array.from({ length: settings.steps }, (_, step) => Number(learningRateAt(settings, step).toFixed(6)));

describe('a learning rate', () => {
  it('stays, falls to zero behind the last step, or falls with the root of the steps', () => {
    expect(rates({ ...base, steps: 4 })).toEqual([0.3, 0.3, 0.3, 0.3]);
    expect(rates({ ...base, schedule: 'linear' })).toEqual([0.3, 0.27, 0.24, 0.21, 0.18, 0.15, 0.12, 0.09, 0.06, 0.03]);
    expect(rates({ ...base, steps: 4, schedule: 'inverse-square-root' })).toEqual([0.3, 0.212132, 0.173205, 0.15]);
  });

  it('rises over the warm-up and then begins its schedule', () => {
    expect(rates({ ...base, steps: 8, warmupSteps: 3, schedule: 'linear' })).toEqual([0.1, 0.2, 0.3, 0.3, 0.24, 0.18, 0.12, 0.06]);
    expect(rates({ ...base, steps: 6, warmupSteps: 2, schedule: 'inverse-square-root' })).toEqual([0.15, 0.3, 0.3, 0.212132, 0.173205, 0.15]);
  });

  it('is above zero and never above the base, whatever the settings', () => {
    const settings = fc.record({
      learningRate: fc.double({ min: 1e-9, max: 1000, noNaN: true }), schedule: fc.constantFrom('constant' as const, 'linear' as const, 'inverse-square-root' as const),
      warmupSteps: fc.nat({ max: 60 }), steps: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(fc.property(settings, fc.nat(), (given, at) => {
      const rate = learningRateAt(given, at % given.steps);
      expect(rate > 0 && rate <= given.learningRate * (1 + 1e-12)).toBe(true);
    }));
  });
});
