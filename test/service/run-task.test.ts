import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExamplePrediction } from '../../main/contract/prediction.ts';
import type { Pvp } from '../../main/contract/pvp.ts';
import { translateAnswers } from '../../main/service/answer-words.ts';
import { choosePvp } from '../../main/service/pvp-reference.ts';
import { makeTrainJob, readRunConfig } from '../../main/service/run-config.ts';
import { createRun, planRun } from '../../main/service/runs.ts';
import { checkDefinition, createTask, updateTask } from '../../main/service/task-library/tasks.ts';
import { makeBench, type Bench } from './fixture/workspace.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.remove());

const words = { labels: [{ label: 'entailment', words: ['yes'] }, { label: 'not_entailment', words: ['no'] }] };

function pvpOf(template: string, verbalizer: Pvp['verbalizer'] = words): Pvp {
  return { id: 'mine', title: 'Mine', pattern: { template }, verbalizer, answerNote: null, provenance: 'this test' };
}

const slotted = pvpOf('{{ soft(4) }}{{ hypothesis }}? {{ answer }}. {{ soft(2, "it is") }} {{ premise }}');
const plan = (pvp: Pvp, more: Partial<Bench['request']> = {}) => planRun(bench.workspace, { ...bench.request, pvp: { pvp, version: null }, ...more });

function writePvp(text: string): string {
  writeFileSync(join(bench.folder, 'mine.json'), text);
  return 'mine.json';
}

const choose = (text: string, format: string | null = null) => choosePvp(bench.workspace, { text, folder: bench.folder }, { format, labels: null });
const definition = (pvps: readonly Pvp[]) => ({ title: 'Entailment', format: 'rte', labels: null, pvps, dataset: null, provenance: 'this test' });

function prediction(answer: string, answeredLabel: number, label: number | null): ExamplePrediction {
  return {
    id: '1', group: null, answer, target: label === null ? null : ['yes', 'no'][label] ?? null, answers: [], answeredLabel, label, logProbabilities: [-1, -2], normalisedLogProbabilities: null,
  };
}

describe('a run with a pattern', () => {
  it('has a prompt with the rows of its soft slots, keeps the whole pair, and tells its worker of it', async () => {
    const planned = await plan(slotted);
    expect(planned.config.settings['promptLength']).toBe(6);
    const run = createRun(bench.workspace, planned, { seed: 1 });
    expect(readRunConfig(bench.reopen().runs.get(run.id)).pvp).toEqual({ pvp: slotted, version: null });
    expect(makeTrainJob(bench.workspace, [run], { resume: false }).task).toEqual({ format: 'rte', labels: null, pvp: slotted });
  });

  it('takes the length of its slots where it is typed, and refuses another with both numbers', async () => {
    expect((await plan(slotted, { settings: ['promptLength=6'] })).config.settings['promptLength']).toBe(6);
    await expect(plan(slotted, { settings: ['promptLength=20'] })).rejects.toMatchObject({ code: 'prompt-length-of-pattern', message: expect.stringMatching(/20.*6 rows/) });
  });

  it('without soft slots leaves the length to the method', async () => {
    expect((await plan(pvpOf('{{ premise }} {{ answer }}'), { settings: ['promptLength=20'] })).config.settings['promptLength']).toBe(20);
  });

  it('and soft slots is refused by methods without a prompt, unless every slot begins from a text that can stand in its place', async () => {
    for (const method of ['full-tuning', 'prompt-design']) {
      await expect(plan(slotted, { method, settings: [] })).rejects.toMatchObject({ code: 'soft-slots-without-prompt', found: expect.stringContaining(method) });
      await plan(pvpOf('{{ soft(2, "it is") }} {{ premise }} {{ answer }}'), { method, settings: [] });
    }
  });

  it('that cannot be read, or has no word for a label, is refused before there is a run', async () => {
    await expect(plan(pvpOf('{{ premise'))).rejects.toMatchObject({ code: expect.stringMatching(/^pattern-/) });
    await expect(plan(pvpOf('{{ premise }}', { labels: [{ label: 'entailment', words: ['yes'] }] }))).rejects.toMatchObject({ code: expect.stringMatching(/^verbalizer-/) });
  });

  it('of a task for any classes records the verbalizer’s words beside the values of the file', async () => {
    const train = join(bench.folder, 'reviews.csv');
    writeFileSync(train, 'sentence,label\ngrand,1\ndull,0\n');
    const verbalizer = { labels: [{ label: '0', words: ['bad'] }, { label: '1', words: ['good'] }] };
    const { config } = await plan(pvpOf('{{ sentence }} It was {{ answer }}.', verbalizer), { format: 'classification', files: { train, dev: train, test: null } });
    expect(config.labels).toEqual([{ value: '0', word: 'bad' }, { value: '1', word: 'good' }]);
  });
});

