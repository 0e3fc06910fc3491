/** With a worker that computes nothing; a real one is in test/cli/reproduce. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReproduction, executeReproduction, reportReproduction } from '../../main/service/reproduction.ts';
import { executeRunGroup } from '../../main/service/run-execution.ts';
import { createRun, planRun } from '../../main/service/runs.ts';
import { parseModelName, type RunId } from '../../main/store/identifiers.ts';
import type { Run } from '../../main/store/run-row.ts';
import { fakeWorker, makeBench, type Bench } from './fixture/workspace.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.remove());

async function finish(request: Partial<Bench['request']> = {}, seed = 7): Promise<Run> {
  const run = createRun(bench.workspace, await planRun(bench.workspace, { ...bench.request, ...request }), { seed });
  await executeRunGroup(bench.workspace, [run], { resume: false, workerFile: fakeWorker }).finished;
  return bench.workspace.runs.get(run.id);
}

const make = (run: RunId, threads: number | null = null): Promise<Run> => createReproduction(bench.workspace, { run, threads });

describe('a reproduction', () => {
  it('is a run of its own with everything that the original was made with, and says that it is the same', async () => {
    const original = await finish();
    const run = await make(original.id);
    expect(run).toMatchObject({
      parent: original.id, seed: 7, method: original.method, model: original.model, modelFingerprint: original.modelFingerprint, task: original.task, config: original.config,
      command: ['souffleur', 'runs', 'reproduce', 'r0001'], versions: original.versions,
    });
    expect(bench.workspace.runInputs.list(run.id)).toEqual(bench.workspace.runInputs.list(original.id));
    expect(Object.keys(run.versions)).toEqual(['souffleur', 'node', 'onnxruntime', 'platform']);
    const report = await executeReproduction(bench.workspace, run, { workerFile: fakeWorker }).finished;
    expect(report).toMatchObject({ original: 'r0001', reproduction: 'r0002', verdict: 'identical', circumstances: [] });
    expect(report.findings.map(({ what, verdict }) => [what, verdict])).toEqual(['weights', 'best-step', 'dev-answers', 'dev-scores', 'losses'].map((what) => [what, 'identical']));
    expect(report.sentence).toBe('Run r0002 is run r0001 again, bit for bit, under the same circumstances.');
  });

  it('under other threads names them, though everything came out the same', async () => {
    const original = await finish();
    const run = await make(original.id, 3);
    const report = await executeReproduction(bench.workspace, run, { workerFile: fakeWorker }).finished;
    expect(report).toMatchObject({ verdict: 'identical', circumstances: [{ what: 'threads', original: '1', reproduction: '3' }] });
    expect(run.command).toContain('--threads');
  });

  it('is refused with both hashes when the data have changed, and leaves no run behind', async () => {
    const original = await finish();
    const [{ sha256 } = { sha256: '' }] = bench.workspace.runInputs.list(original.id);
    appendFileSync(bench.trainFile, '\n');
    await expect(make(original.id)).rejects.toMatchObject({ code: 'data-changed', found: expect.stringMatching(/[0-9a-f]{64}/), expected: expect.stringContaining(sha256) });
    expect(bench.workspace.runs.list()).toHaveLength(1);
  });

  it('is refused with both hashes when the model’s tokenizer is another', async () => {
    const original = await finish();
    writeFileSync(join(bench.folder, 'model', 'tokenizer.json'), '{"other":1}');
    await expect(make(original.id)).rejects.toMatchObject({ code: 'tokenizer-changed', found: expect.stringMatching(/[0-9a-f]{64}/), expected: expect.stringMatching(/[0-9a-f]{64}/) });
  });

  it('finds the model under the name that it has now', async () => {
    const original = await finish();
    bench.workspace.models.rename(original.model, parseModelName('renamed'));
    await expect(make(original.id)).resolves.toMatchObject({ model: 'renamed', modelFingerprint: original.modelFingerprint });
  });

  it('of a run that did not finish is refused', async () => {
    const { id } = createRun(bench.workspace, await planRun(bench.workspace, bench.request), { seed: 1 });
    await expect(make(id)).rejects.toMatchObject({ code: 'run-not-finished' });
  });
});

/** Float32 tensor “prompt” as a safetensors file. */
function safetensors(values: readonly number[]): Buffer {
  const header = JSON.stringify({ prompt: { dtype: 'F32', shape: [values.length], data_offsets: [0, values.length * 4] } });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.from(Float32Array.from(values).buffer)]);
}

