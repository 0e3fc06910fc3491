import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDeriveRequest } from '../../../main/service/checkpoint/derive.ts';
import { findPromptFacts, readPromptFacts } from '../../../main/service/checkpoint/facts.ts';
import { showCheckpoint } from '../../../main/service/checkpoint/listing.ts';
import { findCheckpoint } from '../../../main/service/checkpoint/reference.ts';
import { openCore, type Core } from '../../../main/service/core.ts';
import { addModel } from '../../../main/service/models.ts';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { executeRunGroup } from '../../../main/service/run-execution.ts';
import { createRun, planRun, type TuneRequest } from '../../../main/service/runs.ts';
import type { Run } from '../../../main/store/run-row.ts';
import { makeTrainingBench, type TrainingBench } from '../../worker/training-bench.ts';

/** A real run of a real worker on a tiny model. */
let core: Core;
let training: TrainingBench;
let folder: string;
let request: TuneRequest;
let run: Run;

async function perform(wanted: TuneRequest, seed: number): Promise<Run> {
  const { workspace } = core;
  const created = createRun(workspace, await planRun(workspace, wanted), { seed });
  const [finished] = await executeRunGroup(workspace, [created], { resume: false }).finished;
  return finished as Run;
}

const derive = (settings: string[]): Promise<TuneRequest> => makeDeriveRequest(core.workspace, {
  checkpoint: `${run.id}/4`, format: 'rte', pvp: null, files: request.files, labels: null, fewShot: null, command: ['souffleur', 'checkpoints', 'derive'], settings, model: null, runtime: null,
});

beforeAll(async () => {
  training = await makeTrainingBench();
  folder = mkdtempSync(join(tmpdir(), 'souffleur-facts-'));
  core = openCore(join(folder, 'workspace'), { create: 'if-missing' });
  const { directory } = training.job('unused').model;
  await addModel(core.workspace, { directory, name: 'tiny', convention: 'lm-adapted' });
  request = {
    model: 'tiny', method: 'prompt-tuning', format: 'rte', files: { train: training.files.train, dev: training.files.dev, test: null }, labels: null, fewShot: null,
    settings: ['promptLength=3', 'steps=6', 'evaluateEvery=2', 'batchSize=4', 'maxSourceTokens=72'], runtime: { provider: 'cpu', threads: 1 }, command: ['souffleur', 'tune'],
  };
  run = await perform(request, 5);
}, 120_000);
afterAll(() => {
  core.workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a prompt tuning that is over', () => {
  it('keeps what its best prompt changed, beside the bare model', () => {
    const { effect } = showCheckpoint(core.workspace, run.id);
    expect(effect?.examples).toBe(6);
    expect(effect?.differing).toBe(run.finalMetrics?.['zeroShot/differing']);
  });
});

