import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluateJob, TrainJob, TrainResult } from '../../main/contract/worker-protocol.ts';
import { encodeState } from '../../main/train/training-state.ts';
import { freshProgress } from '../../main/train/member.ts';
import { createAdamW } from '../../main/train/adamw.ts';
import { promptTuning } from '../../main/method/prompt-tuning.ts';
import { createGenerator } from '../../main/train/random.ts';
import { replaceStates, settleStates, statePath } from '../../main/worker/saved-states.ts';
import { makeFolder } from '../model/make-files.ts';
import { makeTrainingBench, type TrainingBench } from './training-bench.ts';
import { startWorkerChild, type WorkerChild } from './worker-child.ts';

const seeds = [5, 6, 7];

async function resultsOf(worker: WorkerChild): Promise<TrainResult[]> {
  const { stderr } = await worker.ended;
  if (worker.events.at(-1)?.event.kind !== 'trained') throw new Error(`ended with ${JSON.stringify(worker.events.at(-1))}\n${stderr}`);
  return worker.events.flatMap(({ event }) => (event.kind === 'run-trained' ? [event.result] : []));
}

/** What a job leaves, by run and file, without its states and what time and place decide. */
function outcome({ members }: TrainJob, results: readonly TrainResult[]): object {
  return members.map(({ runDirectory }, i) => {
    const { seconds: _seconds, peakMemoryBytes: _peak, ...rest } = results[i] as TrainResult;
    const names = readdirSync(runDirectory).filter((name) => name !== 'state.safetensors').toSorted();
    return {
      files: Object.fromEntries(names.map((name) => [name, readFileSync(join(runDirectory, name)).toString('base64')])),
      result: JSON.parse(JSON.stringify(rest).replaceAll(runDirectory, '')),
    };
  });
}

interface Answer {
  answer: string;
  logProbabilities: number[];
}

/** @returns what each prompt answered. */
async function evaluate({ model, method, config, task, runtime }: TrainJob, { files, dataFile }: { files: readonly (string | null)[]; dataFile: string }): Promise<Answer[][]> {
  const folder = makeFolder();
  const members = files.map((checkpointFile, i) => ({ checkpointFile, predictionsFile: join(folder, `${i}.jsonl`) }));
  const job: EvaluateJob = { kind: 'evaluate', model, method, config, task, runtime, dataFile, members };
  const worker = startWorkerChild(job, 'infer');
  await worker.ended;
  expect(worker.events.at(-1)?.event).toMatchObject({ kind: 'evaluated', result: members.map(({ predictionsFile }) => ({ predictionsFile })) });
  return members.map(({ predictionsFile }) => readFileSync(predictionsFile, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Answer));
}

function stateAt(step: number): Uint8Array {
  const parameters = [{ name: 'prompt', shape: [1, 2], values: Float32Array.of(step, 0) }];
  return encodeState({ parameters, optimizer: createAdamW(promptTuning.schema.parse({}), parameters) }, { ...freshProgress(1), step });
}

