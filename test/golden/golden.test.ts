import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareWithGolden, relativeError } from './compare.ts';

describe.each(['t5-v1_0', 't5-v1_1'])('%s', (name) => {
  it('agrees with transformers and PEFT in every value', async () => {
    const { greedy_equal: isGreedyEqual, ...errors } = await compareWithGolden(join(import.meta.dirname, name));
    expect(isGreedyEqual).toBe(true);
    const keys = Object.keys(errors);
    for (const part of ['with_prompt.', 'without_prompt.', 'weight_gradients.', 'adafactor.', 'adamw.', 'full_tuning.', 'peft_submodules_1.', 'peft_submodules_2.']) {
      expect(keys.some((key) => key.startsWith(part)), part).toBe(true);
    }
    const tooLarge = Object.entries(errors).filter(([key, error]) => !(Number(error) < (key.startsWith('sharded_bf16.') ? 3e-2 : 2e-4)));
    expect(tooLarge).toEqual([]);
  });
});

describe('relativeError', () => {
  it('is the norm of the difference over the norm of the reference', () => {
    expect(relativeError([3, 4.5], [3, 4])).toBeCloseTo(0.1, 12);
  });

  it('is infinite where a value is missing', () => {
    expect(relativeError(undefined, [1])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
  });
});
