import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunId } from '../../main/store/identifiers.ts';
import { readQueueEntryId, type QueueEntryId } from '../../main/store/queue-table.ts';
import type { Workspace } from '../../main/store/workspace.ts';
import { newRun, openScratchWorkspace, problemOf } from './fixture.ts';

function addRun(workspace: Workspace): QueueEntryId {
  return workspace.queue.add([workspace.runs.create(newRun).id], { place: 'last' }).id;
}

const order = (workspace: Workspace): string[] => workspace.queue.list().map(({ id }) => id);

describe('the queue', () => {
  test('keeps any order that it is brought into, as a list would', () => {
    const moves = fc.array(fc.record({ from: fc.nat(5), before: fc.option(fc.nat(5)) }), { maxLength: 25 });
    const workspace = openScratchWorkspace();
    for (let i = 0; i < 6; i += 1) addRun(workspace);
    let model = order(workspace);
    fc.assert(fc.property(moves, (steps) => {
      for (const { from, before } of steps) {
        const id = model[from] as QueueEntryId;
        const target = before === null ? null : model[before] as QueueEntryId;
        workspace.queue.move(id, { before: target });
        if (target !== id) {
          const others = model.filter((other) => other !== id);
          model = others.toSpliced(target === null ? others.length : others.indexOf(target), 0, id);
        }
        expect(order(workspace)).toEqual(model);
      }
    }), { numRuns: 30 });
  });

  test('lets runs that belong together wait as one, first or last', () => {
    const workspace = openScratchWorkspace();
    const late = addRun(workspace);
    const group = workspace.runs.createGroup([newRun, { ...newRun, seed: 2 }]).map(({ id }) => id);
    const entry = workspace.queue.add(group, { place: 'first' });
    expect(entry.runs).toEqual(group.map((id) => ({ id, status: 'queued', provider: null })));
    expect(order(workspace)).toEqual([entry.id, late]);
    expect(workspace.queue.findByRun(group[1] as RunId)?.id).toBe(entry.id);
  });

  test('a run that is added again leaves its place, and an entry without runs is gone', () => {
    const workspace = openScratchWorkspace();
    const first = addRun(workspace);
    addRun(workspace);
    const again = workspace.queue.add(workspace.queue.get(first).runs.map(({ id }) => id), { place: 'last' });
    expect(order(workspace)).toEqual(['q0002', again.id]);
    expect(problemOf(() => workspace.queue.get(first))).toMatchObject({ code: 'queue-entry-not-found', kind: 'input' });
    workspace.queue.removeRun(again.runs[0].id);
    expect(order(workspace)).toEqual(['q0002']);
  });

  test('forgets a run that is deleted for good, and does not show one that is in the trash', () => {
    const workspace = openScratchWorkspace();
    const id = addRun(workspace);
    const [{ id: run }] = workspace.queue.get(id).runs;
    workspace.trashRun(run);
    expect(order(workspace)).toEqual([]);
    workspace.restoreRun(run);
    expect(order(workspace)).toEqual([id]);
    workspace.trashRun(run);
    workspace.emptyTrash();
    expect(order(workspace)).toEqual([]);
    expect(workspace.queue.findByRun(run)).toBeNull();
  });

  test('reads an id as a person types it', () => {
    expect(['q7', 'Q0007', ' q0007 '].map(readQueueEntryId)).toEqual(['q0007', 'q0007', 'q0007']);
    expect(['7', 'q0', 'r0007', 'q-1', ''].map(readQueueEntryId)).toEqual([null, null, null, null, null]);
  });

  test('remembers its state and settings', () => {
    const workspace = openScratchWorkspace();
    expect(workspace.queue.state()).toEqual({ pausedAtMs: null, pausedBecause: null, settings: {} });
    workspace.queue.setState({ pausedAtMs: 5, pausedBecause: 'a run failed', settings: { cpuJobs: 2 } });
    workspace.queue.setState({ ...workspace.queue.state(), pausedAtMs: 7 });
    expect(workspace.queue.state()).toEqual({ pausedAtMs: 7, pausedBecause: 'a run failed', settings: { cpuJobs: 2 } });
  });
});
