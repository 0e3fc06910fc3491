import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluateJob, Job, JobEvent, TrainJob, TrainResult } from '../../main/contract/worker-protocol.ts';
import { makeFolder } from '../model/make-files.ts';
import { tinyFamilies, tokenizerFixture, writeTinyT5 } from '../model/tiny-t5.ts';
import { makeTrainingBench, type TrainingBench } from './training-bench.ts';
import { startWorkerChild } from './worker-child.ts';

async function lastEvent(job: Job, entry: 'train' | 'infer'): Promise<JobEvent | undefined> {
  const worker = startWorkerChild(job, entry);
  await worker.ended;
  return worker.events.at(-1)?.event;
}

describe('an evaluation by a worker of its own', () => {
  let bench: TrainingBench;
  let trained: TrainResult;
  let trainJob: TrainJob;

  const predictionsFile = (member = 0): string => join(bench.folder, `predictions-${member}.jsonl`);
  const evaluation = (checkpointFiles: readonly (string | null)[], more: Partial<EvaluateJob> = {}): EvaluateJob => ({
    kind: 'evaluate', model: trainJob.model, method: trainJob.method, config: trainJob.config, task: trainJob.task,
    members: checkpointFiles.map((checkpointFile, i) => ({ checkpointFile, predictionsFile: predictionsFile(i) })), dataFile: bench.files.dev, runtime: trainJob.runtime, ...more,
  });

  beforeAll(async () => {
    bench = await makeTrainingBench();
    trainJob = bench.job('trained', { settings: { steps: 8, evaluateEvery: 4 } });
    const worker = startWorkerChild(trainJob, 'train');
    await worker.ended;
    const result = worker.events.flatMap(({ event }) => (event.kind === 'run-trained' ? [event.result] : []))[0];
    if (result === undefined) throw new Error(JSON.stringify(worker.events.at(-1)));
    trained = result;
  });

  it('of any kept prompt gives what training gave: scores, loss and every prediction', async () => {
    for (const { file, dev } of trained.checkpoints) {
      const last = await lastEvent(evaluation([file]), 'infer');
      expect(last).toEqual({ kind: 'evaluated', result: [{ ...dev, split: 'other', predictionsFile: predictionsFile() }] });
      expect(readFileSync(predictionsFile(), 'utf8')).toBe(readFileSync(dev?.predictionsFile ?? '', 'utf8'));
    }
  });

  it('of the bare model has no prompt, and every example in the order of its file', async () => {
    expect(await lastEvent(evaluation([null]), 'infer')).toMatchObject({ kind: 'evaluated', result: [{ examples: 6 }] });
    const predictions = readFileSync(predictionsFile(), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(predictions.map(({ id }) => id)).toEqual(['100', '101', '102', '103', '104', '105']);
    for (const { label, logProbabilities, normalisedLogProbabilities } of predictions) {
      expect([0, 1]).toContain(label);
      expect(logProbabilities).toHaveLength(2);
      expect(normalisedLogProbabilities).toHaveLength(2);
    }
  });

  it('with tensors of another shape fails in a sentence', async () => {
    const other = evaluation([trained.checkpoints[0]?.file ?? null], { config: { ...trainJob.config, promptLength: 5 } });
    expect(await lastEvent(other, 'infer')).toMatchObject({ kind: 'failed', problem: { code: 'state-unreadable', found: 'prompt with 48 elements instead of 80' } });
  });

  it('with the tokenizer of a larger model fails before any graph meets an id that it does not have', async () => {
    const directory = writeTinyT5({ config: tinyFamilies.mT5 });
    const cacheDirectory = makeFolder();
    const inspect = () => lastEvent({ kind: 'inspect-model', directory, cacheDirectory }, 'infer');
    const inspected = await inspect();
    expect(inspected).toMatchObject({ kind: 'inspected', result: { architecture: 'mT5', hasTokenizer: false } });
    copyFileSync(tokenizerFixture, join(directory, 'tokenizer.json'));
    const problem = { code: 'tokenizer-of-another-model', found: 'a tokenizer with 331 pieces' };
    expect(await inspect()).toMatchObject({ kind: 'failed', problem });
    const fingerprint = inspected?.kind === 'inspected' ? inspected.result.fingerprint : '';
    const job = evaluation([null], { model: { ...trainJob.model, directory, cacheDirectory, fingerprint } });
    expect(await lastEvent(job, 'infer')).toMatchObject({ kind: 'failed', problem });
  });
});