describe('the facts of a checkpoint', () => {
  const options = { sensitivityExamples: 0, randomPrompts: 1 };

  it('are found by a worker once, kept, and asked of it again for another question', async () => {
    const { workspace } = core;
    const checkpoint = `${run.id}/2`;
    expect(readPromptFacts(workspace, { checkpoint, options })).toBeNull();
    const facts = await findPromptFacts(workspace, { checkpoint, options });
    expect(facts.shape).toEqual([3, 16]);
    expect(facts.effect?.prompt.score).toBe(workspace.checkpoints.find(run.id, 2)?.devMetrics['score']);
    expect(readPromptFacts(workspace, { checkpoint, options })).toEqual(facts);
    // A worker that cannot even start shows that none was asked.
    expect(await findPromptFacts(workspace, { checkpoint, options, workerFile: '/nowhere.ts' })).toEqual(facts);
    expect(readPromptFacts(workspace, { checkpoint, options: { ...options, neighbours: 2 } })).toBeNull();
    expect(readPromptFacts(workspace, { checkpoint: `${run.id}/4`, options })).toBeNull();
    expect(showCheckpoint(workspace, checkpoint).facts).toEqual(facts);
    expect(readdirSync(workspace.runFolder(run.id)).filter((name) => name.startsWith('facts'))).toEqual([]);
  });

  it('come over the contract as work with an id, of which events tell', async () => {
    const client = createLocalClient(core);
    const checkpoint = `${run.id}/4`;
    const { task } = await client.checkpoints.findFacts({ checkpoint, options });
    const told: string[] = [];
    const stop = new AbortController();
    for await (const { event } of core.events.watch(null, stop.signal)) {
      if (event.kind === 'task-progress' && event.task === task) told.push(`${event.done} of ${event.total}`);
      if (event.kind !== 'task-ended' || event.task !== task) continue;
      expect(event).toMatchObject({ outcome: 'done', problem: null });
      stop.abort();
    }
    expect(told.at(-1)).toBe('24 of 24');
    expect((await client.checkpoints.facts({ checkpoint, options }))?.effect?.examples).toBe(6);
    const listed = await client.checkpoints.list({ run: run.id, sort: 'step', direction: 'ascending' });
    expect(listed.checkpoints.map(({ step }) => step)).toEqual([2, 4, 6]);
    await expect(client.checkpoints.show({ checkpoint: 'r0099' })).rejects.toMatchObject({ code: 'PROBLEM', data: { code: 'run-not-found' } });
  });

  it('stop on request, and nothing is kept', async () => {
    const stop = new AbortController();
    stop.abort();
    const asked = { checkpoint: `${run.id}/6`, options };
    await expect(findPromptFacts(core.workspace, { ...asked, signal: stop.signal })).rejects.toMatchObject({ code: 'job-cancelled', kind: 'cancelled' });
    expect(readPromptFacts(core.workspace, asked)).toBeNull();
  });

  it('are refused for options out of range, and where the data is no longer what it was', async () => {
    const checkpoint = `${run.id}/6`;
    await expect(findPromptFacts(core.workspace, { checkpoint, options: { neighbours: 0 } })).rejects.toMatchObject({ code: 'setting-value', found: 'an option that cannot be: neighbours' });
    appendFileSync(training.files.dev, '\n');
    await expect(findPromptFacts(core.workspace, { checkpoint, options })).rejects.toMatchObject({ code: 'data-changed' });
    // The rows need no data.
    expect(await findPromptFacts(core.workspace, { checkpoint, options: { ...options, examples: 0 } })).toMatchObject({ effect: null, shape: [3, 16] });
  });
});

describe('a run that begins with another’s prompt', () => {
  it('begins with it bit for bit: a first step too small to be seen in float32 leaves the same object', async () => {
    const derived = await perform(await derive(['steps=1', 'learningRate=1e-30', 'weightDecay=0']), 9);
    const { weights } = findCheckpoint(core.workspace, `${run.id}/4`);
    expect(core.workspace.checkpoints.find(derived.id, 1)?.weights).toBe(weights);
    expect(derived.parent).toBe(run.id);
    const facts = await findPromptFacts(core.workspace, { checkpoint: derived.id, options: { examples: 0 } });
    expect(facts.rows.map(({ initial }) => [initial?.distance, initial?.cosine])).toEqual(Array.from({ length: 3 }, () => [0, expect.closeTo(1, 12)]));
    expect(showCheckpoint(core.workspace, derived.id).source).toEqual({ checkpoint: `${run.id}/4`, sha256: weights });
  });

  it('of another length cuts it or fills it up, and still begins so when the source’s own run is long gone', async () => {
    const { workspace } = core;
    const source = findCheckpoint(workspace, `${run.id}/4`);
    const longer = createRun(workspace, await planRun(workspace, await derive(['steps=1', 'learningRate=1e-30', 'weightDecay=0', 'promptLength=5'])), { seed: 1 });
    workspace.trashRun(run.id);
    workspace.emptyTrash();
    expect(workspace.runs.find(run.id)).toBeNull();
    const [finished] = await executeRunGroup(workspace, [longer], { resume: false }).finished;
    const prompt = workspace.objects.readObject(findCheckpoint(workspace, `${longer.id}/1`).weights);
    const rows = workspace.objects.readObject(source.weights).subarray(-3 * 16 * 4);
    expect(prompt.subarray(-5 * 16 * 4, -2 * 16 * 4)).toEqual(rows);
    expect(finished?.parent).toBeNull();
  });
});
