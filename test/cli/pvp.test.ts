/** Real workers on a model of a few kilobytes: runs, evaluations, votes, comparisons and studies that speak by a pattern. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComparisonReport } from '../../main/contract/comparison.ts';
import type { StudyReport } from '../../main/contract/study.ts';
import type { EnsembleReport } from '../../main/service/ensembles.ts';
import type { EvaluationReport } from '../../main/service/evaluation.ts';
import type { RunDetails, RunReport } from '../../main/service/run-report.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer } from './command-line.ts';

const timeoutMs = 400_000;
const verbalizer = (yes: string, no: string) => ({ labels: [{ label: 'entailment', words: [yes] }, { label: 'not_entailment', words: [no] }] });
const pvpOf = (id: string, template: string, words: object) => ({ id, title: id, pattern: { template }, verbalizer: words, answerNote: null, provenance: 'this test' });
const pvps = {
  hybrid: pvpOf('hybrid', '{{ premise }} {{ soft(2) }}{{ hypothesis }}? {{ answer }}. {{ soft(1, "it is") }}', verbalizer('good', 'never')),
  other: pvpOf('other', '{{ soft(1) }}{{ premise }} {{ answer }} {{ soft(2) }}{{ hypothesis }}', verbalizer('never', 'good')),
  hard: pvpOf('hard', '{{ premise }} it is {{ hypothesis }}? {{ answer }}.', verbalizer('good', 'never')),
};

const runsOf = (ended: Ended): RunReport[] => parseAnswer<{ runs: RunReport[] }>(ended).runs;

describe('patterns on the command line', { timeout: timeoutMs }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-pvp-'));
  const at = (name: string): string => join(folder, name);
  const run = (argumentList: readonly string[]): Promise<Ended> => souffleur(['--workspace', at('workspace'), '--json', ...argumentList]);
  const tune = (pvp: string, more: readonly string[] = ['--method', 'prompt-tuning', '--set', 'steps=4', '--set', 'evaluateEvery=2']): Promise<Ended> => run([
    'tune', '--model', 'tiny', '--task', 'rte', '--pvp', at(`${pvp}.json`), '--train', at('train.jsonl'), '--dev', at('dev.jsonl'), '--test', at('test.jsonl'), '--threads', '1', ...more,
  ]);
  const show = async (id = ''): Promise<RunDetails> => parseAnswer<{ run: RunDetails }>(await run(['runs', 'show', id])).run;
  let hybrid: string[] = [];
  let other = '';

  beforeAll(async () => {
    for (const [i, name] of ['train', 'dev', 'test'].entries()) {
      const rows = Array.from({ length: 6 }, (_, row) => ({ premise: `rain falls ${i * 6 + row}`, hypothesis: 'at sea', label: row % 2 === 0 ? 'entailment' : 'not_entailment', idx: i * 6 + row }));
      writeFileSync(at(`${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
    for (const [name, pvp] of Object.entries(pvps)) writeFileSync(at(`${name}.json`), JSON.stringify(pvp));
    const model = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
    expect((await run(['model', 'add', model, '--name', 'tiny'])).exitCode).toBe(0);
    const settings = ['--method', 'prompt-tuning', '--set', 'steps=4', '--set', 'evaluateEvery=2', '--seed', '1,2', '--together'];
    hybrid = runsOf(await tune('hybrid', settings)).map(({ id }) => id);
    other = runsOf(await tune('other'))[0]?.id ?? '';
  }, timeoutMs);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('make runs that keep the whole pair and train the rows of its slots', async () => {
    expect(hybrid).toHaveLength(2);
    const details = await show(hybrid[0]);
    expect(details).toMatchObject({ status: 'finished', trainableParameters: 3 * 16, settings: { promptLength: 3 }, pvp: { pvp: pvps.hybrid, version: null } });
  });

  it('are evaluated in the verbalizer’s words', async () => {
    const report = parseAnswer<EvaluationReport>(await run(['eval', '--run', hybrid[0] ?? '', '--data', at('test.jsonl')]));
    expect(report).toMatchObject({ examples: 6, confusion: { labels: ['good', 'never'] } });
    expect(readFileSync(report.predictions, 'utf8')).toContain('"target":"never"');
  });

  it('vote in one pass where they agree; where slots differ that is refused with both named, and stored answers are voted on by class', async () => {
    const together = parseAnswer<EnsembleReport>(await run(['ensemble', 'run', ...hybrid, '--data', at('test.jsonl')]));
    const stored = parseAnswer<EnsembleReport>(await run(['ensemble', 'vote', ...hybrid]));
    expect(together.ensemble).toEqual(stored.ensemble);
    const refused = parseAnswer<ErrorAnswer>(await run(['ensemble', 'run', ...hybrid, other, '--data', at('test.jsonl')]));
    expect(refused.error).toMatchObject({ code: 'runs-not-alike', found: expect.stringMatching(/pattern hybrid, 3 rows.*pattern other, 3 rows/), action: expect.stringContaining('ensemble vote') });
    const mixed = parseAnswer<EnsembleReport>(await run(['ensemble', 'vote', ...hybrid, other]));
    expect(mixed.members.map(({ runId }) => runId)).toEqual([...hybrid, other]);
    const alone = await show(other);
    expect(mixed.members[2]?.scores['accuracy']).toBe(alone.test?.scores['accuracy']);
    for (const line of readFileSync(mixed.votes, 'utf8').trim().split('\n')) expect((JSON.parse(line) as { target: string }).target).toMatch(/^(good|never)$/);
  });

  it('are compared with runs of other patterns, example by example', async () => {
    const { comparison: report } = parseAnswer<{ comparison: ComparisonReport }>(await run(['compare', hybrid[0] ?? '', other]));
    expect(report).toMatchObject({ joined: { examples: 6, leftOut: 0 }, labels: ['good', 'never'] });
    const scores = [];
    for (const id of [hybrid[0] ?? '', other]) scores.push((await show(id)).test?.scores['accuracy']);
    expect(report.runs.map((each) => each.scores['accuracy'])).toEqual(scores);
  });

  it('serve prompt design and the whole model where they are words alone, and say why not where they are not', async () => {
    expect(runsOf(await tune('hard', ['--method', 'prompt-design', '--set', 'shots=2']))[0]).toMatchObject({ status: 'finished' });
    expect(runsOf(await tune('hard', ['--method', 'full-tuning', '--set', 'steps=1', '--set', 'evaluateEvery=1']))[0]).toMatchObject({ status: 'finished' });
    const refused = await tune('hybrid', ['--method', 'full-tuning']);
    expect(refused.exitCode).toBe(2);
    expect(parseAnswer<ErrorAnswer>(refused).error).toMatchObject({ code: 'soft-slots-without-prompt' });
  });

  it('in a file need the task format beside them', async () => {
    const ended = await run(['tune', '--model', 'tiny', '--pvp', at('hybrid.json'), '--train', at('train.jsonl'), '--method', 'prompt-tuning']);
    expect([ended.exitCode, parseAnswer<ErrorAnswer>(ended).error.code]).toEqual([2, 'pvp-without-task']);
  });

  it('are tasks of a study, whose prompts vote and whose methods are compared', async () => {
    const files = 'train: train.jsonl, dev: dev.jsonl, test: test.jsonl';
    writeFileSync(at('study.yaml'), `name: patterns
model: tiny
tasks:
  - {id: plain, format: rte, ${files}}
  - {id: hybrid, format: rte, pvp: hybrid.json, ${files}}
methods:
  - {id: pt, method: prompt-tuning, settings: {steps: 2, evaluateEvery: 2, promptLength: 5}}
seeds: [1, 2]
`);
    const { study } = parseAnswer<{ study: StudyReport }>(await run(['study', 'run', at('study.yaml'), '--threads', '1']));
    expect(study.cells.map(({ task, runs, ensemble }) => [task, runs.length, ensemble?.members])).toEqual([['plain', 2, 2], ['hybrid', 2, 2]]);
    const rows = [];
    for (const cell of study.cells) rows.push((await show(cell.runs[0]?.runId)).settings['promptLength']);
    expect(rows).toEqual([5, 3]);
    writeFileSync(at('hybrid.json'), JSON.stringify({ ...pvps.hybrid, pattern: { template: `${pvps.hybrid.pattern.template} here` } }));
    const changed = parseAnswer<ErrorAnswer>(await run(['study', 'run', at('study.yaml')]));
    expect(changed.error).toMatchObject({ code: 'study-changed', found: expect.stringContaining('task hybrid: its pattern hybrid has another template') });
    writeFileSync(at('study.yaml'), readFileSync(at('study.yaml'), 'utf8').replace('hybrid.json', 'absent.json').replace('name: patterns', 'name: absent'));
    expect(parseAnswer<ErrorAnswer>(await run(['study', 'run', at('study.yaml')])).error).toMatchObject({ code: 'system-enoent', place: { file: at('absent.json') } });
  });
});
