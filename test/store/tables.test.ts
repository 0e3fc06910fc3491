import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseModelName, type ObjectHash } from '../../main/store/identifiers.ts';
import { newRun, openScratchWorkspace, problemOf, tinyModel } from './fixture.ts';

const hash = (digit: string) => digit.repeat(64) as ObjectHash;

describe('models', () => {
  test('come back as they were added, by name, and know their prepared folder', () => {
    const workspace = openScratchWorkspace();
    const added = workspace.models.add({ ...tinyModel, name: parseModelName('google/another'), answerConvention: 'span-corruption' });
    expect(added).toMatchObject({ ...tinyModel, name: 'google/another', answerConvention: 'span-corruption' });
    expect(workspace.models.list().map(({ name }) => name)).toEqual(['google/another', 'tiny']);
    workspace.models.setPreparedDirectory(tinyModel.name, '/prepared');
    expect(workspace.models.get(tinyModel.name).preparedDirectory).toBe('/prepared');
  });

  test('a taken name, an unknown one and a model that runs need are refused in words', () => {
    const workspace = openScratchWorkspace();
    const absent = parseModelName('absent');
    expect(problemOf(() => workspace.models.add(tinyModel)).code).toBe('model-name-taken');
    expect(problemOf(() => workspace.models.get(absent)).expected).toBe('one of tiny');
    expect(problemOf(() => workspace.models.setPreparedDirectory(absent, '/x')).code).toBe('model-not-found');
    expect(problemOf(() => workspace.models.remove(absent)).code).toBe('model-not-found');
    const run = workspace.runs.create(newRun);
    workspace.trashRun(run.id);
    expect(problemOf(() => workspace.models.remove(tinyModel.name)).code).toBe('model-in-use');
    workspace.emptyTrash();
    workspace.models.remove(tinyModel.name);
    expect(workspace.models.find(tinyModel.name)).toBeNull();
  });
});

describe('checkpoints', () => {
  test('at most one is the best, whatever is recorded in whatever order, and the run knows its step', () => {
    const workspace = openScratchWorkspace();
    const step = fc.record({ step: fc.nat({ max: 8 }), isBest: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (recorded) => {
        const run = workspace.runs.create(newRun).id;
        let best: number | null = null;
        for (const { step, isBest } of recorded) {
          workspace.checkpoints.record({ run, step, weights: hash('a'), resumeState: null, devMetrics: {}, isBest });
          if (isBest) best = step;
          else if (best === step) best = null;
        }
        const steps = [...new Set(recorded.map(({ step }) => step))].sort((a, b) => a - b);
        expect(workspace.checkpoints.list(run).map(({ step }) => step)).toEqual(steps);
        expect(workspace.checkpoints.findBest(run)?.step ?? null).toBe(best);
        expect(workspace.runs.get(run).bestStep).toBe(best);
      }),
      { numRuns: 30 },
    );
  });

  test('a run goes on from its latest step with a resume state; older states can be forgotten', () => {
    const workspace = openScratchWorkspace();
    const run = workspace.runs.create(newRun).id;
    const record = (step: number, resumeState: ObjectHash | null) =>
      workspace.checkpoints.record({ run, step, weights: hash('a'), resumeState, devMetrics: { accuracy: 0.5, loss: Number.NaN as number }, isBest: false });
    record(10, hash('1'));
    const latest = record(20, hash('2'));
    record(30, null);
    expect(workspace.checkpoints.findLatestResumable(run)).toEqual({ ...latest, devMetrics: { accuracy: 0.5, loss: null } });
    workspace.checkpoints.keepOnlyResumeState(run, 20);
    expect(workspace.checkpoints.list(run).map(({ resumeState }) => resumeState)).toEqual([null, hash('2'), null]);
  });

  test('recording a step again keeps its predictions; forgetting what came later takes theirs', () => {
    const workspace = openScratchWorkspace();
    const run = workspace.runs.create(newRun).id;
    const checkpoint = (step: number) =>
      workspace.checkpoints.record({ run, step, weights: hash('a'), resumeState: null, devMetrics: {}, isBest: false });
    for (const step of [10, 20]) {
      checkpoint(step);
      for (const split of ['dev', 'test'] as const) workspace.predictions.record({ run, step, split, object: hash('b') });
    }
    checkpoint(10);
    const replaced = workspace.predictions.record({ run, step: 10, split: 'dev', object: hash('c') });
    expect(workspace.predictions.find({ run, step: 10, split: 'dev' })).toEqual(replaced);
    expect(workspace.predictions.list(run).map(({ step, split }) => `${step} ${split}`)).toEqual(['10 dev', '10 test', '20 dev', '20 test']);
    workspace.checkpoints.deleteAfter(run, 10);
    expect(workspace.predictions.list(run).map(({ step, split }) => `${step} ${split}`)).toEqual(['10 dev', '10 test']);
    expect(workspace.predictions.find({ run, step: 20, split: 'dev' })).toBeNull();
    expect(() => workspace.predictions.record({ run, step: 20, split: 'dev', object: hash('b') })).toThrow('FOREIGN KEY');
  });
});

describe('metrics', () => {
  test('any numbers come back in order of steps, a diverged loss included', () => {
    const workspace = openScratchWorkspace();
    // Adding zero makes minus zero zero, as SQLite does.
    const point = fc.record({ step: fc.nat({ max: 50 }), key: fc.constantFrom('train/loss', 'dev/accuracy', 'lr'), value: fc.double().map((value) => value + 0) });
    fc.assert(
      fc.property(fc.array(point), (points) => {
        const run = workspace.runs.create(newRun).id;
        workspace.metrics.record(run, points);
        const last = new Map(points.map((point) => [`${point.key} ${point.step}`, point]));
        expect(workspace.metrics.listKeys(run)).toEqual([...new Set(points.map(({ key }) => key))].sort());
        for (const key of workspace.metrics.listKeys(run)) {
          const expected = [...last.values()].filter((point) => point.key === key).sort((a, b) => a.step - b.step);
          expect(workspace.metrics.readCurve(run, key)).toEqual(expected);
          expect(workspace.metrics.readCurve(run, key, { afterStep: 25 })).toEqual(expected.filter(({ step }) => step > 25));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('points are all recorded or none, and those beyond a step can be forgotten', () => {
    const workspace = openScratchWorkspace();
    const run = workspace.runs.create(newRun).id;
    const points = [1, 2, 3].map((step) => ({ step, key: 'train/loss', value: 1 / step }));
    expect(() => workspace.metrics.record(run, [...points, { step: -1, key: 'train/loss', value: 0 }])).toThrow('CHECK');
    expect(workspace.metrics.listKeys(run)).toEqual([]);
    workspace.metrics.record(run, points);
    workspace.metrics.deleteAfter(run, 2);
    expect(workspace.metrics.readCurve(run, 'train/loss')).toEqual(points.slice(0, 2));
  });
});
