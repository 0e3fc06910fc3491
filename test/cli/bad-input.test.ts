/** The product from outside: what a person can get wrong, and a disk that fills up. Everything runs in one workspace. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunReport } from '../../main/service/run-report.ts';
import { copyModel, goldenConfig, goldenPath, makeFolder } from '../model/make-files.ts';
import { tinyFamilies, tokenizerFixture, writeTinyT5 } from '../model/tiny-t5.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer } from './command-line.ts';

const golden = 't5-v1_0/model';
const lfsPointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 247000000\n`;

const row = (premise: string, label: unknown, idx: number): string => `${JSON.stringify({ premise, hypothesis: 'b', label, idx })}\n`;
const goodRows = row('this man', 'entailment', 0) + row('rain falls', 'not_entailment', 1) + row('at sea', 'entailment', 2) + row('good', 'not_entailment', 3);

const folder = makeFolder();
const workspace = join(folder, 'workspace');
const goodFile = join(folder, 'good.jsonl');

/** A file of the folder, made on the way. */
function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function named(name: string, make: (path: string) => void): string {
  const path = join(folder, name);
  make(path);
  return path;
}

const weights = (): Buffer => readFileSync(goldenPath(join(golden, 'model.safetensors')));

function weightsWithNan(): Buffer {
  const bytes = weights();
  bytes.writeFloatLE(Number.NaN, bytes.length - 4000);
  return bytes;
}

const addModel = (replace: Record<string, Uint8Array | string | null>) => (): string[] => ['model', 'add', copyModel(golden, replace), '--name', 'broken'];
const tune = (...more: string[]): string[] => [
  'tune', '--model', 'tiny', '--task', 'rte', '--train', goodFile, '--dev', goodFile, '--method', 'prompt-tuning', '--threads', '1',
  '--set', 'steps=2', '--set', 'promptLength=2', '--set', 'batchSize=2', ...more,
];
const inspect = (name: string, content: Uint8Array | string) => (): string[] => ['data', 'inspect', file(name, content)];
const trainOn = (name: string, content: Uint8Array | string) => (): string[] => tune('--train', file(name, content));
const workspaceAt = (path: string): string[] => ['model', 'add', goldenPath(golden), '--name', 'any', '--workspace', path];

interface Case {
  title: string;
  command: () => string[];
  code: string;
  /** The sentence, with its place. */
  says: RegExp;
  posixOnly?: boolean;
  input?: string;
}

