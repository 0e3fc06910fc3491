import { describe, expect, test } from 'vitest';
import type { CatalogueQuery } from '../../main/store/checkpoint-catalogue.ts';
import type { ObjectHash, RunId } from '../../main/store/identifiers.ts';
import type { Workspace } from '../../main/store/workspace.ts';
import { newRun, openScratchWorkspace, problemOf } from './fixture.ts';

const weights = 'a'.repeat(64) as ObjectHash;
const everything: CatalogueQuery = { sort: { by: 'run', direction: 'ascending' }, offset: 0, limit: 500 };

function namesOf(workspace: Workspace, query: Partial<CatalogueQuery> = {}): string[] {
  return workspace.checkpointCatalogue.list({ ...everything, ...query }).rows.map(({ run, step }) => `${run}/${step}`);
}

/** Two runs: r0001 with three steps of falling loss, r0002 of another task and method with one step that was never evaluated. */
function fill(workspace: Workspace): [RunId, RunId] {
  const first = workspace.runs.create(newRun).id;
  const second = workspace.runs.create({ ...newRun, task: 'boolq', method: 'full-tuning', seed: 2 }).id;
  for (const [step, score, loss] of [[100, 0.5, 1.5], [200, 0.75, 0.5], [300, 0.625, Number.NaN]] as const) {
    workspace.checkpoints.record({ run: first, step, weights, resumeState: null, devMetrics: { score, loss, legalRate: 1 }, isBest: step === 200 });
    workspace.metrics.record(first, [{ step, key: 'train/loss', value: loss }]);
  }
  workspace.checkpoints.record({ run: second, step: 50, weights, resumeState: null, devMetrics: {}, isBest: true });
  return [first, second];
}

describe('the catalogue of checkpoints', () => {
  test('has every checkpoint of every run with what its run says of it', () => {
    const workspace = openScratchWorkspace();
    const [first, second] = fill(workspace);
    expect(workspace.checkpointCatalogue.get(first, 200)).toMatchObject({
      run: first, step: 200, weights, method: 'prompt-tuning', model: 'tiny', task: 'rte', seed: 1, isBest: true, devMetrics: { score: 0.75 }, trainLoss: 0.5,
      pin: null, trashedAtMs: null, isRunTrashed: false,
    });
    expect(workspace.checkpointCatalogue.get(first, 300).trainLoss).toBeNull();
    expect(workspace.checkpointCatalogue.get(second, 50)).toMatchObject({ task: 'boolq', seed: 2, trainLoss: null });
    expect(problemOf(() => workspace.checkpointCatalogue.get(first, 7)).code).toBe('checkpoint-not-found');
  });

  test('is filtered by run, task, method, model, pin, best and trash', () => {
    const workspace = openScratchWorkspace();
    const [first, second] = fill(workspace);
    workspace.checkpointCatalogue.pin(first, 300, { name: 'last', note: '' });
    workspace.checkpoints.trash(first, 100);
    expect(namesOf(workspace)).toEqual(['r0001/300', 'r0001/200', 'r0002/50']);
    expect(namesOf(workspace, { run: second })).toEqual(['r0002/50']);
    expect(namesOf(workspace, { task: 'rte' })).toEqual(['r0001/300', 'r0001/200']);
    expect(namesOf(workspace, { method: 'full-tuning' })).toEqual(['r0002/50']);
    expect(namesOf(workspace, { methods: ['full-tuning', 'prompt-tuning'] })).toHaveLength(3);
    expect(namesOf(workspace, { methods: [] })).toEqual([]);
    expect(namesOf(workspace, { model: 'another' })).toEqual([]);
    expect(namesOf(workspace, { only: 'pinned' })).toEqual(['r0001/300']);
    expect(namesOf(workspace, { only: 'best' })).toEqual(['r0001/200', 'r0002/50']);
    expect(namesOf(workspace, { trash: 'only' })).toEqual(['r0001/100']);
    workspace.trashRun(second);
    expect(namesOf(workspace, { trash: 'only' })).toEqual(['r0001/100', 'r0002/50']);
    expect(namesOf(workspace, { trash: 'with' })).toHaveLength(4);
  });

  test('is sorted both ways with what has no value last, and goes page by page without losing or repeating a row', () => {
    const workspace = openScratchWorkspace();
    fill(workspace);
    expect(namesOf(workspace, { sort: { by: 'score', direction: 'descending' } })).toEqual(['r0001/200', 'r0001/300', 'r0001/100', 'r0002/50']);
    expect(namesOf(workspace, { sort: { by: 'score', direction: 'ascending' } })).toEqual(['r0001/100', 'r0001/300', 'r0001/200', 'r0002/50']);
    expect(namesOf(workspace, { sort: { by: 'loss', direction: 'ascending' } })).toEqual(['r0001/200', 'r0001/100', 'r0002/50', 'r0001/300']);
    expect(namesOf(workspace, { sort: { by: 'step', direction: 'ascending' } })).toEqual(['r0002/50', 'r0001/100', 'r0001/200', 'r0001/300']);
    for (const by of ['created', 'score', 'loss', 'legalRate', 'step', 'run'] as const) {
      const sort = { by, direction: 'descending' } as const;
      const pages = [0, 1, 2, 3].flatMap((offset) => namesOf(workspace, { sort, offset, limit: 1 }));
      expect(pages).toEqual(namesOf(workspace, { sort }));
    }
    expect(workspace.checkpointCatalogue.list({ ...everything, offset: 3, limit: 10 })).toMatchObject({ total: 4, rows: [{ step: 50 }] });
  });

  test('pins under a name that can change, keeps what is pinned out of the trash, and unpins without a complaint', () => {
    const workspace = openScratchWorkspace();
    const [first] = fill(workspace);
    const { pin } = workspace.checkpointCatalogue.pin(first, 100, { name: 'early', note: 'before it forgot' });
    expect(pin).toMatchObject({ name: 'early', note: 'before it forgot' });
    expect(workspace.checkpointCatalogue.pin(first, 100, { name: 'Früh 💾', note: '' }).pin).toEqual({ name: 'Früh 💾', note: '', pinnedAtMs: pin?.pinnedAtMs });
    expect(problemOf(() => workspace.checkpoints.trash(first, 100))).toMatchObject({ code: 'checkpoint-pinned', found: 'step 100 of run r0001, pinned as "Früh 💾"' });
    expect(workspace.checkpointCatalogue.unpin(first, 100).pin).toBeNull();
    expect(workspace.checkpointCatalogue.unpin(first, 100).pin).toBeNull();
    workspace.checkpoints.trash(first, 100);
    expect(problemOf(() => workspace.checkpointCatalogue.pin(first, 100, { name: 'late', note: '' })).code).toBe('checkpoint-in-trash');
  });

  test('shows a page of ten thousand checkpoints in the blink of an eye', () => {
    const workspace = openScratchWorkspace();
    workspace.transaction(() => {
      for (let each = 0; each < 500; each += 1) {
        const run = workspace.runs.create({ ...newRun, seed: each }).id;
        for (let step = 1; step <= 20; step += 1) workspace.checkpoints.record({ run, step, weights, resumeState: null, devMetrics: { score: ((each * 7 + step) % 100) / 100 }, isBest: step === 20 });
      }
    });
    const startedMs = performance.now();
    const { total, rows } = workspace.checkpointCatalogue.list({ sort: { by: 'score', direction: 'descending' }, offset: 5000, limit: 50 });
    expect([total, rows.length]).toEqual([10_000, 50]);
    // Some 60 ms alone on a laptop; the bound is for a machine under load.
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
