/** The services over the contract with a real model, real workers and a real shell: small enough to train in seconds. */
import { execFile } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CoreEvent } from '../../../main/contract/api/events.ts';
import type { CommandSubject } from '../../../main/contract/api/commands.ts';
import { openCore, type Core } from '../../../main/service/core.ts';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { executeRunGroup } from '../../../main/service/run-execution.ts';
import { createRun, planRun } from '../../../main/service/runs.ts';
import { parseRunId } from '../../../main/store/identifiers.ts';
import { tinyFamilies, writeTinyT5 } from '../../model/tiny-t5.ts';
import { refusal } from './client.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '..', '..', '..', 'main', 'cli', 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'souffleur-workbench-'));
const file = (name: string): string => join(folder, name);
const model = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
const words = ['boats', 'rain', 'never', 'at sea', 'the man', 'good', 'it is'];
let core: Core;
const client = () => createLocalClient(core);

function rows(first: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `${JSON.stringify({
    premise: words[(first + index) % 7], hypothesis: words[(first + index * 3) % 7], label: index % 3 === 0 ? 'entailment' : 'not_entailment', idx: first + index,
  })}\n`).join('');
}

/** Everything that was published until the work ended. */
async function ended(task: string, first = core.events.position()): Promise<CoreEvent[]> {
  const seen: CoreEvent[] = [];
  for await (const { event } of core.events.watch({ core: first.core, sequence: 0 })) {
    seen.push(event);
    if (event.kind === 'task-ended' && event.task === task) return seen;
  }
  return seen;
}

async function tune(settings: readonly string[], seed: number): Promise<string> {
  const plan = await planRun(core.workspace, {
    model: 'tiny', method: 'prompt-tuning', format: 'rte', files: { train: file('train.jsonl'), dev: file('it’s a "dev", really.jsonl'), test: file('test.jsonl') },
    settings: ['steps=4', 'evaluateEvery=2', 'batchSize=4', 'maxSourceTokens=48', 'promptLength=3', ...settings], labels: null, fewShot: null,
    runtime: { provider: 'cpu', threads: 1 }, command: ['test'],
  });
  const { id } = createRun(core.workspace, plan, { seed });
  await executeRunGroup(core.workspace, [core.workspace.runs.get(id)], { resume: false }).finished;
  return id;
}

