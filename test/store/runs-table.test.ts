import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Problem } from '../../main/contract/problem.ts';
import { parseModelName, parseRunId, type ObjectHash } from '../../main/store/identifiers.ts';
import { identifyProcess } from '../../main/store/process-identity.ts';
import { canChange, isActive, runStatuses, type RunStatus } from '../../main/store/run-status.ts';
import type { StatusChange } from '../../main/store/runs-table.ts';
import type { Workspace } from '../../main/store/workspace.ts';
import { newRun, openScratchWorkspace, problemOf, tinyModel } from './fixture.ts';

const record = new Problem({ code: 'x', found: 'a', expected: 'b', action: 'C.', place: { file: 'f', line: 3 } }).toRecord();
const changes: Record<RunStatus, StatusChange> = {
  queued: { to: 'queued' },
  starting: { to: 'starting' },
  running: { to: 'running', device: 'cpu' },
  pausing: { to: 'pausing' },
  paused: { to: 'paused' },
  finished: { to: 'finished', finalMetrics: { accuracy: 0.5, loss: null } },
  failed: { to: 'failed', problem: record },
  cancelled: { to: 'cancelled' },
  lost: { to: 'lost' },
};

/** A new run that was taken along the given statuses. */
function makeRun(workspace: Workspace, ...statuses: RunStatus[]) {
  const { id } = workspace.runs.create(newRun);
  for (const status of statuses) workspace.runs.changeStatus(id, changes[status]);
  return workspace.runs.get(id);
}

describe('runs', () => {
  test('a new run is queued under the next id with everything it was given', () => {
    const workspace = openScratchWorkspace();
    const inputs = [
      { role: 'train', path: '/data/train.jsonl', sha256: 'a'.repeat(64) as ObjectHash, rowCount: 2490 },
      { role: 'dev', path: '/data/dev.jsonl', sha256: 'b'.repeat(64) as ObjectHash, rowCount: 277 },
    ] as const;
    const first = workspace.runs.create({ ...newRun, inputs: [inputs[1], inputs[0]] });
    const second = workspace.runs.create({ ...newRun, seed: 2, parent: first.id });
    expect([first.id, second.id]).toEqual(['r0001', 'r0002']);
    const { inputs: _, ...given } = newRun;
    expect(second).toMatchObject({ ...given, seed: 2, parent: 'r0001', status: 'queued', generation: 0, worker: null, bestStep: null, problem: null });
    expect(workspace.runInputs.list(first.id)).toEqual(inputs);
    expect(workspace.runInputs.list(second.id)).toEqual([]);
  });

  test('any settings that JSON can hold come back as they were', () => {
    const workspace = openScratchWorkspace();
    const safe = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));
    fc.assert(
      fc.property(fc.dictionary(fc.string().filter((key) => key !== '__proto__'), safe), fc.maxSafeInteger(), fc.array(fc.string()), (config, seed, command) => {
        const run = workspace.runs.create({ ...newRun, config, seed, command });
        // JSON has no minus zero.
        expect(run).toEqual({ ...run, config: JSON.parse(JSON.stringify(config)), seed, command });
      }),
      { numRuns: 30 },
    );
  });

  test('a model or a parent that does not exist is refused and no id is spent', () => {
    const workspace = openScratchWorkspace();
    expect(problemOf(() => workspace.runs.create({ ...newRun, model: parseModelName('large') })).found).toContain('model large');
    expect(problemOf(() => workspace.runs.create({ ...newRun, parent: parseRunId('r9') })).found).toContain('run r0009');
    expect(problemOf(() => workspace.runs.get(parseRunId('r9'))).code).toBe('run-not-found');
    expect(workspace.runs.create(newRun).id).toBe('r0001');
  });

  test('lists by status, task, method and model in order of creation', () => {
    const workspace = openScratchWorkspace();
    workspace.models.add({ ...tinyModel, name: parseModelName('other') });
    workspace.runs.create({ ...newRun, task: 'boolq' });
    workspace.runs.create({ ...newRun, method: 'full-tuning' });
    workspace.runs.create({ ...newRun, model: parseModelName('other') });
    makeRun(workspace, 'starting', 'running');
    const ids = (filter: Parameters<typeof workspace.runs.list>[0]) => workspace.runs.list(filter).map(({ id }) => id);
    expect(ids({})).toEqual(['r0001', 'r0002', 'r0003', 'r0004']);
    expect(ids({ statuses: ['running', 'failed'] })).toEqual(['r0004']);
    expect(ids({ statuses: [] })).toEqual([]);
    expect(ids({ task: 'boolq' })).toEqual(['r0001']);
    expect(ids({ method: 'full-tuning' })).toEqual(['r0002']);
    expect(ids({ model: parseModelName('other'), task: 'rte' })).toEqual(['r0003']);
  });

  test('ten thousand runs later the order is still that of creation', () => {
    const workspace = openScratchWorkspace();
    workspace.runs.create(newRun);
    const sqlite = new BetterSqlite(join(workspace.directory, 'souffleur.db'));
    sqlite.exec("UPDATE sqlite_sequence SET seq = 9998 WHERE name = 'runs'");
    sqlite.close();
    workspace.runs.create(newRun);
    workspace.runs.create(newRun);
    expect(workspace.runs.list().map(({ id }) => id)).toEqual(['r0001', 'r9999', 'r10000']);
  });
});