describe('two runs held against each other', () => {
  interface Outcome {
    weights: readonly number[];
    answers: readonly [string, number][];
    losses: readonly number[];
    score: number;
  }

  async function pretend({ weights, answers, losses, score }: Outcome): Promise<RunId> {
    const { workspace } = bench;
    const { id } = createRun(workspace, await planRun(workspace, bench.request), { seed: 1 });
    workspace.checkpoints.record({ run: id, step: 8, weights: workspace.objects.putObject(safetensors(weights)), resumeState: null, devMetrics: { accuracy: score, score }, isBest: true });
    const rows = answers.map(([answer, logProbability], index) => `${JSON.stringify({
      id: String(index), group: null, answer, target: 'entailment', answeredLabel: 0, label: 0, logProbabilities: [logProbability, -2], normalisedLogProbabilities: null,
    })}\n`);
    workspace.predictions.record({ run: id, step: 8, split: 'dev', object: workspace.objects.putObject(Buffer.from(rows.join(''))) });
    workspace.metrics.record(id, losses.map((value, index) => ({ step: index + 1, key: 'train/loss', value })));
    workspace.runs.changeStatus(id, { to: 'starting' });
    workspace.runs.changeStatus(id, { to: 'finished', finalMetrics: {} });
    return id;
  }

  const outcome: Outcome = { weights: [1, -4, 0.5], answers: [['entailment', -0.1], ['not_entailment', -0.2]], losses: [2, 1.5], score: 0.5 };
  const compare = async (change: Partial<Outcome>) => {
    const [original, reproduction] = [await pretend(outcome), await pretend({ ...outcome, ...change })];
    const report = await reportReproduction(bench.workspace, { original, reproduction });
    return { ...report, by: Object.fromEntries(report.findings.map((finding) => [finding.what, finding])) };
  };

  it('are the same within tolerance where only the last bits differ, with the largest difference', async () => {
    const report = await compare({ weights: [1, -4.001953125, 0.5], answers: [['entailment', -0.1001], ['not_entailment', -0.2]], losses: [2, 1.501] });
    expect(report.verdict).toBe('within-tolerance');
    expect(report.by['weights']).toMatchObject({ verdict: 'within-tolerance', largestDifference: 0.001953125 });
    expect(report.by['dev-answers']).toMatchObject({ verdict: 'within-tolerance', detail: expect.stringContaining('2 of 2 answers the same') });
    expect(report.by['losses']?.largestDifference).toBeCloseTo(0.001, 9);
    expect(report.by['dev-scores']?.verdict).toBe('identical');
  });

  it('are different where an answer, a weight, a loss or a score is', async () => {
    expect(await compare({ weights: [1, -4.1, 0.5] })).toMatchObject({ verdict: 'different', by: { weights: { verdict: 'different' }, 'dev-answers': { verdict: 'identical' } } });
    expect(await compare({ weights: [1, -4] })).toMatchObject({ verdict: 'different', by: { weights: { largestDifference: null } } });
    expect(await compare({ answers: [['entailment', -0.1], ['entailment', -0.2]] })).toMatchObject({ verdict: 'different', by: { 'dev-answers': { detail: expect.stringContaining('1 of 2') } } });
    expect(await compare({ losses: [2, 1.6] })).toMatchObject({ by: { losses: { verdict: 'different' } } });
    expect(await compare({ losses: [2] })).toMatchObject({ by: { losses: { verdict: 'different', largestDifference: null } } });
    expect(await compare({ score: 0.75 })).toMatchObject({ by: { 'dev-scores': { verdict: 'different', largestDifference: 0.25 } } });
    expect(await compare({ weights: [1, Number.NaN, 0.5] })).toMatchObject({ by: { weights: { verdict: 'different' } } });
  });

  it('that answer other questions are not compared', async () => {
    const [original] = [await pretend(outcome)];
    const other = await finish({ settings: ['steps=4', 'evaluateEvery=2'] }, 1);
    await expect(reportReproduction(bench.workspace, { original, reproduction: other.id })).rejects.toMatchObject({ code: 'not-a-reproduction', found: expect.stringContaining('settings') });
  });
});
