import { pointsText, pValueText } from './number-text.ts';
import type { Interval } from './summary.ts';

const level = 0.05;
/** Below it even ten points (95 % interval of a share: ± 14 points) would go unnoticed: no difference found says nothing. */
const fewExamples = 50;

export interface ComparisonFacts {
  readonly a: string;
  readonly b: string;
  readonly task: string;
  /** mean(a) − mean(b), as a share from −1 to 1. */
  readonly difference: number;
  /** 95 %, of the same difference. */
  readonly interval: Interval | null;
  /** Adjusted, where it was; null where no test was possible. */
  readonly pValue: number | null;
  readonly correction: 'holm' | 'none';
  readonly sample: ComparisonSample;
  /** What p could not have been below (permutation over few seeds, times the tests that Holm counts); absent where it could be anything. */
  readonly smallestPValue?: number;
}

export type ComparisonSample =
  | { readonly unit: 'examples'; readonly count: number }
  | { readonly unit: 'seeds'; readonly a: number; readonly b: number };

/**
 * One honest sentence about two methods on a task: which is above and by how much, or that they are statistically tied, or that this
 * sample is too small to say. Names the one ahead first. Significant is p < 0.05.
 */
export function comparisonSentence(facts: ComparisonFacts): string {
  const ordered = inOrder(facts);
  const { a, b, task, difference, pValue, sample, smallestPValue = 0 } = ordered;
  if (pValue === null) return untested(ordered);
  const gap = `difference ${gapText(difference)}`;
  const evidence = [intervalText(ordered), `${pValueText(pValue)}${facts.correction === 'holm' ? " after Holm's correction" : ''}`];
  const size = sampleText(sample);
  if (pValue < level) return `${a} is ${gapText(difference)} above ${b} on ${task} (${join(...evidence, size)}).`;
  if (smallestPValue >= level) {
    const bound = `smallest possible ${pValueText(smallestPValue)}`;
    return `${capitalized(countText(sample))} are too few to tell ${a} and ${b} apart on ${task} (${join(gap, bound)}).`;
  }
  if (sample.unit === 'examples' && sample.count < fewExamples) {
    return `Too few examples to tell ${a} and ${b} apart on ${task} (${join(gap, ...evidence, size)}).`;
  }
  return `${a} and ${b} are statistically tied on ${task} (${join(gap, ...evidence, size)}).`;
}

function untested({ a, b, task, difference, sample }: ComparisonFacts): string {
  const standing = difference === 0 ? `${a} and ${b} score the same on ${task}` : `${a} is ${gapText(difference)} above ${b} on ${task}`;
  const smaller = sample.unit === 'examples' ? sample.count : Math.min(sample.a, sample.b);
  return smaller < 2 ? `${standing}, but ${countText(sample)} cannot be tested.` : `${standing} (${sampleText(sample)}, not tested).`;
}

function inOrder(facts: ComparisonFacts): ComparisonFacts {
  if (facts.difference >= 0) return facts;
  const { a, b, difference, interval, sample } = facts;
  return {
    ...facts,
    a: b,
    b: a,
    difference: -difference,
    interval: interval === null ? null : { low: -interval.high, high: -interval.low },
    sample: sample.unit === 'seeds' ? { unit: 'seeds', a: sample.b, b: sample.a } : sample,
  };
}

function gapText(difference: number): string {
  const text = pointsText(difference);
  return text === '0.0' && difference > 0 ? 'less than 0.1 points' : `${text} points`;
}

function intervalText({ interval }: ComparisonFacts): string {
  return interval === null ? '' : `95 % interval ${pointsText(interval.low)} to ${pointsText(interval.high)}`;
}

function sampleText(sample: ComparisonSample): string {
  return sample.unit === 'examples' ? `n = ${sample.count}` : countText(sample);
}

function countText(sample: ComparisonSample): string {
  if (sample.unit === 'examples') return `${sample.count} ${sample.count === 1 ? 'example' : 'examples'}`;
  const { a, b } = sample;
  if (a === b) return `${a} ${a === 1 ? 'seed' : 'seeds'} each`;
  return `${a} against ${b} seeds`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
