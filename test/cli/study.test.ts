/** Real workers on a model of a few kilobytes: what is learned is not the point, only that nothing is lost, done twice or different. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyReport } from '../../main/contract/study.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer, type Invocation } from './command-line.ts';

const words = ['a', 'no', 'this', 'the man', 'good', 'rain falls', 'one', 'two boats', 'it is', 'never', 'at sea', 'here'];

function text(seed: number): string {
  return Array.from({ length: 1 + (seed * 7) % 6 }, (_, word) => words[(seed * 5 + word * 3) % words.length]).join(' ');
}

/** By task: rows of its format, a third of them of the first class. */
const tasks = {
  rte: (row: number) => ({ premise: text(row), hypothesis: text(row + 3), label: row % 3 === 0 ? 'entailment' : 'not_entailment', idx: row }),
  boolq: (row: number) => ({ question: text(row), passage: text(row + 5), label: row % 3 !== 0, idx: row }),
  reviews: (row: number) => ({ sentence: text(row), label: row % 3 === 0 ? 'bad' : 'good', idx: row }),
} as const;

const methods = `methods:
  - id: pt
    method: prompt-tuning
    settings: {steps: 20, batchSize: 4, evaluateEvery: 10, checkpointEvery: 5, promptLength: 3, maxSourceTokens: 48, dropout: 0.1, learningRate: 0.3}
  - id: ft
    method: full-tuning
    settings: {steps: 12, batchSize: 4, evaluateEvery: 6, checkpointEvery: 5, maxSourceTokens: 48, learningRate: 0.01}
    seeds: [1, 2]
`;

const studyFile = `name: small
model: tiny
tasks:
${['rte', 'boolq'].map((id) => `  - {id: ${id}, format: ${id}, train: ${id}-train.jsonl, dev: ${id}-dev.jsonl, test: ${id}-test.jsonl}`).join('\n')}
  - {id: reviews, format: classification, train: reviews-train.jsonl, dev: reviews-dev.jsonl, test: reviews-test.jsonl}
${methods}seeds: [1, 2, 3]
`;

// Seconds on a machine of its own, minutes beside other work.
const timeoutMs = 400_000;

