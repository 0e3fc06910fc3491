/** Memory that really runs out: the worker gets a limit of the system's and trains what does not fit below it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../main/contract/problem.ts';
import { openCore } from '../../../main/service/core.ts';
import { countMemoryKills, readFreeMemory } from '../../../main/service/free-memory.ts';
import { addModel } from '../../../main/service/models.ts';
import { watchMemory } from '../../../main/service/out-of-memory.ts';
import { executeRunGroup } from '../../../main/service/run-execution.ts';
import { padSource, padTarget } from '../../../main/service/run-memory.ts';
import { createRun, planRun } from '../../../main/service/runs.ts';
import { bucketLength, targetBucketLength } from '../../../main/train/batch.ts';
import { makeFolder } from '../../model/make-files.ts';
import { tinyFamilies, writeTinyT5 } from '../../model/tiny-t5.ts';

const hasLimits = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;

const died = (signal: string): Problem => new Problem({ code: 'worker-died', kind: 'failure', found: `a worker process that ended by signal ${signal} before it was done`, expected: 'a result', action: 'What was saved is intact.' });
const explain = async (problem: Problem, { log = '', kills = 0 } = {}): Promise<Problem> => {
  const folder = makeFolder();
  const logFile = join(folder, 'worker.log');
  writeFileSync(logFile, 'std::bad_alloc of an earlier worker\n');
  let count = 7;
  const watch = watchMemory(logFile, { countKills: () => count });
  appendFileSync(logFile, log);
  count += kills;
  return watch.explain(problem, undefined as never, []);
};

function makeRoot(files: Record<string, string>): string {
  const root = makeFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe.skipIf(!hasLimits)('a worker under a limit of its memory (needs prlimit)', () => {
  it('fails as out-of-memory, with the estimate in parts and one thing to change', async () => {
    const folder = makeFolder();
    const train = join(folder, 'train.jsonl');
    const text = Array.from({ length: 600 }, () => 'rain falls').join(' ');
    writeFileSync(train, Array.from({ length: 64 }, (_, idx) => `${JSON.stringify({ premise: text, hypothesis: 'one', label: idx % 2 === 0 ? 'entailment' : 'not_entailment', idx })}\n`).join(''));
    const core = openCore(join(folder, 'workspace'), { create: 'if-missing' });
    try {
      await addModel(core.workspace, { directory: writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' }), name: 'tiny', convention: 'lm-adapted' });
      const plan = await planRun(core.workspace, {
        model: 'tiny', method: 'prompt-tuning', format: 'rte', files: { train, dev: null, test: null }, labels: null, fewShot: null, command: [], runtime: { provider: 'cpu', threads: 1 },
        settings: ['steps=2', 'batchSize=64', 'microBatch=64', 'maxSourceTokens=1024', 'promptLength=4'],
      });
      const run = createRun(core.workspace, plan, { seed: 1 });
      const execution = executeRunGroup(core.workspace, [run], {
        resume: false,
        onEvent(event) {
          if (event.kind !== 'progress' || event.phase !== 'prepare') return;
          const addressSpace = Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${execution.processId}/status`, 'utf8'))?.[1]) * 1024;
          // Enough to read the model and the data, not for a pass of 64 texts of 1,024 tokens.
          execFileSync('prlimit', ['--pid', String(execution.processId), `--as=${addressSpace + 350 * 1024 * 1024}`]);
        },
      });
      const problem = await execution.finished.then(() => null, (thrown: unknown) => thrown as Problem);
      expect(problem).toMatchObject({ code: 'out-of-memory', kind: 'failure', expected: expect.stringMatching(/activations \d/), action: expect.stringContaining('microBatch=32') });
      expect(core.workspace.runs.get(run.id)).toMatchObject({ status: 'failed', problem: { code: 'out-of-memory' } });
    } finally {
      core.workspace.close();
    }
  }, 240_000);
});

describe('what memory that ran out looks like', () => {
  it.each([
    ["terminate called after throwing an instance of 'std::bad_alloc'", 'SIGABRT'],
    ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 'SIGABRT'],
    ['onnxruntime: Failed to allocate memory for requested buffer of size 1073741824', 'SIGSEGV'],
  ])('is known by the worker’s last words: %s', async (log, signal) => {
    expect(await explain(died(signal), { log: `${log}\n` })).toMatchObject({ code: 'out-of-memory', found: expect.stringContaining(log.slice(0, 30)) });
  });

  it('is known by the system’s count of what it killed, and by the words of an error', async () => {
    expect(await explain(died('SIGKILL'), { kills: 1 })).toMatchObject({ code: 'out-of-memory' });
    const array = new Problem({ code: 'unexpected', kind: 'failure', found: 'an error nobody foresaw: Array buffer allocation failed', expected: 'none', action: 'Report it.' });
    expect(await explain(array)).toMatchObject({ code: 'out-of-memory' });
  });

  it('is not seen where it is not: a plain kill, an earlier worker’s words, another problem', async () => {
    expect((await explain(died('SIGKILL'))).code).toBe('worker-died');
    expect((await explain(died('SIGSEGV'), { log: 'something else\n' })).code).toBe('worker-died');
    expect((await explain(new Problem({ code: 'data-changed', found: 'out of memory', expected: '', action: '' }))).code).toBe('data-changed');
  });
});

describe('free memory', () => {
  const meminfo = 'MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:   12000000 kB\n';

  it('is what the machine has available, unless a control group above the process allows less', () => {
    const free = { 'proc/meminfo': meminfo, 'proc/self/cgroup': '0::/job/step\n' };
    expect(readFreeMemory({ root: makeRoot(free) })).toEqual({ freeBytes: 12_288_000_000, totalBytes: 16_384_000_000, source: 'machine' });
    const limited = makeRoot({
      ...free, 'sys/fs/cgroup/job/memory.max': '4000000000\n', 'sys/fs/cgroup/job/memory.current': '3000000000\n', 'sys/fs/cgroup/job/memory.stat': 'anon 5\ninactive_file 500000000\n',
      'sys/fs/cgroup/job/step/memory.max': 'max\n', 'sys/fs/cgroup/job/step/memory.current': '9\n',
    });
    expect(readFreeMemory({ root: limited })).toEqual({ freeBytes: 1_500_000_000, totalBytes: 4_000_000_000, source: 'control-group' });
    const version1 = makeRoot({
      'proc/meminfo': meminfo, 'proc/self/cgroup': '3:cpu:/a\n5:memory:/a\n', 'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '2000000000', 'sys/fs/cgroup/memory/a/memory.usage_in_bytes': '2500000000',
    });
    expect(readFreeMemory({ root: version1 })).toEqual({ freeBytes: 0, totalBytes: 2_000_000_000, source: 'control-group' });
  });

  it('counts the processes that the system killed for it, of the machine and of the groups', () => {
    const root = makeRoot({ 'proc/vmstat': 'nr_free_pages 5\noom_kill 2\n', 'proc/self/cgroup': '0::/job\n', 'sys/fs/cgroup/job/memory.events': 'low 0\noom 3\noom_kill 3\n' });
    expect(countMemoryKills({ root })).toBe(5);
    expect(countMemoryKills({ root: makeRoot({}) })).toBe(0);
  });
});

it('the core pads lengths as training does', () => {
  for (let length = 1; length < 5000; length += 1) expect([padSource(length), padTarget(length)]).toEqual([bucketLength(length), targetBucketLength(length)]);
});
