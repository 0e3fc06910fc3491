import { describe, expect, it } from 'vitest';
import { estimateStarts, type TimedEntry } from '../../../main/service/queue/queue-eta.ts';

const entry = (state: TimedEntry['state'], secondsLeft: number | null, device = 'cpu'): TimedEntry => ({ state, secondsLeft, device });

describe('the time until an entry starts', () => {
  it('is the sum of what is before it on its device', () => {
    const entries = [entry('waiting', 30), entry('active', 10), entry('held', 99), entry('waiting', 5), entry('waiting', 1, 'gpu'), entry('waiting', 1)];
    expect(estimateStarts(entries, () => 1)).toEqual([10, 0, null, 40, 0, 45]);
  });

  it('is shorter where several run beside each other', () => {
    expect(estimateStarts([entry('active', 10), entry('active', 4), entry('waiting', 20), entry('waiting', 1), entry('waiting', 1)], () => 2)).toEqual([0, 0, 4, 10, 11]);
  });

  it('is unknown behind something unknown, unless there is another way past', () => {
    expect(estimateStarts([entry('active', null), entry('waiting', 1)], () => 1)).toEqual([0, null]);
    expect(estimateStarts([entry('active', null), entry('waiting', 1), entry('waiting', 1)], () => 2)).toEqual([0, 0, 1]);
  });
});
