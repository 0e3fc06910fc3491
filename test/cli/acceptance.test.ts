/** Files that other people made, through the command line; what the readers make of them in detail is proven beside the readers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedPath } from '../shared.ts';
import { parseAnswer, souffleur, type ErrorAnswer } from './command-line.ts';

type Vectors = Record<string, Record<string, { text: string; ids: number[] }>>;

const spiece = sharedPath('data/tokenizer/spiece.model');
const vectorsFile = sharedPath('data/tokenizer/t5_vectors.json');

describe.skipIf(spiece === null || vectorsFile === null)('tokens (needs ../shared/data/tokenizer)', () => {
  it.each(['Xenova/t5-small', 'google-t5/t5-small'])('of all 29 texts of %s are exactly the published ids', async (group) => {
    const cases = Object.values((JSON.parse(readFileSync(vectorsFile ?? '', 'utf8')) as Vectors)[group] ?? {});
    expect(cases).toHaveLength(29);
    const input = cases.map(({ text }) => `${JSON.stringify(text)}\n`).join('');
    const ended = await souffleur(['tokens', '--model', spiece ?? '', '--json'], { input });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(parseAnswer<{ ids: number[][] }>(ended).ids).toEqual(cases.map(({ ids }) => ids));
  });
});

const files = [
  ['superglue/BoolQ/train.jsonl', 'boolq', 32], ['superglue/CB/train.jsonl', 'cb', 32], ['superglue/COPA/train.jsonl', 'copa', 32],
  ['superglue/MultiRC/train.jsonl', 'multirc', 32], ['superglue/RTE/train.jsonl', 'rte', 32], ['superglue/WiC/train.jsonl', 'wic', 32],
  ['sst2/dev.tsv', 'sst2', 872],
] as const;
const paths = files.map(([path]) => sharedPath(`data/${path}`));

it.skipIf(paths.includes(null))('data inspect names the format and counts the rows of six SuperGLUE files and of SST-2, and warns of nothing (needs ../shared/data)', async () => {
  const ended = await souffleur(['data', 'inspect', ...paths.map((path) => path ?? ''), '--json']);
  const inspections = parseAnswer<{ files: { path: string; format: string; rows: number; warnings: object[] }[] }>(ended).files;
  expect(inspections.map(({ path, format, rows, warnings }) => [path, format, rows, warnings])).toEqual(files.map(([, format, rows], index) => [paths[index], format, rows, []]));
});

const tiny = sharedPath('data/t5-tiny');
const prompt = sharedPath('data/prompts/t5-base-lm-adapt-sst2.npy');
const sst2 = sharedPath('data/sst2/dev.tsv');

it.skipIf(tiny === null || prompt === null || sst2 === null)('a prompt of T5 base is refused on a tiny model, with both shapes (needs ../shared/data)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-acceptance-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const inWorkspace = ['--json', '--workspace', join(folder, 'workspace')];
  expect(await souffleur([...inWorkspace, 'model', 'add', tiny ?? '', '--name', 'tiny'])).toMatchObject({ exitCode: 0 });
  const ended = await souffleur([
    ...inWorkspace, 'tune', '--model', 'tiny', '--task', 'sst2', '--train', sst2 ?? '', '--method', 'prompt-tuning', '--threads', '1',
    '--set', 'init=array', '--set', `initFile=${prompt ?? ''}`,
  ]);
  expect(ended.exitCode).toBe(2);
  expect(parseAnswer<ErrorAnswer>(ended).error).toMatchObject({
    found: 'an array of shape [100,768]', expected: expect.stringContaining('[100,32]'), place: { file: prompt },
  });
});
