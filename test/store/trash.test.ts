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

/** Step 1 is the best, step 2 is not; either may have been emptied away. */
function change(workspace: Workspace, kind: 'trash' | 'restore' | 'pin' | 'unpin' | 'trash step' | 'restore step', id: RunId): void {
  switch (kind) {
    case 'trash': return void workspace.trashRun(id);
    case 'restore': return void workspace.restoreRun(id);
    case 'pin': return void workspace.checkpointCatalogue.pin(id, 1, { name: 'kept', note: '' });
    case 'unpin': return void workspace.checkpointCatalogue.unpin(id, 1);
    case 'trash step': return workspace.checkpoints.find(id, 2) === null ? undefined : void workspace.checkpoints.trash(id, 2);
    case 'restore step': return workspace.checkpoints.find(id, 2) === null ? undefined : void workspace.checkpoints.restore(id, 2);
    default: return kind satisfies never;
  }
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
    expect(workspace.emptyTrash()).toEqual({ runs: [], datasets: [], packs: [], tasks: [], checkpoints: [], objectCount: 0, freedBytes: 0 });
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

    expect(workspace.emptyTrash()).toEqual({ runs: [gone], datasets: [], packs: [], tasks: [], checkpoints: [], objectCount: 2, freedBytes: 'gone'.length + 'optimizer'.length });
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
      fc.record({ kind: fc.constantFrom('trash' as const, 'restore' as const, 'pin' as const, 'unpin' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constantFrom('trash step' as const, 'restore step' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('empty' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 10 }), (actions) => {
        for (const action of actions) {
          const all = workspace.runs.list({ trash: 'with' }).map(({ id }) => id);
          if (action.kind === 'make') {
            const run = makeRun(workspace, action.contents);
            const weights = workspace.objects.putObject(Buffer.from(action.contents.predictions));
            workspace.checkpoints.record({ run, step: 2, weights, resumeState: null, devMetrics: {}, isBest: false });
          }
          else if (action.kind === 'empty') {
            // Old files: nothing but the rows protects them.
            ageObjects(workspace);
            workspace.emptyTrash();
          }
          else {
            const id = all[action.pick % Math.max(all.length, 1)];
            if (id !== undefined) change(workspace, action.kind, id);
          }
          for (const { id } of workspace.runs.list({ trash: 'with' })) {
            for (const step of [1, 2]) {
              const weights = workspace.checkpoints.find(id, step)?.weights;
              if (weights !== undefined) workspace.objects.readObject(weights);
            }
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

  test('a single checkpoint goes and comes back, and emptied it is gone with its objects and its worker’s copies, the run stays', () => {
    const workspace = openScratchWorkspace();
    const run = makeRun(workspace, { weights: 'best', predictions: 'best answers' });
    const at = (step: number, contents: string): void => {
      const weights = workspace.objects.putObject(Buffer.from(contents));
      workspace.checkpoints.record({ run, step, weights, resumeState: null, devMetrics: {}, isBest: false });
      workspace.predictions.record({ run, step, split: 'dev', object: workspace.objects.putObject(Buffer.from(`${contents} answers`)) });
      for (const name of [`trained-${step}.safetensors`, `predictions-dev-${step}.jsonl`]) writeFileSync(join(workspace.runFolder(run), name), contents);
    };
    at(2, 'second');
    at(3, 'third');
    const before = workspace.checkpoints.find(run, 2);
    const trashed = workspace.checkpoints.trash(run, 2);
    expect(trashed.trashedAtMs).not.toBeNull();
    expect(workspace.checkpoints.trash(run, 2)).toEqual(trashed);
    expect(workspace.checkpoints.list(run).map(({ step }) => step)).toEqual([1, 3]);
    expect(workspace.checkpoints.find(run, 2)).toEqual(trashed);
    expect(workspace.checkpoints.restore(run, 2)).toEqual(before);

    workspace.checkpoints.trash(run, 2);
    const bytes = 'second'.length + 'second answers'.length;
    expect(workspace.measureTrash()).toEqual({ runs: [], datasets: [], packs: [], tasks: [], checkpoints: [{ run, step: 2 }], bytes, keptRuns: [] });
    expect(contentsOf(workspace)).toContain('second');
    expect(workspace.emptyTrash()).toEqual({ runs: [], datasets: [], packs: [], tasks: [], checkpoints: [{ run, step: 2 }], objectCount: 2, freedBytes: bytes });
    expect(contentsOf(workspace)).toEqual(['best', 'best answers', 'third', 'third answers']);
    expect(workspace.checkpoints.find(run, 2)).toBeNull();
    expect(readdirSync(workspace.runFolder(run)).sort()).toEqual(['predictions-dev-3.jsonl', 'trained-3.safetensors', 'worker.log']);
    expect(problemOf(() => workspace.checkpoints.restore(run, 2)).code).toBe('checkpoint-not-found');
  });

  test('what a worker records again stays in the trash, unless it is the best now', () => {
    const workspace = openScratchWorkspace();
    const run = makeRun(workspace, { weights: 'w' });
    const record = (isBest: boolean): void => {
      const weights = workspace.objects.putObject(Buffer.from('again'));
      workspace.checkpoints.record({ run, step: 2, weights, resumeState: null, devMetrics: {}, isBest });
    };
    record(false);
    workspace.checkpoints.trash(run, 2);
    record(false);
    expect(workspace.checkpoints.list(run).map(({ step }) => step)).toEqual([1]);
    record(true);
    expect(workspace.checkpoints.list(run).map(({ step }) => step)).toEqual([1, 2]);
    expect(problemOf(() => workspace.checkpoints.trash(run, 2))).toMatchObject({ code: 'checkpoint-is-best', action: `Move the whole run to the trash instead: souffleur runs trash ${run}` });
  });

  test('emptied, it leaves a run whose checkpoint is pinned, whole, and lets it go when the pin is off', () => {
    const workspace = openScratchWorkspace();
    const run = makeRun(workspace, { weights: 'pinned', predictions: 'answers', input: 'data', resume: 'state' });
    const other = makeRun(workspace, { weights: 'other', input: 'data' });
    workspace.checkpointCatalogue.pin(run, 1, { name: 'keep', note: '' });
    expect(problemOf(() => workspace.checkpoints.trash(run, 1)).code).toBe('checkpoint-is-best');
    for (const id of [run, other]) workspace.trashRun(id);
    ageObjects(workspace);
    expect(workspace.measureTrash()).toMatchObject({ runs: [other], bytes: 'other'.length, keptRuns: [run] });
    expect(workspace.emptyTrash().runs).toEqual([other]);
    expect(contentsOf(workspace)).toEqual(['answers', 'data', 'pinned', 'state']);
    expect(existsSync(join(workspace.runFolder(run), 'worker.log'))).toBe(true);

    workspace.restoreRun(run);
    expect(workspace.checkpointCatalogue.get(run, 1)).toMatchObject({ isRunTrashed: false, isBest: true, pin: { name: 'keep' } });
    workspace.trashRun(run);
    workspace.checkpointCatalogue.unpin(run, 1);
    expect(workspace.emptyTrash().runs).toEqual([run]);
    expect(contentsOf(workspace)).toEqual([]);
  });

  test('a prompt that another run began with outlives its own run, and goes with the other', () => {
    const workspace = openScratchWorkspace();
    const source = makeRun(workspace, { weights: 'source' });
    const weights = workspace.checkpoints.find(source, 1)?.weights ?? '';
    const derived = workspace.runs.create({ ...newRun, parent: source, config: { source: { run: source, step: 1, weights } } }).id;
    expect(workspace.checkpointCatalogue.listDerivedRuns(weights as ObjectHash)).toEqual([derived]);
    workspace.trashRun(source);
    ageObjects(workspace);
    expect(workspace.measureTrash()).toMatchObject({ runs: [source], bytes: 0 });
    expect(workspace.emptyTrash()).toMatchObject({ runs: [source], objectCount: 0 });
    expect(contentsOf(workspace)).toEqual(['source']);
    workspace.trashRun(derived);
    expect(workspace.emptyTrash().objectCount).toBe(1);
  });

  test('facts of a prompt last as long as a checkpoint names it', () => {
    const workspace = openScratchWorkspace();
    const [first, second] = [makeRun(workspace, { weights: 'same' }), makeRun(workspace, { weights: 'same' })];
    const weights = workspace.checkpoints.find(first, 1)?.weights as ObjectHash;
    const key = { weights, data: 'd'.repeat(64), request: 'e'.repeat(64) };
    workspace.promptFacts.record(key, { known: 1 });
    expect(workspace.promptFacts.find({ ...key, request: 'f'.repeat(64) })).toBeNull();
    workspace.trashRun(first);
    workspace.emptyTrash();
    expect(workspace.promptFacts.find(key)).toEqual({ known: 1 });
    workspace.trashRun(second);
    workspace.emptyTrash();
    expect(workspace.promptFacts.findNewest(weights)).toBeNull();
  });
});
