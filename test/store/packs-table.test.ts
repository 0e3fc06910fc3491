import { existsSync, utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { packIdOf, parsePackId } from '../../main/store/identifiers.ts';
import type { PackRow } from '../../main/store/packs-table.ts';
import type { Workspace } from '../../main/store/workspace.ts';
import { openScratchWorkspace, problemOf } from './fixture.ts';

function addPack(workspace: Workspace, name = 'x'): PackRow {
  const put = (kind: string) => workspace.objects.putObject(Buffer.from(`${kind} of ${name}`));
  return workspace.packs.add({
    origin: 'pack', source: `/tmp/${name}.promptpack`, manifestText: `{ "title": "${name}" }\n`, baseFingerprint: 'f'.repeat(64),
    prompts: [{ adapterConfig: put('config'), adapterWeights: put('weights'), trained: put('prompt') }],
  });
}

describe('packs of a workspace', () => {
  it('keep their manifest byte for byte and their prompts in order', () => {
    const workspace = openScratchWorkspace();
    const pack = addPack(workspace);
    expect(pack).toMatchObject({ id: 'p0001', manifestText: '{ "title": "x" }\n', trashedAtMs: null });
    expect(workspace.packs.get(pack.id)).toEqual(pack);
    expect(workspace.packs.list()).toEqual([pack]);
    expect(problemOf(() => workspace.packs.get(packIdOf(9))).code).toBe('pack-not-found');
  });

  it('come back from the trash, and go with their objects when it is emptied', () => {
    const workspace = openScratchWorkspace();
    const [kept, gone] = [addPack(workspace, 'kept'), addPack(workspace, 'gone')];
    workspace.packs.trash(gone.id);
    expect(workspace.packs.list().map(({ id }) => id)).toEqual([kept.id]);
    expect(workspace.packs.list({ trash: 'only' }).map(({ id }) => id)).toEqual([gone.id]);
    workspace.packs.restore(gone.id);
    expect(workspace.packs.list()).toHaveLength(2);
    workspace.packs.trash(gone.id);
    const files = (pack: PackRow) => pack.prompts.flatMap((prompt) => Object.values(prompt)).map((hash) => workspace.objects.objectPath(hash));
    // The row is written after its objects.
    for (const file of files(gone)) utimesSync(file, 1, 1);
    workspace.emptyTrash();
    expect(files(gone).map((file) => existsSync(file))).toEqual([false, false, false]);
    expect(files(kept).map((file) => existsSync(file))).toEqual([true, true, true]);
    expect(problemOf(() => workspace.packs.get(gone.id)).code).toBe('pack-not-found');
  });

  it('keep the objects that they share with another pack', () => {
    const workspace = openScratchWorkspace();
    const [first, second] = [addPack(workspace), addPack(workspace)];
    workspace.packs.trash(first.id);
    workspace.emptyTrash();
    expect(workspace.packs.get(second.id).prompts.map(({ trained }) => existsSync(workspace.objects.objectPath(trained)))).toEqual([true]);
  });

  it('are named as runs are', () => {
    expect(['p7', 'P0007', 'p0007 '].map(parsePackId)).toEqual(['p0007', 'p0007', 'p0007']);
    expect(['./p7', 'p0', 'r0001', 'pack.zip'].map(parsePackId)).toEqual([null, null, null, null]);
  });
});
