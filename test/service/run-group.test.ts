import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobEvent } from '../../main/contract/worker-protocol.ts';
import { executeRunGroup, type RunOptions } from '../../main/service/run-execution.ts';
import { createRunGroup, listUnfinished, prepareGroupResume, type RunGroup } from '../../main/service/run-group.ts';
import { reportRunDetails } from '../../main/service/run-report.ts';
import { createRun, planRun } from '../../main/service/runs.ts';
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

async function begin(changes: Partial<Bench['request']> = {}, seeds = [7, 8, 9]): Promise<RunGroup> {
  return createRunGroup(bench.workspace, await planRun(bench.workspace, { ...bench.request, ...changes }), { seeds });
}

async function run(behaviour: string, group: RunGroup, options: Partial<RunOptions> = {}): Promise<readonly Run[]> {
  process.env['FAKE_WORKER'] = behaviour;
  return executeRunGroup(bench.workspace, group, { resume: false, workerFile: fakeWorker, ...options }).finished;
}

const statuses = (group: RunGroup): string[] => group.map(({ id }) => bench.workspace.runs.get(id).status);

describe('a group of runs', () => {
  it('is one job, and every run of it ends as if it had been alone', async () => {
    const group = await begin();
    const events: JobEvent[] = [];
    const finished = await run('normal', group, { onEvent: (event) => events.push(event) });
    expect(finished.map(({ id, seed, status }) => [id, seed, status])).toEqual(group.map(({ id, seed }) => [id, seed, 'finished']));
    expect(new Set(finished.map(({ worker }) => worker?.processId)).size).toBe(1);
    for (const { id, seed } of group) {
      expect(bench.workspace.metrics.readCurve(id, 'train/loss')).toHaveLength(8);
      const best = bench.workspace.checkpoints.findBest(id);
      expect(best === null ? '' : bench.workspace.objects.readObject(best.weights).toString()).toBe(`prompt of seed ${seed} after step 8`);
      expect(reportRunDetails(bench.workspace, id).log).toMatch(new RegExp(`${group[0].id}\\.log$`));
    }
    expect(events.filter(({ kind }) => kind === 'run-trained')).toHaveLength(3);
  });

  it('is remembered: each run knows the first, and a single run belongs to none', async () => {
    const group = await begin();
    expect(group.map((each) => each.group)).toEqual(group.map(() => group[0].id));
    expect(bench.workspace.runs.listGroup(group[2]?.id ?? group[0].id).map(({ id }) => id)).toEqual(group.map(({ id }) => id));
    const [single] = await begin({}, [1]);
    expect(single.group).toBeNull();
    expect(bench.workspace.runs.listGroup(single.id)).toEqual([single]);
  });

  it('goes on when one of its runs fails; the failure is thrown when all have ended', async () => {
    const group = await begin();
    await expect(run('fail-second', group)).rejects.toMatchObject({ code: 'fake-problem', place: { line: 7 } });
    expect(statuses(group)).toEqual(['finished', 'failed', 'finished']);
    expect(bench.workspace.runs.get(group[1]?.id ?? group[0].id).problem).toMatchObject({ code: 'fake-problem' });
    expect(listUnfinished(bench.workspace, group[0].id)).toEqual([group[1]?.id]);
  });

  it('whose worker dies goes on together from the saved states, and the message says how', async () => {
    const group = await begin();
    const ids = group.map(({ id }) => id);
    await expect(run('die', group)).rejects.toMatchObject({ code: 'worker-died', action: expect.stringContaining(`souffleur tune --resume ${ids.join(',')}`) });
    expect(statuses(group)).toEqual(['failed', 'failed', 'failed']);
    const workspace = bench.reopen();
    const resumed = await prepareGroupResume(workspace, listUnfinished(workspace, group[1]?.id ?? group[0].id));
    expect(resumed.map(({ id }) => id)).toEqual(ids);
    await run('normal', resumed, { resume: true });
    for (const id of ids) expect(workspace.metrics.readCurve(id, 'train/loss').map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => 10 / step));
    expect(() => listUnfinished(workspace, ids[0] ?? group[0].id)).toThrow(expect.objectContaining({ code: 'run-finished' }));
  });

  it('lets one of its runs go on alone', async () => {
    const group = await begin();
    await expect(run('die', group)).rejects.toMatchObject({ code: 'worker-died' });
    const alone = await prepareGroupResume(bench.workspace, [group[0].id]);
    expect((await run('normal', alone, { resume: true })).map(({ status }) => status)).toEqual(['finished']);
    expect(statuses(group)).toEqual(['finished', 'failed', 'failed']);
  });

  it('is cancelled as one', async () => {
    process.env['FAKE_WORKER'] = 'patient';
    const group = await begin({ settings: ['steps=100000', 'evaluateEvery=2'] });
    const execution = executeRunGroup(bench.workspace, group, { resume: false, workerFile: fakeWorker, onEvent: ({ kind }) => {
      if (kind === 'checkpoint') execution.cancel();
    } });
    await expect(execution.finished).rejects.toMatchObject({ code: 'run-cancelled', kind: 'cancelled' });
    expect(statuses(group)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  });

  it('is refused for a method that trains weights, before there is any row', async () => {
    await expect(begin({ method: 'full-tuning' })).rejects.toMatchObject({ code: 'method-without-prompt', kind: 'input', action: expect.stringContaining('--together') });
    expect(bench.workspace.runs.list()).toEqual([]);
    await expect(begin({ method: 'full-tuning' }, [1])).resolves.toHaveLength(1);
  });

  it('is refused for runs that differ in more than their seeds, naming two of them and what differs', async () => {
    const first = createRun(bench.workspace, await planRun(bench.workspace, bench.request), { seed: 1 });
    const second = createRun(bench.workspace, await planRun(bench.workspace, { ...bench.request, settings: ['steps=9'] }), { seed: 2 });
    await expect(prepareGroupResume(bench.workspace, [first.id, second.id])).rejects.toMatchObject({
      code: 'runs-not-alike', found: `runs ${first.id} and ${second.id}, which differ in their settings`,
    });
  });
});
