/** The task library over the contract: what a window asks, and what it is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCore, type Core } from '../../../main/service/core.ts';
import { createLocalClient } from '../../../main/service/router/index.ts';
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
});
