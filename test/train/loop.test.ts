import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOnnxBackend } from '../../main/backend/onnx/session.ts';
import type { Backend } from '../../main/backend/backend.ts';
import { evaluateExamples, type EvaluationResult } from '../../main/train/evaluation.ts';
import type { LoopHooks } from '../../main/train/group.ts';
import type { LoopResult } from '../../main/train/loop.ts';
import type { ModelSource } from '../../main/train/model-source.ts';
import { emptyParameters } from '../../main/train/parameter.ts';
import { loadTrained } from '../../main/train/training-state.ts';
import { makeFolder } from '../model/make-files.ts';
import { openTinyT5, tinyFamilies } from '../model/tiny-t5.ts';
import { createRunner } from './runner.ts';
import { onlyResult, rte, rules, runTrial, splits, type Trial } from './training-trial.ts';

const { dev, test } = splits;

interface Solo extends Trial {
  seed?: number;
}

interface Ended {
  result: LoopResult | null;
  folder: string;
  values: Buffer;
  log: string[];
}

let source: ModelSource;

/** One run, alone. */
async function runLoop(folder: string, { seed = 3, ...trial }: Solo): Promise<Ended> {
  const ended = await runTrial(source, [{ folder, seed }], trial);
  const result = onlyResult(ended);
  const values = Buffer.concat(ended.members.flatMap(({ parameters }) => parameters.map((parameter) => new Uint8Array(parameter.values.buffer))));
  return { result, folder, values, log: ended.log };
}

const runNew = (trial: Solo): Promise<Ended> => runLoop(makeFolder(), trial);

/** Files by name and bytes, the folder's own name taken out. */
function filesOf({ folder }: Ended): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).toSorted().map((name) => [name, readFileSync(join(folder, name), 'latin1').replaceAll(folder, '')]));
}

const valuesOf = (ended: Ended | undefined): Float32Array => new Float32Array(Uint8Array.from(ended?.values ?? []).buffer);
const firstLoss = (ended: Ended | undefined): number => Number(ended?.log[0]?.split(' ')[3]);
const stepsOf = (log: string[]): string[] => log.filter((line) => line.startsWith('step '));

/** The real backend, spoiling one output from a call on. */
function spoil(output: string, value: number, from: number): Backend {
  const real = createOnnxBackend({ provider: 'cpu', threads: 1 });
  let calls = 0;
  return { provider: 'cpu', compile: async (program) => {
    const compiled = await real.compile(program);
    return { ...compiled, run: async (feeds) => {
      const outputs = await compiled.run(feeds);
      if (output in outputs && (calls += 1) > from) outputs[output]?.data.fill(value as never, 0, 1);
      return outputs;
    } };
  } };
}

beforeAll(async () => {
  source = await openTinyT5({ config: tinyFamilies['T5 1.1 (gated, untied)'] });
});

