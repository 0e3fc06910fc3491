import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExamplePrediction } from '../../main/contract/prediction.ts';
import { voteOnSplit } from '../../main/service/ensembles.ts';
import { createRun, planRun } from '../../main/service/runs.ts';
import type { RunId } from '../../main/store/identifiers.ts';
import { makeBench, type Bench } from './fixture/workspace.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.remove());

const labels = ['entailment', 'not_entailment'];

/** Right labels of four examples: 0, 1, 0, 1. */
function predictions(answered: readonly number[], sureness = -1): ExamplePrediction[] {
  return answered.map((answeredLabel, i) => ({
    id: String(i), group: null, answer: labels[answeredLabel] ?? 'perhaps', target: labels[i % 2] ?? null, answers: [], answeredLabel, label: i % 2,
    logProbabilities: labels.map((_, label) => (label === answeredLabel ? sureness : 2 * sureness)), normalisedLogProbabilities: null,
  }));
}

interface Finished {
  answers: readonly ExamplePrediction[];
  devScore?: number;
  request?: Partial<Bench['request']>;
}

async function finish({ answers, devScore = 0.5, request = {} }: Finished, seed: number): Promise<RunId> {
  const { workspace } = bench;
  const files = { train: bench.trainFile, dev: bench.trainFile, test: bench.trainFile };
  const { id } = createRun(workspace, await planRun(workspace, { ...bench.request, files, ...request }), { seed });
  const weights = workspace.objects.putObject(Buffer.from(`prompt ${seed}`));
  workspace.checkpoints.record({ run: id, step: 4, weights, resumeState: null, devMetrics: { score: devScore }, isBest: true });
  const object = workspace.objects.putObject(Buffer.from(answers.map((each) => `${JSON.stringify(each)}\n`).join('')));
  workspace.predictions.record({ run: id, step: 4, split: 'test', object });
  workspace.runs.changeStatus(id, { to: 'starting' });
  workspace.runs.changeStatus(id, { to: 'finished', finalMetrics: {} });
  return id;
}

async function finishAll(all: readonly Finished[]): Promise<RunId[]> {
  const ids: RunId[] = [];
  for (const [seed, each] of all.entries()) ids.push(await finish(each, seed));
  return ids;
}

