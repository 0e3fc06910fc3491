import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueEntryReport, QueueReport } from '../../../main/contract/api/queue.ts';
import type { CoreEvent } from '../../../main/contract/api/events.ts';
import type { Core } from '../../../main/service/core.ts';
import type { QueueParts } from '../../../main/service/queue/queue-executor.ts';
import { Queue } from '../../../main/service/queue/queue.ts';
import { createRuns, duplicateRun, listRuns, restoreRuns, showRun, trashRuns } from '../../../main/service/run-library.ts';
import { parseModelName, type RunId } from '../../../main/store/identifiers.ts';
import { fakeWorker, makeBench, type Bench } from '../fixture/workspace.ts';

let bench: Bench;
let core: Core;
const running: Queue[] = [];

beforeEach(() => {
  bench = makeBench();
  core = openQueue();
});
afterEach(async () => {
  for (const queue of running.splice(0)) await queue.shutDown();
  bench.remove();
  delete process.env['FAKE_WORKER'];
});

/** The bench's core with a queue whose workers only speak. */
function openQueue(parts: Partial<QueueParts> = {}): Core {
  const queue = new Queue({ workspace: bench.workspace, events: bench.core.events, workerFile: fakeWorker, restartDelayMs: 10, memoryPollMs: 30, ...parts });
  running.push(queue);
  return { ...bench.core, workspace: bench.workspace, queue };
}

async function add(settings: string[] = [], options: Partial<Parameters<typeof createRuns>[2] & Bench['request']> = {}): Promise<string> {
  const { seeds = [1], together = false, place = 'last', ...request } = options;
  const { entries } = await createRuns(core, { ...bench.request, ...request, settings: [...bench.request.settings, ...settings] }, { seeds, together, place });
  return entries[0] ?? '';
}

const statuses = (): string[] => bench.workspace.runs.list().map(({ status }) => status);
const order = ({ entries }: QueueReport): string[] => entries.map(({ id }) => id);
const entryOf = (id: string): QueueEntryReport | undefined => core.queue.list().entries.find((entry) => entry.id === id);

async function until(condition: () => boolean): Promise<void> {
  for (const deadlineMs = Date.now() + 15_000; !condition();) {
    if (Date.now() > deadlineMs) throw new Error(`still waiting: ${JSON.stringify(core.queue.list())}`);
    await sleep(10);
  }
}

/** Trains until it is told something. */
async function startPatient(): Promise<string> {
  process.env['FAKE_WORKER'] = 'patient';
  const id = await add(['steps=100000']);
  await core.queue.start();
  await until(() => entryOf(id)?.state === 'running' && bench.workspace.checkpoints.findBest(runOf(id)) !== null);
  return id;
}

const runOf = (id: string): RunId => bench.workspace.queue.list().find((entry) => entry.id === id)?.runs[0].id ?? (() => { throw new Error(`no entry ${id}`); })();