describe('a worker that trains three prompts together', () => {
  let bench: TrainingBench;
  let whole: TrainJob;
  let results: TrainResult[];
  const long = { settings: { steps: 60, evaluateEvery: 20 } };

  beforeAll(async () => {
    bench = await makeTrainingBench();
    whole = bench.job('whole', { seeds, ...long });
    results = await resultsOf(startWorkerChild(whole));
  });

  it('killed at random moments leaves what an uninterrupted one leaves, byte for byte in every folder', async () => {
    const random = createGenerator(23, 'data-order');
    for (let kills = 0; kills < 4; kills += 1) {
      const worker = startWorkerChild(bench.job('again', { seeds, ...long, resume: kills > 0 }));
      let left = 1 + random.integerBelow(4);
      const delayMs = random.integerBelow(40);
      worker.onEvent = ({ kind }) => {
        if (kind === 'losses' && (left -= 1) === 0) setTimeout(() => worker.child.kill('SIGKILL'), delayMs);
      };
      expect((await worker.ended).signal, 'the job is long enough').toBe('SIGKILL');
    }
    const resumed = bench.job('again', { seeds, ...long, resume: true });
    expect(outcome(resumed, await resultsOf(startWorkerChild(resumed)))).toEqual(outcome(whole, results));
    for (const { runDirectory } of resumed.members) expect(readdirSync(runDirectory).filter((name) => name.includes('next') || name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves every run so that it can go on alone', async () => {
    const worker = startWorkerChild(bench.job('apart', { seeds, ...long }));
    worker.onEvent = ({ kind }) => kind === 'losses' && worker.child.send({ kind: 'cancel' });
    await worker.ended;
    expect(worker.events.at(-1)?.event).toMatchObject({ kind: 'cancelled' });
    const alone = bench.job('apart-6', { seed: 6, ...long, resume: true });
    const [result] = await resultsOf(startWorkerChild(alone));
    expect(result).toMatchObject({ steps: 60, checkpoints: [{ step: 20 }, { step: 40 }, { step: 60 }] });
  });

  it('tells the losses, checkpoints and result of every run under its name', () => {
    expect(results).toHaveLength(3);
    expect(new Set(results.map(({ finalLoss }) => finalLoss)).size).toBe(3);
    for (const [i, { runDirectory }] of whole.members.entries()) {
      expect(results[i]?.checkpoints.map(({ file }) => file)).toEqual([20, 40, 60].map((step) => join(runDirectory, `trained-${step}.safetensors`)));
      expect(existsSync(statePath(runDirectory))).toBe(true);
    }
  });

  it('has prompts that answer a file together as each does alone', async () => {
    const files = results.map(({ checkpoints }) => checkpoints.at(-1)?.file ?? null);
    const together = await evaluate(whole, { files, dataFile: bench.files.test });
    for (const [i, file] of files.entries()) {
      const [alone = []] = await evaluate(whole, { files: [file], dataFile: bench.files.test });
      expect(together[i]).toHaveLength(5);
      for (const [row, { answer, logProbabilities }] of (together[i] ?? []).entries()) {
        expect(answer).toBe(alone[row]?.answer);
        for (const [label, value] of logProbabilities.entries()) expect(value / (alone[row]?.logProbabilities[label] ?? 0)).toBeCloseTo(1, 4);
      }
    }
  });
});

describe('states of runs that are saved together', () => {
  /** What each run has before and after a kill: the step of its state and of the one beside it. */
  const table: [string, [state: number | null, next: number | null][], (number | null)[]][] = [
    ['are undone when not all new ones were written', [[4, 6], [4, 6], [4, null]], [4, 4, 4]],
    ['are finished when some new ones had taken their places', [[6, null], [4, 6], [4, 6]], [6, 6, 6]],
    ['are finished when all new ones were written and none had taken its place', [[4, 6], [4, 6], [4, 6]], [6, 6, 6]],
    ['of the very first save are undone to nothing', [[null, 2], [null, 2], [null, null]], [null, null, null]],
    ['of the very first save are finished', [[2, null], [null, 2], [null, 2]], [2, 2, 2]],
    ['of a run that is ahead stay as they are', [[4, 6], [4, null], [9, null]], [4, 4, 9]],
    ['of runs behind are finished beside one that is ahead', [[6, null], [4, 6], [9, null]], [6, 6, 9]],
  ];
  it.each(table)('%s', async (_what, before, after) => {
    const folders = before.map(([state, next]) => {
      const folder = makeFolder();
      mkdirSync(folder, { recursive: true });
      if (state !== null) writeFileSync(statePath(folder), stateAt(state));
      if (next !== null) writeFileSync(join(folder, 'state-next.safetensors'), stateAt(next));
      return folder;
    });
    await settleStates(folders);
    for (const [i, folder] of folders.entries()) {
      const wanted = after[i] ?? null;
      expect(readdirSync(folder)).toEqual(wanted === null ? [] : ['state.safetensors']);
      if (wanted !== null) expect(readFileSync(statePath(folder)).equals(stateAt(wanted))).toBe(true);
    }
  });

  it('replace the old ones and leave nothing else', () => {
    const folders = [makeFolder(), makeFolder()];
    for (const step of [2, 4]) replaceStates(folders.map((runDirectory) => ({ runDirectory, bytes: stateAt(step) })));
    for (const folder of folders) {
      expect(readdirSync(folder)).toEqual(['state.safetensors']);
      expect(readFileSync(statePath(folder)).equals(stateAt(4))).toBe(true);
    }
  });
});
