/** The task library over the contract: what a window asks, and what it is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCore, type Core } from '../../../main/service/core.ts';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { parseModelName } from '../../../main/store/identifiers.ts';
import { refusal } from './client.ts';

let directory: string;
let core: Core;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'souffleur-tasks-router-'));
  core = openCore(directory, { create: 'if-missing' });
});
afterEach(() => {
  core.workspace.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('the tasks router', () => {
  it('tells the formats with their fields and words', async () => {
    const formats = await createLocalClient(core).tasks.formats();
    expect(formats.find(({ format }) => format === 'rte')).toMatchObject({
      roles: [{ role: 'hypothesis', kind: 'text', isOptional: false }, { role: 'premise' }, { role: 'label', kind: 'label', isOptional: true }], labels: ['entailment', 'not_entailment'],
    });
    expect(formats.find(({ format }) => format === 'classification')?.labels).toEqual([]);
    expect(formats.find(({ format }) => format === 'record')?.labels).toBeNull();
  });

  it('makes, edits, reverts and trashes a task, and tells every watcher', async () => {
    const client = createLocalClient(core);
    const before = core.events.position();
    const definition = await client.tasks.presets({ format: 'cb' });
    const first = await client.tasks.create({ name: 'cb', definition });
    await client.tasks.update({ name: 'cb', basedOn: 1, definition: { ...definition, title: 'Mine' } });
    expect(await client.tasks.revert({ name: 'cb', version: 1 })).toMatchObject({ version: 3, hash: first.hash });
    await client.tasks.trash({ name: 'cb' });
    expect(await client.tasks.list({})).toEqual([]);
    await client.tasks.restore({ name: 'cb' });
    expect((await client.tasks.list({})).map(({ name, version }) => [name, version])).toEqual([['cb', 3]]);
    expect((await client.tasks.versions({ name: 'cb' })).map(({ version }) => version)).toEqual([3, 2, 1]);
    expect(core.events.position().sequence - before.sequence).toBe(5);
    expect(await refusal(client.tasks.update({ name: 'cb', basedOn: 1, definition }))).toMatchObject({ code: 'task-changed-meanwhile', kind: 'input' });
  });

  it('previews and checks a pair on rows that are not stored anywhere', async () => {
    const client = createLocalClient(core);
    const pvp = (await client.tasks.presets({ format: 'sst2' })).pvps.find(({ id }) => id === 'hybrid');
    if (pvp === undefined) throw new Error('no such preset');
    const shared = { format: 'sst2', labels: null, pvp, model: null };
    const preview = await client.tasks.preview({ ...shared, data: { kind: 'rows', rows: [{ sentence: 'fine', label: 1 }] }, maxSourceTokens: 64 });
    expect(preview).toMatchObject({ words: ['bad', 'good'], examples: [{ target: 'good', tokens: null }] });
    expect(await client.tasks.check({ ...shared, fields: ['text'] })).toMatchObject({ facts: { softRows: [100], fields: ['sentence'] }, findings: [{ code: 'field-unknown' }] });
    expect(await refusal(client.tasks.check({ ...shared, model: 'absent', fields: null }))).toMatchObject({ code: 'model-not-found' });
  });

  it('adds the tasks that come with the program, with their published pairs, and leaves those that are there alone', async () => {
    const client = createLocalClient(core);
    const definition = await client.tasks.presets({ format: 'sst2' });
    await client.tasks.create({ name: 'sst2', definition: { ...definition, title: 'Mine' } });
    const { added, present } = await client.tasks.addBuiltIn();
    expect(present).toEqual(['sst2']);
    expect(added).toContain('rte');
    const tasks = await client.tasks.list({});
    expect(tasks.find(({ name }) => name === 'sst2')?.title).toBe('Mine');
    expect(tasks.find(({ name }) => name === 'rte')?.pvps.map(({ id }) => id)).toContain('hybrid');
    expect(await client.tasks.addBuiltIn()).toEqual({ added: [], present: expect.arrayContaining(['sst2', ...added]) as string[] });
  });

  it('previews a pair on the data that come with the program, tells their fields, and where a pattern is broken', async () => {
    const client = createLocalClient(core);
    const pvp = (await client.tasks.presets({ format: 'rte' })).pvps[0];
    if (pvp === undefined) throw new Error('no preset');
    const shared = { format: 'rte', labels: null, model: null };
    const preview = await client.tasks.preview({ ...shared, pvp, data: { kind: 'file', file: 'built-in:rte/dev', rows: 3 }, maxSourceTokens: 64 });
    expect(preview.examples).toHaveLength(3);
    expect(preview.fields).toEqual(expect.arrayContaining(['hypothesis', 'premise']));
    const broken = { ...pvp, pattern: { template: 'a\n{{ premise } {{ answer }}' } };
    const { findings, facts } = await client.tasks.check({ ...shared, pvp: broken, fields: null });
    expect(facts).toBeNull();
    expect(findings[0]).toMatchObject({ severity: 'error', place: { line: 2, column: 1 } });
  });

  it('lists the runs that used a pair of a task, with its version', async () => {
    const client = createLocalClient(core);
    const task = await client.tasks.create({ name: 'mine', definition: await client.tasks.presets({ format: 'sst2' }) });
    const pvp = task.definition.pvps[0];
    const version = { task: 'mine', version: 1, hash: task.hash };
    const workspace = core.workspace;
    const model = workspace.models.add({
      name: parseModelName('tiny'), directory: '/nowhere', preparedDirectory: null, fingerprint: '0'.repeat(64), config: {}, answerConvention: 'lm-adapted', parameterCount: 1, weightKind: 'safetensors',
    });
    const run = { method: 'prompt-tuning', model: model.name, modelFingerprint: model.fingerprint, task: 'sst2', seed: 1, command: [], versions: {}, parent: null, inputs: [] };
    workspace.runs.create({ ...run, config: { pvp: { pvp, version } } });
    workspace.runs.create({ ...run, config: { pvp: null } });
    workspace.runs.create({ ...run, config: { pvp: { pvp, version: { ...version, task: 'another' } } } });
    expect(await client.tasks.runs({ name: 'mine' })).toMatchObject([{ run: 'r0001', status: 'queued', version: 1, pvp: pvp?.id }]);
  });
});
