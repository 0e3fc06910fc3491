import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addFromHub } from '../../../main/service/hub/add-from-hub.ts';
import { parseHubModel } from '../../../main/service/hub/hub-model.ts';
import { discardDownload, downloadModel, listPartialDownloads, type ModelDownloadRequest } from '../../../main/service/hub/model-download.ts';
import { removeModel } from '../../../main/service/models.ts';
import { fakeWorker, makeBench, type Bench } from '../fixture/workspace.ts';
import { startHub, type Hub } from './hub.ts';

const weights = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * 2_654_435_761) >>> 13));
const files = {
  'config.json': Buffer.from('{"model_type":"t5"}'), 'spiece.model': Buffer.from('pieces'), 'model.safetensors': weights,
  'pytorch_model.bin': Buffer.from('not wanted'), 'README.md': Buffer.from('not wanted'), '../evil.json': Buffer.from('not wanted'),
};
const wanted = ['config.json', 'model.safetensors', 'spiece.model'];

let bench: Bench;
let hub: Hub;
beforeEach(async () => {
  bench = makeBench();
  hub = await startHub('google/t5-mini', files);
  bench.workspace.settings.set({ hubEndpoint: hub.endpoint });
});
afterEach(async () => {
  await hub.close();
  bench.remove();
});

const patience = { stallMs: 300, attempts: 3, firstWaitMs: 5 };
const download = (change: Partial<ModelDownloadRequest> = {}): Promise<string> =>
  downloadModel(bench.workspace, { id: 'google/t5-mini', revision: 'main', endpoint: hub.endpoint, signal: new AbortController().signal, patience, ...change });
const filesOf = (folder: string): string[] => readdirSync(folder).filter((name) => name !== 'download.json').toSorted();
const rangesOf = (name: string): (string | null)[] => hub.requests.filter(({ path }) => path.endsWith(name)).map(({ range }) => range);

