import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublishedResult } from '../../main/contract/api/published.ts';
import type { ReproductionReport } from '../../main/contract/api/reproductions.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { startHub } from '../service/hub/hub.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-reproduce-'));
const file = (name: string): string => join(folder, name);
const model = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
const run = (...argumentList: string[]): Promise<Ended> => souffleur(['--workspace', file('workspace'), ...argumentList]);

beforeAll(async () => {
  const rows = Array.from({ length: 12 }, (_, idx) => `${JSON.stringify({ premise: 'boats', hypothesis: `rain ${idx}`, label: idx % 3 === 0 ? 'entailment' : 'not_entailment', idx })}\n`);
  writeFileSync(file('train.jsonl'), rows.join(''));
  expect(await run('model', 'add', model, '--name', 'tiny')).toMatchObject({ exitCode: 0 });
  const settings = ['steps=4', 'evaluateEvery=2', 'batchSize=4', 'maxSourceTokens=48', 'promptLength=3'].flatMap((setting) => ['--set', setting]);
  const ended = await run('tune', '--model', 'tiny', '--task', 'rte', '--train', file('train.jsonl'), '--test', file('train.jsonl'), '--method', 'prompt-tuning', '--seed', '1,2', '--threads', '1', ...settings);
  expect(ended).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('souffleur runs reproduce', () => {
  it('makes the same bytes again and says so; other threads are named', async () => {
    const { reproduction } = parseAnswer<{ reproduction: ReproductionReport }>(await run('runs', 'reproduce', 'r1', '--json'));
    expect(reproduction).toMatchObject({ original: 'r0001', reproduction: 'r0003', verdict: 'identical', circumstances: [] });
    const other = await run('runs', 'reproduce', 'r1', '--threads', '2');
    expect([0, 1]).toContain(other.exitCode);
    expect(other.stdout).toMatch(/^Run r0004 .*under other threads\.\n[^]*not the same +then +now\nthreads +1 +2/);
    const again = await run('runs', 'reproduce', 'r1', '--against', 'r3');
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('bit for bit') });
  });

  it('refuses another question, and data that have changed', async () => {
    expect(parseAnswer<ErrorAnswer>(await run('runs', 'reproduce', 'r1', '--against', 'r2', '--json')).error).toMatchObject({ code: 'not-a-reproduction', found: expect.stringContaining('seed') });
    const whole = readFileSync(file('train.jsonl'));
    appendFileSync(file('train.jsonl'), '\n');
    const refused = await run('runs', 'reproduce', 'r1', '--json');
    expect([refused.exitCode, parseAnswer<ErrorAnswer>(refused).error.code]).toEqual([2, 'data-changed']);
    writeFileSync(file('train.jsonl'), whole);
  });
});

describe('published results', () => {
  it('are listed, shown, and stand beside a comparison without becoming part of it', async () => {
    expect((await run('published', 'list')).stdout).toContain('lester-2021-table-3');
    expect((await run('published', 'show', 'gu-2022-english')).stdout).toMatch(/PPT, T5-XXL.* lost /);
    const plain = parseAnswer(await run('compare', 'r1', 'r2', '--json'));
    const beside = parseAnswer<{ published: PublishedResult[] }>(await run('compare', 'r1', 'r2', '--published', '--json'));
    const { published, ...rest } = beside;
    expect(rest).toEqual(plain);
    expect(published.map(({ value }) => value)).toEqual([53.5, 92.6, 93.5, 93.5]);
    expect((await run('compare', 'r1', 'r2', '--published')).stdout).toMatch(/for comparison only[^]*RTE +Acc\. +Vanilla PT/);
  });
});

describe('souffleur settings', () => {
  it('are shown, changed, refused and reset', async () => {
    expect(parseAnswer(await run('settings', 'get', '--json'))).toMatchObject({ settings: { theme: 'system', telemetry: 'none' } });
    expect((await run('settings', 'set', 'defaultThreads', '2')).stdout).toMatch(/defaultThreads +2/);
    expect(parseAnswer(await run('settings', 'get', 'defaultThreads', '--json'))).toEqual({ settings: { defaultThreads: 2 } });
    expect(parseAnswer<ErrorAnswer>(await run('settings', 'set', 'theme', 'sepia', '--json')).error.code).toBe('setting-invalid');
    expect(parseAnswer<ErrorAnswer>(await run('settings', 'get', 'defaultThread', '--json')).error).toMatchObject({ code: 'setting-unknown', action: 'Did you mean defaultThreads?' });
    expect(parseAnswer(await run('settings', 'reset', '--json'))).toMatchObject({ settings: { defaultThreads: null } });
  });
});

describe('souffleur model', () => {
  it('downloads a real model from a hub that cuts the line, adds it, renames it and removes it', async () => {
    const files = Object.fromEntries(['config.json', 'model.safetensors', 'tokenizer.json'].map((name) => [name, readFileSync(join(model, name))]));
    const hub = await startHub('google/tiny', files);
    hub.behave('model.safetensors', { cutAfter: [1000, 2000] });
    await run('settings', 'set', 'hubEndpoint', hub.endpoint);
    const downloaded = await run('model', 'download', 'google/tiny', '--name', 'from-hub', '--json');
    await hub.close();
    expect(parseAnswer(downloaded)).toMatchObject({ model: { name: 'from-hub', hasTokenizer: true, sameAs: ['tiny'] } });
    expect((await run('model', 'downloads')).stdout).toBe('No unfinished downloads.\n');
    expect((await run('model', 'rename', 'from-hub', 'second')).stdout).toBe('from-hub is now second.\n');
    expect(await run('model', 'remove', 'tiny')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('need') });
    expect((await run('model', 'remove', 'second', '--delete-download')).stdout).toMatch(/^second is not in the workspace any more; \d/);
    const offline = await run('model', 'download', 'google/tiny', '--name', 'x', '--json');
    expect(parseAnswer<ErrorAnswer>(offline).error).toMatchObject({ code: 'hub-unreachable', message: expect.stringMatching(/^found no connection to http:\S+ \(ECONNREFUSED\); expected [^.]+\. Check the network/) });
  });
});
