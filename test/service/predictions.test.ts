import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPredictions } from '../../main/service/predictions.ts';
import { createRun, planRun } from '../../main/service/runs.ts';
import { makeBench, type Bench } from './fixture/workspace.ts';

let bench: Bench;

beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.remove());

const prediction = {
  id: '7', group: null, answer: 'entailment', target: 'entailment', answeredLabel: 0, label: 0, answers: [], logProbabilities: [-0.1, -2.5], normalisedLogProbabilities: [-0.1, -1.25],
};

async function runWith(lines: string | null) {
  const { workspace } = bench;
  const { id } = createRun(workspace, await planRun(workspace, bench.request), { seed: 1 });
  for (const step of [2, 4]) {
    const weights = workspace.objects.putObject(Buffer.from(`weights of ${step}`));
    workspace.checkpoints.record({ run: id, step, weights, resumeState: null, devMetrics: {}, isBest: step === 2 });
  }
  if (lines !== null) workspace.predictions.record({ run: id, step: 2, split: 'test', object: workspace.objects.putObject(Buffer.from(lines)) });
  workspace.predictions.record({ run: id, step: 4, split: 'test', object: workspace.objects.putObject(Buffer.from(`${JSON.stringify({ ...prediction, id: 'of the last step' })}\n`)) });
  return id;
}

describe('the answers of a run', () => {
  it('are those of its best checkpoint, in the order of the file', async () => {
    const rows = [prediction, { ...prediction, id: '3', target: null, label: null }];
    const id = await runWith(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    expect(await readPredictions(bench.workspace, id, 'test')).toEqual(rows);
  });

  it('of a diverged model can be read', async () => {
    const id = await runWith(`${JSON.stringify({ ...prediction, logProbabilities: [Number.NaN, -1] })}\n`);
    expect((await readPredictions(bench.workspace, id, 'test'))[0]?.logProbabilities).toEqual([Number.NaN, -1]);
  });

  it('that were never given are missed with the way to get them', async () => {
    const id = await runWith(null);
    await expect(readPredictions(bench.workspace, id, 'test')).rejects.toMatchObject({ code: 'predictions-missing', action: expect.stringContaining(`souffleur eval --run ${id}`) });
  });

  it.each([
    ['no JSON', 'nonsense'], ['a line that is no prediction', '[]'], ['a label that is no number', JSON.stringify({ ...prediction, label: 'yes' })], ['an empty line', ''],
  ])('with %s are refused with the line', async (_what, line) => {
    const id = await runWith(`${JSON.stringify(prediction)}\n${line}\n`);
    await expect(readPredictions(bench.workspace, id, 'test')).rejects.toMatchObject({ code: 'predictions-invalid', place: { line: 2 } });
  });
});