describe('a study on the command line', { timeout: timeoutMs }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-study-'));
  const file = join(folder, 'study.yaml');
  const inWorkspace = (name: string, argumentList: readonly string[], invocation: Invocation = {}): Promise<Ended> =>
    souffleur(['--workspace', join(folder, name), '--json', ...argumentList], invocation);
  const runStudy = (name: string, invocation: Invocation = {}): Promise<Ended> => inWorkspace(name, ['study', 'run', file, '--threads', '1'], invocation);

  let undisturbed: StudyReport;

  beforeAll(async () => {
    const model = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
    for (const [task, rowOf] of Object.entries(tasks)) {
      for (const [split, first, count] of [['train', 0, 16], ['dev', 100, 9], ['test', 200, 12]] as const) {
        writeFileSync(join(folder, `${task}-${split}.jsonl`), Array.from({ length: count }, (_, row) => `${JSON.stringify(rowOf(first + row))}\n`).join(''));
      }
    }
    writeFileSync(file, studyFile);
    for (const name of ['whole', 'killed', 'stopped']) expect(await inWorkspace(name, ['model', 'add', model, '--name', 'tiny'])).toMatchObject({ exitCode: 0 });
    undisturbed = parseAnswer<{ study: StudyReport }>(await runStudy('whole')).study;
  }, timeoutMs);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has every cell, its means, the run that dev chose, the vote of its prompts, the majority, and its methods compared', () => {
    expect(undisturbed).toMatchObject({ name: 'small', split: 'test', model: { name: 'tiny' } });
    expect(undisturbed.cells.map(({ task, method, runs }) => [task, method, runs.map(({ seed, status }) => `${seed} ${status}`)])).toEqual(['rte', 'boolq', 'reviews'].flatMap((task) => [
      [task, 'pt', ['1 finished', '2 finished', '3 finished']], [task, 'ft', ['1 finished', '2 finished']],
    ]));
    for (const cell of undisturbed.cells) {
      const scores = cell.runs.map(({ test }) => test?.['score'] ?? Number.NaN);
      expect(cell.summary['score']?.values).toEqual(scores);
      expect(cell.summary['score']?.mean).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length, 12);
      const chosen = cell.runs.find(({ runId }) => runId === cell.best?.runId);
      expect(chosen?.dev?.['score']).toBe(Math.max(...cell.runs.map(({ dev }) => dev?.['score'] ?? 0)));
      expect(cell.best?.scores).toEqual(chosen?.test);
      expect(cell.ensemble?.members ?? null).toBe(cell.method === 'pt' ? 3 : null);
    }
    // Eight of twelve test rows are of the second class, as is most of the training file.
    expect(undisturbed.tasks.map(({ majority }) => majority?.['accuracy'])).toEqual([8 / 12, 8 / 12, 8 / 12]);
    expect(undisturbed.methods.map(({ trainableParameters }) => trainableParameters)).toEqual([3 * 16, undisturbed.model.parameterCount]);
    expect(undisturbed.comparisons.map(({ task, a, b }) => `${task} ${a} ${b}`)).toEqual(['rte pt ft', 'boolq pt ft', 'reviews pt ft']);
    for (const { sentence, adjustedPValue, permutation } of undisturbed.comparisons) {
      expect(sentence).toMatch(/Prompt tuning.*Model tuning|Model tuning.*Prompt tuning/);
      expect(adjustedPValue).toBeGreaterThan(0);
      expect(permutation?.pValue).toBeGreaterThan(0);
    }
  });

  it('that is killed twice goes on both times and ends with the same table', async () => {
    expect(await runStudy('killed', killAfter(/1–3 of 15\] pt on rte.* training/))).toMatchObject({ exitCode: null, stdout: '' });
    expect(await runStudy('killed', killAfter(/ft on boolq.* training/))).toMatchObject({ exitCode: null, stdout: '' });
    const ended = await runStudy('killed');
    expect(ended.stderr).toMatch(/ft on boolq.*going on with r\d+/);
    expect(ended.stderr).not.toContain('on rte');
    expect(tableOf(parseAnswer<{ study: StudyReport }>(ended).study)).toEqual(tableOf(undisturbed));
  });

  it('that is stopped by Ctrl-C says the command that goes on', async () => {
    let isInterrupted = false;
    const ended = await runStudy('stopped', { watch: (child, stderr) => {
      if (!isInterrupted && stderr.includes('training')) isInterrupted = child.kill('SIGINT');
    } });
    expect(ended.exitCode).toBe(130);
    expect(parseAnswer<ErrorAnswer>(ended).error).toMatchObject({
      code: 'study-cancelled', found: expect.stringContaining('of 15 cells finished'),
      action: `Everything is saved. Go on with: souffleur --workspace ${join(folder, 'stopped')} --json study run ${file} --threads 1`,
    });
  });

  it('is shown and listed while nobody runs it, and started again it runs nothing twice', async () => {
    const page = join(folder, 'page.html');
    const { study } = parseAnswer<{ study: StudyReport }>(await inWorkspace('whole', ['study', 'show', 'small', '--html', page]));
    expect(readFileSync(page, 'utf8')).toMatch(/^<!DOCTYPE html>[^]*Model tuning[^]*seed 3/);
    expect(study).toEqual(undisturbed);
    const again = await runStudy('whole');
    expect(again.stderr).not.toContain('training');
    expect(parseAnswer<{ study: StudyReport }>(again).study).toEqual(undisturbed);
    expect(parseAnswer(await inWorkspace('whole', ['study', 'list']))).toMatchObject({ studies: [{ name: 'small', edition: 1, cells: 15, finished: 15 }] });
    const exported = ['study.json', 'study.tex'].map((name) => join(folder, name));
    const shown = await souffleur(['--workspace', join(folder, 'whole'), 'study', 'show', 'small', '--runs', ...exported.flatMap((path) => ['--export', path])]);
    const [json, tex] = exported.map((path) => readFileSync(path, 'utf8')) as [string, string];
    expect(JSON.parse(json)).toEqual(undisturbed);
    expect(tex).toMatch(/^\\documentclass[^]*\\toprule[^]*\d \$\\pm\$ \d+\.\d \(3\)/);
    expect(shown.stdout).toMatch(/^rte +accuracy +66\.7 +pt +\d+\.\d ± \d+\.\d \(3\)/m);
    expect(shown.stdout).toMatch(/^r0015 +finished +reviews +ft +2/m);
  });

  it('whose file or data has changed is refused with what changed', async () => {
    writeFileSync(file, studyFile.replace('steps: 20', 'steps: 21').replace('seeds: [1, 2, 3]', 'seeds: [1, 2]'));
    const { error } = parseAnswer<ErrorAnswer>(await runStudy('whole'));
    expect(error).toMatchObject({ code: 'study-changed', found: expect.stringContaining('method pt: steps was 20 and is 21; method pt: seeds was 1, 2, 3 and is 1, 2'), action: expect.stringContaining('--again') });
    writeFileSync(file, studyFile);
    writeFileSync(join(folder, 'rte-test.jsonl'), `${JSON.stringify(tasks.rte(7))}\n`);
    expect(parseAnswer<ErrorAnswer>(await runStudy('whole')).error.found).toContain('task rte: its test file has other content');
  });
});

function killAfter(sign: RegExp): Invocation {
  let isKilled = false;
  return { watch: (child, stderr) => {
    if (!isKilled && sign.test(stderr)) isKilled = child.kill('SIGKILL');
  } };
}

/** Everything of a report but times, memory and names of runs. */
function tableOf(report: StudyReport): object {
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (['seconds', 'peakMemoryBytes', 'runId'].includes(key) ? undefined : value))) as object;
}
