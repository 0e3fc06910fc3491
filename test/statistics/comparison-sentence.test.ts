import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonSentence, type ComparisonFacts } from '../../main/statistics/comparison-sentence.ts';
import { meanAndSpread, pointsText, pValueText } from '../../main/statistics/number-text.ts';
import { summarize } from '../../main/statistics/summary.ts';

const above: ComparisonFacts = {
  a: 'Model tuning', b: 'Prompt tuning', task: 'RTE', difference: 0.0316, interval: { low: 0.0112, high: 0.0529 }, pValue: 0.003,
  correction: 'holm', sample: { unit: 'examples', count: 800 },
};

describe('a comparison in words', () => {
  it('says who is above, by how much, and how sure that is', () => {
    expect(comparisonSentence(above)).toBe(
      "Model tuning is 3.2 points above Prompt tuning on RTE (95 % interval 1.1 to 5.3, p = 0.003 after Holm's correction, n = 800).");
  });

  it('names the better one first, whichever side it stands on', () => {
    const { a, b, difference } = above;
    const swapped = { ...above, a: b, b: a, difference: -difference, interval: { low: -0.0529, high: -0.0112 } };
    expect(comparisonSentence(swapped)).toBe(comparisonSentence(above));
    const seeds = { ...above, sample: { unit: 'seeds', a: 5, b: 3 } } as const;
    expect(comparisonSentence({ ...swapped, sample: { unit: 'seeds', a: 3, b: 5 } })).toBe(comparisonSentence(seeds));
    expect(comparisonSentence(seeds)).toContain('5 against 3 seeds');
  });

  it('says that a tie is one, with the interval it leaves open', () => {
    const tied = { ...above, difference: 0.006, interval: { low: -0.012, high: 0.024 }, pValue: 0.42, correction: 'none' } as const;
    expect(comparisonSentence(tied)).toBe(
      'Model tuning and Prompt tuning are statistically tied on RTE (difference 0.6 points, 95 % interval -1.2 to 2.4, p = 0.42, n = 800).');
    expect(comparisonSentence({ ...tied, interval: null })).toBe(
      'Model tuning and Prompt tuning are statistically tied on RTE (difference 0.6 points, p = 0.42, n = 800).');
  });

  it('does not call a tie what the sample could not have told apart', () => {
    expect(comparisonSentence({ ...above, pValue: 0.25, correction: 'none', sample: { unit: 'seeds', a: 3, b: 3 }, smallestPValue: 0.25 })).toBe(
      '3 seeds each are too few to tell Model tuning and Prompt tuning apart on RTE (difference 3.2 points, smallest possible p = 0.25).');
    expect(comparisonSentence({ ...above, interval: null, pValue: 0.5, correction: 'none', sample: { unit: 'examples', count: 20 } })).toBe(
      'Too few examples to tell Model tuning and Prompt tuning apart on RTE (difference 3.2 points, p = 0.50, n = 20).');
  });

  it('says what was not or cannot be tested', () => {
    const untested = { ...above, interval: null, pValue: null };
    expect(comparisonSentence({ ...untested, sample: { unit: 'seeds', a: 1, b: 1 } })).toBe(
      'Model tuning is 3.2 points above Prompt tuning on RTE, but 1 seed each cannot be tested.');
    expect(comparisonSentence({ ...untested, sample: { unit: 'seeds', a: 1, b: 5 } })).toContain('but 1 against 5 seeds cannot be tested.');
    expect(comparisonSentence({ ...untested, sample: { unit: 'examples', count: 1 }, difference: 0 })).toBe(
      'Model tuning and Prompt tuning score the same on RTE, but 1 example cannot be tested.');
    expect(comparisonSentence(untested)).toBe('Model tuning is 3.2 points above Prompt tuning on RTE (n = 800, not tested).');
  });

  it('does not print a small difference as none', () => {
    expect(comparisonSentence({ ...above, difference: 0.0002, interval: null, pValue: 1e-9 })).toBe(
      "Model tuning is less than 0.1 points above Prompt tuning on RTE (p < 0.001 after Holm's correction, n = 800).");
  });

  it('calls the same p-values significant in words and in figures', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (pValue) => {
      const sentence = comparisonSentence({ ...above, pValue });
      expect(sentence.includes('above')).toBe(pValue < 0.05);
      const printed = /p [=<>] ([\d.]+)/.exec(sentence);
      if (pValue < 0.05) expect(Number(printed?.[1])).toBeLessThanOrEqual(0.05);
      else expect(Number(printed?.[1])).toBeGreaterThanOrEqual(0.05);
    }));
  });
});

describe('numbers in words', () => {
  it.each([
    [0, 'p < 0.001'], [0.000999, 'p < 0.001'], [0.001, 'p = 0.001'], [0.0312, 'p = 0.031'], [0.04949, 'p = 0.049'], [0.04951, 'p < 0.05'],
    [0.05, 'p = 0.050'], [0.0994, 'p = 0.099'], [0.0996, 'p = 0.10'], [0.42, 'p = 0.42'], [0.99, 'p = 0.99'], [0.997, 'p > 0.99'], [1, 'p = 1'],
  ] as const)('print p %d as "%s"', (pValue, text) => {
    expect(pValueText(pValue)).toBe(text);
  });

  it('print a mean with its spread and the number of runs, in points', () => {
    expect(meanAndSpread(summarize([0.8, 0.82, 0.81, 0.83, 0.8]))).toBe('81.2 ± 1.3 (5)');
    expect(meanAndSpread(summarize([0.8125]))).toBe('81.3 (1)');
    expect(meanAndSpread(summarize([0.5, 0.5]))).toBe('50.0 ± 0.0 (2)');
  });

  it('print no negative zero', () => {
    expect([pointsText(-0.0001), pointsText(0), pointsText(-0.012), pointsText(1)]).toEqual(['0.0', '0.0', '-1.2', '100.0']);
  });
});
