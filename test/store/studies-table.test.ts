import { describe, expect, test } from 'vitest';
import { newRun, openScratchWorkspace, problemOf } from './fixture.ts';

const study = { name: 'quick', file: '/studies/quick.yaml', definition: { seeds: [1, 2] } };

describe('studies', () => {
  test('come back as they were made; a name that is used again counts its editions, and the latest is meant', () => {
    const { studies } = openScratchWorkspace();
    const first = studies.create(study);
    expect(first).toMatchObject({ ...study, edition: 1 });
    const second = studies.create({ ...study, definition: { seeds: [3] } });
    expect(studies.get('quick')).toEqual(second);
    expect(studies.get('quick', 1)).toEqual(first);
    studies.update({ number: first.number, file: '/elsewhere.yaml', definition: { seeds: [1, 2], title: 'x' } });
    expect(studies.list().map(({ edition, file }) => [edition, file])).toEqual([[1, '/elsewhere.yaml'], [2, study.file]]);
    expect(studies.find('quick', 3)).toBeNull();
    expect(problemOf(() => studies.get('quack'))).toMatchObject({ code: 'study-not-found', expected: 'one of quick' });
  });

  test('have one run a cell; a run in the trash leaves its cell, and another may take its place', () => {
    const workspace = openScratchWorkspace();
    const { number } = workspace.studies.create(study);
    const cell = { method: 'pt', task: 'rte', seed: 1 };
    const [first, second] = [workspace.runs.create(newRun).id, workspace.runs.create(newRun).id];
    workspace.studies.setRun(number, { ...cell, run: first });
    workspace.studies.setRun(number, { ...cell, seed: 2, run: second });
    expect(workspace.studies.listRuns(number)).toEqual([{ ...cell, run: first }, { ...cell, seed: 2, run: second }]);
    workspace.trashRun(first);
    expect(workspace.studies.listRuns(number).map(({ run }) => run)).toEqual([second]);
    const third = workspace.runs.create(newRun).id;
    workspace.studies.setRun(number, { ...cell, run: third });
    workspace.emptyTrash();
    expect(workspace.studies.listRuns(number).map(({ seed, run }) => [seed, run])).toEqual([[2, second], [1, third]]);
    expect(() => workspace.studies.setRun(number, { ...cell, seed: 3, run: third })).toThrow('UNIQUE');
  });
});
