/** What a form is drawn from, and what a run answered, as a client of the contract has it; a worker really trains. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCore, type Core } from '../../main/service/core.ts';
import { addModel } from '../../main/service/models.ts';
import { createLocalClient } from '../../main/service/router/index.ts';
import { makeFolder } from '../model/make-files.ts';
import { makeStage } from './queue/stage.ts';
import { refusal } from './router/client.ts';

let core: Core;
let client: ReturnType<typeof createLocalClient>;
const { model, files } = makeStage();
const request = {
  model: 'tiny', method: 'prompt-tuning', format: 'rte', files, runtime: { provider: 'cpu' as const, threads: 1 },
  settings: { steps: 4, batchSize: 4, evaluateEvery: 2, checkpointEvery: 2, maxSourceTokens: 72, promptLength: 3 },
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

describe('options', () => {
  it('name every method with its paper and settings, and the choices of a setting that has a few', async () => {
    const { methods, formats, builtIn } = await client.runs.options();
    const settings = methods.find(({ id }) => id === 'prompt-tuning')?.settings ?? [];
    expect(settings.find(({ key }) => key === 'schedule')).toMatchObject({ default: 'constant', choices: ['constant', 'linear', 'inverse-square-root'] });
    expect(settings.find(({ key }) => key === 'parameterScale')).toMatchObject({ default: false, choices: ['true', 'false'] });
    expect(settings.find(({ key }) => key === 'microBatch')).toMatchObject({ default: 'auto', choices: null });
    expect(methods.map(({ id, trains }) => [id, trains])).toEqual([['prompt-tuning', 'prompt'], ['full-tuning', 'weights'], ['prompt-design', 'nothing']]);
    expect(formats.find(({ id }) => id === 'sst2')?.labels).toEqual(['negative', 'positive']);
    expect(builtIn.map(({ id }) => id)).toContain('sst2');
  });
});

describe('files of a built-in task', () => {
  it('are found by name, and a name that is none is refused with those that there are', async () => {
    const check = await client.runs.check({ ...request, format: 'sst2', files: { train: 'built-in:sst2/train', dev: 'built-in:sst2/dev', test: null } });
    expect(check.inputs.map(({ role, path }) => [role, path.replaceAll('\\', '/').includes('/sst2/')])).toEqual([['train', true], ['dev', true]]);
    expect(check.command?.posix).toMatch(/^souffleur queue add --model tiny --task sst2 --train \S+sst2\S+ /);
    const refused = (train: string) => refusal(client.runs.check({ ...request, files: { train, dev: null, test: null } }));
    expect(await refused('built-in:sst3/train')).toMatchObject({ code: 'built-in-task-unknown', action: 'Did you mean sst2?' });
    expect(await refused('built-in:sst2/other')).toMatchObject({ expected: 'built-in:sst2/ and one of train, dev, test' });
  });
});

describe('answers', () => {
  it('stand beside what was read and what is right, counted and filtered, for the best and for any other checkpoint', async () => {
    const { runs: [run = ''] } = await client.runs.create(request);
    expect(await refusal(client.runs.answers({ run }))).toMatchObject({ code: 'predictions-missing' });
    await core.queue.whenIdle();
    const all = await client.runs.answers({ run });
    expect(all).toMatchObject({ total: 6, counts: { all: 6 } });
    expect(all.counts.right + all.counts.wrong).toBe(6);
    expect(all.rows.every(({ input }) => input?.includes('hypothesis:') === true)).toBe(true);
    const shown = await client.runs.show({ run });
    const accuracy = all.counts.right / 6;
    expect(shown.dev?.scores['accuracy']).toBeCloseTo(accuracy, 9);
    expect(1 - all.counts.illegal / 6).toBeCloseTo(shown.dev?.legalRate ?? Number.NaN, 9);
    const wrong = await client.runs.answers({ run, which: 'wrong', limit: 1 });
    expect([wrong.total, wrong.rows.length]).toEqual([all.counts.wrong, Math.min(1, all.counts.wrong)]);
    const [first] = all.rows;
    expect((await client.runs.answers({ run, text: first?.id.toUpperCase() ?? '' })).rows).toContainEqual(first);
    expect(await client.runs.answers({ run, split: 'test' })).toMatchObject({ total: 5, step: shown.bestStep });
    for (const { step } of shown.checkpoints) expect(await client.runs.answers({ run, step })).toMatchObject({ step, total: 6 });
    writeFileSync(files.dev, '{}\n');
    expect((await client.runs.answers({ run, step: shown.bestStep, which: 'all' })).rows).toHaveLength(6);
  }, 120_000);
});
