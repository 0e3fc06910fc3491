/** The task library as a client sees it: versions, undo, events, presets, previews, libraries in and out. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskDefinition } from '../../../main/contract/task-library.ts';
import { openCore, type Core } from '../../../main/service/core.ts';
import { hashDefinition } from '../../../main/service/task-library/canonical.ts';
import { checkPvp } from '../../../main/service/task-library/check.ts';
import { exportLibrary, importLibrary, presetTask } from '../../../main/service/task-library/exchange.ts';
import { previewPvp, readFirstRows } from '../../../main/service/task-library/preview.ts';
import { createTask, listVersions, resolvePvp, restoreTask, revertTask, showTask, trashTask, updateTask } from '../../../main/service/task-library/tasks.ts';
import { loadTokenizerSync } from '../../../main/token/index.ts';
import { taskFormats } from '../../../main/task/index.ts';

let directory: string;
let core: Core;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'souffleur-library-'));
  core = openCore(join(directory, 'workspace'), { create: 'if-missing' });
});
afterEach(() => {
  core.workspace.close();
  rmSync(directory, { recursive: true, force: true });
});

const rte = presetTask('rte');
const library = join(import.meta.dirname, '..', '..', '..', 'assets', 'library');
const tokenizer = loadTokenizerSync(join(import.meta.dirname, '..', '..', '..', 'assets', 'backbone', 'lm-adapted'));

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return null;
  } catch (thrown) {
    return thrown;
  }
}

describe('a task of the library', () => {
  it('gets a version with every edit, named by the hash of what it says', () => {
    const { workspace } = core;
    const first = createTask(workspace, 'rte', rte);
    expect(first).toMatchObject({ task: 'rte', version: 1, hash: hashDefinition(rte), metrics: ['accuracy'], formatLabels: ['entailment', 'not_entailment'] });
    const changed: TaskDefinition = { ...rte, title: 'Another title' };
    const second = updateTask(workspace, { name: 'rte', basedOn: 1, definition: changed });
    expect(second).toMatchObject({ version: 2, hash: hashDefinition(changed) });
    expect(updateTask(workspace, { name: 'rte', basedOn: 2, definition: changed }).version).toBe(2);
    expect(thrownBy(() => updateTask(workspace, { name: 'rte', basedOn: 1, definition: rte }))).toMatchObject({ code: 'task-changed-meanwhile' });
    expect(showTask(workspace, 'rte', 1)).toMatchObject({ version: 1, latestVersion: 2, definition: rte });
    expect(revertTask(workspace, 'rte', 1)).toMatchObject({ version: 3, hash: first.hash });
    expect(listVersions(workspace, 'rte').map(({ version, hash }) => [version, hash])).toEqual([[3, first.hash], [2, second.hash], [1, first.hash]]);
  });

  it('has the same hash whatever the order of its keys, and another for any other text', () => {
    const shuffled = Object.fromEntries(Object.entries(rte).reverse()) as TaskDefinition;
    expect(hashDefinition(shuffled)).toBe(hashDefinition(rte));
    expect(hashDefinition({ ...rte, pvps: rte.pvps.toReversed() })).not.toBe(hashDefinition(rte));
  });

  it('is found by the name that a run gives, at the version that it names', () => {
    const { workspace } = core;
    createTask(workspace, 'rte', rte);
    updateTask(workspace, { name: 'rte', basedOn: 1, definition: { ...rte, pvps: rte.pvps.filter(({ id }) => id !== 'hybrid') } });
    expect(resolvePvp(workspace, 'rte/hybrid@1')).toEqual({
      format: 'rte', labels: null, used: { pvp: rte.pvps.find(({ id }) => id === 'hybrid'), version: { task: 'rte', version: 1, hash: hashDefinition(rte) } },
    });
    expect(thrownBy(() => resolvePvp(workspace, 'rte/hybrid'))).toMatchObject({ code: 'pvp-not-found', found: expect.stringContaining('version 2') as string });
    expect(thrownBy(() => resolvePvp(workspace, 'rte/sof'))).toMatchObject({ code: 'pvp-not-found', action: 'Did you mean soft?' });
    for (const text of ['rte', 'rte/', '/x', 'rte/a/b', 'rte/a@x', '']) expect(thrownBy(() => resolvePvp(workspace, text)), text).toMatchObject({ code: 'pvp-name-invalid' });
  });

  it('goes to the trash and comes back with its versions', () => {
    const { workspace } = core;
    createTask(workspace, 'rte', rte);
    expect(trashTask(workspace, 'rte').trashedAt).not.toBeNull();
    expect(thrownBy(() => updateTask(workspace, { name: 'rte', basedOn: 1, definition: { ...rte, title: 'x' } }))).toMatchObject({ code: 'task-in-trash' });
    expect(restoreTask(workspace, 'rte')).toMatchObject({ version: 1, trashedAt: null });
  });

  it.each([
    ['two pairs of one id', { ...rte, pvps: [...rte.pvps, ...rte.pvps] }, 'pvp-repeated'],
    ['a format that is none', { ...rte, format: 'stsb' }, 'unknown-task-format'],
    ['a pattern that cannot be read', { ...rte, pvps: [{ ...rte.pvps[0], pattern: { template: '{{ premise' } }] }, 'pattern-tag-open'],
    ['a label without a word', { ...rte, pvps: [{ ...rte.pvps[0], verbalizer: { labels: [{ label: 'entailment', words: ['yes'] }] } }] }, 'verbalizer-label-missing'],
    ['a key that is none', { ...rte, colour: 'red' }, 'task-definition-invalid'],
  ])('is not made with %s', (_, definition, code) => {
    const thrown = thrownBy(() => createTask(core.workspace, 'rte', definition as TaskDefinition));
    expect(thrown).toMatchObject({ code, kind: 'input' });
    expect(core.workspace.tasks.list()).toEqual([]);
  });

  it.each(taskFormats.map(({ id }) => id))('can begin with the presets of %s', (format) => {
    expect(createTask(core.workspace, format, presetTask(format)).definition.pvps[0]?.id).toBe('t5');
  });
});

describe('a library file', () => {
  it('brings every task to another workspace, and changes nothing the second time', () => {
    createTask(core.workspace, 'rte', rte);
    createTask(core.workspace, 'sst2', presetTask('sst2'));
    const file = join(directory, 'library.json');
    writeFileSync(file, JSON.stringify(exportLibrary(core.workspace, null)));
    const other = openCore(join(directory, 'other'), { create: 'if-missing' });
    try {
      expect(importLibrary(other.workspace, file, 'refuse')).toEqual({ added: ['rte', 'sst2'], updated: [], unchanged: [] });
      expect(importLibrary(other.workspace, file, 'refuse')).toEqual({ added: [], updated: [], unchanged: ['rte', 'sst2'] });
      expect(showTask(other.workspace, 'rte')).toMatchObject({ hash: hashDefinition(rte), definition: rte });
      updateTask(other.workspace, { name: 'sst2', basedOn: 1, definition: { ...presetTask('sst2'), title: 'mine' } });
      trashTask(other.workspace, 'rte');
      other.workspace.emptyTrash();
      // All or none: rte, which is first, is not added either.
      expect(thrownBy(() => importLibrary(other.workspace, file, 'refuse'))).toMatchObject({ code: 'task-name-taken' });
      expect(other.workspace.tasks.find('rte')).toBeNull();
      expect(importLibrary(other.workspace, file, 'new-version')).toEqual({ added: ['rte'], updated: ['sst2'], unchanged: [] });
      expect(showTask(other.workspace, 'sst2', 2).definition.title).toBe('mine');
    } finally {
      other.workspace.close();
    }
  });

  it.each([
    ['no JSON', '{', 'library-invalid'], ['another file', '{"a":1}', 'library-invalid'], ['bytes that are no text', Buffer.from([0xff, 0xfe, 0]), 'library-invalid'],
  ])('that is %s is refused', (_, content, code) => {
    const file = join(directory, 'bad.json');
    writeFileSync(file, content);
    expect(thrownBy(() => importLibrary(core.workspace, file, 'refuse'))).toMatchObject({ code, place: { file } });
  });

  it('that was edited behind its hash is refused by the task’s name', () => {
    createTask(core.workspace, 'rte', rte);
    const file = join(directory, 'edited.json');
    writeFileSync(file, JSON.stringify(exportLibrary(core.workspace, ['rte'])).replace('"title":"RTE', '"title":"ETR'));
    expect(readFileSync(file, 'utf8')).toContain('ETR');
    expect(thrownBy(() => importLibrary(core.workspace, file, 'refuse'))).toMatchObject({ code: 'library-changed', found: expect.stringContaining('rte') as string });
  });
});

describe('a preview', () => {
  const hybrid = rte.pvps.find(({ id }) => id === 'hybrid') as TaskDefinition['pvps'][number];
  const request = { format: 'rte', labels: null, pvp: hybrid, maxSourceTokens: 512 };

  it('shows rows token by token, soft rows and sentinel in their places', async () => {
    const rows = await readFirstRows(join(library, 'rte', 'train.jsonl'), 3);
    const preview = previewPvp({ ...request, rows, speech: { tokenizer, convention: 'span-corruption' } });
    expect(preview).toMatchObject({ rows: 3, truncated: 0, refused: [], words: ['yes', 'no'] });
    const [example] = preview.examples;
    expect(example?.tokens?.input.map(({ kind }) => kind)).toEqual(['soft', 'text', 'answer', 'text']);
    expect(example?.tokens?.target?.map(({ piece }) => piece)[0]).toBe('<extra_id_0>');
    const ids = example?.tokens?.input.flatMap((part) => (part.kind === 'soft' ? [] : part.tokens.map(({ id }) => id))) ?? [];
    expect(example?.tokens?.counts).toMatchObject({ soft: 100, text: ids.length, total: ids.length + 100 });
    const plain = previewPvp({ ...request, rows, speech: { tokenizer, convention: 'lm-adapted' } });
    expect(plain.examples[0]?.tokens?.input.map(({ kind }) => kind)).toEqual(['soft', 'text', 'end']);
    expect(plain.examples[0]?.tokens?.target?.at(-1)?.id).toBe(tokenizer.eosId);
    expect(plain.findings.map(({ code }) => code)).toContain('answer-slot-unwritten');
  });

  it('says what is cut, and which rows are refused', () => {
    const rows = [
      { premise: 'word '.repeat(300), hypothesis: 'h', label: 0 }, { premise: 'p', label: 0 }, { premise: 'p', hypothesis: 'h', label: 'maybe' },
    ].map((values, index) => ({ index, line: index + 1, values }));
    const preview = previewPvp({ ...request, rows, speech: { tokenizer, convention: 'lm-adapted' }, maxSourceTokens: 64 });
    expect(preview.truncated).toBe(1);
    expect(preview.examples[0]?.tokens).toMatchObject({ isTruncated: true, counts: { text: 64, soft: 100 } });
    expect(preview.refused.map(({ line, problem }) => [line, problem.code])).toEqual([[2, 'missing-field'], [3, 'label-not-allowed']]);
  });

  it('of a pair that is wrong shows what is wrong, not an error', () => {
    const rows = [{ index: 0, line: 1, values: { premise: 'p', hypothesis: 'h', label: 0 } }];
    const broken = previewPvp({ ...request, rows, speech: null, pvp: { ...hybrid, pattern: { template: 'a\n{{ premise' } } });
    expect(broken).toMatchObject({ examples: [], findings: [{ code: 'pattern-tag-open', severity: 'error', message: expect.stringContaining('(line 2, column 1)') as string }] });
    const typo = previewPvp({ ...request, rows, speech: null, pvp: { ...hybrid, pattern: { template: '{{ premis }}' } } });
    expect(typo.findings.find(({ code }) => code === 'field-unknown')).toMatchObject({ action: 'Did you mean premise?' });
    expect(typo.refused[0]?.problem.code).toBe('pattern-value');
  });

  it('stays small for a row of 10 MB', () => {
    const rows = [{ index: 0, line: 1, values: { premise: 'word '.repeat(2_000_000), hypothesis: 'h', label: 0 } }];
    const preview = previewPvp({ ...request, rows, speech: { tokenizer, convention: 'lm-adapted' } });
    expect(preview.examples[0]?.tokens?.isTruncated).toBe(true);
    expect(JSON.stringify(preview).length).toBeLessThan(100_000);
  });

  it('takes the classes of any classes from the rows', () => {
    const rows = ['pos', 'neg'].map((label, index) => ({ index, line: index + 1, values: { text: 'a film', label } }));
    const pvp = { ...hybrid, pattern: { template: '{{ text }} {{ answer }}' }, verbalizer: null };
    expect(previewPvp({ ...request, format: 'classification', pvp, rows, speech: null })).toMatchObject({ words: ['neg', 'pos'], refused: [], examples: [{ target: 'pos' }, { target: 'neg' }] });
  });
});

describe('a check', () => {
  const pvp = rte.pvps[0] as TaskDefinition['pvps'][number];
  const codesOf = (template: string, format = 'rte', verbalizer: typeof pvp.verbalizer = null) =>
    checkPvp({ format, labels: null, pvp: { ...pvp, pattern: { template }, verbalizer }, speech: { tokenizer, convention: 'lm-adapted' }, fields: ['premise', 'hypothesis'] }).findings.map(({ code }) => code);

  it('tells of patterns that do nothing, of long prompts, and of slots', () => {
    expect(codesOf('hello')).toEqual(expect.arrayContaining(['pattern-without-fields', 'prompt-in-front', 'answer-at-end']));
    expect(codesOf('{{ soft(120) }}{{ premise }}{{ soft(60) }}')).toContain('prompt-long');
    expect(codesOf('{{ soft(9, "yes") }}{{ premise }}')).toContain('soft-text-length');
    expect(codesOf('{{ query }}', 'record', { labels: [{ label: 'a', words: ['b'] }] })).toContain('verbalizer-open-task');
  });
});
