import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRunId, type ObjectHash, type RunId } from '../../main/store/identifiers.ts';
import { openWorkspace, type Workspace } from '../../main/store/workspace.ts';
import { newRun, openScratchWorkspace, problemOf } from './fixture.ts';

/** A run with one checkpoint, its predictions, an input and a folder; contents are named by the caller, so that runs can share them. */
function makeRun(workspace: Workspace, contents: { weights: string; resume?: string; predictions?: string; input?: string }): RunId {
  const put = (content: string | undefined): ObjectHash | null => (content === undefined ? null : workspace.objects.putObject(Buffer.from(content)));
  const input = put(contents.input);
  const { id } = workspace.runs.create({
    ...newRun,
    inputs: input === null ? [] : [{ role: 'train', path: '/data', sha256: input, rowCount: 1 }],
  });
  const weights = workspace.objects.putObject(Buffer.from(contents.weights));
  workspace.checkpoints.record({ run: id, step: 1, weights, resumeState: put(contents.resume), devMetrics: {}, isBest: true });
  const object = put(contents.predictions);
  if (object !== null) workspace.predictions.record({ run: id, step: 1, split: 'dev', object });
  workspace.metrics.record(id, [{ step: 1, key: 'train/loss', value: 1 }]);
  writeFileSync(join(workspace.runFolder(id), 'worker.log'), 'text');
  return id;
}

function contentsOf(workspace: Workspace): string[] {
  return readdirSync(workspace.folder('objects')).map((name) => workspace.objects.readObject(name as ObjectHash).toString()).sort();
}

function ageObjects(workspace: Workspace): void {
  for (const name of readdirSync(workspace.folder('objects'))) ageObject(workspace, name as ObjectHash);
}

function ageObject(workspace: Workspace, hash: ObjectHash): void {
  const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
  utimesSync(workspace.objects.objectPath(hash), twoDaysAgo, twoDaysAgo);
}