describe('a vote of finished runs', () => {
  it('has the average, the best by dev and after looking, the ensemble, and every example’s votes as an object that stays', async () => {
    const runs = await finishAll([
      { answers: predictions([0, 1, 1, -1]), devScore: 0.9 },
      { answers: predictions([0, 0, 0, 1]), devScore: 0.6 },
      { answers: predictions([1, 1, 0, -1]), devScore: 0.7 },
    ]);
    const report = await voteOnSplit(bench.workspace, { runs, split: 'test' });
    expect(report).toMatchObject({
      task: 'rte', data: 'test', examples: 4, legalRate: 1,
      average: { accuracy: (0.5 + 0.75 + 0.5) / 3 }, bestByDev: { runId: runs[0], scores: { accuracy: 0.5 } }, bestOnData: { runId: runs[1], scores: { accuracy: 0.75 } },
      ensemble: { members: 3, scores: { accuracy: 1, score: 1 }, ties: 0, abstentions: 2 },
    });
    expect(report.members.map(({ scores, legalRate }) => [scores['accuracy'], legalRate])).toEqual([[0.5, 0.75], [0.75, 1], [0.5, 0.75]]);
    const votes = bench.workspace.objects.readObject(report.votesObject).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as object);
    expect(votes).toHaveLength(4);
    expect(votes[3]).toEqual({
      id: '3', group: null, answers: { [runs[0] ?? '']: 'perhaps', [runs[1] ?? '']: 'not_entailment', [runs[2] ?? '']: 'perhaps' },
      winner: 'not_entailment', label: 1, votes: 1, wasTie: false, decidedBy: null, abstentions: 2, target: 'not_entailment',
    });
    for (const run of runs) expect(bench.workspace.votes.list(run)).toMatchObject([{ members: runs, object: report.votesObject }]);
    bench.workspace.trashRun(runs[0] as RunId);
    bench.workspace.emptyTrash();
    expect(bench.workspace.objects.readObject(report.votesObject).length, 'two members still name it').toBeGreaterThan(0);
    for (const run of runs.slice(1)) bench.workspace.trashRun(run);
    bench.workspace.emptyTrash();
    expect(() => bench.workspace.objects.readObject(report.votesObject)).toThrow(expect.objectContaining({ code: 'object-missing' }));
  });

  it('counts ties and says what broke them; an example on which all abstain is wrong and illegal', async () => {
    const runs = await finishAll([{ answers: predictions([0, 0, 1, -1], -0.1) }, { answers: predictions([1, 1, 0, -1], -0.9) }]);
    const report = await voteOnSplit(bench.workspace, { runs, split: 'test' });
    // The surer member rules the other one's label out: its sum is −1.1 against −1.9.
    expect(report).toMatchObject({ legalRate: 0.75, ensemble: { ties: 3, abstentions: 2, scores: { accuracy: 0.5 } } });
    const votes = bench.workspace.objects.readObject(report.votesObject).toString().trimEnd().split('\n').map((line) => JSON.parse(line) as { winner: string | null; decidedBy: string | null });
    expect(votes.map(({ winner, decidedBy }) => [winner, decidedBy])).toEqual([
      [labels[1], 'log-probability'], [labels[1], 'log-probability'], [labels[0], 'log-probability'], [null, null],
    ]);
  });

  it('joins by example, in whatever order a run has them', async () => {
    const answers = predictions([0, 1, 0, 1]);
    const runs = await finishAll([{ answers }, { answers: answers.toReversed() }]);
    expect(await voteOnSplit(bench.workspace, { runs, split: 'test' })).toMatchObject({ ensemble: { scores: { accuracy: 1 }, ties: 0 } });
  });

  it('is refused for one run, a run named twice and an unfinished run', async () => {
    const [run] = await finishAll([{ answers: predictions([0, 1, 0, 1]) }]);
    const waiting = createRun(bench.workspace, await planRun(bench.workspace, bench.request), { seed: 9 });
    const vote = (runs: readonly (RunId | undefined)[]) => voteOnSplit(bench.workspace, { runs: runs as RunId[], split: 'test' });
    await expect(vote([run])).rejects.toMatchObject({ code: 'ensemble-too-small', found: '1 run' });
    await expect(vote([run, run])).rejects.toMatchObject({ code: 'ensemble-too-small', found: 'a run that is named twice' });
    await expect(vote([run, waiting.id])).rejects.toMatchObject({ code: 'run-not-finished', found: `run ${waiting.id}, which is queued` });
  });

  it('is refused for other examples, other tasks and other labels, naming both runs', async () => {
    const other = join(bench.folder, 'other.jsonl');
    writeFileSync(other, '{"premise":"e","hypothesis":"f","label":"entailment","idx":0}\n');
    const reviews = join(bench.folder, 'reviews.csv');
    writeFileSync(reviews, 'sentence,label\ngood,1\nbad,0\n');
    const free = { format: 'classification', files: { train: reviews, dev: reviews, test: reviews } };
    const [first, moved, fewer, task, words, others] = await finishAll([
      { answers: predictions([0, 1, 0, 1]) },
      { answers: predictions([0, 1, 0, 1]), request: { files: { train: bench.trainFile, dev: bench.trainFile, test: other } } },
      { answers: predictions([0, 1, 0]) },
      { answers: predictions([0, 1]), request: free },
      { answers: predictions([0, 1]), request: { ...free, labels: ['0=bad', '1=good'] } },
      { answers: predictions([0, 1]), request: { ...free, labels: ['0=no', '1=yes'] } },
    ]);
    const vote = (...runs: (RunId | undefined)[]) => voteOnSplit(bench.workspace, { runs: runs as RunId[], split: 'test' });
    await expect(vote(first, moved)).rejects.toMatchObject({ code: 'examples-differ', found: expect.stringMatching(new RegExp(`${first}.*${moved}`)) });
    await expect(vote(first, fewer)).rejects.toMatchObject({ code: 'examples-differ', found: expect.stringContaining('example 3') });
    await expect(vote(first, task)).rejects.toMatchObject({ code: 'runs-not-alike', expected: 'runs with the same task format' });
    await expect(vote(words, others)).rejects.toMatchObject({ code: 'runs-not-alike', found: expect.stringMatching(/labels bad, good.*labels no, yes/) });
  });
});