describe('a download from a hub', () => {
  it('brings what a T5 needs and nothing else, from the commit that the revision stands for, and tells how far it is', async () => {
    const told: number[] = [];
    const folder = await download({ onProgress: ({ done, total }) => told.push(done / total) });
    expect(filesOf(folder)).toEqual(wanted);
    expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(hub.requests.filter(({ path }) => path.includes('/resolve/')).every(({ path }) => /\/resolve\/[0-9a-f]{40}\//.test(path))).toBe(true);
    expect(listPartialDownloads(bench.workspace)).toEqual([]);
    expect(existsSync(join(bench.workspace.folder('models'), 'evil.json'))).toBe(false);
  });

  it('goes on behind the last byte after every cut of the line', async () => {
    hub.behave('model.safetensors', { cutAfter: [50_000, 70_000, 1] });
    const folder = await download();
    expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
    const ranges = rangesOf('model.safetensors');
    expect(ranges).toHaveLength(4);
    expect(ranges[0]).toBeNull();
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
  });

  it('that was stopped is told of, survives a restart of the program, and goes on with If-Range', async () => {
    const stop = new AbortController();
    hub.behave('model.safetensors', { stalling: { bytes: 100_000, times: 1 } });
    const running = download({ signal: stop.signal, patience: { ...patience, stallMs: 60_000 }, onProgress: ({ done }) => {
      if (done > 100_000) stop.abort();
    } });
    await expect(running).rejects.toMatchObject({ code: 'download-cancelled', kind: 'cancelled' });
    bench.reopen();
    const [partial] = listPartialDownloads(bench.workspace);
    expect(partial).toMatchObject({ id: 'google/t5-mini', revision: 'main', totalBytes: 300_025, doneBytes: 100_025 });
    const folder = await download();
    expect(filesOf(folder)).toEqual(wanted);
    expect(hub.requests.at(-1)).toMatchObject({ range: 'bytes=100000-', ifRange: expect.stringMatching(/^"[0-9a-f]{64}"$/) });
  });

  it('starts anew where the server knows no ranges or the file has changed since', async () => {
    hub.behave('model.safetensors', { cutAfter: [50_000], ignoresRanges: true });
    expect(readFileSync(join(await download(), 'model.safetensors')).equals(weights)).toBe(true);
    const other = Buffer.from(weights.map((byte) => byte ^ 7));
    hub.change('model.safetensors', other);
    const folder = await download();
    expect(readFileSync(join(folder, 'model.safetensors')).equals(other)).toBe(true);
    expect(rangesOf('spiece.model'), 'what did not change is not fetched again').toHaveLength(1);
  });

  it('waits out a server that fails for a while, and one that stalls', async () => {
    hub.behave('config.json', { failing: { status: 503, times: 2 } });
    hub.behave('model.safetensors', { stalling: { bytes: 1000, times: 1 } });
    expect(filesOf(await download())).toEqual(wanted);
    expect(rangesOf('model.safetensors')).toEqual([null, 'bytes=1000-']);
  });

  it('with wrong bytes is fetched once more; bytes that stay wrong are refused with both hashes, and nothing of them is kept', async () => {
    hub.behave('model.safetensors', { corrupting: 1 });
    expect(readFileSync(join(await download(), 'model.safetensors')).equals(weights)).toBe(true);
    hub.behave('spiece.model', { corrupting: 9 });
    const broken = download({ revision: 'other' });
    await expect(broken).rejects.toMatchObject({ code: 'hub-wrong-content', found: expect.stringMatching(/git-blob [0-9a-f]{40}/), expected: expect.stringMatching(/git-blob [0-9a-f]{40}/) });
    const [{ directory } = { directory: '' }] = listPartialDownloads(bench.workspace);
    expect(filesOf(directory)).toEqual(['config.json']);
  });

  it('heals a part that was damaged on the disk', async () => {
    hub.behave('model.safetensors', { failing: { status: 404, times: 1 } });
    await expect(download()).rejects.toMatchObject({ code: 'hub-not-found' });
    const [{ directory } = { directory: '' }] = listPartialDownloads(bench.workspace);
    writeFileSync(join(directory, 'model.safetensors.part'), Buffer.alloc(weights.length));
    expect(readFileSync(join(await download(), 'model.safetensors')).equals(weights)).toBe(true);
  });

  it('that is stopped before the hub answers is stopped, not offline', async () => {
    await expect(download({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'download-cancelled', kind: 'cancelled' });
  });

  it('never takes more than was listed', async () => {
    hub.behave('config.json', { extraBytes: 10 });
    await expect(download()).rejects.toMatchObject({ code: 'hub-wrong-content', found: 'more than 19 bytes' });
  });

  it('gives up after so many attempts that bring nothing, in one sentence that says what to do', async () => {
    hub.behave('model.safetensors', { failing: { status: 500, times: 99 } });
    await expect(download()).rejects.toMatchObject({ code: 'hub-interrupted', kind: 'failure', found: expect.stringContaining('500'), action: expect.stringContaining('goes on') });
    expect(rangesOf('model.safetensors')).toHaveLength(3);
    const gone = await startHub('google/t5-mini', files);
    await gone.close();
    const offline = await download({ endpoint: gone.endpoint }).catch((thrown: unknown) => thrown);
    expect(offline).toMatchObject({ code: 'hub-unreachable', found: expect.stringMatching(/^no connection to http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/), action: expect.stringContaining('hubEndpoint') });
    expect((offline as Error).message).not.toContain('\n');
  });

  it('of a model that is not there, is not one, or has no name that one could have is refused', async () => {
    await expect(download({ id: 'google/none' })).rejects.toMatchObject({ code: 'hub-not-found' });
    for (const id of ['', '../x', 'a/b/c', 'a b', '/x', 'x/..']) expect(() => parseHubModel(id, 'main'), id).toThrow(expect.objectContaining({ code: 'hub-id-invalid' }));
    expect(() => parseHubModel('a/b', '../../x')).toThrow(expect.objectContaining({ code: 'hub-id-invalid' }));
    expect(parseHubModel('https://huggingface.co/google/t5-mini', 'refs/pr/1')).toEqual({ id: 'google/t5-mini', revision: 'refs/pr/1' });
    const bare = await startHub('google/t5-mini', { 'config.json': Buffer.from('{}') });
    await expect(download({ endpoint: bare.endpoint })).rejects.toMatchObject({ code: 'hub-no-model' });
    await bare.close();
  });

  it('runs once at a time, and can be discarded when it stopped', async () => {
    const stop = new AbortController();
    hub.behave('model.safetensors', { stalling: { bytes: 1000, times: 1 } });
    let arrive: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const first = download({ signal: stop.signal, patience: { ...patience, stallMs: 60_000 }, onProgress: ({ done }) => done > 1000 && arrive?.() });
    await expect(download()).rejects.toMatchObject({ code: 'download-active' });
    expect(() => discardDownload(bench.workspace, { id: 'google/t5-mini', revision: 'main' })).toThrow(expect.objectContaining({ code: 'download-active' }));
    await arrived;
    stop.abort();
    await expect(first).rejects.toMatchObject({ code: 'download-cancelled' });
    expect(discardDownload(bench.workspace, { id: 'google/t5-mini', revision: 'main' }).freedBytes).toBeGreaterThan(0);
    expect(listPartialDownloads(bench.workspace)).toEqual([]);
    expect(() => discardDownload(bench.workspace, { id: 'google/t5-mini', revision: 'main' })).toThrow(expect.objectContaining({ code: 'download-not-found' }));
  });
});

describe('a model of the hub', () => {
  const request = { id: 'google/t5-mini', revision: 'main', name: null, convention: null, signal: new AbortController().signal, patience, workerFile: fakeWorker };

  it('is in the workspace under its own name, and its files go with it only when that is asked for', async () => {
    const added = await addFromHub(bench.workspace, request);
    expect(added).toMatchObject({ name: 't5-mini', convention: 'lm-adapted' });
    removeModel(bench.workspace, { name: 't5-mini', files: 'keep' });
    const asked = hub.requests.length;
    await addFromHub(bench.workspace, request);
    expect(hub.requests.slice(asked).map(({ path }) => path.split('/')[1]), 'only the listing').toEqual(['api']);
    expect(removeModel(bench.workspace, { name: 't5-mini', files: 'delete-download' }).freedBytes).toBeGreaterThan(300_000);
    expect(existsSync(added.directory)).toBe(false);
  });

  it('whose name is taken is refused before anything is downloaded', async () => {
    await expect(addFromHub(bench.workspace, { ...request, name: 'fake' })).rejects.toMatchObject({ code: 'model-name-taken' });
    expect(hub.requests).toEqual([]);
  });
});
