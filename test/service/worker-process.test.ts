import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../main/contract/problem.ts';
import type { Job, NumberedEvent } from '../../main/contract/worker-protocol.ts';
import { startWorker, type WorkerProcess } from '../../main/service/worker-process.ts';
import { answersSignals } from '../../main/store/process-identity.ts';
import { fakeWorker } from './fixture/workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-worker-'));
const logFile = join(folder, 'logs', 'run.log');

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  delete process.env['FAKE_WORKER'];
});

function trainJob(steps: number): Job {
  return {
    kind: 'train', members: [{ runId: 'r0001', runDirectory: folder, seed: 0 }], model: { directory: '', cacheDirectory: '', fingerprint: '', answerConvention: 'lm-adapted' },
    method: 'prompt-tuning', config: { steps, evaluateEvery: 2 }, task: { format: 'rte', labels: null }, files: { train: '', dev: null, test: null },
    sampling: null, resume: false, runtime: { provider: 'cpu', threads: 1 },
  };
}

function start(behaviour: string, options: { steps?: number; graceMs?: number; silenceMs?: number; workerFile?: string } = {}): WorkerProcess {
  process.env['FAKE_WORKER'] = behaviour;
  const { steps = 8, ...rest } = options;
  return startWorker({ job: trainJob(steps), logFile, workerFile: fakeWorker, ...rest });
}

async function collect(worker: WorkerProcess, onEvent: (event: NumberedEvent) => void = () => {}): Promise<{ events: NumberedEvent[]; problem: Problem | null }> {
  const events: NumberedEvent[] = [];
  try {
    for await (const event of worker.events) {
      events.push(event);
      onEvent(event);
    }
    return { events, problem: null };
  } catch (thrown) {
    return { events, problem: thrown as Problem };
  }
}

describe('a worker process', () => {
  it('delivers every event in order and is gone after the final one', async () => {
    const worker = start('normal');
    const { events, problem } = await collect(worker);
    expect(problem).toBeNull();
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index));
    expect(events.filter(({ event }) => event.kind === 'losses')).toHaveLength(8);
    expect(events.at(-1)?.event.kind).toBe('trained');
    expect(answersSignals(worker.processId)).toBe(false);
  });

  it('loses no event to a consumer that is slower than the process lives', async () => {
    const worker = start('normal', { steps: 300 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { events } = await collect(worker);
    expect(events.filter(({ event }) => event.kind === 'losses')).toHaveLength(300);
    expect(events.at(-1)?.event.kind).toBe('trained');
  });

  it('names the signal of a worker that was killed, after the events it had sent', async () => {
    const { events, problem } = await collect(start('die'));
    expect(problem).toMatchObject({ code: 'worker-died', kind: 'failure' });
    expect(problem?.found).toContain('SIGKILL');
    expect(problem?.place.file).toBe(logFile);
    expect(events.filter(({ event }) => event.kind === 'losses')).toHaveLength(5);
  });

  it('names the exit code and quotes the last line of the log of a worker that just left', async () => {
    const { problem } = await collect(start('exit'));
    expect(problem?.found).toContain('exit code 3');
    expect(problem?.action).toContain('log line of the fake worker');
    expect(readFileSync(logFile, 'utf8')).toContain('log line of the fake worker');
  });

  it('quotes no stack trace of a worker that cannot even load', async () => {
    const { problem } = await collect(start('normal', { workerFile: join(import.meta.dirname, 'fixture', 'absent.ts') }));
    expect(problem?.code).toBe('worker-died');
    expect(problem?.message).not.toMatch(/\n| at .*:\d+:\d+/);
  });

  it('asks a worker to stop, which saves and says at which step', async () => {
    const worker = start('patient', { steps: 10_000 });
    const { events, problem } = await collect(worker, ({ sequence }) => {
      if (sequence === 5) worker.cancel();
    });
    expect(problem).toBeNull();
    expect(events.at(-1)?.event).toMatchObject({ kind: 'cancelled' });
  });

  it('kills a worker that does not stop within the grace period', async () => {
    const worker = start('deaf', { graceMs: 200 });
    setTimeout(() => worker.cancel(), 300);
    const { problem } = await collect(worker);
    expect(problem).toMatchObject({ code: 'worker-killed', kind: 'cancelled' });
    expect(answersSignals(worker.processId)).toBe(false);
  });

  it('stops a worker that says nothing for too long where silence has a limit', async () => {
    const { problem } = await collect(start('deaf', { silenceMs: 400 }));
    expect(problem?.code).toBe('worker-hung');
  });

  it('refuses a gap in the sequence and stops the worker', async () => {
    const worker = start('wrong-sequence');
    const { events, problem } = await collect(worker);
    expect(events).toHaveLength(1);
    expect(problem).toMatchObject({ code: 'worker-protocol', kind: 'failure' });
    expect(problem?.message).toContain('event 5 from a worker process; expected event 1');
  });

  it('refuses a message that is no event', async () => {
    const { problem } = await collect(start('garbage'));
    expect(problem?.code).toBe('worker-protocol');
    expect(problem?.found).toContain('event.phase');
  });

  it('hands on the problem that a worker reports as its final event', async () => {
    const { events, problem } = await collect(start('fail'));
    expect(problem).toBeNull();
    expect(events.at(-1)?.event).toMatchObject({ kind: 'failed', problem: { code: 'fake-problem', place: { line: 7 } } });
  });
});