describe('a pattern’s file', () => {
  it('is read from where its name starts', async () => {
    expect(await choose(writePvp(JSON.stringify(slotted)), 'rte')).toEqual({ format: 'rte', labels: null, pvp: { pvp: slotted, version: null } });
    await expect(choose('mine.json')).rejects.toMatchObject({ code: 'pvp-without-task' });
  });

  it.each([
    ['no JSON', '{', 'pvp-file-not-json'],
    ['an empty file', '', 'pvp-file-not-json'],
    ['a pair without a pattern', JSON.stringify({ ...slotted, pattern: undefined }), 'pvp-file-value'],
    ['a pair with an unknown key', JSON.stringify({ ...slotted, patern: 1 }), 'pvp-file-value'],
    ['a template that does not end', JSON.stringify(pvpOf('{{ premise')), 'pattern-tag-open'],
    ['megabytes', ' '.repeat(2_000_000), 'pvp-file-too-large'],
  ])('that holds %s is refused in a sentence', async (_what, text, code) => {
    await expect(choose(writePvp(text), 'rte')).rejects.toMatchObject({ code });
  });

  it('that is not there is named', async () => {
    await expect(choose('absent.json', 'rte')).rejects.toMatchObject({ code: 'system-enoent' });
  });
});

describe('a pair of the task library', () => {
  it('is named by task, pair and version; the task says its format, and a run keeps pair, version and hash', async () => {
    const { hash } = createTask(bench.workspace, 'mine-rte', checkDefinition(definition([slotted])));
    const chosen = await choose('mine-rte/mine');
    expect(chosen).toEqual({ format: 'rte', labels: null, pvp: { pvp: slotted, version: { task: 'mine-rte', version: 1, hash } } });
    updateTask(bench.workspace, { name: 'mine-rte', basedOn: 1, definition: checkDefinition(definition([pvpOf('{{ premise }} {{ answer }}')])) });
    expect((await choose('mine-rte/mine')).pvp.version?.version).toBe(2);
    expect(await choose('mine-rte/mine@1', 'rte')).toEqual(chosen);
    const run = createRun(bench.workspace, await planRun(bench.workspace, { ...bench.request, ...chosen }), { seed: 1 });
    expect(readRunConfig(run).pvp).toEqual(chosen.pvp);
    await expect(choose('mine-rte/mine', 'boolq')).rejects.toMatchObject({ code: 'pvp-of-another-task', message: expect.stringMatching(/boolq.*rte/) });
    await expect(choose('mine-rte/none')).rejects.toMatchObject({ code: 'pvp-not-found' });
  });
});

describe('answers in other words', () => {
  it('keep their classes, and an answer that was no label stays none where the other run has that word', () => {
    const given = [prediction('yes', 0, 1), prediction('good', -1, 0), prediction('no', 1, null)];
    const translated = translateAnswers(given, { from: ['yes', 'no'], to: ['good', 'bad'] });
    expect(translated.map(({ answer, target, answeredLabel, label }) => [answer, target, answeredLabel, label]))
      .toEqual([['good', 'bad', 0, 1], ['“good”', 'good', -1, 0], ['bad', null, 1, null]]);
  });

  it('stay as they are where the words are the same, or open', () => {
    const given = [prediction('yes', 0, 1)];
    expect(translateAnswers(given, { from: ['yes', 'no'], to: ['yes', 'no'] })).toBe(given);
    expect(translateAnswers(given, { from: null, to: null })).toBe(given);
  });
});
