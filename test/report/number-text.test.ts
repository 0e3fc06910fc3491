import { describe, expect, it } from 'vitest';
import {
  bytesText,
  countText,
  differenceText,
  durationText,
  pValueText,
  quantityText,
  scoreText,
  scoreTickText,
  shareText,
  shortCountText,
  summaryText,
} from '../../main/report/number-text.ts';

describe('numbers in words', () => {
  it('writes scores in percent and says nothing for what is missing', () => {
    expect([0.8432, 1, 0, null, undefined, Number.NaN].map((share) => scoreText(share))).toEqual(['84.3', '100.0', '0.0', '–', '–', '–']);
    expect(summaryText({ values: [0.5], mean: 0.5, standardDeviation: null, interval: null })).toBe('50.0');
    expect(summaryText({ values: [0.5, 0.6], mean: 0.55, standardDeviation: 0.0707, interval: null })).toBe('55.0 ± 7.1');
  });

  it('gives a difference its sign, and zero none', () => {
    expect([0.032, -0.032, 0.0004, -0.0004, 0].map(differenceText)).toEqual(['+3.2', '−3.2', '0.0', '0.0', '0.0']);
  });

  it('never writes a p-value as zero', () => {
    expect([0, 0.0009, 0.0123, 0.5, 1, null].map(pValueText)).toEqual(['< 0.001', '< 0.001', '0.012', '0.50', '1.00', '–']);
  });

  it('writes counts, bytes, times and shares as papers do', () => {
    expect([0, 999, 20_480, 11e9].map(countText)).toEqual(['0', '999', '20,480', '11,000,000,000']);
    expect([0, 999, 20_480, 999_600, 9_871_360, 11e9].map(shortCountText)).toEqual(['0', '999', '20.5 K', '1 M', '9.87 M', '11 B']);
    expect([0, 1023, 1024, 81_920, 1_048_576, 37.7 * 1_048_576].map(bytesText)).toEqual([
      '0 B',
      '1023 B',
      '1 KiB',
      '80 KiB',
      '1 MiB',
      '37.7 MiB',
    ]);
    expect([0.4, 59.7, 75, 3600, 7260].map(durationText)).toEqual(['0.4 s', '1 min 0 s', '1 min 15 s', '1 h 0 min', '2 h 1 min']);
    expect([0, 0.00041, 0.0052, 1].map(shareText)).toEqual(['0 %', '0.041 %', '0.52 %', '100 %']);
    expect([1, 2].map((count) => quantityText(count, 'run'))).toEqual(['1 run', '2 runs']);
  });

  it('gives all ticks of an axis the decimals of the finest', () => {
    expect([0.6, 0.625, 0.65].map(scoreTickText([0.6, 0.625, 0.65]))).toEqual(['60.0', '62.5', '65.0']);
    expect([0, 0.2].map(scoreTickText([0, 0.2]))).toEqual(['0', '20']);
  });
});
