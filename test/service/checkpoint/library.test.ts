import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contract } from '../../../main/contract/api/index.ts';
import { checkpointDetailsSchema, checkpointListInputSchema } from '../../../main/contract/api/checkpoints.ts';
import { encodeSafetensors } from '../../../main/model/safetensors.ts';
import { readArrayFile } from '../../../main/model/array-file.ts';
import { exportPrompt, fileInFolder } from '../../../main/service/checkpoint/export.ts';
import { emptyTrash, pinCheckpoint, reportTrash, restoreCheckpoints, trashCheckpoints, unpinCheckpoint } from '../../../main/service/checkpoint/library.ts';
import { listCheckpoints, showCheckpoint } from '../../../main/service/checkpoint/listing.ts';
import { makeDeriveRequest } from '../../../main/service/checkpoint/derive.ts';
import { findCheckpoint } from '../../../main/service/checkpoint/reference.ts';
import { makeTrainJob, readRunConfig } from '../../../main/service/run-config.ts';
import { createRun, planRun } from '../../../main/service/runs.ts';
import { parseModelName, type RunId } from '../../../main/store/identifiers.ts';
import { problemOf } from '../../store/fixture.ts';
import { makeBench, type Bench } from '../fixture/workspace.ts';

let bench: Bench;
let run: RunId;
/** Step → [2, 8] */
const prompts = new Map([[100, 1], [200, 2], [300, 3]].map(([step = 0, value = 0]) => [step, Float32Array.from({ length: 16 }, (_, i) => value + i / 7)]));

const encode = (data: Float32Array): Uint8Array => encodeSafetensors([{ name: 'prompt', shape: [2, 8], data }], { format: 'pt' });
const fileBytes = encode(new Float32Array(16)).length;

beforeEach(async () => {
  bench = makeBench();
  const { workspace } = bench;
  run = createRun(workspace, await planRun(workspace, { ...bench.request, settings: ['promptLength=2', 'steps=300', 'learningRate=0.25'] }), { seed: 4 }).id;
  for (const [step, data] of prompts) {
    const weights = workspace.objects.putObject(encode(data));
    const devMetrics = { score: step / 1000, accuracy: step / 1000, legalRate: 1, loss: 1, examples: 4 };
    workspace.checkpoints.record({ run, step, weights, resumeState: null, devMetrics, isBest: step === 200 });
  }
});
afterEach(() => bench.remove());

const stepOf = (text: string): number => findCheckpoint(bench.workspace, text).step;

describe('a checkpoint’s name', () => {
  it('is its run and step, and a run alone means its best', () => {
    expect([stepOf('r0001/300'), stepOf('R1/300'), stepOf(' r1 / step-300 '), stepOf('r1'), stepOf('r1/best')]).toEqual([300, 300, 300, 200, 200]);
    for (const text of ['', 'r1/', 'r1/x', '/300', 'r1/300/2', 'r1/-5', '../objects/ab', 'r1/3e2']) {
      expect(['checkpoint-reference-invalid', 'run-id-invalid']).toContain(problemOf(() => findCheckpoint(bench.workspace, text)).code);
    }
    expect(problemOf(() => findCheckpoint(bench.workspace, 'r9/1')).code).toBe('run-not-found');
    expect(problemOf(() => findCheckpoint(bench.workspace, 'r1/5'))).toMatchObject({ code: 'checkpoint-not-found', found: 'no checkpoint of run r0001 at step 5' });
  });
});

