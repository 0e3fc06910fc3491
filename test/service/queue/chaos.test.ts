/** Kills cores and workers at random moments of a queue, and looks at what is left each time. Real processes, a real model of a few kilobytes. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openCore } from '../../../main/service/core.ts';
import { createRunGroup } from '../../../main/service/run-group.ts';
import { createRun, planRun, type TuneRequest } from '../../../main/service/runs.ts';
import { addModel } from '../../../main/service/models.ts';
import { createGenerator } from '../../../main/train/random.ts';
import { makeFolder } from '../../model/make-files.ts';
import { makeStage, type Stage } from './stage.ts';

const kills = 30;
const killsInARound = 10;
const child = fileURLToPath(new URL('./child.ts', import.meta.url));
const isPosix = process.platform !== 'win32';

/** Six jobs of three kinds in a new workspace. @returns its folder. */
async function makeQueue({ model, files }: Stage): Promise<string> {
  const directory = join(makeFolder(), 'workspace');
  const core = openCore(directory, { create: 'if-missing' });
  try {
    await addModel(core.workspace, { directory: model, name: 'tiny', convention: 'lm-adapted' });
    const request = (method: string, settings: string[]): TuneRequest => ({
      model: 'tiny', method, format: 'rte', files, labels: null, fewShot: null, command: ['souffleur', 'queue', 'add'], runtime: { provider: 'cpu', threads: 1 },
      settings: ['steps=24', 'batchSize=4', 'evaluateEvery=8', 'checkpointEvery=3', 'maxSourceTokens=72', 'dropout=0.1', ...settings],
    });
    const prompt = await planRun(core.workspace, request('prompt-tuning', ['promptLength=3']));
    const full = await planRun(core.workspace, request('full-tuning', ['optimizer=adamw', 'learningRate=0.003']));
    const jobs = [
      [createRun(core.workspace, prompt, { seed: 1 })],
      [createRun(core.workspace, full, { seed: 1 })],
      createRunGroup(core.workspace, prompt, { seeds: [2, 3] }),
      [createRun(core.workspace, full, { seed: 2 })],
      [createRun(core.workspace, prompt, { seed: 4 })],
      [createRun(core.workspace, full, { seed: 3 })],
    ];
    for (const job of jobs) core.queue.enqueueNew(job, 'last');
    expect(core.queue.list().entries).toHaveLength(6);
    return directory;
  } finally {
    core.workspace.close();
  }
}

interface Strike {
  /** When: after so many lines of the core since the strike before, and so many milliseconds. */
  lines: number;
  delayMs: number;
  victim: 'core' | 'worker';
}

/**
 * Runs the queue to its end, or until its core is killed; a killed worker is started again by its core, and the next strike is planned.
 * @param plan the next strike; null for none.
 * @returns how often somebody was killed.
 */