describe('a queue', () => {
  it('runs one after another in its order, tells of everything, and is empty then', async () => {
    const first = await add();
    const group = await add([], { seeds: [1, 2, 3], together: true });
    const urgent = await add([], { place: 'first' });
    expect(order(core.queue.list())).toEqual([urgent, first, group]);
    expect(order(core.queue.move(first, { before: null }))).toEqual([urgent, group, first]);
    expect(order(core.queue.move('r1', { before: urgent }))).toEqual([first, urgent, group]);
    const events: CoreEvent[] = [];
    const watching = (async () => {
      for await (const { event } of core.events.watch(core.events.position())) events.push(event);
    })();
    await core.queue.start();
    await core.queue.whenIdle();
    core.events.close();
    await watching;
    expect(statuses()).toEqual(Array.from({ length: 5 }, () => 'finished'));
    expect(core.queue.list().entries).toEqual([]);
    const starts = bench.workspace.runs.list().toSorted((a, b) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0)).map(({ id }) => id);
    expect(starts[0]).toBe('r0001');
    expect(starts[1]).toBe('r0005');
    for (const kind of ['run-progress', 'run-losses', 'run-checkpoint']) expect(events.some((event) => event.kind === kind), kind).toBe(true);
    for (const subject of ['runs', 'queue', 'checkpoints']) expect(events.some((event) => event.kind === 'changed' && event.subject === subject), subject).toBe(true);
  });

  it('that nobody starts changes rows only', async () => {
    await add();
    await sleep(50);
    expect(core.queue.list()).toMatchObject({ isOn: false, entries: [{ state: 'queued', startsInSeconds: 0, secondsLeft: null }] });
  });

  it('that is paused starts nothing, and goes on when it is resumed', async () => {
    core.queue.pauseQueue();
    const id = await add();
    await core.queue.start();
    await core.queue.whenIdle();
    expect(entryOf(id)).toMatchObject({ state: 'queued', startsInSeconds: null });
    core.queue.resumeQueue();
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['finished']);
  });

  it('has as many on the processor as it is told, one on the graphics card, and each beside the other', async () => {
    process.env['FAKE_WORKER'] = 'patient';
    for (let i = 0; i < 3; i += 1) await add(['steps=100000']);
    for (let i = 0; i < 2; i += 1) await add(['steps=100000'], { runtime: { provider: i === 0 ? 'cuda' : 'webgpu', threads: 1 } });
    await core.queue.start();
    await until(() => statuses().filter((status) => status === 'running').length === 2);
    expect(statuses()).toEqual(['running', 'queued', 'queued', 'running', 'queued']);
    core.queue.changeSettings({ cpuJobs: 2 });
    await until(() => statuses().filter((status) => status === 'running').length === 3);
    expect(statuses()).toEqual(['running', 'running', 'queued', 'running', 'queued']);
  });

  it('puts what is at work back in its place when its core closes, and the next core finishes it', async () => {
    const id = await startPatient();
    const later = await add();
    await core.queue.shutDown();
    expect(statuses()).toEqual(['queued', 'queued']);
    bench.reopen();
    core = openQueue();
    expect(order(core.queue.list())).toEqual([id, later]);
    core.queue.stopAndKeepBest(id);
    await core.queue.start();
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['finished', 'finished']);
  });
});

describe('an entry', () => {
  it('that is paused saves its state, keeps its place, lets others pass, and goes on', async () => {
    const id = await startPatient();
    const run = runOf(id);
    const other = await add();
    core.queue.pause(id);
    expect(bench.workspace.runs.get(run).status).toBe('pausing');
    await until(() => entryOf(id)?.state === 'paused' && entryOf(other) === undefined);
    expect(order(core.queue.list())).toEqual([id]);
    expect(bench.workspace.runs.get(run)).toMatchObject({ status: 'paused', problem: null });
    core.queue.resume(run);
    core.queue.stopAndKeepBest(run);
    await core.queue.whenIdle();
    expect(bench.workspace.runs.get(run)).toMatchObject({ status: 'finished', generation: 2 });
  });

  it('that waits can be paused, resumed and cancelled before it has begun', async () => {
    const [first, second] = [await add(), await add()];
    core.queue.pause(first);
    await core.queue.start();
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['paused', 'finished']);
    expect(() => core.queue.stopAndKeepBest(first)).toThrow(expect.objectContaining({ code: 'nothing-to-keep' }));
    expect(() => core.queue.pause(second)).toThrow(expect.objectContaining({ code: 'queue-entry-not-found' }));
    expect(() => core.queue.pause('r0002')).toThrow(expect.objectContaining({ code: 'run-not-queued' }));
    core.queue.cancel(first);
    expect(statuses()).toEqual(['cancelled', 'finished']);
    expect(core.queue.list().entries).toEqual([]);
    core.queue.add(['r0001'], { place: 'first' });
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['finished', 'finished']);
    expect(() => core.queue.add(['r0001'], { place: 'last' })).toThrow(expect.objectContaining({ code: 'run-finished' }));
  });

  it('that is cancelled at work ends with its state saved and leaves the queue', async () => {
    const id = await startPatient();
    core.queue.cancel(id);
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['cancelled']);
    expect(core.queue.list().entries).toEqual([]);
  });

  it('that is stopped finishes with the best of what it has, and its row says at which step', async () => {
    const id = await startPatient();
    const run = runOf(id);
    core.queue.stopAndKeepBest(id);
    await core.queue.whenIdle();
    const { status, stoppedEarly, bestStep } = showRun(bench.workspace, run);
    expect(status).toBe('finished');
    expect(stoppedEarly).toEqual({ atStep: bestStep, plannedSteps: 100_000 });
  });

  it('that was asked to stop stops also when the core disappeared before it did', async () => {
    process.env['FAKE_WORKER'] = 'patient';
    const id = await add(['steps=100000']);
    const run = runOf(id);
    bench.workspace.runs.changeStatus(run, { to: 'starting' });
    bench.reopen();
    core = openQueue();
    expect(core.queue.list()).toMatchObject({ lost: [run], entries: [{ id, state: 'lost' }] });
    core.queue.stopAndKeepBest(id);
    await core.queue.start();
    await core.queue.whenIdle();
    expect(showRun(bench.workspace, run)).toMatchObject({ status: 'finished', stoppedEarly: { plannedSteps: 100_000 } });
  });
});

