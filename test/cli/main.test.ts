import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace, type Workspace } from '../../main/store/workspace.ts';
import { parseAnswer, souffleur, type ErrorAnswer } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-cli-'));
const workspaceFolder = join(folder, 'workspace');
const rows = join(folder, 'rows.jsonl');
let workspace: Workspace;

beforeAll(() => {
  // Held open for writing all the time, as by a process that trains.
  workspace = openWorkspace(workspaceFolder);
  writeFileSync(rows, '{"premise":"a","hypothesis":"b","label":"entailment","idx":0}\n{"premise":"c","hypothesis":"d","label":"not_entailment","idx":1}\n');
});
afterAll(() => {
  workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

const tune = ['tune', '--model', 'x', '--task', 'rte', '--train', rows, '--method', 'prompt-tuning'];

describe('with --json', () => {
  it.each<[string[], number, string | null]>([
    [['model', 'list'], 0, null],
    [['runs', 'list'], 0, null],
    [['data', 'inspect', rows], 0, null],
    [['data', 'inspect', rows, rows], 0, null],
    [['--version'], 0, null],
    [['tune', '--help'], 0, null],
    [[], 2, 'command-missing'],
    [['runs'], 2, 'command-missing'],
    [['frobnicate'], 2, 'command-unknown'],
    [['model', 'frobnicate'], 2, 'command-unknown'],
    [['runs', 'list', '--frobnicate'], 2, 'usage'],
    [['runs', 'list', 'extra'], 2, 'usage'],
    [['tokens'], 2, 'usage'],
    [['eval', '--run', 'r0001'], 2, 'usage'],
    [['tune', '--model', 'x'], 2, 'usage'],
    [['tune', '--resume', 'r0001', '--seed', '3'], 2, 'usage'],
    [['tune', '--provider', 'abacus'], 2, 'usage'],
    [[...tune, '--seed', '1,x'], 2, 'seed-invalid'],
    [[...tune, '--seed', '1,1'], 2, 'seed-invalid'],
    [[...tune, '--threads', '0'], 2, 'threads-invalid'],
    [tune, 2, 'workspace-locked'],
    [['model', 'add', folder], 2, 'workspace-locked'],
    [['model', 'show', 'absent'], 2, 'model-not-found'],
    [['runs', 'show', 'r0001'], 2, 'run-not-found'],
    [['runs', 'show', 'seven'], 2, 'run-id-invalid'],
    [['data', 'inspect', join(folder, 'absent')], 2, 'system-enoent'],
    [['tokens', '--model', join(folder, 'absent')], 2, 'system-enoent'],
  ])('%j prints one object on one line and exits with %i', async (argumentList, exitCode, code) => {
    const ended = await souffleur([...argumentList, '--workspace', workspaceFolder, '--json']);
    expect(ended).toMatchObject({ exitCode });
    const answer = parseAnswer<Partial<ErrorAnswer>>(ended);
    expect(answer.error?.code ?? null).toBe(code);
    if (code !== null) {
      expect(Object.keys(answer.error ?? {}).sort()).toEqual(['action', 'code', 'expected', 'found', 'kind', 'message', 'place']);
      expect(ended.stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe('the global options', () => {
  it('count before and after the command’s name', async () => {
    const before = await souffleur(['--json', '--workspace', workspaceFolder, 'runs', 'list']);
    const between = await souffleur(['runs', '--json', '--workspace', workspaceFolder, 'list']);
    const after = await souffleur(['runs', 'list', `--workspace=${workspaceFolder}`, '--json']);
    expect(before).toEqual({ exitCode: 0, stdout: '{"runs":[]}\n', stderr: '' });
    expect(between).toEqual(before);
    expect(after).toEqual(before);
  });

  it('take the workspace from the environment where none is named', async () => {
    process.env['SOUFFLEUR_WORKSPACE'] = workspaceFolder;
    try {
      expect(await souffleur(['model', 'list', '--json'])).toMatchObject({ exitCode: 0, stdout: '{"models":[]}\n' });
      expect(await souffleur(['model', 'list', '--json', '--workspace', join(folder, 'absent')])).toMatchObject({ exitCode: 2 });
    } finally {
      delete process.env['SOUFFLEUR_WORKSPACE'];
    }
  });
});

describe('for people', () => {
  it('an unknown command shows the help on standard error and a suggestion', async () => {
    const ended = await souffleur(['modle']);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain('Usage: souffleur');
    expect(ended.stderr).toContain('Did you mean model?');
  });

  it('help and version go to standard output', async () => {
    expect((await souffleur(['--help'])).stdout).toMatch(/^Usage: souffleur[^]*Examples:/);
    expect((await souffleur(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await souffleur(['tune', '--help']);
    expect(help.stdout).toMatch(/--set <key=value>[^]*--workspace <dir>/);
  });

  it('an error is one sentence that names who holds the workspace, without a stack', async () => {
    const { stderr, exitCode } = await souffleur([...tune, '--workspace', workspaceFolder]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^souffleur: .*in use by process \d+[^\n]*\n$/);
  });

  it('SOUFFLEUR_DEBUG=1 adds the cause', async () => {
    process.env['SOUFFLEUR_DEBUG'] = '1';
    try {
      expect((await souffleur(['data', 'inspect', join(folder, 'absent')])).stderr).toContain('ENOENT');
    } finally {
      delete process.env['SOUFFLEUR_DEBUG'];
    }
  });

  it('a reader that leaves early is no error', async () => {
    const ended = await souffleur(['--help'], { closeOutput: true });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('loads no database, no native library and no reader of files before a command needs it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'souffleur-loads-'));
    const hook = join(folder, 'hook.mjs');
    const list = join(folder, 'loaded');
    writeFileSync(hook, `import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
      registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context); } });`);
    const entry = join(import.meta.dirname, '..', '..', 'main', 'cli', 'main.ts');
    const { status } = spawnSync(process.execPath, ['--import', pathToFileURL(hook).href, entry, '--version'], { stdio: 'ignore' });
    const loaded = readFileSync(list, 'utf8');
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
    expect(loaded).toContain('main/cli/program.ts');
    expect(loaded).not.toMatch(/better-sqlite3|onnxruntime|protobufjs|csv-parse|yauzl/);
  });
});

describe('data inspect', () => {
  it('tells of one file as an object and of several as a list with their paths', async () => {
    const one = parseAnswer(await souffleur(['data', 'inspect', rows, '--json']));
    expect(one).toEqual({
      format: 'rte', encoding: 'utf-8', rows: 2, fields: ['premise', 'hypothesis', 'label', 'idx'], labels: { entailment: 1, not_entailment: 1 }, warnings: [],
    });
    const several = parseAnswer(await souffleur(['--json', 'data', 'inspect', rows, rows]));
    expect(several).toEqual({ files: [{ path: rows, ...one }, { path: rows, ...one }] });
  });
});
