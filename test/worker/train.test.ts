import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent, TrainJob, TrainResult } from '../../main/contract/worker-protocol.ts';
import { createGenerator } from '../../main/train/random.ts';
import { sharedPath } from '../shared.ts';
import { makeTrainingBench, type JobOptions, type TrainingBench } from './training-bench.ts';
import { startWorkerChild, type WorkerChild } from './worker-child.ts';

const isPosix = process.platform !== 'win32';

/** Of every run that its job has finished. */
function resultsOf(worker: WorkerChild): TrainResult[] {
  return worker.events.flatMap(({ event }) => (event.kind === 'run-trained' ? [event.result] : []));
}

async function finish(worker: WorkerChild): Promise<TrainResult> {
  const { stderr } = await worker.ended;
  const results = resultsOf(worker);
  const [result] = results;
  const last = worker.events.at(-1)?.event;
  if (last?.kind !== 'trained' || result === undefined) throw new Error(`ended with ${JSON.stringify(last)}\n${stderr}`);
  return result;
}

/** What a run leaves: every file but the state by its bytes, and its result without what time and place decide. */
function outcome(job: TrainJob, result: TrainResult): object {
  const runDirectory = job.members[0]?.runDirectory ?? '';
  const files = readdirSync(runDirectory).filter((name) => name !== 'state.safetensors').toSorted();
  const { seconds: _seconds, peakMemoryBytes: _peak, ...rest } = result;
  return {
    files: Object.fromEntries(files.map((name) => [name, readFileSync(join(runDirectory, name)).toString('base64')])),
    result: JSON.parse(JSON.stringify(rest).replaceAll(runDirectory, '')),
  };
}

/** Losses by step; a step that is made again must have the same one. */
function collectLosses(all: Map<number, number>, worker: WorkerChild): void {
  for (const { event } of worker.events) {
    if (event.kind !== 'losses') continue;
    for (const [i, loss] of event.losses.entries()) {
      const step = event.firstStep + i;
      expect(all.get(step) ?? loss, `loss of step ${step}`).toBe(loss);
      all.set(step, loss);
    }
  }
}

/** Lets a worker report losses a few times, waits a little, and kills it. @returns whether it was killed before it was done. */
async function killAfter(worker: WorkerChild, { reports, delayMs, kill }: { reports: number; delayMs: number; kill: () => void }): Promise<boolean> {
  let left = reports;
  worker.onEvent = ({ kind }) => {
    if (kind !== 'losses') return;
    left -= 1;
    if (left === 0) setTimeout(kill, delayMs);
  };
  return (await worker.ended).signal === 'SIGKILL';
}

const model = sharedPath('data/t5-tiny');
const rte = sharedPath('data/superglue/RTE/train.jsonl');
const fullTuning = { method: 'full-tuning', settings: { optimizer: 'adamw', learningRate: 0.003 } };
const trials: [string, () => Promise<TrainingBench>, JobOptions, boolean][] = [
  ['a prompt of a model made here', () => makeTrainingBench(), {}, false],
  ['all weights of a model made here', () => makeTrainingBench(), fullTuning, false],
  ['a prompt of t5-tiny on RTE (needs ../shared/data)', async () => {
    const bench = await makeTrainingBench(model);
    const lines = readFileSync(rte ?? '', 'utf8').split('\n').filter((line) => line !== '');
    writeFileSync(bench.files.train, lines.slice(0, 16).join('\n'));
    writeFileSync(bench.files.dev, lines.slice(16, 24).join('\n'));
    writeFileSync(bench.files.test, lines.slice(24, 32).join('\n'));
    return bench;
  }, {}, model === null || rte === null],
];

