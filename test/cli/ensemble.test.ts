import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnsembleReport } from '../../main/service/ensembles.ts';
import type { RunReport } from '../../main/service/run-report.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer } from './command-line.ts';

/** Real workers on a model made here. */
describe('five prompts on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-ensemble-'));
  const run = (argumentList: string[]): Promise<Ended> => souffleur(['--workspace', join(folder, 'workspace'), '--json', ...argumentList]);
  const file = (name: string): string => join(folder, `${name}.jsonl`);
  const tune = (more: string[]): Promise<Ended> => run([
    'tune', '--model', 'tiny', '--task', 'rte', '--train', file('train'), '--dev', file('dev'), '--test', file('test'), '--threads', '1', '--set', 'steps=4', '--set', 'evaluateEvery=2', ...more,
  ]);
  let runs: RunReport[] = [];
  const ids = (): string[] => runs.map(({ id }) => id);

  beforeAll(async () => {
    for (const [i, name] of ['train', 'dev', 'test', 'new'].entries()) {
      const rows = Array.from({ length: 6 }, (_, row) => ({ premise: `rain falls ${i * 6 + row}`, hypothesis: 'at sea', label: row % 2 === 0 ? 'entailment' : 'not_entailment', idx: i * 6 + row }));
      writeFileSync(file(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
    const model = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
    expect((await run(['model', 'add', model, '--name', 'tiny'])).exitCode).toBe(0);
    ({ runs } = parseAnswer<{ runs: RunReport[] }>(await tune(['--method', 'prompt-tuning', '--set', 'promptLength=3', '--seed', '1,2,3,4,5', '--together'])));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are trained in one pass and are runs of their own', () => {
    expect(runs.map(({ seed, status, losses }) => [seed, status, losses?.steps])).toEqual([1, 2, 3, 4, 5].map((seed) => [seed, 'finished', 4]));
    expect(new Set(runs.map(({ promptFile }) => readFileSync(promptFile ?? '', 'latin1'))).size).toBe(5);
  });

  it('vote on what they answered, and on a new file in one pass', async () => {
    const onTest = parseAnswer<EnsembleReport>(await run(['ensemble', 'vote', ...ids()]));
    expect(onTest).toMatchObject({ data: 'test', examples: 6, ensemble: { members: 5 } });
    expect(onTest.members.map(({ scores }) => scores['accuracy'])).toEqual(runs.map(({ test }) => test?.scores['accuracy']));
    expect(readFileSync(onTest.votes, 'utf8').trimEnd().split('\n')).toHaveLength(6);
    const again = parseAnswer<EnsembleReport>(await run(['ensemble', 'run', ...ids(), '--data', file('test')]));
    expect(again).toMatchObject({ data: file('test'), average: onTest.average, ensemble: onTest.ensemble });
    expect(parseAnswer<EnsembleReport>(await run(['ensemble', 'run', ids().join(','), '--data', file('new')]))).toMatchObject({ examples: 6, ensemble: { members: 5 } });
  });

  it('are shown as a table with average, both kinds of best, and the ensemble', async () => {
    const { stdout } = await souffleur(['--workspace', join(folder, 'workspace'), 'ensemble', 'vote', ...ids(), '--split', 'dev']);
    for (const name of ['Average', 'Best by dev (r000', 'Best on these examples (r000', 'Ensemble', 'ties', 'abstentions']) expect(stdout).toContain(name);
  });

  it('are refused where weights are trained, and where a finished run is to go on', async () => {
    const ended = await tune(['--method', 'full-tuning', '--seed', '1,2', '--together']);
    expect(ended.exitCode).toBe(2);
    expect(parseAnswer<ErrorAnswer>(ended).error).toMatchObject({ code: 'method-without-prompt' });
    expect(parseAnswer<ErrorAnswer>(await run(['tune', '--resume', ids()[0] ?? '', '--together'])).error).toMatchObject({ code: 'run-finished', found: expect.stringContaining('group') });
  });
});