describe('the life of a run', () => {
  test('every status can be reached, and every change happens exactly when the table allows it', () => {
    const workspace = openScratchWorkspace();
    const ways: Record<RunStatus, RunStatus[]> = {
      queued: [], starting: ['starting'], running: ['starting', 'running'], pausing: ['starting', 'running', 'pausing'],
      paused: ['starting', 'running', 'pausing', 'paused'], finished: ['starting', 'running', 'finished'],
      failed: ['starting', 'failed'], cancelled: ['cancelled'], lost: ['starting', 'lost'],
    };
    for (const from of runStatuses) {
      for (const to of runStatuses) {
        const run = makeRun(workspace, ...ways[from]);
        expect(run.status).toBe(from);
        if (canChange(from, to)) expect(workspace.runs.changeStatus(run.id, changes[to]).status).toBe(to);
        else expect(problemOf(() => workspace.runs.changeStatus(run.id, changes[to])).code).toBe('run-status-impossible');
      }
    }
  });

  test('times, device, problem and results follow the status', () => {
    const workspace = openScratchWorkspace();
    const failed = makeRun(workspace, 'starting', 'running', 'failed');
    expect(failed).toMatchObject({ device: 'cpu', problem: record, generation: 1 });
    expect(failed.endedAtMs).toBeGreaterThanOrEqual(failed.startedAtMs ?? Number.POSITIVE_INFINITY);

    const again = workspace.runs.changeStatus(failed.id, changes.starting);
    expect(again).toMatchObject({ problem: null, endedAtMs: null, startedAtMs: failed.startedAtMs, generation: 2, worker: null });
    workspace.runs.changeStatus(failed.id, changes.running);
    const finished = workspace.runs.changeStatus(failed.id, { to: 'finished', finalMetrics: { accuracy: 0.75, loss: Number.NaN as number } });
    expect(finished.finalMetrics).toEqual({ accuracy: 0.75, loss: null });
    expect(finished.endedAtMs).not.toBeNull();
  });

  test('a row that somebody edited into nonsense is named instead of passed on', () => {
    const workspace = openScratchWorkspace();
    const { id } = workspace.runs.create(newRun);
    const sqlite = new BetterSqlite(join(workspace.directory, 'souffleur.db'));
    sqlite.exec(`UPDATE runs SET command = '{"not": "a list"}'`);
    expect(() => sqlite.exec("UPDATE runs SET config = 'not json'")).toThrow('CHECK');
    expect(() => sqlite.exec("UPDATE runs SET status = 'sleeping'")).toThrow('CHECK');
    expect(() => sqlite.exec("UPDATE runs SET seed = 'one'")).toThrow('INTEGER');
    sqlite.close();
    const problem = problemOf(() => workspace.runs.get(id));
    expect(problem.code).toBe('workspace-row-invalid');
    expect(problem.found).toMatch(/table runs with an invalid command/);
  });
});

describe('lost runs', () => {
  test('at start, active runs whose worker is gone become lost and can start again; others stay as they are', async () => {
    const workspace = openScratchWorkspace();
    const worker = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void worker.kill('SIGKILL'));
    const identity = identifyProcess(worker.pid ?? 0);
    const neverStarted = makeRun(workspace, 'starting');
    const working = makeRun(workspace, 'starting', 'running');
    const reused = makeRun(workspace, 'starting', 'running', 'pausing');
    const elsewhere = makeRun(workspace, 'starting', 'running');
    const [queued, paused] = [makeRun(workspace), makeRun(workspace, 'starting', 'running', 'pausing', 'paused')];
    expect(workspace.runs.setWorker(working.id, identity).worker).toEqual(identity);
    workspace.runs.setWorker(reused.id, { ...identity, processId: 999_999_999 });
    workspace.runs.setWorker(elsewhere.id, { ...identity, host: 'elsewhere.example' });

    const first = workspace.runs.markLostRuns();
    expect(first.lost.map(({ id, status }) => [id, status])).toEqual([neverStarted.id, reused.id, elsewhere.id].map((id) => [id, 'lost']));
    expect(first.alive.map(({ id }) => id)).toEqual([working.id]);

    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect(workspace.runs.markLostRuns().lost.map(({ id }) => id)).toEqual([working.id]);
    expect(workspace.runs.markLostRuns()).toEqual({ lost: [], alive: [] });
    expect(workspace.runs.list().filter(({ status }) => isActive(status))).toEqual([]);
    expect([workspace.runs.get(queued.id), workspace.runs.get(paused.id)]).toEqual([queued, paused]);
    expect(workspace.runs.changeStatus(working.id, changes.starting)).toMatchObject({ generation: 2, worker: null });
  });
});