describe('lost runs', () => {
  it('come back in one call, to their places or to the end', async () => {
    const id = await add();
    const [stray] = (await createRuns(core, bench.request, { seeds: [9], together: false, place: 'last' })).runs;
    bench.workspace.queue.removeRun(stray as RunId);
    for (const { id: run } of bench.workspace.runs.list()) bench.workspace.runs.changeStatus(run, { to: 'starting' });
    bench.reopen();
    core = openQueue();
    expect(core.queue.list()).toMatchObject({ lost: ['r0001', 'r0002'], entries: [{ id }] });
    const { lost, entries } = core.queue.putBack();
    expect(lost).toEqual([]);
    expect(entries.map(({ state, runs }) => [state, runs[0]?.id])).toEqual([['queued', 'r0001'], ['queued', 'r0002']]);
    await core.queue.start();
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['finished', 'finished']);
  });
});

describe('a failure', () => {
  it('that would happen again is not tried again, and the next entry has its turn', async () => {
    process.env['FAKE_WORKER'] = 'fail';
    await add();
    await core.queue.start();
    await core.queue.whenIdle();
    process.env['FAKE_WORKER'] = 'normal';
    await add();
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['failed', 'finished']);
    expect(bench.workspace.runs.get('r0001' as RunId)).toMatchObject({ generation: 1, problem: { code: 'fake-problem' } });
  });

  it('pauses the queue where it is told to, and says why', async () => {
    process.env['FAKE_WORKER'] = 'fail';
    core.queue.changeSettings({ onError: 'pause' });
    expect(core.queue.settings()).toEqual({ cpuJobs: 1, onError: 'pause', memory: 'wait', restarts: 3 });
    await add();
    await add();
    await core.queue.start();
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['failed', 'queued']);
    expect(core.queue.list()).toMatchObject({ isPaused: true, pausedBecause: expect.stringContaining('r0001 failed') });
  });

  it('of a worker that falls again and again at the same step ends after three restarts', async () => {
    process.env['FAKE_WORKER'] = 'die';
    await add();
    await core.queue.start();
    await core.queue.whenIdle();
    expect(bench.workspace.runs.get('r0001' as RunId)).toMatchObject({ status: 'failed', generation: 4, problem: { code: 'worker-died' } });
    expect(core.queue.list().entries).toEqual([]);
  });

  it('found before the worker starts (a changed file) is the run’s problem', async () => {
    await add();
    writeFileSync(bench.trainFile, '{"premise":"other","hypothesis":"b","label":"entailment","idx":0}\n');
    await core.queue.start();
    await core.queue.whenIdle();
    expect(bench.workspace.runs.get('r0001' as RunId)).toMatchObject({ status: 'failed', generation: 0, problem: { code: 'data-changed' } });
  });
});