describe('the library of checkpoints', () => {
  it('lists and shows them in the contract’s form', () => {
    const input = checkpointListInputSchema.parse({ sort: 'score', limit: 2 });
    const { total, checkpoints } = listCheckpoints(bench.workspace, input);
    expect(total).toBe(3);
    expect(checkpoints.map(({ checkpoint, score, isBest, trains, bytes }) => [checkpoint, score, isBest, trains, bytes])).toEqual([
      ['r0001/300', 0.3, false, 'prompt', fileBytes], ['r0001/200', 0.2, true, 'prompt', fileBytes],
    ]);
    const shown = checkpointDetailsSchema.parse(showCheckpoint(bench.workspace, 'r1'));
    expect(shown).toMatchObject({ checkpoint: 'r0001/200', shape: [2, 8], scores: { accuracy: 0.2 }, loss: 1, source: null, derivedRuns: [], facts: null, effect: null, trash: 'none' });
    expect(readFileSync(shown.file).length).toBe(fileBytes);
    expect(Object.keys(contract.checkpoints)).toEqual(expect.arrayContaining(['list', 'show', 'pin', 'unpin', 'trash', 'restore', 'facts', 'findFacts', 'export', 'derive']));
  });

  it('moves several to the trash together or none of them, and takes them back', () => {
    const { workspace } = bench;
    expect(problemOf(() => trashCheckpoints(workspace, ['r1/100', 'r1/200'])).code).toBe('checkpoint-is-best');
    expect(workspace.checkpoints.list(run)).toHaveLength(3);
    expect(trashCheckpoints(workspace, ['r1/100', 'r1/300']).map(({ trash }) => trash)).toEqual(['checkpoint', 'checkpoint']);
    const contents = reportTrash(workspace);
    expect(contents).toMatchObject({ runs: [], bytes: 2 * fileBytes, checkpoints: [{ run, step: 100 }, { run, step: 300 }] });
    expect(contents.freeBytes).toBeGreaterThan(0);
    expect(restoreCheckpoints(workspace, ['r1/300']).map(({ trash }) => trash)).toEqual(['none']);
    expect(emptyTrash(workspace)).toMatchObject({ checkpoints: [{ run, step: 100 }], objectCount: 1, freedBytes: fileBytes });
    expect(listCheckpoints(workspace, checkpointListInputSchema.parse({ sort: 'step', direction: 'ascending' })).checkpoints.map(({ step }) => step)).toEqual([200, 300]);
  });

  it('keeps a pinned one from the trash until it is unpinned', () => {
    const { workspace } = bench;
    expect(pinCheckpoint(workspace, { checkpoint: 'r1/100', name: 'first', note: 'why' }).pin).toMatchObject({ name: 'first', note: 'why' });
    expect(problemOf(() => trashCheckpoints(workspace, ['r1/100'])).code).toBe('checkpoint-pinned');
    expect(unpinCheckpoint(workspace, 'r1/100').pin).toBeNull();
    expect(trashCheckpoints(workspace, ['r1/100'])[0]?.trash).toBe('checkpoint');
  });
});

describe('an exported prompt', () => {
  it.each(['npy', 'safetensors', 'NPY'])('as .%s is read back bit for bit', async (ending) => {
    const exported = exportPrompt(bench.workspace, { checkpoint: 'r1/300', file: join(bench.folder, `prompt.${ending}`) });
    expect(exported).toMatchObject({ checkpoint: 'r0001/300', shape: [2, 8], format: ending.toLowerCase() });
    expect(await readArrayFile(exported.file)).toEqual({ shape: [2, 8], data: prompts.get(300) });
    // NumPy pads its header to 64 bytes; 16 values of four bytes follow.
    if (exported.format === 'npy') expect(exported.bytes).toBe(128 + 64);
  });

  it('is refused under another ending, from weights that are no prompt, and from damaged ones', () => {
    const { workspace } = bench;
    expect(problemOf(() => exportPrompt(workspace, { checkpoint: 'r1', file: 'prompt.bin' })).code).toBe('prompt-format-unknown');
    const weights = workspace.objects.putObject(encodeSafetensors([{ name: 'shared.weight', shape: [2], data: Float32Array.of(1, 2) }]));
    workspace.checkpoints.record({ run, step: 400, weights, resumeState: null, devMetrics: {}, isBest: false });
    expect(problemOf(() => exportPrompt(workspace, { checkpoint: 'r1/400', file: 'prompt.npy' })).code).toBe('checkpoint-without-prompt');
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(8, 255), Buffer.from('12345678{"prompt"')]) {
      const damaged = workspace.objects.putObject(bytes);
      workspace.checkpoints.record({ run, step: 500, weights: damaged, resumeState: null, devMetrics: {}, isBest: false });
      expect(problemOf(() => exportPrompt(workspace, { checkpoint: 'r1/500', file: 'prompt.npy' })).code).toBe('checkpoint-without-prompt');
    }
  });

  it('goes into the chosen folder and nowhere else', () => {
    expect(fileInFolder('/chosen', 'prompt.npy')).toBe(join('/chosen', 'prompt.npy'));
    for (const name of ['../prompt.npy', '/etc/prompt.npy', 'a/b.npy', 'a\\b.npy', '..', '.', 'a\0.npy']) {
      expect(problemOf(() => fileInFolder('/chosen', name)).code).toBe('file-name-invalid');
    }
  });
});