describe('a training run', () => {
  it('repeats byte for byte from its seed and differs with another', async () => {
    const [first, again, other] = [await runNew({ settings: { dropout: 0.2 } }), await runNew({ settings: { dropout: 0.2 } }), await runNew({ seed: 4, settings: { dropout: 0.2 } })];
    expect(filesOf(again)).toEqual(filesOf(first));
    expect(again.log).toEqual(first.log);
    expect(other.values.equals(first.values)).toBe(false);
  });

  it('learns a task that can be learned', async () => {
    const { result, log } = await runNew({ method: 'full-tuning', settings: { steps: 60, evaluateEvery: 60, learningRate: 0.03 } });
    const losses = log.flatMap((line) => (line.startsWith('step ') ? [Number(line.split(' ')[3])] : []));
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 3);
    expect(result?.best.dev?.loss).toBeLessThan((losses[0] ?? 0) / 3);
  });

  it.each([{ method: 'prompt-tuning' as const }, { method: 'full-tuning' as const }])('takes the same step in passes of one example as in larger ones: %o', async ({ method }) => {
    const settings = { steps: 1, evaluateEvery: 1, optimizer: 'adamw' };
    const [ones, twos, auto] = await Promise.all([1, 2, 'auto'].map((microBatch) => runNew({ method, settings: { ...settings, microBatch } })));
    expect(firstLoss(ones)).toBeCloseTo(firstLoss(auto), 4);
    expect(firstLoss(twos)).toBeCloseTo(firstLoss(auto), 4);
    // Adam's first step moves every element by about the rate, whatever its gradient: signs must agree almost everywhere.
    const moved = valuesOf(auto).filter((value, i) => Math.abs(value - (valuesOf(ones)[i] ?? 0)) > 1e-4 * Math.max(1, Math.abs(value))).length;
    expect(moved / valuesOf(auto).length).toBeLessThan(0.01);
  });

  const variants: [string, Trial][] = [
    ['Adafactor and dropout', { settings: { dropout: 0.1 } }],
    ['AdamW, a schedule and gradient clipping', { settings: { optimizer: 'adamw', learningRate: 0.05, schedule: 'linear', warmupSteps: 3, gradientClip: 0.5, dropout: 0.3 } }],
    ['factored Adafactor on a prompt', { settings: { factored: 'matrices', parameterScale: true } }],
    ['full tuning', { method: 'full-tuning', settings: { dropout: 0.1 } }],
    ['full tuning with AdamW in passes of one', { method: 'full-tuning', settings: { optimizer: 'adamw', microBatch: 1 } }],
  ];
  it.each(variants)('cancelled again and again, also within evaluations, ends as an uninterrupted one: %s', async (_what, trial) => {
    const whole = await runNew(trial);
    const folder = makeFolder();
    const log: string[] = [];
    let ended: Ended | null = null;
    for (let round = 0; ended === null || ended.result === null; round += 1) {
      expect(round, 'every round goes on').toBeLessThan(40);
      let asked = 0;
      // The loop asks before a step and before every pass of an evaluation: in time the cancellation falls on each of them.
      const patience = 2 + (round * 7) % 5 + (round > 12 ? 20 : 0);
      ended = await runLoop(folder, { ...trial, resume: true, isCancelled: () => (asked += 1) > patience });
      log.push(...ended.log);
    }
    expect(filesOf(ended)).toEqual(filesOf(whole));
    expect(ended.result).toEqual(JSON.parse(JSON.stringify(whole.result).replaceAll(whole.folder, folder)));
    expect(stepsOf(log)).toEqual(stepsOf(whole.log));
  });

  it.each(['dev', 'test'])('cancelled in the middle of an evaluation on %s evaluates again when it is resumed, and ends as an uninterrupted one', async (split) => {
    const trial = { settings: { microBatch: 1, dropout: 0.1 } };
    const whole = await runNew(trial);
    const folder = makeFolder();
    let evaluated = 0;
    const total = split === 'dev' ? dev.length : test.length;
    const first = await runLoop(folder, {
      ...trial,
      hooks: { onEvaluation: (done, all) => { evaluated = all === total ? done : 0; } },
      isCancelled: () => evaluated === 2,
    });
    expect(first.result).toBeNull();
    expect(existsSync(join(folder, split === 'dev' ? 'predictions-dev-4' : 'predictions-dev-12'))).toBe(split === 'test');
    expect(filesOf(await runLoop(folder, { ...trial, resume: true }))).toEqual(filesOf(whole));
  });

  it('that is stopped makes no further step, judges what it has, and ends with the best of it', async () => {
    const whole = await runNew({ settings: { dropout: 0.1 } });
    for (const stopAfter of [0, 1, 4, 7, 12]) {
      let steps = 0;
      const counting = (reports: readonly { step: number }[]): void => { steps = reports[0]?.step ?? steps; };
      const stopped = await runLoop(makeFolder(), { settings: { dropout: 0.1 }, hooks: { onStep: counting }, isStopped: () => steps >= stopAfter });
      const { progress, best, test } = stopped.result ?? {};
      expect(progress?.step).toBe(stopAfter);
      const judged = [4, 8, 12].filter((step) => step < stopAfter);
      expect(progress?.checkpoints.map(({ step }) => step)).toEqual([...judged, stopAfter]);
      for (const { step, dev } of progress?.checkpoints.filter(({ step }) => judged.includes(step)) ?? []) {
        expect(dev?.loss).toBe(whole.result?.progress.checkpoints.find((checkpoint) => checkpoint.step === step)?.dev?.loss);
      }
      const scores = progress?.checkpoints.map(({ dev }) => dev?.score ?? 0) ?? [];
      expect(best?.dev?.score).toBe(Math.max(...scores));
      expect(test?.examples).toBe(splits.test.length);
    }
  });

  it('that dies between the files of an evaluation makes them again', async () => {
    const whole = await runNew({ method: 'full-tuning' });
    for (const hook of ['keepTrained', 'keepPredictions', 'onCheckpoint'] as const) {
      const folder = makeFolder();
      await expect(runLoop(folder, { method: 'full-tuning', hooks: { [hook]: () => { throw new Error('killed'); } } })).rejects.toThrow('killed');
      expect(filesOf(await runLoop(folder, { method: 'full-tuning', resume: true })), hook).toEqual(filesOf(whole));
    }
  });

  it('that dies after any saved state goes on from it as if it had not', async () => {
    const whole = await runNew({ settings: { dropout: 0.1 } });
    const saves = whole.log.filter((line) => line === 'save').length;
    for (let survivor = 1; survivor <= saves; survivor += 1) {
      const folder = makeFolder();
      let count = 0;
      const die: LoopHooks['saveStates'] = (states) => {
        writeFileSync(join(folder, 'state'), states[0]?.bytes ?? '');
        count += 1;
        if (count === survivor) throw new Error('killed');
      };
      await expect(runLoop(folder, { settings: { dropout: 0.1 }, hooks: { saveStates: die } })).rejects.toThrow('killed');
      expect(filesOf(await runLoop(folder, { settings: { dropout: 0.1 }, resume: true })), `killed after save ${survivor}`).toEqual(filesOf(whole));
    }
  });
});

