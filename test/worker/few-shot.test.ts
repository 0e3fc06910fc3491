/** A few-shot run sees what its data seed drew, says so, and looks at nothing else of the training file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent, TrainJob } from '../../main/contract/worker-protocol.ts';
import { makeTrainingBench, type TrainingBench } from './training-bench.ts';
import { startWorkerChild } from './worker-child.ts';

interface SampleFile {
  train: string[];
  dev: string[] | null;
  dataSeed: number;
}

let bench: TrainingBench;
beforeAll(async () => {
  bench = await makeTrainingBench();
});

async function perform(job: TrainJob): Promise<readonly JobEvent[]> {
  const worker = startWorkerChild(job);
  const { stderr } = await worker.ended;
  const events = worker.events.map(({ event }) => event);
  if (events.at(-1)?.kind !== 'trained' && events.at(-1)?.kind !== 'failed') throw new Error(stderr);
  return events;
}

const folderOf = (job: TrainJob): string => job.members[0]?.runDirectory ?? '';
const sampleOf = (job: TrainJob): SampleFile => JSON.parse(readFileSync(join(folderOf(job), 'sample.json'), 'utf8')) as SampleFile;
const predictedIds = (job: TrainJob, split: 'dev' | 'test'): string[] =>
  readFileSync(join(folderOf(job), `predictions-${split}-6.jsonl`), 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id);
const settings = { steps: 6, evaluateEvery: 6 };
const sampling = { trainExamples: 4, devExamples: 4, dataSeed: 10 };

describe('a few-shot run', () => {
  it('chooses by development rows of the training file and keeps the test split whole', async () => {
    const job = bench.job('drawn', { settings, files: { dev: null }, sampling });
    await perform(job);
    const { train, dev, dataSeed } = sampleOf(job);
    expect([train.length, dev?.length, dataSeed]).toEqual([4, 4, 10]);
    expect(new Set([...train, ...(dev ?? [])]).size).toBe(8);
    const labels = new Map(readFileSync(job.files.train, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { idx: number; label: string }).map(({ idx, label }) => [String(idx), label]));
    for (const part of [train, dev ?? []]) expect(part.map((id) => labels.get(id)).toSorted()).toEqual(['entailment', 'entailment', 'not_entailment', 'not_entailment']);
    expect(predictedIds(job, 'dev')).toEqual(dev);
    expect(predictedIds(job, 'test')).toEqual(['200', '201', '202', '203', '204']);
  });

  it('draws the same rows for another seed of the run, and others for another data seed', async () => {
    const jobs = [
      bench.job('seed-1', { settings, files: { dev: null }, sampling, seed: 1 }),
      bench.job('seed-2', { settings, files: { dev: null }, sampling, seed: 2 }),
      bench.job('data-20', { settings, files: { dev: null }, sampling: { ...sampling, dataSeed: 20 }, seed: 1 }),
    ];
    for (const job of jobs) await perform(job);
    const [first, second, third] = jobs.map((job) => sampleOf(job));
    expect(second).toEqual(first);
    expect(third?.train).not.toEqual(first?.train);
  });

  it('takes a development file that was given whole', async () => {
    const job = bench.job('given', { settings, sampling: { ...sampling, devExamples: null } });
    await perform(job);
    expect(sampleOf(job)).toMatchObject({ dev: null, train: { length: 4 } });
    expect(predictedIds(job, 'dev')).toHaveLength(6);
  });

  it('trains on nothing but the drawn rows', async () => {
    const job = bench.job('whole-file', { settings, files: { dev: null }, sampling });
    await perform(job);
    const { train, dev } = sampleOf(job);
    const drawn = new Set([...train, ...(dev ?? [])]);
    const rows = readFileSync(job.files.train, 'utf8').trim().split('\n').filter((line) => drawn.has(String((JSON.parse(line) as { idx: number }).idx)));
    const [trainFile, devFile] = [train, dev ?? []].map((ids, index) => {
      const file = join(bench.folder, `only-${index}.jsonl`);
      writeFileSync(file, rows.filter((line) => ids.includes(String((JSON.parse(line) as { idx: number }).idx))).join('\n'));
      return file;
    }) as [string, string];
    const same = bench.job('only-drawn', { settings, files: { train: trainFile, dev: devFile } });
    await perform(same);
    for (const name of ['trained-6.safetensors', 'predictions-dev-6.jsonl']) {
      expect(readFileSync(join(folderOf(same), name)).equals(readFileSync(join(folderOf(job), name))), name).toBe(true);
    }
  });

  it('ends before its first step where a class has too few rows, naming the counts', async () => {
    const events = await perform(bench.job('short', { settings, files: { dev: null }, sampling: { ...sampling, trainExamples: 8, devExamples: 8 } }));
    expect(events.at(-1)).toMatchObject({
      kind: 'failed', problem: { code: 'few-shot-too-few', found: 'too few examples left beside those trained on: entailment 1 of 4, not_entailment 4 of 4' },
    });
  });
});