describe('memory', () => {
  /** T5 1.1 small, of which nobody reads a weight. */
  const sizes = { vocabularySize: 32_128, width: 512, keyWidth: 64, heads: 6, feedForwardWidth: 1024, encoderLayers: 8, decoderLayers: 8, feedForward: 'gated-gelu' };
  let free = 10e9;

  beforeEach(() => {
    free = 10e9;
    core = openQueue({ readMemory: () => ({ freeBytes: free, totalBytes: 10e9, source: 'machine' }) });
    const { addedAtMs: _added, ...row } = bench.workspace.models.get(parseModelName('fake'));
    bench.workspace.models.add({ ...row, name: parseModelName('small'), config: sizes, parameterCount: 77_000_000 });
  });

  it('that is not free is waited for, with a sentence, while smaller entries pass', async () => {
    free = 200e6;
    const large = await add([], { model: 'small' });
    await core.queue.start();
    await until(() => entryOf(large)?.waitingFor != null);
    expect(entryOf(large)).toMatchObject({ state: 'queued', waitingFor: expect.stringMatching(/^It needs about \d.*weights 308 MB.*200 MB are free/), memory: { parts: { weights: 308_000_000 } } });
    await add();
    await until(() => statuses()[1] === 'finished');
    expect(statuses()[0]).toBe('queued');
    free = 10e9;
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['finished', 'finished']);
  });

  it('that the machine does not have, or that is to be refused, fails the run with one thing to change', async () => {
    await add(['microBatch=32', 'batchSize=32', 'maxSourceTokens=4096', 'maxTargetTokens=1024'], { model: 'small' });
    core.queue.changeSettings({ memory: 'refuse' });
    free = 100e6;
    await core.queue.start();
    await core.queue.whenIdle();
    expect(bench.workspace.runs.get('r0001' as RunId)).toMatchObject({
      status: 'failed', problem: { code: 'memory-too-small', action: expect.stringContaining('microBatch=') },
    });
    core.queue.changeSettings({ memory: 'ignore' });
    core.queue.add(['r0001'], { place: 'last' });
    await core.queue.whenIdle();
    expect(statuses()).toEqual(['finished']);
  });
});

describe('runs', () => {
  it('are varied: the parent is recorded, what is not changed stays, what is wrong is refused and leaves nothing', async () => {
    await add(['learningRate=0.5']);
    const request = { seeds: null, runtime: null, place: 'first' as const, command: ['souffleur', 'queue', 'duplicate'] };
    const { runs: [copy] } = await duplicateRun(core, 'r1', { ...request, settings: { promptLength: 7 } });
    expect(showRun(bench.workspace, copy ?? '')).toMatchObject({ parent: 'r0001', seed: 1, status: 'queued', settings: { promptLength: 7, learningRate: 0.5, steps: 8 } });
    expect(core.queue.list().entries.map(({ runs }) => runs[0]?.id)).toEqual([copy, 'r0001']);
    await expect(duplicateRun(core, 'r1', { ...request, settings: { promptLength: 'many' } })).rejects.toMatchObject({ code: 'setting-value' });
    expect(statuses()).toHaveLength(2);
  });

  it('leave the queue for the trash, and come back from it as cancelled', async () => {
    await add();
    expect(trashRuns(core, ['r1'])[0]).toMatchObject({ status: 'cancelled', isTrashed: true, queueEntry: null });
    expect(core.queue.list().entries).toEqual([]);
    expect(listRuns(bench.workspace, { trash: 'without', sort: 'created', order: 'descending', offset: 0, limit: 10 }).total).toBe(0);
    expect(restoreRuns(core, ['r1'])[0]).toMatchObject({ status: 'cancelled', isTrashed: false });
    await startPatient();
    expect(() => trashRuns(core, ['r1', 'r2'])).toThrow(expect.objectContaining({ code: 'run-active' }));
    expect(bench.workspace.runs.get('r0001' as RunId).trashedAtMs).toBeNull();
  });

  it('have a time left once a like run has finished here', async () => {
    await add();
    await core.queue.start();
    await core.queue.whenIdle();
    core.queue.pauseQueue();
    const [like, unlike] = [await add(), await add(['promptLength=3'])];
    core.queue.resumeQueue();
    core.queue.pauseQueue();
    // The fake worker says 1.5 s for 8 steps.
    expect(entryOf(like)?.secondsLeft).toBeCloseTo(1.5);
    expect(entryOf(unlike)?.secondsLeft).toBeNull();
  });
});