describe('checkpoints', () => {
  it('are judged on dev; of equal scores the earlier one is the best, and it alone is looked at on test, once', async () => {
    const { result, log } = await runNew({ settings: { learningRate: 1e-9 } });
    const scores = result?.progress.checkpoints.map(({ dev: evaluation }) => evaluation?.score);
    expect(new Set(scores).size, 'an idle run scores the same at every step').toBe(1);
    expect(result?.progress.checkpoints.map(({ step, isBest }) => [step, isBest])).toEqual([[4, true], [8, false], [12, false]]);
    expect(log.filter((line) => line.startsWith('predictions'))).toEqual(['predictions dev 4', 'predictions dev 8', 'predictions dev 12', 'predictions test 4']);
    expect(log.slice(-2)).toEqual(['checkpoint 12', 'predictions test 4']);
  });

  it('that were best are the first of the highest dev score', async () => {
    const { result } = await runNew({ method: 'full-tuning', settings: { steps: 24, learningRate: 0.02, selectBy: 'accuracy' } });
    const scores = result?.progress.checkpoints.map(({ dev: evaluation }) => evaluation?.scores['accuracy'] ?? 0) ?? [];
    expect(new Set(scores).size).toBeGreaterThan(1);
    expect(result?.progress.checkpoints.map(({ isBest }) => isBest)).toEqual(scores.map((_, i) => i === scores.indexOf(Math.max(...scores))));
  });

  it('go to test with the tensors of the best step, not of the last', async () => {
    const { result, folder } = await runNew({});
    expect(result?.best.step, 'nothing is learned here, so the first stays the best').toBe(4);
    const predictionsWith = async (step: number): Promise<EvaluationResult['predictions'] | undefined> => {
      const parameters = emptyParameters([{ name: 'prompt', shape: [3, source.config.width] }]);
      await loadTrained(join(folder, `trained-${step}`), parameters);
      const runner = createRunner(source, { promptRows: 3, parameters });
      const evaluated = await evaluateExamples({ runner, prompts: [0], rules, format: rte, examples: test, microBatch: 'auto', onProgress: () => {}, isCancelled: () => false });
      await runner.close();
      return evaluated?.[0]?.predictions;
    };
    const { predictions } = JSON.parse(readFileSync(join(folder, 'predictions-test-4'), 'utf8')) as EvaluationResult;
    expect(predictions.map(({ id }) => id)).toEqual(test.map(({ example }) => example.id));
    expect(predictions).toEqual(await predictionsWith(4));
    expect(predictions).not.toEqual(await predictionsWith(12));
  });

  it('that are large stay only as the best and the last, and go when no saved state names them any more', async () => {
    const big = { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 150_000 };
    const small = source;
    source = await openTinyT5({ config: big });
    try {
      const { result, folder, log } = await runNew({ method: 'full-tuning', settings: { steps: 4, evaluateEvery: 1, checkpointEvery: 100, batchSize: 1, learningRate: 1e-9 } });
      const kept = readdirSync(folder).filter((name) => name.startsWith('trained')).toSorted();
      expect(kept).toEqual(['trained-1', 'trained-4']);
      expect(result?.progress.checkpoints.map(({ file }) => file?.split('/').at(-1) ?? null)).toEqual(['trained-1', null, null, 'trained-4']);
      expect(log.filter((line) => line === 'save' || line.startsWith('drop'))).toEqual(['save', 'save', 'save', 'drop 2', 'save', 'drop 3']);
    } finally {
      source = small;
    }
  });
});

describe('a run whose numbers overflow', () => {
  it.each([['loss', Number.NaN, 'loss-not-finite'], ['gradient/prompt', Number.POSITIVE_INFINITY, 'gradient-not-finite'], ['gradient/prompt', Number.NaN, 'gradient-not-finite']])(
    'in its %s (%d) stops before anything is updated; earlier files stay', async (output, value, code) => {
      const folder = makeFolder();
      const settings = { microBatch: 4 };
      const steps: number[] = [];
      const failed = runLoop(folder, { settings, backend: spoil(output, value, 8), hooks: { onStep: (reports) => steps.push(...reports.map(({ step }) => step)) } });
      await expect(failed).rejects.toMatchObject({ code, kind: 'failure', found: expect.stringContaining('step 9') });
      expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      const whole = await runNew({ settings });
      expect(readFileSync(join(folder, 'trained-4')).equals(readFileSync(join(whole.folder, 'trained-4')))).toBe(true);
      const resumed = await runLoop(folder, { settings, resume: true });
      expect(filesOf(resumed)).toEqual(filesOf(whole));
    });
});
