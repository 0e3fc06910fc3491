/** The queue and runs as a client of the contract has them, with workers that really train. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCore, type Core } from '../../../main/service/core.ts';
import { addModel } from '../../../main/service/models.ts';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { makeFolder } from '../../model/make-files.ts';
import { refusal } from '../router/client.ts';
import { makeStage } from './stage.ts';

let core: Core;
let client: ReturnType<typeof createLocalClient>;
const { model, files } = makeStage();
const request = {
  model: 'tiny', method: 'prompt-tuning', format: 'rte', files,
  settings: { steps: 60, batchSize: 4, evaluateEvery: 10, checkpointEvery: 4, maxSourceTokens: 72, dropout: 0.1, promptLength: 3 },
  runtime: { provider: 'cpu' as const, threads: 1 },
};

beforeAll(async () => {
  core = openCore(join(makeFolder(), 'workspace'), { create: 'if-missing' });
  await addModel(core.workspace, { directory: model, name: 'tiny', convention: 'lm-adapted' });
  client = createLocalClient(core);
  await core.queue.start();
}, 60_000);
afterAll(async () => {
  await core.queue.shutDown();
  core.workspace.close();
});

/** Does something when a run has its n-th checkpoint. */
async function atCheckpoint(run: string, count: number, act: () => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  let seen = 0;
  for await (const { event } of core.events.watch(core.events.position(), stop.signal)) {
    if (event.kind === 'run-checkpoint' && event.run === run && (seen += 1) === count) break;
  }
  stop.abort();
  await act();
}

const weightsOf = async (run: string): Promise<string[]> => (await client.runs.show({ run })).checkpoints.map(({ sha256 }) => sha256);

describe('over the contract', () => {
  it('a check explains every setting, finds the longest texts, and leaves nothing behind', async () => {
    const check = await client.runs.check({ ...request, seeds: [1, 2], together: true });
    expect(check).toMatchObject({ method: 'prompt-tuning', fits: true, secondsExpected: null, epochs: 60 * 4 / 13, memory: { assumes: { lengths: 'measured', promptRows: 3 }, measuredBytes: null } });
    expect(check.memory?.assumes.sourceTokens).toBeLessThanOrEqual(72);
    expect(check.memory?.totalBytes).toBe(Object.values(check.memory?.parts ?? {}).reduce((sum, bytes) => sum + bytes, 0));
    expect(check.settings.find(({ key }) => key === 'promptLength')).toEqual({ key: 'promptLength', value: 3, isDefault: false, default: 100, description: expect.stringMatching(/^Trained rows/), takes: 'a whole number from 1 to 1000' });
    expect(check.settings.filter(({ isDefault }) => !isDefault).map(({ key }) => key).toSorted()).toEqual(Object.keys(request.settings).toSorted());
    expect(await client.runs.list({})).toEqual({ total: 0, runs: [] });
    expect(await refusal(client.runs.check({ ...request, settings: { stepz: 1 } }))).toMatchObject({ code: 'setting-unknown' });
    expect(await refusal(client.runs.create({ ...request, model: 'absent' }))).toMatchObject({ code: 'model-not-found' });
  });

  it('a paused and resumed run ends with the bytes of one that was left alone', async () => {
    const { runs: [whole = ''] } = await client.runs.create(request);
    await core.queue.whenIdle();
    const { runs: [broken = ''], entries: [entry = ''] } = await client.runs.create(request);
    await atCheckpoint(broken, 2, () => client.queue.pause({ entry }));
    await core.queue.whenIdle();
    expect((await client.queue.list()).entries).toMatchObject([{ id: entry, state: 'paused', secondsLeft: expect.any(Number), startsInSeconds: null }]);
    await client.queue.resume({ entry });
    await core.queue.whenIdle();
    const [left, resumed] = [await client.runs.show({ run: whole }), await client.runs.show({ run: broken })];
    expect(resumed).toMatchObject({ status: 'finished', stoppedEarly: null, test: left.test, dev: left.dev, bestStep: left.bestStep });
    expect(await weightsOf(broken)).toEqual(await weightsOf(whole));
    expect(await client.runs.curve({ run: broken, key: 'train/loss' })).toEqual(await client.runs.curve({ run: whole, key: 'train/loss' }));
  }, 120_000);

  it('a run that is stopped is finished, tested with its best checkpoint, and says where it stopped', async () => {
    const { runs: [run = ''] } = await client.runs.create({ ...request, settings: { ...request.settings, steps: 100_000 } });
    await atCheckpoint(run, 2, () => client.queue.stopAndKeepBest({ entry: run }));
    await core.queue.whenIdle();
    const { status, stoppedEarly, test, checkpoints } = await client.runs.show({ run });
    expect(status).toBe('finished');
    expect(stoppedEarly).toEqual({ atStep: checkpoints.at(-1)?.step, plannedSteps: 100_000 });
    expect(test?.examples).toBe(5);
  }, 120_000);

  it('notes and tags find a run again; the trash hides it', async () => {
    await client.runs.annotate({ run: 'r1', note: 'the baseline', tags: ['paper', 'paper'], isStarred: true });
    expect(await client.runs.annotate({ run: 'r0001', tags: ['paper', 'rte'] })).toMatchObject({ note: 'the baseline', tags: ['paper', 'rte'], isStarred: true });
    expect((await client.runs.list({ text: 'BASELINE', onlyStarred: true, tag: 'rte' })).runs.map(({ id }) => id)).toEqual(['r0001']);
    expect(await client.runs.tags()).toEqual(['paper', 'rte']);
    await client.runs.trash({ runs: ['r0001'] });
    expect((await client.runs.list({ text: 'baseline' })).total).toBe(0);
    expect((await client.runs.list({ trash: 'only' })).runs).toMatchObject([{ id: 'r0001', isTrashed: true }]);
    await client.runs.restore({ runs: ['r0001'] });
  });
});
