import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointReport } from '../../main/contract/api/checkpoints.ts';
import { readArrayFile } from '../../main/model/array-file.ts';
import { makeTrainingBench, type TrainingBench } from '../worker/training-bench.ts';
import { parseAnswer, souffleur, type ErrorAnswer } from './command-line.ts';

describe('souffleur checkpoints', () => {
  let training: TrainingBench;
  let workspace: string[];

  const run = (...words: string[]) => souffleur([...workspace, ...words]);
  const listed = async (...words: string[]) => parseAnswer<{ total: number; checkpoints: CheckpointReport[] }>(await run('checkpoints', 'list', '--json', ...words));

  beforeAll(async () => {
    training = await makeTrainingBench();
    workspace = ['--workspace', join(training.folder, 'workspace')];
    await run('model', 'add', training.job('unused').model.directory, '--name', 'tiny');
    const { train, dev } = training.files;
    const tuned = await run('tune', '--model', 'tiny', '--task', 'rte', '--train', train, '--dev', dev, '--method', 'prompt-tuning', '--threads', '1',
      '--set', 'promptLength=3', '--set', 'steps=4', '--set', 'evaluateEvery=1', '--set', 'batchSize=2', '--set', 'maxSourceTokens=72');
    expect(tuned.exitCode, tuned.stderr).toBe(0);
  }, 120_000);

  it('lists, pins, trashes, restores, shows and empties, in words and as JSON', async () => {
    const { total, checkpoints } = await listed('--sort', 'step', '--direction', 'ascending');
    expect([total, checkpoints.map(({ step }) => step)]).toEqual([4, [1, 2, 3, 4]]);
    const names = checkpoints.filter(({ isBest }) => !isBest).map(({ checkpoint }) => checkpoint);
    const [first = '', second = '', third = ''] = names;
    const best = checkpoints.find(({ isBest }) => isBest)?.checkpoint ?? '';

    const refused = await run('checkpoints', 'trash', first, best, '--json');
    expect([refused.exitCode, parseAnswer<ErrorAnswer>(refused).error.code]).toEqual([2, 'checkpoint-is-best']);
    expect((await run('checkpoints', 'pin', first, '--name', 'keep me', '--note', 'a note')).stdout).toMatch(/pinned as “keep me”/);
    expect((await listed('--only', 'pinned')).checkpoints).toMatchObject([{ checkpoint: first, pin: { name: 'keep me', note: 'a note' } }]);
    const trashed = await run('checkpoints', 'trash', second, third);
    expect(trashed.stdout).toMatch(/in the trash\n[^]*In the trash: 2 checkpoints, .* are free on the disk\.\n$/);
    expect((await run('checkpoints', 'restore', third)).exitCode).toBe(0);
    expect(parseAnswer(await run('checkpoints', 'empty-trash', '--json'))).toMatchObject({ runs: [], checkpoints: [{ run: 'r0001' }] });
    expect((await listed()).checkpoints.map(({ checkpoint }) => checkpoint)).not.toContain(second);
    expect((await run('checkpoints', 'show', 'r1')).stdout).toMatch(/effect +(?:\d+ of 6|none: all 6) dev answers/);
    expect((await run('checkpoints', 'list', '--limit', '1')).stdout).toMatch(/1–1 of 3; go on with --offset 1\n$/);
    expect((await run('checkpoints', 'list', '--limit', '0')).exitCode).toBe(2);
  }, 120_000);

  it('finds facts once, and tells them as a table', async () => {
    const words = ['checkpoints', 'facts', 'r1', '--random-prompts', '1', '--neighbours', '2'];
    const told = await run(...words);
    expect(told.exitCode, told.stderr).toBe(0);
    expect(told.stdout).toMatch(/Effect on all 6 development examples:[^]*zero-shot[^]*random rows 1, same norms/);
    expect(told.stdout).toMatch(/What the prompt loses without some of its rows/);
    expect(told.stdout).toMatch(/nearest pieces\n +1 /);
    const again = await run(...words, '--json');
    expect(parseAnswer<{ facts: object }>(again).facts).toMatchObject({ shape: [3, 16], options: { neighbours: 2 } });
    expect(again.stderr).not.toMatch(/evaluating/);
  }, 120_000);

  it('exports a prompt, and begins another run with one', async () => {
    const file = join(training.folder, 'prompt.npy');
    expect((await run('checkpoints', 'export', 'r1', '--output', file)).exitCode).toBe(0);
    expect((await readArrayFile(file)).shape).toEqual([3, 16]);
    const other = join(training.folder, 'other.jsonl');
    copyFileSync(training.files.test, other);
    const derived = await run('checkpoints', 'derive', 'r1', '--task', 'rte', '--train', other, '--dev', training.files.dev, '--set', 'steps=1', '--set', 'learningRate=1e-30', '--set', 'weightDecay=0', '--json');
    expect(derived.exitCode, derived.stderr).toBe(0);
    const { runs: [report] } = parseAnswer<{ runs: { checkpoint: string }[] }>(derived);
    const source = (await listed('--run', 'r1', '--only', 'best')).checkpoints[0];
    expect(readFileSync(report?.checkpoint ?? '')).toEqual(readFileSync(join(workspace[1] ?? '', 'objects', source?.sha256 ?? '')));
    expect(existsSync(join(workspace[1] ?? '', 'runs', 'r0002'))).toBe(true);
    expect((await run('checkpoints', 'show', 'r2')).stdout).toMatch(new RegExp(`began with +${source?.checkpoint ?? ''}`));
  }, 120_000);
});