async function live(directory: string, plan: () => Strike | null): Promise<number> {
  const core = spawn(process.execPath, [child, directory], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  core.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  let next = plan();
  let worker = 0;
  let lines = 0;
  let kills = 0;
  let isCoreKilled = false;
  let isDone = false;
  const strike = ({ victim }: Strike): void => {
    if (isDone) return;
    if (victim === 'core') isCoreKilled = core.kill('SIGKILL');
    // Between two workers there is none to kill.
    if (victim === 'core' ? isCoreKilled : worker > 0 && killProcess(worker)) kills += 1;
    lines = 0;
    next = isCoreKilled ? null : plan();
  };
  createInterface({ input: core.stdout }).on('line', (line) => {
    lines += 1;
    isDone ||= line === 'done';
    const [, status, processId] = /^run (\w+) (\d+)$/.exec(line) ?? [];
    if (status !== undefined) worker = status === 'starting' || status === 'running' ? Number(processId) : 0;
    const due = next;
    if (due === null || lines < due.lines) return;
    next = null;
    setTimeout(() => strike(due), due.delayMs);
  });
  const exitCode = await new Promise<number | null>((resolve) => {
    core.once('close', resolve);
  });
  if (!isCoreKilled) expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return kills;
}

function killProcess(processId: number): boolean {
  try {
    return process.kill(processId, 'SIGKILL');
  } catch {
    return false;
  }
}

/** What must hold at any moment, whoever was killed. */
function inspect(directory: string): void {
  const database = new BetterSqlite(join(directory, 'souffleur.db'), { readonly: true });
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(database.pragma('foreign_key_check')).toEqual([]);
    const statuses = database.prepare('SELECT DISTINCT status FROM runs').pluck().all() as string[];
    expect(statuses.filter((status) => !['finished', 'queued', 'starting', 'running', 'lost', 'failed'].includes(status))).toEqual([]);
    const failures = database.prepare("SELECT json_extract(problem, '$.code') FROM runs WHERE status = 'failed'").pluck().all();
    expect(failures.filter((code) => code !== 'worker-died')).toEqual([]);
    const named = database.prepare('SELECT weights FROM checkpoints UNION SELECT object FROM predictions').pluck().all() as string[];
    const kept = readdirSync(join(directory, 'objects')).filter((name) => !name.startsWith('.'));
    expect(named.filter((hash) => !kept.includes(hash))).toEqual([]);
    for (const name of kept) expect(createHash('sha256').update(readFileSync(join(directory, 'objects', name))).digest('hex')).toBe(name);
  } finally {
    database.close();
  }
}

/** Everything that a run came to, without what time and place decide. */
function resultsOf(directory: string): object {
  const database = new BetterSqlite(join(directory, 'souffleur.db'), { readonly: true });
  try {
    const runs = database.prepare('SELECT number, status, seed, method, final_metrics AS metrics FROM runs ORDER BY number').all() as { metrics: string | null }[];
    return {
      runs: runs.map(({ metrics, ...run }) => {
        const { seconds: _seconds, peakMemoryBytes: _peak, ...figures } = JSON.parse(metrics ?? '{}') as Record<string, unknown>;
        return { ...run, figures };
      }),
      checkpoints: database.prepare('SELECT run, step, weights, is_best, dev_metrics FROM checkpoints ORDER BY run, step').all(),
      predictions: database.prepare('SELECT run, step, split, object FROM predictions ORDER BY run, step, split').all(),
      metrics: database.prepare('SELECT run, key, step, value FROM metrics ORDER BY run, key, step').all(),
      waiting: database.prepare('SELECT * FROM queue_entries').all(),
    };
  } finally {
    database.close();
  }
}

describe.skipIf(!isPosix)('a queue of six jobs (needs kill -9)', () => {
  it(`whose cores and workers are killed ${kills} times loses nothing and ends as an undisturbed one`, async () => {
    const stage = makeStage();
    const undisturbed = await makeQueue(stage);
    expect(await live(undisturbed, () => null)).toBe(0);
    inspect(undisturbed);
    const expected = resultsOf(undisturbed);
    expect(expected).toMatchObject({ runs: Array.from({ length: 7 }, () => ({ status: 'finished' })), waiting: [] });

    const random = createGenerator(5, 'data-order');
    let struck = 0;
    while (struck < kills) {
      const directory = await makeQueue(stage);
      const last = Math.min(kills, struck + killsInARound);
      while (struck < last) {
        let planned = struck;
        // An entry tells some 20 things: the kills spread over preparing, training, judging, recording and the changes between entries.
        const inThisLife = await live(directory, () => {
          if (planned >= last) return null;
          planned += 1;
          return { lines: 1 + random.integerBelow(24), delayMs: random.integerBelow(100), victim: random.integerBelow(3) === 0 ? 'worker' : 'core' };
        });
        inspect(directory);
        struck += inThisLife;
        if (inThisLife === 0) break;
      }
      await live(directory, () => null);
      inspect(directory);
      expect(resultsOf(directory)).toEqual(expected);
      rmSync(directory, { recursive: true, force: true });
    }
  }, 1_200_000);
});
