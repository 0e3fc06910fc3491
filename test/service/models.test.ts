import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnose } from '../../main/service/doctor.ts';
import { probeDevices } from '../../main/service/devices.ts';
import { cacheDirectoryOf } from '../../main/service/model-location.ts';
import { parseModelName } from '../../main/store/identifiers.ts';
import { addModel, guessConvention, listModels, showModel } from '../../main/service/models.ts';
import { fakeWorker, makeBench, type Bench } from './fixture/workspace.ts';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';

let bench: Bench;

beforeEach(() => {
  bench = makeBench();
});
afterEach(() => {
  bench.remove();
  delete process.env['FAKE_WORKER'];
});

const request = { name: null, convention: null, workerFile: fakeWorker };

describe('adding a model', () => {
  it('takes the folder’s name, guesses the convention and says which models have the same weights', async () => {
    const added = await addModel(bench.workspace, { ...request, directory: join(bench.folder, 't5-v1_1-small') });
    expect(added).toMatchObject({ name: 't5-v1_1-small', convention: 'span-corruption', sameAs: ['fake'], architecture: 'T5 1.1' });
    expect(added.conventionReason).toContain('guessed');
    expect(listModels(bench.workspace).map(({ name }) => name)).toEqual(['fake', 't5-v1_1-small']);
    expect(showModel(bench.workspace, 't5-v1_1-small').memory?.promptTuning.weights).toBe(4000);
  });

  it('takes name and convention as given', async () => {
    const added = await addModel(bench.workspace, { ...request, directory: 'x', name: 'mine/small', convention: 'lm-adapted' });
    expect(added).toMatchObject({ name: 'mine/small', convention: 'lm-adapted', conventionReason: 'as given' });
  });

  it('refuses a name that is taken before it reads the weights', async () => {
    process.env['FAKE_WORKER'] = 'exit';
    await expect(addModel(bench.workspace, { ...request, directory: 'x', name: 'fake' })).rejects.toMatchObject({ code: 'model-name-taken' });
  });

  it('asks for a name where the folder’s cannot be one', async () => {
    await expect(addModel(bench.workspace, { ...request, directory: '/' })).rejects.toMatchObject({ code: 'model-name-needed' });
  });

  it('adds nothing when the worker finds something wrong', async () => {
    process.env['FAKE_WORKER'] = 'fail';
    await expect(addModel(bench.workspace, { ...request, directory: 'x', name: 'broken' })).rejects.toMatchObject({ code: 'fake-problem' });
    expect(listModels(bench.workspace)).toHaveLength(1);
  });

  it('ends at once when it is stopped, though the worker hears nothing, and leaves nothing', async () => {
    process.env['FAKE_WORKER'] = 'deaf';
    const stop = new AbortController();
    const adding = addModel(bench.workspace, { ...request, directory: 'x', name: 'stopped', signal: stop.signal });
    const folder = cacheDirectoryOf(bench.workspace, parseModelName('stopped'));
    mkdirSync(folder);
    writeFileSync(join(folder, 'weights.safetensors.1.partial'), 'half');
    stop.abort();
    await expect(adding).rejects.toMatchObject({ code: 'job-cancelled', kind: 'cancelled' });
    expect(listModels(bench.workspace)).toHaveLength(1);
    expect(existsSync(folder)).toBe(false);
  }, 5000);

  it.each([
    ['t5-v1_1-base', 'gated-gelu', 'span-corruption'],
    ['google-t5-v1.1-xl', 'gated-gelu', 'span-corruption'],
    ['mt5-small', 'gated-gelu', 'span-corruption'],
    ['t5-base-lm-adapt', 'gated-gelu', 'lm-adapted'],
    ['t5-v1_1-base-lm100k', 'gated-gelu', 'lm-adapted'],
    ['flan-t5-base', 'gated-gelu', 'lm-adapted'],
    ['my-model', 'gated-gelu', 'lm-adapted'],
    ['t5-v1_1-looking', 'relu', 'lm-adapted'],
  ])('guesses the convention of %s (%s) as %s', (folder, feedForward, convention) => {
    expect(guessConvention(`/models/${folder}`, { config: { feedForward } }).convention).toBe(convention);
  });
});

describe('the doctor', () => {
  it('finds nothing wrong with a workspace in order', async () => {
    const { checks } = await diagnose(join(bench.folder, 'workspace'), { workerFile: fakeWorker });
    const states = Object.fromEntries(checks.map(({ id, status }) => [id, status]));
    expect(states).toMatchObject({ node: 'ok', onnxruntime: 'ok', workspace: 'ok', database: 'ok', lock: 'ok', 'stale-files': 'ok' });
    expect(checks.find(({ id }) => id === 'lock')?.detail).toContain(`process ${process.pid}`);
  });

  it('is content with a workspace that does not exist yet', async () => {
    const { checks } = await diagnose(join(bench.folder, 'new', 'deeper'), { workerFile: fakeWorker });
    expect(checks.find(({ id }) => id === 'workspace')).toMatchObject({ status: 'ok', detail: expect.stringContaining('can be made') });
  });

  it('tells a damaged database, left-over files and a broken runtime, each with what to do', async () => {
    const broken = join(bench.folder, 'broken');
    mkdirSync(join(broken, 'objects'), { recursive: true });
    writeFileSync(join(broken, 'souffleur.db'), 'this is no database, whatever its name says');
    writeFileSync(join(broken, 'objects', '.souffleur-999999999-00000000-1.tmp'), '');
    process.env['FAKE_WORKER'] = 'exit';
    const { status, checks } = await diagnose(broken, { workerFile: fakeWorker });
    expect(status).toBe('fail');
    const bad = checks.filter((check) => ['database', 'stale-files', 'onnxruntime'].includes(check.id));
    expect(bad.map((check) => check.status).sort()).toEqual(['fail', 'fail', 'warn']);
    for (const check of bad) expect(check.action).toBeTruthy();
  });
});

describe('devices', () => {
  it('are what the worker found', async () => {
    expect(await probeDevices({ workerFile: fakeWorker })).toMatchObject({ providers: [{ provider: 'cpu', available: true }] });
  });

  it('end in a problem, not in a crash, when a driver takes its process down', async () => {
    process.env['FAKE_WORKER'] = 'exit';
    await expect(probeDevices({ workerFile: fakeWorker })).rejects.toMatchObject({ code: 'worker-died' });
  });
});
