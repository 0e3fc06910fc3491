/** Zero-shot, hand-written and few-shot runs from the command line, on a model made for tests. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../main/service/evaluation.ts';
import type { RunDetails, RunReport } from '../../main/service/run-report.ts';
import { makeFolder } from '../model/make-files.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer } from './command-line.ts';

const folder = makeFolder();
const workspace = join(folder, 'workspace');
const file = join(folder, 'reviews.tsv');
const words = ['good', 'two boats', 'at sea', 'rain falls', 'never'];

const run = (argumentList: string[]): Promise<Ended> => souffleur(['--workspace', workspace, '--json', ...argumentList]);
const tune = (...more: string[]): Promise<Ended> => run(['tune', '--model', 'tiny', '--task', 'sst5', '--train', file, '--threads', '1', ...more]);
const runsOf = (ended: Ended): RunReport[] => parseAnswer<{ runs: RunReport[] }>(ended).runs;
const detailsOf = async (id: string | undefined): Promise<RunDetails> => parseAnswer<{ run: RunDetails }>(await run(['runs', 'show', id ?? ''])).run;

beforeAll(async () => {
  writeFileSync(file, Array.from({ length: 40 }, (_, row) => `${words[row % 5]} this man ${row}\t${row % 5}\n`).join(''));
  const model = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
  expect(await run(['model', 'add', model, '--name', 'tiny'])).toMatchObject({ exitCode: 0 });
});

describe('prompt design on the command line', () => {
  it('is a run like any other: scores, a checkpoint of step 0, predictions, and an evaluation that shows the same shots', async () => {
    const [report] = runsOf(await tune('--dev', file, '--test', file, '--method', 'prompt-design', '--set', 'shots=5', '--set', 'instruction=one good man'));
    expect(report).toMatchObject({
      status: 'finished', method: 'prompt-design', bestStep: 0, trainableParameters: 0, finalLoss: null, promptFile: null, losses: null,
      dev: { examples: 40 }, test: { examples: 40 },
    });
    const details = await detailsOf(report?.id);
    expect(details).toMatchObject({ settings: { shots: 5, instruction: 'one good man', cue: 'answer:' }, sampling: null, checkpoints: [{ step: 0, isBest: true }] });
    expect(details.settings).not.toHaveProperty('steps');
    const evaluated = parseAnswer<EvaluationReport>(await run(['eval', '--run', report?.id ?? '', '--data', file]));
    expect(evaluated).toMatchObject({ step: 0, scores: report?.test?.scores, loss: report?.test?.loss });
  });

  it('needs something to answer', async () => {
    expect(parseAnswer<ErrorAnswer>(await tune('--method', 'prompt-design')).error).toMatchObject({ code: 'nothing-to-evaluate', action: 'Give --dev FILE, --test FILE or both.' });
  });

  it('has no settings of training', async () => {
    expect(parseAnswer<ErrorAnswer>(await tune('--dev', file, '--method', 'prompt-design', '--set', 'steps=5')).error).toMatchObject({
      code: 'setting-unknown', expected: expect.stringContaining('instruction="", shots=0') as string,
    });
  });
});

describe('tune --few-shot', () => {
  const short = ['--method', 'prompt-tuning', '--set', 'steps=2', '--set', 'promptLength=2', '--set', 'batchSize=2', '--set', 'maxSourceTokens=32'];

  it('draws once for all seeds, records the draw with the run and keeps the ids in its folder', async () => {
    const runs = runsOf(await tune(...short, '--few-shot', '10', '--data-seed', '20', '--seed', '1,2', '--test', file));
    const samples: string[] = [];
    for (const { id } of runs) {
      const details = await detailsOf(id);
      expect(details).toMatchObject({ sampling: { trainExamples: 10, devExamples: 10, dataSeed: 20 }, dev: { examples: 10 }, test: { examples: 40 } });
      samples.push(readFileSync(details.sampleFile ?? '', 'utf8'));
    }
    expect(samples[1]).toBe(samples[0]);
    expect(JSON.parse(samples[0] ?? '')).toMatchObject({ file, train: { length: 10 }, dev: { length: 10 } });
    const shown = await souffleur(['--workspace', workspace, 'runs', 'show', runs[0]?.id ?? '']);
    expect(shown.stdout).toContain('10 to train on, 10 to choose by, drawn with data seed 20');
  });

  it('takes a development file whole, and the first of PPT’s seeds', async () => {
    const [report] = runsOf(await tune(...short, '--few-shot', '5', '--dev', file));
    expect(await detailsOf(report?.id)).toMatchObject({ sampling: { trainExamples: 5, devExamples: null, dataSeed: 10 }, dev: { examples: 40 } });
  });

  it.each([
    ['more rows than a class has', ['--few-shot', '32'], 'few-shot-too-few', /very negative 1 of 7, negative 1 of 7, neutral 2 of 6/],
    ['no rows', ['--few-shot', '0'], 'few-shot-invalid', /at least 1/],
    ['a data seed without a draw', ['--data-seed', '3'], 'usage', /--data-seed without --few-shot/],
    ['a data seed that is none', ['--few-shot', '5', '--data-seed', '1,2'], 'seed-invalid', /--data-seed 1,2/],
  ])('refuses %s', async (_what, more, code, says) => {
    const ended = await tune(...short, ...more);
    expect(ended.exitCode).toBe(2);
    expect(parseAnswer<ErrorAnswer>(ended).error).toMatchObject({ code, message: expect.stringMatching(says) as string });
  });
});
