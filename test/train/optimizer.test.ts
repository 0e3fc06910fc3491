import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTrainingMethod } from '../../main/method/index.ts';
import type { TrainingSettings } from '../../main/method/part/training-settings.ts';
import { clipGradients, createOptimizer } from '../../main/train/optimizer.ts';
import { randomValues } from '../model/tiny-t5.ts';
import { relativeError } from '../golden/compare.ts';

const settingsOf = (given: Record<string, unknown>): TrainingSettings => findTrainingMethod('prompt-tuning').schema.parse(given);

/** A matrix and a vector, so that factoring meets both. */
const shapes = [{ name: 'matrix', shape: [3, 5] }, { name: 'vector', shape: [7] }];
const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
/** Below it, float32 has no digits left. */
const smallestFloat32 = 2 ** -149;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const rms = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value ** 2)));

/** Gradients with very small and very large elements; a sparse one has rows that are exactly zero. */
function gradientsAt(step: number, scale: number): Float32Array[] {
  return shapes.map(({ shape }, i) => randomValues(sizeOf(shape), 100 * step + i, scale).map((value, k) => (k % 5 === 4 && i === 0 ? 0 : value * 10 ** ((k % 7) - 3))));
}

/** Shazeer & Stern 2018, algorithms 4 and 5, with the options of T5X and transformers; plain float64 arrays, nothing reused. */
function adafactorReference(settings: TrainingSettings, start: readonly number[][], all: readonly number[][][]): number[][] {
  const history = { rows: [] as number[][], columns: [] as number[][], full: [] as number[][] };
  let values = start.map((one) => [...one]);
  for (const [t, gradients] of all.entries()) {
    const beta2 = 1 - 1 / (t + 1 + settings.beta2StepOffset) ** settings.beta2Exponent;
    const blend = (old: number[] | undefined, now: number[]): number[] => now.map((value, i) => beta2 * (old?.[i] ?? 0) + (1 - beta2) * value);
    values = values.map((p, k) => {
      const shape = shapes[k]?.shape ?? [];
      const squares = (gradients[k] ?? []).map((g) => g ** 2 + 1e-30);
      let second: number[];
      if (settings.factored === 'matrices' && shape.length === 2) {
        const [height = 0, width = 0] = shape;
        const at = (r: number, c: number): number => squares[r * width + c] ?? Number.NaN;
        history.rows[k] = blend(history.rows[k], Array.from({ length: height }, (_, r) => mean(Array.from({ length: width }, (_unused, c) => at(r, c)))));
        history.columns[k] = blend(history.columns[k], Array.from({ length: width }, (_, c) => mean(Array.from({ length: height }, (_unused, r) => at(r, c)))));
        second = squares.map((_, i) => ((history.rows[k]?.[Math.floor(i / width)] ?? 0) * (history.columns[k]?.[i % width] ?? 0)) / mean(history.rows[k] ?? []));
      } else {
        second = blend(history.full[k], squares);
        history.full[k] = second;
      }
      const update = (gradients[k] ?? []).map((g, i) => g / Math.sqrt(second[i] ?? Number.NaN));
      const clipped = update.map((u) => u / Math.max(1, rms(update) / settings.clipThreshold));
      const rate = settings.learningRate * (settings.parameterScale ? Math.max(1e-3, rms(p)) : 1);
      const decay = settings.weightDecay * (settings.weightDecayMode === 'absolute' ? 1 : rate);
      return p.map((value, i) => value - decay * value - rate * (clipped[i] ?? Number.NaN));
    });
  }
  return values;
}

/** Loshchilov & Hutter 2019, algorithm 2, with moments as sums over the whole history. */
function adamReference(settings: TrainingSettings, start: readonly number[][], all: readonly number[][][]): number[][] {
  const { adamBeta1: b1, adamBeta2: b2, adamEpsilon, learningRate, weightDecay } = settings;
  return start.map((one, k) => one.map((first, i) => {
    let value = first;
    for (let t = 1; t <= all.length; t += 1) {
      const past = all.slice(0, t).map((gradients) => gradients[k]?.[i] ?? Number.NaN);
      const m = sum(past.map((g, s) => (1 - b1) * b1 ** (t - 1 - s) * g)) / (1 - b1 ** t);
      const v = sum(past.map((g, s) => (1 - b2) * b2 ** (t - 1 - s) * g ** 2)) / (1 - b2 ** t);
      value -= value * weightDecay * (settings.weightDecayMode === 'absolute' ? 1 : learningRate) + (learningRate * m) / (Math.sqrt(v) + adamEpsilon);
    }
    return value;
  }));
}

