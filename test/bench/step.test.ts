import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../main/graph/index.ts';
import { measureEnsemble } from './ensemble.ts';
import { countMatrixFlops } from './flops.ts';
import { measureStep } from './step.ts';

describe('the step benchmark', () => {
  it('trains a random model and reports every figure, with padding from mixed lengths', async () => {
    const figures = await measureStep({
      size: 'tiny', batch: 4, source: 32, target: 4, prompt: 5, threads: 1, steps: 2, lengths: 'mixed', microBatch: 2, profilePrefix: null,
    });
    expect(Object.values(figures).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    // Rows of 8, 16, 24 and 32 tokens in two passes padded to 16 and 32: 80 of 96 cells are tokens.
    expect(figures.padding).toBeCloseTo(1 - 80 / 96, 12);
    expect(figures.gflops).toBeGreaterThan(0);
  });

  it('counts 2·m·n·k for every product, transposed or batched, and nothing else', () => {
    const g = new GraphBuilder();
    const a = g.input('a', { dtype: 'f32', shape: [3, 5, 7] });
    const b = g.input('b', { dtype: 'f32', shape: [11, 7] });
    const c = g.input('c', { dtype: 'f32', shape: [3, 5, 2] });
    const product = g.matmul(a, b, { transposeB: true });
    const outer = g.matmul(g.relu(product), c, { transposeA: true });
    expect(countMatrixFlops([outer])).toBe(2 * (3 * 5 * 11 * 7) + 2 * (3 * 11 * 2 * 5));
  });
});

describe('the ensemble benchmark', () => {
  it('trains the same prompts together and apart: the losses are the same in every step', async () => {
    const options = { size: 'tiny', members: 3, batch: 2, source: 12, target: 4, prompt: 3, threads: 1, steps: 2, microBatch: 'auto' } as const;
    const asked: number[] = [];
    const figures = await measureEnsemble(options, (members) => asked.push(members) * 1e6);
    expect(figures.loss_difference).toBeLessThan(1e-5);
    expect(figures.time_ratio).toBeGreaterThan(0);
    expect(asked).toEqual([1, 3]);
    expect(figures.memory_ratio).toBe(2);
  });
});