describe.each(trials)('a worker that trains %s', (_name, makeBench, options, isAbsent) => {
  it.skipIf(isAbsent)('killed at six random moments of one run leaves what an uninterrupted run leaves, byte for byte', async () => {
    const bench = await makeBench();
    const long = { ...options, settings: { ...options.settings, steps: 160, evaluateEvery: 20 } };
    const wholeJob = bench.job('whole', long);
    const whole = startWorkerChild(wholeJob);
    const expected = outcome(wholeJob, await finish(whole));
    const losses = new Map<number, number>();
    const random = createGenerator(11, 'data-order');
    let kills = 0;
    for (let attempt = 0; ; attempt += 1) {
      const job = bench.job('killed', { ...long, resume: attempt > 0 });
      const worker = startWorkerChild(job);
      if (kills < 6) {
        const isKilled = await killAfter(worker, { reports: 1 + random.integerBelow(3), delayMs: random.integerBelow(60), kill: () => worker.child.kill('SIGKILL') });
        collectLosses(losses, worker);
        expect(isKilled, 'the run is long enough for six kills').toBe(true);
        kills += 1;
        continue;
      }
      const result = await finish(worker);
      collectLosses(losses, worker);
      expect(outcome(job, result)).toEqual(expected);
      break;
    }
    const wholeLosses = new Map<number, number>();
    collectLosses(wholeLosses, whole);
    expect([...wholeLosses.keys()]).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
    expect([...losses].toSorted(([a], [b]) => a - b), 'no loss is missing, for the state never runs ahead of them').toEqual([...wholeLosses]);
    expect(readdirSync(join(bench.folder, 'killed')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('a training worker', () => {
  let bench: TrainingBench;
  let expected: object;
  beforeAll(async () => {
    bench = await makeTrainingBench();
    const job = bench.job('reference', { settings: { steps: 120 } });
    expected = outcome(job, await finish(startWorkerChild(job)));
  });

  it.skipIf(!isPosix).each([['with its whole process group', -1], ['alone', 1]])('whose core is killed %s ends within two seconds, and the run can be resumed', async (_how, sign) => {
    // So long that it would not end by itself.
    const job = bench.job(`orphan${sign}`, { settings: { steps: 1_000_000 } });
    const jobFile = join(bench.folder, 'job.json');
    writeFileSync(jobFile, JSON.stringify(job));
    const core = spawn(process.execPath, [fileURLToPath(new URL('./fixture/core.ts', import.meta.url)), jobFile], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    let worker = 0;
    for await (const line of createInterface({ input: core.stdout })) {
      const said = JSON.parse(line) as { worker: number; message: { event: JobEvent } };
      worker = said.worker;
      if (said.message.event.kind === 'losses') break;
    }
    process.kill(sign * (core.pid ?? 0), 'SIGKILL');
    await expect.poll(() => isAlive(worker), { timeout: 2000, interval: 20 }).toBe(false);
    const resumed = bench.job(`orphan${sign}`, { settings: { steps: 120 }, resume: true });
    expect(outcome(resumed, await finish(startWorkerChild(resumed)))).toEqual(expected);
  });

  it('that is told to cancel saves its state after the step it is in, and a resumed run ends as if it had not been', async () => {
    const worker = startWorkerChild(bench.job('cancelled', { settings: { steps: 120 } }));
    worker.onEvent = ({ kind }) => kind === 'losses' && worker.child.send({ kind: 'cancel' });
    expect(await worker.ended).toMatchObject({ exitCode: 0 });
    const last = worker.events.at(-1)?.event;
    expect(last).toMatchObject({ kind: 'cancelled' });
    expect(last?.kind === 'cancelled' && last.step).toBeLessThan(120);
    const resumed = bench.job('cancelled', { settings: { steps: 120 }, resume: true });
    expect(outcome(resumed, await finish(startWorkerChild(resumed)))).toEqual(expected);
  });

  it('numbers its events without a gap and reports progress at most about ten times a second', async () => {
    const worker = startWorkerChild(bench.job('numbered', { settings: { steps: 200, evaluateEvery: 200, checkpointEvery: 200 } }));
    await finish(worker);
    expect(worker.events.map(({ sequence }) => sequence)).toEqual(worker.events.map((_, i) => i));
    const seconds = ((worker.times.at(-1) ?? 0) - (worker.times[0] ?? 0)) / 1000;
    const progress = worker.events.filter(({ event }) => event.kind === 'progress').length;
    expect(progress).toBeGreaterThan(2);
    // The last message of a phase always comes; there are four phases.
    expect(progress).toBeLessThanOrEqual(10 * seconds + 6);
  });

  it('resumes from its state when the file that the prompt began with is gone', async () => {
    const start = join(bench.folder, 'start.npy');
    writeFileSync(start, numpyPrompt(3, 16));
    const settings = { init: 'array', initFile: start, steps: 12 };
    const whole = bench.job('array', { settings });
    const wanted = outcome(whole, await finish(startWorkerChild(whole)));
    const worker = startWorkerChild(bench.job('array-2', { settings }));
    worker.onEvent = ({ kind }) => kind === 'losses' && worker.child.send({ kind: 'cancel' });
    await worker.ended;
    rmSync(start);
    const resumed = bench.job('array-2', { settings, resume: true });
    expect(outcome(resumed, await finish(startWorkerChild(resumed)))).toEqual(wanted);
  });

  it('removes trained tensors that its state does not name: they are those of a killed predecessor', async () => {
    const job = bench.job('left-over', { settings: { steps: 4, evaluateEvery: 4 }, resume: true });
    await finish(startWorkerChild(job));
    const left = join(bench.folder, 'left-over', 'trained-99.safetensors');
    writeFileSync(left, 'half');
    await finish(startWorkerChild(job));
    expect(existsSync(left)).toBe(false);
    expect(existsSync(join(bench.folder, 'left-over', 'trained-4.safetensors'))).toBe(true);
  });

  const wrong: [string, (given: TrainingBench) => TrainJob, object][] = [
    ['a training file that is not there', (given) => given.job('wrong', { files: { train: join(given.folder, 'none.jsonl') } }), { code: 'system-enoent', kind: 'input' }],
    ['other weights than the model was added with', (given) => ({ ...given.job('wrong'), model: { ...given.job('wrong').model, fingerprint: 'f'.repeat(64) } }), { code: 'model-changed' }],
    ['an unknown method', (given) => ({ ...given.job('wrong'), method: 'magic' }), { code: 'method-unknown' }],
    ['a metric that the task does not have', (given) => given.job('wrong', { settings: { selectBy: 'f1' } }), { code: 'metric-unknown' }],
    ['an array of another shape', (given) => given.job('wrong', { settings: { init: 'array', initFile: shapedFile(given) } }), { code: 'init-array-shape', found: 'an array of shape [2,16]' }],
    ['an array without a name', (given) => given.job('wrong', { settings: { init: 'array' } }), { code: 'init-file-missing' }],
    ['a dev file without labels', (given) => given.job('wrong', { files: { dev: unlabelledFile(given) } }), { code: 'nothing-to-score' }],
  ];
  it.each(wrong)('given %s fails with a sentence and no stack', async (_what, makeJob, problem) => {
    const worker = startWorkerChild(makeJob(bench));
    const { exitCode } = await worker.ended;
    expect(exitCode).toBe(0);
    const last = worker.events.at(-1)?.event;
    expect(last).toMatchObject({ kind: 'failed', problem });
    expect(JSON.stringify(last)).not.toMatch(/\.ts:\d|    at /);
  });
});

function numpyPrompt(rows: number, width: number): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`.padEnd(117) + '\n';
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(header), Buffer.from(Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i)).buffer)]);
}

function shapedFile({ folder }: TrainingBench): string {
  const file = join(folder, 'two-rows.npy');
  writeFileSync(file, numpyPrompt(2, 16));
  return file;
}

function unlabelledFile({ folder }: TrainingBench): string {
  const file = join(folder, 'unlabelled.jsonl');
  writeFileSync(file, '{"premise":"a","hypothesis":"b","idx":0}\n{"premise":"c","hypothesis":"d","idx":1}\n');
  return file;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    // An orphan that ended may wait for a first process that never asks.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}