const models: Case[] = [
  { title: 'BERT', command: addModel({ 'config.json': goldenConfig(golden, { model_type: 'bert', architectures: ['BertForMaskedLM'] }) }), code: 'config-wrong-model', says: /config\.json: found architectures: BertForMaskedLM.*Choose a T5/ },
  { title: 'BLOOM', command: addModel({ 'config.json': '{"architectures":["BloomForCausalLM"],"model_type":"bloom","n_layer":24}' }), code: 'config-wrong-model', says: /BloomForCausalLM.*Choose a T5/ },
  { title: 'a folder without config.json', command: addModel({ 'config.json': null }), code: 'model-no-config', says: /found no config\.json among/ },
  { title: 'a config.json that is cut', command: addModel({ 'config.json': goldenConfig(golden).slice(0, 200) }), code: 'json-syntax', says: /config\.json, line 1, column \d+: .*may be cut/ },
  { title: 'a config.json that is a Git LFS pointer', command: addModel({ 'config.json': lfsPointer }), code: 'git-lfs-pointer', says: /config\.json: .*git lfs pull/ },
  { title: 'a folder without weights', command: addModel({ 'model.safetensors': null }), code: 'model-no-weights', says: /found no weights/ },
  { title: 'weights that are cut', command: addModel({ 'model.safetensors': weights().subarray(0, 300_000) }), code: 'safetensors-offsets', says: /model\.safetensors, byte 8: .*download it again/ },
  { title: 'weights that are a Git LFS pointer', command: addModel({ 'model.safetensors': lfsPointer }), code: 'git-lfs-pointer', says: /model\.safetensors, byte 0: .*git lfs pull/ },
  { title: 'NaN in a weight', command: addModel({ 'model.safetensors': weightsWithNan() }), code: 'weights-not-finite', says: /byte \d+: found NaN in shared\.weight/ },
  { title: 'shapes that disagree with the configuration', command: addModel({ 'config.json': goldenConfig(golden, { d_ff: 128 }) }), code: 'weights-tensor-shape', says: /f32\[96,64\]; expected \[128,64\] \(\[d_ff, d_model\]/ },
  { title: 'a tensor that is missing', command: addModel({ 'config.json': goldenConfig(golden, { num_layers: 3 }) }), code: 'weights-tensor-missing', says: /tensors missing: encoder\.block\.2/ },
  { title: 'a BPE tokenizer', command: addModel({ 'spiece.model': readFileSync(join(tokenizerFixture, '..', 'bpe.model')) }), code: 'tokenizer-not-unigram', says: /type BPE; expected UNIGRAM/ },
  { title: 'a tokenizer of another model, with more pieces than the embedding has rows', command: () => ['model', 'add', writeTinyT5({ config: tinyFamilies.mT5, tokenizer: 'fixture' }), '--name', 'broken'], code: 'tokenizer-of-another-model', says: /331 pieces; expected at most 61/ },
  {
    title: 'a pipe in the place of the weights',
    command: () => {
      const model = copyModel(golden, { 'model.safetensors': null });
      execFileSync('mkfifo', [join(model, 'model.safetensors')]);
      return ['model', 'add', model, '--name', 'broken'];
    },
    code: 'not-a-file', says: /pipe/, posixOnly: true,
  },
];

const data: Case[] = [
  { title: 'an empty file', command: inspect('empty.jsonl', ''), code: 'empty-file', says: /an empty file/ },
  { title: 'Latin-1', command: inspect('latin.jsonl', Buffer.from(row('café', 'entailment', 0), 'latin1')), code: 'invalid-utf8', says: /line 1, byte 15: .*Latin-1/ },
  { title: 'UTF-16 without its mark', command: inspect('utf16.jsonl', Buffer.from(goodRows, 'utf16le')), code: 'nul-character', says: /UTF-16 without a byte order mark/ },
  { title: 'a ragged table', command: inspect('ragged.csv', 'sentence,label\ngood,1\nbad,0,extra\n'), code: 'ragged-row', says: /line 3: found 3 fields; expected 2/ },
  { title: 'a row without end', command: inspect('huge.jsonl', 'x'.repeat(3 << 20)), code: 'row-too-long', says: /line 1: found a row of more than/ },
  { title: 'a picture', command: inspect('picture.csv', Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1')), code: 'binary-file', says: /a PNG picture/ },
  { title: 'a folder', command: () => ['data', 'inspect', folder], code: 'not-a-file', says: /found a folder/ },
  { title: 'a device', command: () => ['data', 'inspect', '/dev/zero'], code: 'not-a-file', says: /a device or pipe/, posixOnly: true },
  { title: 'a pipe that nobody writes to', command: () => tune('--train', named('pipe', (path) => execFileSync('mkfifo', [path]))), code: 'not-a-file', says: /a device or pipe/, posixOnly: true },
  { title: 'a label that the task does not have', command: trainOn('label.jsonl', goodRows + row('x', 'maybe', 4)), code: 'label-not-allowed', says: /line 5: found the label "maybe"/ },
  { title: 'a row without a label', command: trainOn('unlabeled.jsonl', `${goodRows}{"premise":"a","hypothesis":"b","idx":4}\n`), code: 'unlabeled-rows', says: /line 5: found a row without a label/ },
  { title: 'a table with a single class', command: () => tune('--task', 'classification', '--train', file('one.csv', 'sentence,label\ngood,1\nfine,1\n')), code: 'too-few-classes', says: /only the class "1"/ },
];

const settings: Case[] = [
  { title: 'steps=0', command: () => tune('--set', 'steps=0'), code: 'setting-value', says: /steps to be a whole number from 1/ },
  { title: 'microBatch=0', command: () => tune('--set', 'microBatch=0'), code: 'setting-value', says: /“auto” or a whole number of at least 1/ },
  { title: 'a setting misspelt', command: () => tune('--set', 'stepz=3'), code: 'setting-unknown', says: /Did you mean steps\?/ },
  { title: 'init=string without a text', command: () => tune('--set', 'init=string'), code: 'init-text-empty', says: /--set "initText=/ },
  { title: 'a start that is no array', command: () => tune('--set', 'init=array', '--set', `initFile=${goodFile}`), code: 'array-not-numpy', says: /found no NumPy array/ },
  { title: 'a seed that is no whole number', command: () => tune('--seed', '1.5'), code: 'seed-invalid', says: /whole numbers from 0/ },
  { title: 'a run that does not exist', command: () => ['tune', '--resume', 'r0999'], code: 'run-not-found', says: /no run r0999/ },
  { title: 'a run that is finished', command: () => ['tune', '--resume', 'r0001'], code: 'run-finished', says: /souffleur runs show r0001/ },
  { title: 'an evaluation of a run on a file of another task', command: () => ['eval', '--run', 'r0001', '--data', file('other.jsonl', '{"text":"a","label":1}\n')], code: 'missing-field', says: /other\.jsonl, line 1: / },
];

const places: Case[] = [
  { title: 'a file as the workspace', command: () => workspaceAt(goodFile), code: 'workspace-not-a-folder', says: /found a file/ },
  { title: 'a workspace below a file', command: () => workspaceAt(join(goodFile, 'inside')), code: 'system-enotdir', says: /good\.jsonl: found a file; expected a folder/ },
  { title: 'a workspace where the system makes none', command: () => workspaceAt('/proc/none'), code: 'system-enoent', says: /\/proc\/none: /, posixOnly: true },
  { title: 'a workspace in a folder of other things', command: () => workspaceAt(folder), code: 'workspace-folder-not-empty', says: /other files in it/ },
  { title: 'a line for tokens that no memory holds', command: () => ['tokens', '--model', tokenizerFixture], input: `"${'a'.repeat(10_000_000)}"`, code: 'tokens-too-long', says: /line 1: found a line of more than 1 MiB/ },
];

const run = (argumentList: string[], input = ''): Promise<Ended> => souffleur(['--json', ...(argumentList.includes('--workspace') ? [] : ['--workspace', workspace]), ...argumentList], { input });

function listAll(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' });
}

beforeAll(async () => {
  writeFileSync(goodFile, goodRows);
  const model = join(folder, 'ein Modell, “é” 模型');
  mkdirSync(model);
  for (const name of ['config.json', 'model.safetensors']) copyFileSync(goldenPath(join(golden, name)), join(model, name));
  copyFileSync(tokenizerFixture, join(model, 'tokenizer.json'));
  const link = join(folder, 'link');
  symlinkSync(model, link, 'junction');
  expect(await run(['model', 'add', link, '--name', 'tiny'])).toMatchObject({ exitCode: 0 });
  expect(await run(tune())).toMatchObject({ exitCode: 0 });
});

describe('what a person can get wrong', () => {
  it.for([...models, ...data, ...settings, ...places])('$title is refused in one sentence ($code)', async ({ command, code, says, posixOnly = false, input }, { skip }) => {
    if (posixOnly && process.platform === 'win32') return skip('Windows has no pipes and devices among its files');
    const ended = await run(command(), input);
    const { error } = parseAnswer<ErrorAnswer>(ended);
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr.endsWith(`souffleur: ${error.message}\n`)).toBe(true);
    expect(ended.stderr).not.toMatch(/^\s+at |unexpected|undefined/m);
  });

  it('leaves the workspace as it was: its model, its run, nothing half-written', async () => {
    expect(parseAnswer<{ models: { name: string }[] }>(await run(['model', 'list'])).models.map(({ name }) => name)).toEqual(['tiny']);
    const { runs } = parseAnswer<{ runs: { id: string; status: string }[] }>(await run(['runs', 'list']));
    expect(runs.filter(({ status }) => status !== 'failed').map(({ id, status }) => [id, status])).toEqual([['r0001', 'finished']]);
    expect(listAll(workspace).filter((path) => /\.tmp$|\.partial$|\.graph-|lock\.json$/.test(path))).toEqual([]);
  });
});

const fullDevice = '/dev/full';

it.skipIf(!existsSync(fullDevice))(`an answer that its file does not take is a failure (needs ${fullDevice})`, async () => {
  const main = join(import.meta.dirname, '..', '..', 'main', 'cli', 'main.ts');
  const ended = spawnSync(process.execPath, [main, 'model', 'list', '--json', '--workspace', workspace], { stdio: ['ignore', openSync(fullDevice, 'w'), 'pipe'], encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 1, stderr: expect.stringMatching(/^souffleur: found a full disk under standard output/) });
});

function mountSmallDisk(kibibytes: number): string | null {
  if (process.platform !== 'linux') return null;
  const disk = makeFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', disk]).status !== 0) return null;
  onTestFinished(() => void spawnSync('umount', ['-l', disk]));
  return disk;
}

/** Takes every page of a disk, also those that others give back, until it is stopped. @returns stops and frees them. */
function fillDisk(disk: string): () => void {
  const path = join(disk, 'ballast');
  const descriptor = openSync(path, 'w');
  const fill = (): void => {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(4096));
    } catch {
      // Full, which is the point.
    }
  };
  fill();
  const timer = setInterval(fill, 5);
  return () => {
    clearInterval(timer);
    closeSync(descriptor);
    rmSync(path);
  };
}

it('a run whose disk fills up says so, and with space again ends as if nothing had happened', async (context) => {
  const disk = mountSmallDisk(16 * 1024);
  if (disk === null) return context.skip('this machine does not let the test mount a small disk');
  const onDisk = ['--workspace', join(disk, 'workspace')];
  const long = [...onDisk, ...tune('--set', 'steps=1200', '--set', 'evaluateEvery=600', '--set', 'checkpointEvery=20')];
  expect(await run([...onDisk, 'model', 'add', join(folder, 'link'), '--name', 'tiny'])).toMatchObject({ exitCode: 0 });
  const [whole] = parseAnswer<{ runs: RunReport[] }>(await run(long)).runs;

  let free: (() => void) | undefined;
  const state = join(disk, 'workspace', 'runs', 'r0002', 'state.safetensors');
  const timer = setInterval(() => {
    if (free === undefined && existsSync(state)) free = fillDisk(disk);
  }, 1);
  const ended = await souffleur(['--json', ...long]);
  clearInterval(timer);
  const { error } = parseAnswer<ErrorAnswer>(ended);
  expect(error).toMatchObject({ code: expect.stringMatching(/^(?:system-enospc|database-disk-full)$/), kind: 'failure', found: expect.stringContaining('full disk'), action: expect.stringContaining('souffleur tune --resume r0002') });
  expect(ended.exitCode).toBe(1);
  expect(existsSync(state)).toBe(true);
  free?.();
  expect(listAll(join(disk, 'workspace', 'runs')).filter((path) => path.endsWith('.tmp'))).toEqual([]);

  const [resumed] = parseAnswer<{ runs: RunReport[] }>(await run([...onDisk, 'tune', '--resume', 'r0002'])).runs;
  expect(resumed).toMatchObject({ id: 'r0002', status: 'finished', bestStep: whole?.bestStep, dev: whole?.dev, losses: whole?.losses });
  const filesOf = (report: RunReport | undefined): Record<string, string> => {
    const directory = join(disk, 'workspace', 'runs', report?.id ?? '');
    const names = readdirSync(directory).filter((name) => name !== 'state.safetensors');
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), 'base64')]));
  };
  expect(Object.keys(filesOf(whole)).length).toBeGreaterThan(1);
  expect(filesOf(resumed)).toEqual(filesOf(whole));
});

it('a model whose folder is gone is refused before a run exists', async () => {
  const before = (await run(['runs', 'list'])).stdout;
  rmSync(join(folder, 'link'));
  for (const command of [tune(), ['eval', '--run', 'r0001', '--data', goodFile]]) {
    const ended = await run(command);
    expect(ended.exitCode).toBe(2);
    expect(parseAnswer<ErrorAnswer>(ended).error).toMatchObject({ code: 'model-folder-missing', place: { file: join(folder, 'link') } });
  }
  expect((await run(['runs', 'list'])).stdout).toBe(before);
});