describe('a run that begins with another’s prompt', () => {
  it('records which, takes its settings but not how it began, and finds the prompt wherever the workspace lies', async () => {
    const { workspace } = bench;
    const { format, files, labels, fewShot, command } = bench.request;
    const request = await makeDeriveRequest(workspace, { checkpoint: 'r1/300', format, pvp: null, files, labels, fewShot, command, settings: ['steps=5'], model: null, runtime: null });
    const derived = createRun(workspace, await planRun(workspace, request), { seed: 1 });
    const { weights } = findCheckpoint(workspace, 'r1/300');
    expect(derived.parent).toBe(run);
    const { settings, source } = readRunConfig(derived);
    expect(source).toEqual({ run, step: 300, weights });
    expect(settings).toMatchObject({ promptLength: 2, learningRate: 0.25, steps: 5, init: 'checkpoint', initCheckpoint: 'r0001/300', initFile: '' });
    expect(makeTrainJob(workspace, [derived], { resume: false }).config).toMatchObject({ init: 'checkpoint', initFile: workspace.objects.objectPath(weights) });
    expect(showCheckpoint(workspace, 'r1/300').derivedRuns).toEqual([derived.id]);
  });

  it('names it in one setting or in two, by its best where no step is said', async () => {
    const { workspace, request } = bench;
    for (const settings of [['init=checkpoint:r1'], ['init=checkpoint', 'initCheckpoint=r0001/best'], [' init = checkpoint: r1/200 ']]) {
      const { config } = await planRun(workspace, { ...request, settings });
      expect(config.source).toMatchObject({ run, step: 200 });
      expect(config.settings['initCheckpoint']).toBe('r0001/200');
    }
    const { weights } = findCheckpoint(workspace, 'r1/100');
    expect((await planRun(workspace, { ...request, settings: [`init=checkpoint:${weights}`] })).config.source).toEqual({ run: null, step: null, weights });
    expect((await planRun(workspace, request)).config.source).toBeNull();
  });

  it('is refused without a checkpoint, with one of another width, in both numbers, and with one in the trash', async () => {
    const { workspace, request } = bench;
    const plan = (settings: string[], model = 'fake') => planRun(workspace, { ...request, model, settings });
    await expect(plan(['init=checkpoint'])).rejects.toMatchObject({ code: 'init-checkpoint-missing' });
    await expect(plan(['init=checkpoint:r7'])).rejects.toMatchObject({ code: 'run-not-found' });
    await expect(plan([`init=checkpoint:${'9'.repeat(64)}`])).rejects.toMatchObject({ code: 'object-missing' });
    const { directory, preparedDirectory } = workspace.models.get(parseModelName('fake'));
    workspace.models.add({
      name: parseModelName('wide'), directory, fingerprint: 'e'.repeat(64), config: { width: 12 }, weightKind: 'safetensors', parameterCount: 1, answerConvention: 'lm-adapted', preparedDirectory,
    });
    await expect(plan(['init=checkpoint:r1/300'], 'wide')).rejects.toMatchObject({
      code: 'init-checkpoint-width', found: 'the prompt r0001/300, 2 rows of width 8', expected: 'rows of width 12, the model wide’s',
    });
    trashCheckpoints(workspace, ['r1/300']);
    await expect(plan(['init=checkpoint:r1/300'])).rejects.toMatchObject({ code: 'checkpoint-in-trash' });
  });
});