describe('the trash', () => {
  test('takes a run out of sight with nothing lost, and gives it back as it was', () => {
    const workspace = openScratchWorkspace();
    const run = makeRun(workspace, { weights: 'w' });
    const before = workspace.runs.get(run);
    const trashed = workspace.trashRun(run);
    expect(trashed.trashedAtMs).not.toBeNull();
    expect(workspace.trashRun(run)).toEqual(trashed);
    expect(workspace.runs.list()).toEqual([]);
    expect(workspace.runs.list({ trash: 'only' })).toEqual([trashed]);
    expect(workspace.runs.list({ trash: 'with' })).toEqual([trashed]);
    expect(problemOf(() => workspace.runs.changeStatus(run, { to: 'starting' })).code).toBe('run-in-trash');

    expect(workspace.restoreRun(run)).toEqual(before);
    expect(workspace.emptyTrash()).toEqual({ runs: [], checkpoints: [], objectCount: 0, freedBytes: 0 });
    expect(workspace.runs.list()).toEqual([before]);
    expect(contentsOf(workspace)).toEqual(['w']);
    expect(existsSync(join(workspace.runFolder(run), 'worker.log'))).toBe(true);
  });

  test('emptied, it deletes rows, folders and exactly the objects that nobody else names', () => {
    const workspace = openScratchWorkspace();
    const kept = makeRun(workspace, { weights: 'kept', input: 'shared data', predictions: 'shared answers' });
    const gone = makeRun(workspace, { weights: 'gone', resume: 'optimizer', input: 'shared data', predictions: 'shared answers' });
    const child = workspace.runs.create({ ...newRun, parent: gone }).id;
    workspace.trashRun(gone);

    expect(workspace.emptyTrash()).toEqual({ runs: [gone], checkpoints: [], objectCount: 2, freedBytes: 'gone'.length + 'optimizer'.length });
    expect(contentsOf(workspace)).toEqual(['kept', 'shared answers', 'shared data']);
    expect(workspace.runs.find(gone)).toBeNull();
    expect(workspace.checkpoints.list(gone)).toEqual([]);
    expect(workspace.metrics.listKeys(gone)).toEqual([]);
    expect(workspace.predictions.list(gone)).toEqual([]);
    expect(workspace.runs.get(child).parent).toBeNull();
    expect(readdirSync(workspace.folder('runs'))).toEqual([kept]);
    expect(readdirSync(join(workspace.directory, 'trash'))).toEqual([]);
    expect(workspace.runs.create(newRun).id).toBe('r0004');
  });

  test('an id is not given again even when the newest run was deleted', () => {
    const workspace = openScratchWorkspace();
    workspace.trashRun(workspace.runs.create(newRun).id);
    workspace.emptyTrash();
    expect(workspace.runs.create(newRun).id).toBe('r0002');
  });

  test('whatever is trashed, restored and emptied in whatever order, every named object is there', () => {
    const workspace = openScratchWorkspace();
    const contents = fc.record({ weights: fc.constantFrom('a', 'b', 'c'), predictions: fc.constantFrom('a', 'd', 'e'), input: fc.constantFrom('d', 'f') });
    const action = fc.oneof(
      fc.record({ kind: fc.constant('make' as const), contents }),
      fc.record({ kind: fc.constantFrom('trash' as const, 'restore' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('empty' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 10 }), (actions) => {
        for (const action of actions) {
          const all = workspace.runs.list({ trash: 'with' }).map(({ id }) => id);
          if (action.kind === 'make') makeRun(workspace, action.contents);
          else if (action.kind === 'empty') {
            // Old files: nothing but the rows protects them.
            ageObjects(workspace);
            workspace.emptyTrash();
          }
          else {
            const id = all[action.pick % Math.max(all.length, 1)];
            if (id !== undefined) (action.kind === 'trash' ? workspace.trashRun : workspace.restoreRun)(id);
          }
          for (const { id } of workspace.runs.list({ trash: 'with' })) {
            for (const { weights } of workspace.checkpoints.list(id)) workspace.objects.readObject(weights);
            for (const { object } of workspace.predictions.list(id)) workspace.objects.readObject(object);
            for (const { sha256 } of workspace.runInputs.list(id)) workspace.objects.readObject(sha256);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  test('content that was put and is not yet named survives, also when a deleted run had named the same', async () => {
    const workspace = openScratchWorkspace();
    const run = makeRun(workspace, { weights: 'same', predictions: 'other' });
    await sleep(20);
    workspace.objects.putObject(Buffer.from('same'));
    const fresh = workspace.objects.putObject(Buffer.from('fresh'));
    workspace.trashRun(run);
    expect(workspace.emptyTrash().objectCount).toBe(1);
    expect(contentsOf(workspace)).toEqual(['fresh', 'same']);

    // A day later nobody has named it: whoever put it was killed before the row.
    ageObject(workspace, fresh);
    expect(workspace.emptyTrash().objectCount).toBe(1);
    expect(contentsOf(workspace)).toEqual(['same']);
  });

  test('a run at work and a run that does not exist are refused', () => {
    const workspace = openScratchWorkspace();
    const { id } = workspace.runs.create(newRun);
    workspace.runs.changeStatus(id, { to: 'starting' });
    expect(problemOf(() => workspace.trashRun(id)).message).toMatch(/r0001, which is starting.*Pause or cancel/);
    expect(problemOf(() => workspace.trashRun(parseRunId('r9'))).code).toBe('run-not-found');
    expect(problemOf(() => workspace.restoreRun(parseRunId('r9'))).code).toBe('run-not-found');
  });

  test('an emptying that was killed half-way is finished, and files that are not ours stay', () => {
    const workspace = openScratchWorkspace();
    const { id } = workspace.runs.create(newRun);
    workspace.close();
    const at = (...names: string[]) => join(workspace.directory, ...names);
    // Killed after the commit: a folder without a row; killed while deleting: a folder in the trash.
    for (const path of [at('runs', 'r0077'), at('runs', id), at('runs', 'notes'), at('trash', 'r0078')]) mkdirSync(path, { recursive: true });
    writeFileSync(at('objects', 'README'), 'mine');

    const again = openWorkspace(workspace.directory);
    expect(readdirSync(at('trash'))).toEqual([]);
    again.emptyTrash();
    expect(readdirSync(at('runs')).sort()).toEqual(['notes', id]);
    expect(readdirSync(at('objects'))).toEqual(['README']);
    again.close();
  });
});
