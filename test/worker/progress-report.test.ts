import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../../main/contract/worker-protocol.ts';
import { ProgressReport } from '../../main/worker/progress-report.ts';

function record() {
  const events: JobEvent[] = [];
  const clock = { nowMs: 0 };
  const report = new ProgressReport({ emit: (event) => events.push(event), isCancelled: () => false, isStopped: () => false }, () => clock.nowMs);
  return { events, clock, report };
}

describe('progress', () => {
  it('is said ten times a second at most, and every loss is in it exactly once', () => {
    const { events, clock, report } = record();
    for (let step = 1; step <= 1000; step += 1) {
      clock.nowMs += 3;
      report.addLoss('r0001', step, step / 2);
      report.update({ phase: 'train', done: step, total: 1000, loss: 1, learningRate: 0.3 });
    }
    expect(events.filter(({ kind }) => kind === 'progress').length).toBeLessThanOrEqual(3000 / 100 + 2);
    const losses = events.flatMap((event) => (event.kind === 'losses' ? event.losses.map((loss, i) => [event.firstStep + i, loss]) : []));
    expect(losses).toEqual(Array.from({ length: 1000 }, (_, i) => [i + 1, (i + 1) / 2]));
    expect(events.at(-1)).toMatchObject({ kind: 'progress', done: 1000, etaSeconds: 0 });
  });

  it('has a rate and a remaining time from the last half minute, not from a slow start or another phase', () => {
    const { events, clock, report } = record();
    const steps = (from: number, to: number, eachMs: number): void => {
      for (let step = from; step <= to; step += 1) {
        clock.nowMs += eachMs;
        report.update({ phase: 'train', done: step, total: 1000 });
      }
    };
    steps(1, 10, 60_000);
    steps(11, 100, 1000);
    const last = events.at(-1);
    expect(last?.kind === 'progress' && last.perSecond).toBeCloseTo(1, 5);
    expect(last?.kind === 'progress' && last.etaSeconds).toBeCloseTo(900, 1);
    clock.nowMs += 1_000_000;
    report.update({ phase: 'evaluate', done: 1, total: 10 });
    expect(events.at(-1)).toMatchObject({ phase: 'evaluate', perSecond: null, etaSeconds: null });
  });
});
