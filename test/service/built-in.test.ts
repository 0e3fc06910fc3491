import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBuiltInTask, readBuiltInTasks, resolveModelName } from '../../main/service/built-in.ts';
import { createRun, planRun } from '../../main/service/runs.ts';
import { parseModelName } from '../../main/store/identifiers.ts';
import { fakeWorker, makeBench, type Bench } from './fixture/workspace.ts';

const name = parseModelName('built-in');
let bench: Bench;
let assets: string;

beforeEach(() => {
  bench = makeBench();
  assets = mkdtempSync(join(tmpdir(), 'souffleur-assets-'));
  process.env['SOUFFLEUR_ASSETS'] = assets;
  for (const folder of ['lm-adapted', 'span-corruption']) {
    mkdirSync(join(assets, 'backbone', folder), { recursive: true });
    for (const file of ['config.json', 'model.safetensors', 'tokenizer.json']) writeFileSync(join(assets, 'backbone', folder, file), '{}');
  }
  mkdirSync(join(assets, 'library'));
});
afterEach(() => {
  delete process.env['SOUFFLEUR_ASSETS'];
  bench.remove();
  rmSync(assets, { recursive: true, force: true });
});

const resolveBuiltIn = (text = 'built-in') => resolveModelName(bench.workspace, text, { workerFile: fakeWorker });

function writeLibrary(content: unknown): void {
  writeFileSync(join(assets, 'library', 'library.json'), JSON.stringify(content));
}

describe('the built-in models', () => {
  it('are added on first use with their own conventions, and found again', async () => {
    expect(await resolveBuiltIn()).toBe('built-in');
    expect(await resolveBuiltIn('built-in:span-corruption')).toBe('built-in-span-corruption');
    await resolveBuiltIn();
    expect(bench.workspace.models.list().map((row) => [row.name, row.answerConvention])).toEqual([
      ['built-in', 'lm-adapted'], ['built-in-span-corruption', 'span-corruption'], ['fake', 'lm-adapted'],
    ]);
    expect(await resolveBuiltIn('fake')).toBe('fake');
  });

  it('are found in their new place when the program was moved, and looked at again when their files are newer', async () => {
    await resolveBuiltIn();
    const moved = join(assets, 'elsewhere');
    cpSync(join(assets, 'backbone'), join(moved, 'backbone'), { recursive: true });
    process.env['SOUFFLEUR_ASSETS'] = moved;
    await resolveBuiltIn();
    const directory = join(moved, 'backbone', 'lm-adapted');
    expect(bench.workspace.models.get(name).directory).toBe(directory);
    const before = bench.workspace.models.get(name).addedAtMs;
    utimesSync(join(directory, 'model.safetensors'), new Date(), new Date(before + 10));
    await resolveBuiltIn();
    expect(bench.workspace.models.get(name).addedAtMs).toBeGreaterThan(before);
  });

  it('of another version take the place of one without runs, and are refused where runs need it', async () => {
    // The fake worker finds the same weights everywhere: a row with others stands for an older version.
    const older = { ...bench.workspace.models.get(parseModelName('fake')), name, directory: join(bench.folder, 'model'), fingerprint: 'e'.repeat(64) };
    bench.workspace.models.add(older);
    await resolveBuiltIn();
    expect(bench.workspace.models.get(name)).toMatchObject({ fingerprint: 'f'.repeat(64), directory: join(assets, 'backbone', 'lm-adapted') });
    bench.workspace.models.remove(name);
    bench.workspace.models.add(older);
    createRun(bench.workspace, await planRun(bench.workspace, { ...bench.request, model: 'built-in' }), { seed: 1 });
    await expect(resolveBuiltIn()).rejects.toMatchObject({ code: 'built-in-model-changed', action: expect.stringContaining('--workspace') });
    expect(bench.workspace.models.get(name).fingerprint).toBe('e'.repeat(64));
  });

  it('that are not there are missed by their path', async () => {
    rmSync(join(assets, 'backbone'), { recursive: true });
    await expect(resolveBuiltIn()).rejects.toMatchObject({ code: 'built-in-missing', place: { file: join(assets, 'backbone', 'lm-adapted') } });
  });
});

describe('the built-in library', () => {
  const files = { train: 'rte/train.jsonl', dev: 'rte/val.jsonl', test: 'rte/test.jsonl' };

  it('names its tasks with their files, and a mistyped one is told its neighbour', () => {
    writeLibrary({ version: 1, tasks: [{ id: 'rte', title: 'RTE', format: 'rte', files }] });
    expect(findBuiltInTask('rte')).toEqual({
      id: 'rte', title: 'RTE', format: 'rte', files: Object.fromEntries(Object.entries(files).map(([split, path]) => [split, join(assets, 'library', path)])),
    });
    expect(() => findBuiltInTask('rtee', { file: 's.yaml', line: 4 })).toThrow(/s\.yaml, line 4.*Did you mean rte/);
  });

  it('is refused by its path when it is absent, damaged or of another version', () => {
    expect(() => readBuiltInTasks()).toThrow(/no built-in task library/);
    writeLibrary({ version: 2, tasks: [] });
    expect(() => readBuiltInTasks()).toThrow(/library\.json: found a task library whose version/);
    writeFileSync(join(assets, 'library', 'library.json'), '{"version":1,');
    expect(() => readBuiltInTasks()).toThrow(/library\.json/);
  });
});
