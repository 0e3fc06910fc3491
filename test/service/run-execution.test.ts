import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evaluateRun } from '../../main/service/evaluation.ts';
import { reportRun, reportRunDetails } from '../../main/service/run-report.ts';
import { executeRunGroup, type RunOptions } from '../../main/service/run-execution.ts';
import { createRun, planRun, prepareResume } from '../../main/service/runs.ts';
import type { Run } from '../../main/store/run-row.ts';
import { fakeWorker, makeBench, type Bench } from './fixture/workspace.ts';

let bench: Bench;

beforeEach(() => {
  bench = makeBench();
});
afterEach(() => {
  bench.remove();
  delete process.env['FAKE_WORKER'];
});

async function begin(changes: Partial<Bench['request']> = {}): Promise<Run> {
  return createRun(bench.workspace, await planRun(bench.workspace, { ...bench.request, ...changes }), { seed: 7 });
}

async function run(behaviour: string, target: Run, options: Partial<RunOptions> = {}): Promise<Run> {
  process.env['FAKE_WORKER'] = behaviour;
  const [finished] = await executeRunGroup(bench.workspace, [target], { resume: false, workerFile: fakeWorker, ...options }).finished;
  return finished as Run;
}

describe('a run', () => {
  it('keeps its complete configuration, command, versions and data hashes from the beginning', async () => {
    const { id } = await begin();
    const details = reportRunDetails(bench.workspace, id);
    expect(details).toMatchObject({ status: 'queued', seed: 7, command: ['souffleur', 'tune'], runtime: { provider: 'cpu', threads: 1 } });
    expect(details.settings).toMatchObject({ steps: 8, evaluateEvery: 2, learningRate: 0.3, promptLength: 100 });
    expect(details.inputs.map(({ role, rowCount }) => [role, rowCount])).toEqual([['train', 2], ['dev', 2]]);
    expect(details.inputs[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(details.versions).toMatchObject({ node: process.versions.node, onnxruntime: expect.stringMatching(/^\d+\./) });
  });

  it('ends with its curve, its checkpoints as objects and its predictions in the workspace', async () => {
    const finished = await run('normal', await begin({ files: { train: bench.trainFile, dev: bench.trainFile, test: bench.trainFile } }));
    const { id } = finished;
    expect(finished.status).toBe('finished');
    const report = reportRun(bench.workspace, id);
    expect(report).toMatchObject({
      bestStep: 8, dev: { scores: { accuracy: 0.5 }, score: 0.5, legalRate: 0.75, loss: 0.7, examples: 4 }, test: { scores: { accuracy: 0.5 }, legalRate: 0.75 },
      losses: { first: 10, last: 1.25, steps: 8 }, seconds: 1.5, trainableParameters: 80,
    });
    expect(report.promptFile).toBe(join(bench.workspace.folder('runs'), id, 'trained-8.safetensors'));
    expect(readFileSync(report.checkpoint ?? '', 'utf8')).toBe('prompt of seed 7 after step 8');
    expect(bench.workspace.checkpoints.list(id).map(({ step, isBest }) => [step, isBest])).toEqual([[2, false], [4, false], [6, false], [8, true]]);
    expect(bench.workspace.predictions.list(id).map(({ step, split }) => `${step} ${split}`)).toEqual(['2 dev', '4 dev', '6 dev', '8 dev', '8 test']);
    expect(bench.workspace.metrics.readCurve(id, 'dev/accuracy').map(({ step }) => step)).toEqual([2, 4, 6, 8]);
  });

  it('says that its worker was killed, and then goes on from the saved state to the same end', async () => {
    const begun = await begin();
    await expect(run('die', begun)).rejects.toMatchObject({ code: 'worker-died', action: expect.stringContaining(`souffleur tune --resume ${begun.id}`) });
    expect(bench.workspace.runs.get(begun.id)).toMatchObject({ status: 'failed', problem: { code: 'worker-died' } });
    expect(bench.workspace.metrics.readCurve(begun.id, 'train/loss')).toHaveLength(5);
    const resumed = await prepareResume(bench.reopen(), begun.id);
    expect(await run('normal', resumed, { resume: true })).toMatchObject({ status: 'finished', generation: 2, problem: null });
    expect(bench.workspace.metrics.readCurve(begun.id, 'train/loss').map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => 10 / step));
    expect(bench.workspace.checkpoints.list(begun.id).map(({ step }) => step)).toEqual([2, 4, 6, 8]);
  });

  it('is cancelled on request, keeps what it has and can go on', async () => {
    process.env['FAKE_WORKER'] = 'patient';
    const begun = await begin({ settings: ['steps=100000', 'evaluateEvery=2'] });
    const execution = executeRunGroup(bench.workspace, [begun], { resume: false, workerFile: fakeWorker, onEvent: (event) => {
      if (event.kind === 'checkpoint') execution.cancel();
    } });
    await expect(execution.finished).rejects.toMatchObject({ code: 'run-cancelled', kind: 'cancelled', action: expect.stringContaining(`--resume ${begun.id}`) });
    expect(bench.workspace.runs.get(begun.id).status).toBe('cancelled');
    expect(bench.workspace.checkpoints.findBest(begun.id)?.step).toBeGreaterThanOrEqual(2);
    await expect(prepareResume(bench.workspace, begun.id)).resolves.toMatchObject({ id: begun.id });
  });

  it('keeps the worker’s own problem, with its place', async () => {
    const begun = await begin();
    await expect(run('fail', begun)).rejects.toMatchObject({ code: 'fake-problem', kind: 'input', place: { file: 'x.jsonl', line: 7 } });
    expect(bench.workspace.runs.get(begun.id).problem).toMatchObject({ code: 'fake-problem', place: { file: 'x.jsonl', line: 7 } });
  });

  it('is lost when its core disappears, and can be resumed by the next', async () => {
    const begun = await begin();
    bench.workspace.runs.changeStatus(begun.id, { to: 'starting' });
    const workspace = bench.reopen();
    expect(workspace.runs.get(begun.id).status).toBe('lost');
    await expect(prepareResume(workspace, begun.id)).resolves.toMatchObject({ status: 'lost' });
  });
});

describe('resuming', () => {
  it('is refused for a finished run', async () => {
    const finished = await run('normal', await begin());
    await expect(prepareResume(bench.workspace, finished.id)).rejects.toMatchObject({ code: 'run-finished', kind: 'input' });
  });

  it('is refused when a data file has changed, with the file and both hashes', async () => {
    const begun = await begin();
    const before = bench.workspace.runInputs.list(begun.id)[0]?.sha256 ?? '';
    appendFileSync(bench.trainFile, '{"premise":"e","hypothesis":"f","label":"entailment","idx":2}\n');
    await expect(prepareResume(bench.workspace, begun.id)).rejects.toMatchObject({
      code: 'data-changed', place: { file: bench.trainFile }, expected: expect.stringContaining(before), found: expect.stringMatching(/[0-9a-f]{64}/),
    });
  });

  it('is refused, as an evaluation is, when the model’s tokenizer has changed, with the file and both hashes', async () => {
    const begun = await begin();
    const finished = await run('normal', await begin());
    const file = join(bench.folder, 'model', 'tokenizer.json');
    writeFileSync(file, '{"other":true}');
    const problem = { code: 'tokenizer-changed', kind: 'input', place: { file }, found: expect.stringMatching(/[0-9a-f]{64}/), expected: expect.stringMatching(/[0-9a-f]{64}/) };
    await expect(prepareResume(bench.workspace, begun.id)).rejects.toMatchObject(problem);
    await expect(evaluateRun(bench.workspace, { run: finished.id, dataFile: bench.trainFile, workerFile: fakeWorker })).rejects.toMatchObject(problem);
    rmSync(file);
    await expect(prepareResume(bench.workspace, begun.id)).rejects.toMatchObject({ code: 'tokenizer-missing' });
  });

  it('is refused for a run that does not exist', async () => {
    await expect(prepareResume(bench.workspace, 'r9999' as Run['id'])).rejects.toMatchObject({ code: 'run-not-found' });
  });
});

describe('a plan', () => {
  it('leaves no row behind when something is wrong', async () => {
    const wrong: [Partial<Bench['request']>, string][] = [
      [{ model: 'absent' }, 'model-not-found'],
      [{ method: 'magic' }, 'method-unknown'],
      [{ format: 'magic' }, 'unknown-task-format'],
      [{ settings: ['stepz=3'] }, 'setting-unknown'],
      [{ labels: ['a', 'b'] }, 'labels-not-wanted'],
      [{ files: { train: join(bench.folder, 'absent.jsonl'), dev: null, test: null } }, 'system-enoent'],
    ];
    for (const [change, code] of wrong) await expect(planRun(bench.workspace, { ...bench.request, ...change })).rejects.toMatchObject({ code });
    expect(bench.workspace.runs.list()).toEqual([]);
  });

  it('settles the classes of a free format, so that a later evaluation knows the same', async () => {
    const file = join(bench.folder, 'reviews.csv');
    writeFileSync(file, 'sentence,label\ngood,1\nbad,0\nfine,1\n');
    const request = { ...bench.request, format: 'classification', files: { train: file, dev: null, test: null } };
    expect((await planRun(bench.workspace, request)).config.labels).toEqual([{ value: '0', word: '0' }, { value: '1', word: '1' }]);
    expect((await planRun(bench.workspace, { ...request, labels: ['0=bad', '1=good'] })).config.labels).toEqual([{ value: '0', word: 'bad' }, { value: '1', word: 'good' }]);
  });
});

describe('an evaluation', () => {
  it('counts answers by label and keeps the predictions as those of the split that the file is', async () => {
    const finished = await run('normal', await begin());
    const report = await evaluateRun(bench.workspace, { run: finished.id, dataFile: bench.trainFile, workerFile: fakeWorker });
    expect(report).toMatchObject({ step: 8, scores: { accuracy: 0.5 }, legalRate: 0.75 });
    expect(report.confusion).toEqual({ labels: ['entailment', 'not_entailment'], counts: [[1, 1, 0], [0, 1, 1]] });
    expect(bench.workspace.predictions.find({ run: finished.id, step: 8, split: 'train' })?.object).toBe(report.predictionsObject);
    expect(readdirSync(bench.workspace.folder('objects'))).toContain(report.predictionsObject);
  });

  it('is refused for a run without a checkpoint', async () => {
    const begun = await begin();
    await expect(evaluateRun(bench.workspace, { run: begun.id, dataFile: bench.trainFile, workerFile: fakeWorker })).rejects.toMatchObject({ code: 'run-without-checkpoint' });
  });
});
