import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateMemory, readSizes, type MemoryQuestion, type ModelSizes } from '../../main/service/memory-estimate.ts';

/** T5 1.1 base, from its config.json. */
const base: ModelSizes = {
  vocabularySize: 32_128, width: 768, keyWidth: 64, heads: 12, feedForwardWidth: 2048, encoderLayers: 12, decoderLayers: 12, feedForward: 'gated-gelu',
};
const question: MemoryQuestion = {
  sizes: base, parameterCount: 247_577_856, examples: 1, sourceTokens: 512, targetTokens: 32, promptRows: 100, momentsPerParameter: 1,
};

describe('the memory estimate', () => {
  it('counts a tiny model’s numbers one by one', () => {
    const sizes: ModelSizes = { vocabularySize: 10, width: 2, keyWidth: 3, heads: 1, feedForwardWidth: 5, encoderLayers: 1, decoderLayers: 1, feedForward: 'relu' };
    const { activations } = estimateMemory({ ...question, sizes, sourceTokens: 3, promptRows: 1, targetTokens: 2 });
    // Source 4, target 2. Attention: 2qd + 2qi + 2ki + 2hqk; feed-forward: 2qd + 2qf.
    const encoder = (16 + 24 + 24 + 32) + (16 + 40);
    const decoder = (8 + 12 + 12 + 8) + (8 + 12 + 24 + 16) + (8 + 20);
    expect(activations).toBe(4 * (encoder + decoder + 3 * 2 * 10 + Math.max(encoder, decoder)));
  });

  it('of prompt tuning is weights and activations, of full tuning also a gradient for every weight', () => {
    const prompt = estimateMemory(question);
    const full = estimateMemory({ ...question, promptRows: 0, momentsPerParameter: 2 });
    expect(prompt.weights).toBe(4 * 247_577_856);
    expect(prompt.gradients).toBe(4 * 100 * 768);
    expect(full.gradients).toBe(full.weights);
    expect(full.optimizer).toBe(2 * full.weights);
    expect(full.activations).toBeLessThan(prompt.activations);
  });

  it('is the sum of its parts and grows with every length', () => {
    fc.assert(fc.property(fc.nat(600), fc.nat(64), fc.nat(200), fc.integer({ min: 1, max: 64 }), (sourceTokens, targetTokens, promptRows, examples) => {
      const smaller = estimateMemory({ ...question, sourceTokens, targetTokens, promptRows: promptRows + 1, examples });
      expect(smaller.total).toBe(smaller.weights + smaller.activations + smaller.gradients + smaller.optimizer);
      for (const more of [{ sourceTokens: sourceTokens + 1 }, { targetTokens: targetTokens + 1 }, { promptRows: promptRows + 2 }, { examples: examples + 1 }]) {
        expect(estimateMemory({ ...question, sourceTokens, targetTokens, promptRows: promptRows + 1, examples, ...more }).total).toBeGreaterThan(smaller.total);
      }
    }));
  });

  it('is not made of a configuration without its sizes', () => {
    expect(readSizes({ ...base, modelType: 't5' })).toEqual(base);
    expect(readSizes({ width: 8 })).toBeNull();
  });
});
