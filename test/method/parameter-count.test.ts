/** Parameter counts against published figures of T5 1.1, and against what the methods of Souffleur really place. */
import { describe, expect, it } from 'vitest';
import { findTrainingMethod } from '../../main/method/index.ts';
import { compareParameterCounts, countModelParameters, type CountedMethod, type ModelSizes } from '../../main/method/parameter-count.ts';
import { parseT5Config } from '../../main/model/config.ts';
import { tinyFamilies } from '../model/tiny-t5.ts';

const shared = { keyWidth: 64, feedForward: 'gated-gelu', vocabularySize: 32_128, relativeBuckets: 32, tiedHead: false } as const;
const published: Record<string, ModelSizes> = {
  small: { ...shared, width: 512, heads: 6, feedForwardWidth: 1024, encoderLayers: 8, decoderLayers: 8 },
  base: { ...shared, width: 768, heads: 12, feedForwardWidth: 2048, encoderLayers: 12, decoderLayers: 12 },
  large: { ...shared, width: 1024, heads: 16, feedForwardWidth: 2816, encoderLayers: 24, decoderLayers: 24 },
  xl: { ...shared, width: 2048, heads: 32, feedForwardWidth: 5120, encoderLayers: 24, decoderLayers: 24 },
  xxl: { ...shared, width: 4096, heads: 64, feedForwardWidth: 10_240, encoderLayers: 24, decoderLayers: 24 },
};

function countOf(size: string, method: string, settings: Parameters<typeof compareParameterCounts>[1] = {}): CountedMethod {
  const row = compareParameterCounts(published[size] as ModelSizes, settings).find((candidate) => candidate.method === method);
  if (row === undefined) throw new Error(`no ${method}`);
  return row;
}

describe('the parameters of T5 1.1', () => {
  // As transformers counts the checkpoints google/t5-v1_1-*, and in millions with a 100-row prompt as Lester et al. 2021 list them.
  it.each([
    ['small', 76_961_152, 77.0, 1], ['base', 247_577_856, 247.65, 2], ['large', 783_150_080, 783.25, 2], ['xl', 2_849_757_184, 2850, -1], ['xxl', 11_135_332_352, 11_136, 0],
  ] as const)('%s has %d, and with a prompt %d million', (size, count, withPrompt, digits) => {
    expect(countModelParameters(published[size] as ModelSizes)).toBe(count);
    expect((count + countOf(size, 'prompt-tuning').trained) / 1e6).toBeCloseTo(withPrompt, digits);
  });
});

describe('the comparison of methods', () => {
  it.each([
    ['small', 51_200, 0.000_66, 614_400, 3_465_728, 0.0239],
    ['base', 76_800, 0.000_31, 1_843_200, 9_926_144, 0.0223],
    ['large', 102_400, 0.000_13, 4_915_200, 25_842_176, 0.0188],
    ['xl', 204_800, 0.000_072, 9_830_400, 51_683_840, 0.0103],
    ['xxl', 409_600, 0.000_037, 19_660_800, 103_367_168, 0.0053],
  ])('gives the published counts for 100 positions on %s', (size, prompt, promptShare, prefixSet, networkSet, prefixShare) => {
    expect(countOf(size, 'prompt-tuning')).toMatchObject({ trained: prompt, stored: prompt, storedBytes: prompt * 4 });
    expect(countOf(size, 'prompt-tuning').share / promptShare).toBeCloseTo(1, 1);
    expect(countOf(size, 'prefix-tuning')).toMatchObject({ trained: 3 * prefixSet, stored: 3 * prefixSet });
    expect(countOf(size, 'prefix-tuning').share).toBeCloseTo(prefixShare, 4);
    expect(countOf(size, 'prefix-tuning-reparametrised')).toMatchObject({ trained: 3 * networkSet, stored: 3 * prefixSet });
  });

  it('gives WARP with 20 slots and 3 classes 94,208 parameters on XXL, and a written prompt none', () => {
    expect(countOf('xxl', 'warp')).toMatchObject({ trained: 94_208, storedBytes: 376_832 });
    expect(countOf('xxl', 'prompt-design', { designBytes: 2000 })).toMatchObject({ trained: 0, stored: 0, storedBytes: 2000, share: 0 });
  });

  it('stores 44.5 GB for every task of model tuning on XXL', () => {
    expect(countOf('xxl', 'full-tuning')).toMatchObject({ share: 1 });
    expect(countOf('xxl', 'full-tuning').storedBytes / 1e9).toBeCloseTo(44.5, 1);
  });

  it.each(Object.entries(tinyFamilies))('counts what the methods really train on a tiny %s', (_family, json) => {
    const config = parseT5Config(json, {});
    const rows = compareParameterCounts(config, { promptLength: 7 });
    for (const [id, settings] of [['full-tuning', {}], ['prompt-tuning', { promptLength: 7 }]] as const) {
      const method = findTrainingMethod(id);
      const placed = method.place(method.schema.parse(settings), config).trainables;
      const count = placed.reduce((total, { shape }) => total + shape.reduce((product, side) => product * side, 1), 0);
      expect(rows.find((row) => row.method === id)?.trained).toBe(count);
    }
  });
});
