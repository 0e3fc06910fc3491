import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketLength, sourceFeeds, splitIntoMicroBatches, targetBucketLength, targetFeeds } from '../../main/train/batch.ts';
import { encodedExample } from './runner.ts';

const ids = (length: number): number[] => Array.from({ length }, (_, i) => i + 2);
const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.option(fc.integer({ min: 1, max: 40 }), { nil: null })), { maxLength: 70 });
const rules = fc.record({ microBatch: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 40 })), promptRows: fc.integer({ min: 0, max: 1000 }) });
const examplesOf = (pairs: [number, number | null][]) => pairs.map(([source, target]) => encodedExample(ids(source), target === null ? null : ids(target)));

describe('examples split into micro-batches', () => {
  it('appear exactly once, fill every row, and fit the shape', () => {
    fc.assert(fc.property(lengths, rules, (pairs, given) => {
      const examples = examplesOf(pairs);
      const batches = splitIntoMicroBatches(examples, given);
      expect(new Set(batches.flatMap((batch) => batch.examples))).toEqual(new Set(examples));
      expect(batches.reduce((total, batch) => total + batch.examples.length, 0)).toBe(examples.length);
      for (const { examples: members, shape } of batches) {
        expect(members.length).toBe(shape.batch);
        for (const { source, target } of members) {
          expect(source.length).toBeLessThanOrEqual(shape.source);
          expect(target?.length ?? 1).toBeLessThanOrEqual(shape.target);
        }
        if (given.microBatch !== 'auto') expect(shape.batch).toBeLessThanOrEqual(given.microBatch);
      }
    }));
  });

  it('come in the same order each time, shortest first, equal lengths as they were', () => {
    fc.assert(fc.property(lengths, rules, (pairs, given) => {
      const examples = examplesOf(pairs);
      const order = splitIntoMicroBatches(examples, given).flatMap((batch) => batch.examples);
      expect(order).toEqual(examples.toSorted((a, b) => a.source.length - b.source.length));
      expect(splitIntoMicroBatches(examples, given)).toEqual(splitIntoMicroBatches(examples, given));
    }));
  });

  it('have few sizes of their own accord: powers of two, never above the room of a pass unless one example is', () => {
    fc.assert(fc.property(lengths, fc.integer({ min: 0, max: 1000 }), (pairs, promptRows) => {
      for (const { shape } of splitIntoMicroBatches(examplesOf(pairs), { microBatch: 'auto', promptRows })) {
        expect(Math.log2(shape.batch) % 1).toBe(0);
        expect(shape.batch === 1 || shape.batch * (promptRows + shape.source) <= 1312).toBe(true);
      }
    }));
  });
});

describe('a padded length', () => {
  it('is never shorter than the text and wastes at most a fourth of it, or fifteen tokens', () => {
    for (let length = 1; length <= 4096; length += 1) {
      const padded = bucketLength(length);
      expect(padded).toBeGreaterThanOrEqual(length);
      expect(padded - length).toBeLessThan(Math.max(16, length / 4));
      expect(bucketLength(padded)).toBe(padded);
      expect(targetBucketLength(length)).toBeGreaterThanOrEqual(length);
      expect(targetBucketLength(length) - length).toBeLessThan(length <= 8 ? 4 : 8);
    }
    expect(new Set(Array.from({ length: 512 }, (_, i) => bucketLength(i + 1))).size).toBe(16);
  });
});

describe('feeds', () => {
  it('hold ids and ones, then padding', () => {
    const examples = [encodedExample([7, 8, 1], [5, 1]), encodedExample([9], null)];
    const { sourceIds, sourceMask } = sourceFeeds({ examples, shape: { batch: 2, source: 4, target: 2 } });
    expect([...sourceIds].map(Number)).toEqual([7, 8, 1, 0, 9, 0, 0, 0]);
    expect([...sourceMask]).toEqual([1, 1, 1, 0, 1, 0, 0, 0]);
  });

  it('shift targets behind the start token and weigh tokens only', () => {
    const { decoderIds, targetIds, targetWeights } = targetFeeds([[5, 6, 1], [4], []], 3, { startId: 9, weight: 0.25 });
    expect([...decoderIds].map(Number)).toEqual([9, 5, 6, 9, 4, 0, 9, 0, 0]);
    expect([...targetIds].map(Number)).toEqual([5, 6, 1, 4, 0, 0, 0, 0, 0]);
    expect([...targetWeights]).toEqual([0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0, 0]);
  });
});
