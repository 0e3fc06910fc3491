/** Runs whose rows become text by a pattern: soft slots within it, the answer slot, the verbalizer's words. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExamplePrediction } from '../../main/contract/prediction.ts';
import type { Pvp } from '../../main/contract/pvp.ts';
import type { EvaluateJob, Job, JobEvent, TrainJob, TrainResult } from '../../main/contract/worker-protocol.ts';
import { readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { relativeError } from '../golden/compare.ts';
import { makeTrainingBench, type JobOptions, type TrainingBench } from './training-bench.ts';
import { startWorkerChild } from './worker-child.ts';

const verbalizer = { labels: [{ label: 'entailment', words: ['good'] }, { label: 'not_entailment', words: ['never here'] }] };

function pvpOf(template: string): Pvp {
  return { id: 'hybrid', title: 'Hybrid', pattern: { template }, verbalizer, answerNote: null, provenance: 'this test' };
}

const hybrid = pvpOf('{{ premise }} {{ soft(2, "it is") }}{{ hypothesis }}? {{ answer }}. {{ soft(1) }} here');
const hard = pvpOf('{{ premise }} it is {{ hypothesis }}? {{ answer }}.');

let bench: TrainingBench;
beforeAll(async () => {
  bench = await makeTrainingBench();
});

async function perform(job: Job): Promise<readonly JobEvent[]> {
  const worker = startWorkerChild(job, job.kind === 'train' ? 'train' : 'infer');
  const { stderr } = await worker.ended;
  if (worker.events.length === 0) throw new Error(stderr);
  return worker.events.map(({ event }) => event);
}

async function trainToEnd(job: TrainJob): Promise<TrainResult[]> {
  const events = await perform(job);
  if (events.at(-1)?.kind !== 'trained') throw new Error(JSON.stringify(events.at(-1)));
  return events.flatMap((event) => (event.kind === 'run-trained' ? [event.result] : []));
}

function withConvention(job: TrainJob, answerConvention: 'lm-adapted' | 'span-corruption'): TrainJob {
  return { ...job, model: { ...job.model, answerConvention } };
}

const jobOf = (name: string, options: JobOptions): TrainJob =>
  bench.job(name, { ...options, settings: { ...(options.method === 'prompt-design' ? {} : { steps: 8, evaluateEvery: 4 }), ...options.settings } });
const bestOf = (result: TrainResult | undefined) => result?.checkpoints.find(({ isBest }) => isBest);
const predictionsOf = (file: string | undefined): ExamplePrediction[] =>
  readFileSync(file ?? '', 'utf8').trim().split('\n').map((line) => JSON.parse(line) as ExamplePrediction);

describe.each(['lm-adapted', 'span-corruption'] as const)('a prompt within the text, %s', (convention) => {
  it('is trained, decodes and scores the verbalizer’s words, and answers the same when it is evaluated again', async () => {
    const job = withConvention(jobOf(`placed-${convention}`, { pvp: hybrid }), convention);
    const [result] = await trainToEnd(job);
    const best = bestOf(result);
    const predictions = predictionsOf(best?.dev?.predictionsFile);
    expect(new Set(predictions.map(({ target }) => target))).toEqual(new Set(['good', 'never here']));
    expect(predictions.every(({ logProbabilities }) => logProbabilities?.length === 2)).toBe(true);
    const predictionsFile = join(bench.folder, `again-${convention}.jsonl`);
    const again: EvaluateJob = {
      kind: 'evaluate', model: job.model, method: job.method, config: job.config, task: job.task, dataFile: bench.files.dev, runtime: job.runtime,
      members: [{ checkpointFile: best?.file ?? null, predictionsFile }],
    };
    expect((await perform(again)).at(-1)).toMatchObject({ kind: 'evaluated', result: [{ scores: best?.dev?.scores }] });
    expect(readFileSync(predictionsFile, 'utf8')).toBe(readFileSync(best?.dev?.predictionsFile ?? '', 'utf8'));
  });

  it('trains together with others as it does alone', async () => {
    const settings = { learningRate: 0.02 };
    const together = await trainToEnd(withConvention(jobOf(`together-${convention}`, { pvp: hybrid, seeds: [1, 2], settings }), convention));
    for (const [i, seed] of [1, 2].entries()) {
      const [alone] = await trainToEnd(withConvention(jobOf(`alone-${convention}-${seed}`, { pvp: hybrid, seed, settings }), convention));
      expect(relativeError([together[i]?.finalLoss ?? 0], [alone?.finalLoss ?? 0])).toBeLessThan(1e-4);
      expect(predictionsOf(bestOf(together[i])?.dev?.predictionsFile).map(({ answer }) => answer))
        .toEqual(predictionsOf(bestOf(alone)?.dev?.predictionsFile).map(({ answer }) => answer));
    }
  });
});

describe('a pattern', () => {
  it('whose one slot stands in front trains to the last bit what the pattern without it trains', async () => {
    const [placed] = await trainToEnd(jobOf('front-placed', { pvp: pvpOf(`{{ soft(3) }}${hard.pattern.template}`) }));
    const [plain] = await trainToEnd(jobOf('front-plain', { pvp: hard }));
    for (const [i, { file }] of (placed?.checkpoints ?? []).entries()) expect(readFileSync(file ?? '')).toEqual(readFileSync(plain?.checkpoints[i]?.file ?? ''));
  });

  it('without its words has the format’s own labels', async () => {
    const [result] = await trainToEnd(jobOf('own-labels', { pvp: { ...hybrid, verbalizer: null } }));
    expect(new Set(predictionsOf(bestOf(result)?.dev?.predictionsFile).map(({ target }) => target))).toEqual(new Set(['entailment', 'not_entailment']));
  });

  it('is written out, its slots as the texts that they begin from, where the whole model is trained', async () => {
    const [written] = await trainToEnd(jobOf('full-written', { method: 'full-tuning', pvp: pvpOf('{{ premise }} {{ soft(7, "it is") }} {{ hypothesis }}? {{ answer }}.') }));
    const [plain] = await trainToEnd(jobOf('full-plain', { method: 'full-tuning', pvp: hard }));
    expect(written?.finalLoss).toBe(plain?.finalLoss);
    expect(written?.test?.scores).toEqual(plain?.test?.scores);
  });

  it('has its shots answered in their own answer slots in prompt design', async () => {
    const job = jobOf('design', { method: 'prompt-design', pvp: hard, settings: { shots: 2, instruction: 'Judge.' } });
    await trainToEnd(job);
    const { metadata } = await readSafetensorsHeader(join(job.members[0]?.runDirectory ?? '', 'trained-0.safetensors'));
    const shots = JSON.parse(metadata['shots'] ?? '') as { input: string; answer: string | null }[];
    expect(shots).toHaveLength(2);
    for (const { input, answer } of shots) {
      expect(answer).toBeNull();
      expect(input).toMatch(/ it is .*\? (good|never here)\.$/);
    }
  });

  it('that is too long for the model says how many of its inputs were cut', async () => {
    const events = await perform(jobOf('cut', { pvp: hybrid, settings: { steps: 1, evaluateEvery: 1, maxSourceTokens: 24 } }));
    const warning = events.find((event) => event.kind === 'warning' && event.code === 'inputs-truncated');
    expect(warning).toMatchObject({ message: expect.stringMatching(/: \d+ of 13 inputs are longer than 24 tokens and were cut/) });
    expect(events.at(-1)?.kind).toBe('trained');
  });
});