function compare(given: Record<string, unknown>, reference: typeof adamReference, scale = 1): number {
  const settings = settingsOf(given);
  const parameters = shapes.map(({ name, shape }, i) => ({ name, shape, values: randomValues(sizeOf(shape), 900 + i, 3) }));
  const start = parameters.map(({ values }) => [...values]);
  const optimizer = createOptimizer(settings, parameters);
  const all = Array.from({ length: 6 }, (_, step) => gradientsAt(step, scale));
  for (const gradients of all) optimizer.step(gradients, settings.learningRate);
  expect(optimizer.updates).toBe(6);
  const expected = reference(settings, start, all.map((gradients) => gradients.map((gradient) => [...gradient])));
  return Math.max(...parameters.map(({ values }, i) => relativeError(values, expected[i] ?? [])));
}

describe('Adafactor', () => {
  const options = [
    {}, { factored: 'matrices' }, { parameterScale: true }, { clipThreshold: 0.3 }, { clipThreshold: 1000 }, { weightDecay: 0.01 },
    { weightDecay: 0.01, weightDecayMode: 'times-learning-rate' }, { weightDecay: 0.01, weightDecayMode: 'times-learning-rate', parameterScale: true },
    { beta2StepOffset: 1_100_000 }, { beta2StepOffset: 1_100_000, factored: 'matrices' }, { beta2Exponent: 0.5 },
    { factored: 'matrices', parameterScale: true, weightDecay: 0.02, clipThreshold: 0.5, beta2StepOffset: 10 },
  ];
  it.each(options)('updates as the algorithm does in double precision: %o', (given) => {
    expect(compare({ learningRate: 0.3, weightDecay: 0, ...given }, adafactorReference)).toBeLessThan(2e-6);
  });

  it('does not depend on the size of the gradient', () => {
    for (const scale of [1e-9, 1e9]) expect(compare({ learningRate: 0.3 }, adafactorReference, scale)).toBeLessThan(2e-6);
  });

  it('stays where it is on gradients that are exactly zero', () => {
    for (const factored of ['never', 'matrices']) {
      const values = Float32Array.from({ length: 15 }, (_, i) => i);
      const optimizer = createOptimizer(settingsOf({ factored, weightDecay: 0 }), [{ name: 'matrix', shape: [3, 5], values }]);
      for (let step = 0; step < 3; step += 1) optimizer.step([new Float32Array(15)], 0.3);
      expect([...values]).toEqual(Array.from({ length: 15 }, (_, i) => i));
    }
  });

  it('with the step offset of T5X moves a prompt by the learning rate in root mean square, step after step', () => {
    const values = new Float32Array(400);
    const optimizer = createOptimizer(settingsOf({ beta2StepOffset: 1_100_000, weightDecay: 0 }), [{ name: 'prompt', shape: [20, 20], values }]);
    for (let step = 0; step < 20; step += 1) {
      const before = [...values];
      optimizer.step([randomValues(400, step)], 0.3);
      expect(rms([...values].map((value, i) => value - (before[i] ?? 0)))).toBeCloseTo(0.3, 4);
    }
  });
});

describe('AdamW', () => {
  const options = [{}, { weightDecay: 0.01 }, { weightDecay: 0.01, weightDecayMode: 'times-learning-rate' }, { adamBeta1: 0, adamBeta2: 0.5, adamEpsilon: 0.1 }];
  it.each(options)('updates as the algorithm does in double precision: %o', (given) => {
    expect(compare({ optimizer: 'adamw', learningRate: 0.05, weightDecay: 0, ...given }, adamReference)).toBeLessThan(2e-6);
  });
});

describe('clipping', () => {
  const arrays = fc.array(fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });

  it('brings the joint norm down to the limit, keeps the direction, and tells the norm before', () => {
    fc.assert(fc.property(arrays, fc.float({ min: Math.fround(0.01), max: 100, noNaN: true }), (rows, limit) => {
      const gradients = rows.map((row) => Float32Array.from(row));
      const before = gradients.flatMap((gradient) => [...gradient]);
      const norm = Math.hypot(...before);
      expect(clipGradients(gradients, limit)).toBeCloseTo(norm, 4);
      const scale = norm > limit ? limit / norm : 1;
      for (const [i, value] of gradients.flatMap((gradient) => [...gradient]).entries()) {
        expect(Math.abs(value - (before[i] ?? 0) * scale)).toBeLessThanOrEqual(1e-6 * Math.abs(before[i] ?? 0) + smallestFloat32);
      }
    }));
  });

  it('of 0 leaves gradients alone; a number that is none shows in the norm', () => {
    const gradient = Float32Array.of(3, 4);
    expect(clipGradients([gradient], 0)).toBe(5);
    expect([...gradient]).toEqual([3, 4]);
    expect(clipGradients([Float32Array.of(1), Float32Array.of(Number.NaN)], 1)).toBeNaN();
    expect(clipGradients([Float32Array.of(3e38, 3e38)], 0)).toBeGreaterThan(4e38);
  });
});