beforeAll(async () => {
  for (const [index, name] of ['train.jsonl', 'it’s a "dev", really.jsonl', 'test.jsonl'].entries()) writeFileSync(file(name), rows(index * 100, 12));
  core = openCore(file('work space'), { create: 'if-missing' });
  const { task } = await client().models.add({ directory: model, name: 'tiny' });
  await ended(task);
  expect(await client().models.added({ task })).toMatchObject({ name: 'tiny', hasTokenizer: true, sameAs: [] });
  await tune([], 1);
  await tune(['init=string', 'initText=it\'s "so" $HOME `x`; rain'], 2);
});
afterAll(async () => {
  await core.work.close();
  core.workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('models', () => {
  it('are listed and shown with the memory that training takes, renamed with their runs, and not removed while runs name them', async () => {
    expect((await client().models.show({ name: 'tiny' })).memory?.promptTuning.total).toBeGreaterThan(0);
    expect((await refusal(client().models.remove({ name: 'tiny' }))).code).toBe('model-in-use');
    expect(await client().models.rename({ name: 'tiny', to: 'small/tiny' })).toMatchObject({ name: 'small/tiny' });
    expect(core.workspace.runs.get(parseRunId('r1')).model).toBe('small/tiny');
    await client().models.rename({ name: 'small/tiny', to: 'tiny' });
    expect((await refusal(client().models.show({ name: 'none' }))).code).toBe('model-not-found');
  });

  it('that cannot be added end their work with the problem, and leave nothing', async () => {
    const { task } = await client().models.add({ directory: folder, name: 'broken' });
    await ended(task);
    expect(await client().work.show({ task })).toMatchObject({ state: 'failed', problem: { code: 'model-no-config' } });
    expect(await client().models.added({ task })).toBeNull();
    expect((await refusal(client().ensembles.outcome({ task }))).code, 'another service’s work').toBe('work-not-found');
    expect((await client().models.list()).map(({ name }) => name)).toEqual(['tiny']);
  });

  it('can be stopped while they are read', async () => {
    const { task } = await client().models.add({ directory: model, name: 'second' });
    await client().work.cancel({ task });
    await ended(task);
    expect(await client().work.show({ task })).toMatchObject({ state: 'cancelled' });
    expect((await client().models.list()).map(({ name }) => name)).toEqual(['tiny']);
  });

  it('are removed with what was made of them, but never with a folder that is the person’s own', async () => {
    const { task } = await client().models.add({ directory: model, name: 'third' });
    await ended(task);
    const prepared = core.workspace.models.list().find(({ name }) => name === 'third')?.preparedDirectory ?? '';
    await client().models.remove({ name: 'third', files: 'delete-download' });
    expect([existsSync(prepared), existsSync(join(model, 'config.json'))]).toEqual([false, true]);
  });
});

describe('a reproduction over the contract', () => {
  it('of a real run has the same bytes, and is told of as work and as a run', async () => {
    const { task, run: id } = await client().reproductions.start({ run: 'r1' });
    expect((await refusal(client().reproductions.start({ run: 'r1' }))).code).toBe('machine-busy');
    const events = await ended(task);
    expect(await client().reproductions.outcome({ task })).toMatchObject({ original: 'r0001', reproduction: id, verdict: 'identical', circumstances: [] });
    expect(events.some((event) => event.kind === 'run-losses' && event.run === id)).toBe(true);
    expect(events.some((event) => event.kind === 'task-progress' && event.task === task)).toBe(true);
    const findings = (await client().reproductions.compare({ original: 'r1', reproduction: id })).findings;
    expect(findings.map(({ what }) => what)).toEqual(['weights', 'best-step', 'dev-answers', 'test-answers', 'dev-scores', 'test-scores', 'losses']);
  });

  it('is refused when a data file has changed, and when the model’s weights have', async () => {
    const whole = readFileSync(file('test.jsonl'));
    appendFileSync(file('test.jsonl'), rows(900, 1));
    expect(await refusal(client().reproductions.start({ run: 'r1' }))).toMatchObject({ code: 'data-changed', place: { file: file('test.jsonl') } });
    writeFileSync(file('test.jsonl'), whole);
    const weights = readFileSync(join(model, 'model.safetensors'));
    const tweaked = Buffer.from(weights);
    tweaked[tweaked.length - 3] = (tweaked[tweaked.length - 3] ?? 0) ^ 0x10;
    writeFileSync(join(model, 'model.safetensors'), tweaked);
    const { task, run: id } = await client().reproductions.start({ run: 'r1' });
    await ended(task);
    const { problem } = await client().work.show({ task });
    expect(problem).toMatchObject({ found: expect.stringMatching(/[0-9a-f]{12}/), expected: expect.stringContaining(core.workspace.runs.get(parseRunId(id)).modelFingerprint.slice(0, 12)) });
    writeFileSync(join(model, 'model.safetensors'), weights);
  });
});

const studyText = () => `name: little\nmodel: tiny\nensemble: true\ntasks:\n  - {id: t, format: rte, train: '${file('train.jsonl')}', test: '${file('test.jsonl')}'}\nmethods:
  - {id: pt, method: prompt-tuning, settings: {steps: 2, evaluateEvery: 2, batchSize: 4, maxSourceTokens: 48, promptLength: 2}}\nseeds: [1, 2]\n`;

describe('a study over the contract', () => {
  it('is made of a text, run, watched, shown with what papers print, voted on and exported', async () => {
    expect(await client().studies.create({ source: { kind: 'text', text: studyText() } })).toMatchObject({ name: 'little', edition: 1, cells: 2, finished: 0 });
    const { task } = await client().studies.start({ name: 'little', threads: 1 });
    expect((await client().studies.show({ name: 'little' })).task).toBe(task);
    const events = await ended(task);
    expect(await client().work.show({ task })).toMatchObject({ state: 'done', progress: { done: 2, total: 2 } });
    expect(events.filter((event) => event.kind === 'run-losses').length).toBeGreaterThan(0);
    const { report, published, task: over } = await client().studies.show({ name: 'little' });
    expect([over, report.cells[0]?.runs.length]).toEqual([null, 2]);
    expect(published.every(({ format, methodId }) => format === 'rte' && methodId === 'prompt-tuning')).toBe(true);
    expect(published.length).toBeGreaterThan(3);
    expect(JSON.stringify(report.cells)).not.toContain('gu-2022');
    expect((await client().studies.export({ name: 'little', format: 'html' })).text).toMatch(/^<!doctype html>/i);
    expect(JSON.parse((await client().studies.export({ name: 'little', format: 'json' })).text)).toEqual(report);
    expect(await client().studies.stop({ name: 'little' })).toEqual({ wasRunning: false });
  });

  it('keeps its votes: listed, paged, filtered', async () => {
    const [vote] = await client().ensembles.list();
    expect(vote).toMatchObject({ task: 'rte', split: 'test', members: [expect.any(String), expect.any(String)] });
    const votesObject = vote?.votesObject ?? '';
    const all = await client().ensembles.examples({ votesObject, limit: 5 });
    expect([all.total, all.rows.length]).toEqual([12, 5]);
    const parts = await Promise.all((['divided', 'ties', 'abstentions', 'wrong'] as const).map(async (which) => (await client().ensembles.examples({ votesObject, which, limit: 500 })).rows));
    expect(parts[0]?.every(({ answers }) => new Set(Object.values(answers)).size > 1)).toBe(true);
    expect(parts[3]?.every(({ winner, target }) => winner !== target)).toBe(true);
    expect((await client().ensembles.examples({ votesObject, text: '203' })).rows.map(({ id }) => id)).toEqual(['203']);
    const [weights] = core.workspace.checkpoints.list(parseRunId('r1'));
    expect((await refusal(client().ensembles.examples({ votesObject: weights?.weights ?? '' }))).code, 'no other object is readable').toBe('vote-not-found');
  });

  it('lets prompts vote on a file as work, whose outcome is asked for by its id', async () => {
    const { members } = (await client().ensembles.list())[0] ?? { members: [] };
    const { task } = await client().ensembles.voteOnData({ runs: members, dataFile: file('train.jsonl') });
    await ended(task);
    expect(await client().ensembles.outcome({ task })).toMatchObject({ examples: 12, members: [{ runId: members[0] }, { runId: members[1] }] });
    expect(await client().ensembles.list()).toHaveLength(2);
  });

  it('of a page takes built-in tasks and granted files only', async () => {
    const granted = core.files.add(file('train.jsonl')).grant;
    const { createRouterClient } = await import('@orpc/server');
    const { router } = await import('../../../main/service/router/index.ts');
    const page = createRouterClient(router, { context: { core, paths: 'granted' } });
    expect((await refusal(page.studies.create({ source: { kind: 'text', text: studyText() } }))).code).toBe('path-not-granted');
    const study = studyText().replaceAll(`'${file('train.jsonl')}'`, granted).replaceAll(`'${file('test.jsonl')}'`, `"${granted}"`).replace('little', 'granted');
    expect(await page.studies.create({ source: { kind: 'text', text: study } })).toMatchObject({ name: 'granted', cells: 2 });
  });
});

/** A `souffleur` on the path, as an installation has it. */
const shell = (command: string, program = '/bin/sh'): Promise<{ stdout: string }> => {
  const bin = file('souffleur');
  writeFileSync(bin, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(bin, 0o755);
  return run(program, ['-c', command], { env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }, cwd: tmpdir() });
};
const reopen = (): void => {
  core = openCore(file('work space'), { create: 'never' });
};

describe('a command to copy', () => {
  it('of a run, pasted into a real shell, makes a run of the same configuration, files and bytes', async () => {
    const { posix, words: list } = await client().commands.show({ kind: 'run', run: 'r2' });
    expect(list.slice(0, 3)).toEqual(['souffleur', '--workspace', file('work space')]);
    core.workspace.close();
    try {
      const { stdout } = await shell(`${posix} --json`);
      const [made] = (JSON.parse(stdout) as { runs: { id: string }[] }).runs;
      reopen();
      const [original, copy] = [core.workspace.runs.get(parseRunId('r2')), core.workspace.runs.get(parseRunId(made?.id ?? ''))];
      expect(copy.config).toEqual(original.config);
      expect([copy.seed, copy.method, copy.task, copy.model]).toEqual([original.seed, original.method, original.task, original.model]);
      expect(core.workspace.runInputs.list(copy.id)).toEqual(core.workspace.runInputs.list(original.id));
      expect(core.workspace.checkpoints.findBest(copy.id)?.weights).toBe(core.workspace.checkpoints.findBest(original.id)?.weights);
    } catch (thrown) {
      reopen();
      throw thrown;
    }
  });

  it.each<[CommandSubject, string]>([
    [{ kind: 'resume', run: 'r1' }, 'tune --resume r0001'],
    [{ kind: 'reproduce', run: 'r1' }, 'runs reproduce r0001'],
    [{ kind: 'evaluation', run: 'r1', dataFile: '/a b/c.jsonl' }, "eval --run r0001 --data '/a b/c.jsonl'"],
    [{ kind: 'comparison', runs: ['r1', 'r2'], split: 'dev', scope: 'common' }, 'compare r0001 r0002 --split dev --common'],
    [{ kind: 'vote-on-split', runs: ['r1', 'r2'], split: 'test' }, 'ensemble vote r0001 r0002 --split test'],
    [{ kind: 'vote-on-data', runs: ['r1', 'r2'], dataFile: '/x.jsonl' }, 'ensemble run r0001 r0002 --data /x.jsonl'],
    [{ kind: 'model-download', id: 'google/t5-base-lm-adapt', revision: 'main', name: null, convention: 'lm-adapted' }, 'model download google/t5-base-lm-adapt --convention lm-adapted'],
  ])('of %j is what the terminal takes', async (subject, expected) => {
    const { posix } = await client().commands.show(subject);
    expect(posix).toBe(`souffleur --workspace '${file('work space')}' ${expected}`);
  });

  it('of a study names its file; of what is not there is refused', async () => {
    expect((await client().commands.show({ kind: 'study', name: 'little' })).words.slice(-3)).toEqual(['study', 'run', join(file('work space'), 'studies', 'little.yaml')]);
    expect((await client().commands.show({ kind: 'model', name: 'tiny' })).words.slice(-6)).toEqual(['add', model, '--name', 'tiny', '--convention', 'lm-adapted']);
    expect((await refusal(client().commands.show({ kind: 'run', run: 'r9999' }))).code).toBe('run-not-found');
    expect((await refusal(client().commands.show({ kind: 'study', name: 'none' }))).code).toBe('study-not-found');
  });
});

describe('the machine', () => {
  it('is probed once, told of with its memory, and examined', async () => {
    const first = await client().devices.probe({});
    expect(first.providers.find(({ provider }) => provider === 'cpu')?.available).toBe(true);
    expect(await client().devices.probe({ cache: 'use' })).toEqual(first);
    const { availableBytes, totalBytes, processors } = await client().devices.memory();
    expect(availableBytes).toBeGreaterThan(0);
    expect(availableBytes).toBeLessThanOrEqual(totalBytes);
    expect(processors).toBeGreaterThan(0);
    expect((await client().devices.doctor()).checks.map(({ id }) => id)).toContain('database');
  });
});
