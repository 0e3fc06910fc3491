/** The demo on a model of a few kilobytes, in place of the one that comes with the program. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStudyFile } from '../../main/service/study/study-file.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { parseAnswer, souffleur, type ErrorAnswer } from './command-line.ts';

const words = ['a', 'no', 'this', 'the man', 'good', 'rain falls', 'one', 'two boats', 'it is', 'never'];
const training = 'steps: 8, batchSize: 4, evaluateEvery: 4, maxSourceTokens: 32';

const study = `name: demo
model: built-in
tasks:
  - built-in: rte
methods:
  - {id: zero-shot, method: prompt-design, seeds: [1]}
  - {id: pt, method: prompt-tuning, settings: {${training}, promptLength: 2}}
  - {id: ft, method: full-tuning, seeds: [1], settings: {${training}, learningRate: 0.03}}
seeds: [1, 2]
`;

interface Answer {
  seconds: number;
  backbone: { name: string };
  tasks: { task: string; metric: string; majority: number; pt: { mean: number; std: number; values: number[] }; best: number; ensemble: number; ft: number; legal: number; zeroShot: number }[];
  report: string;
}

// Seconds on a machine of its own, minutes beside other work.
describe('the demo', { timeout: 400_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-demo-'));
  const assets = join(folder, 'assets');
  const demo = (...more: string[]) => souffleur(['--workspace', join(folder, 'workspace'), 'demo', ...more]);

  beforeAll(() => {
    process.env['SOUFFLEUR_ASSETS'] = assets;
    cpSync(writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' }), join(assets, 'backbone', 'lm-adapted'), { recursive: true });
    mkdirSync(join(assets, 'library', 'rte'), { recursive: true });
    mkdirSync(join(assets, 'study'));
    const files = { train: 'rte/train.jsonl', dev: 'rte/val.jsonl', test: 'rte/test.jsonl' };
    writeFileSync(join(assets, 'library', 'library.json'), JSON.stringify({ version: 1, tasks: [{ id: 'rte', title: 'RTE', format: 'rte', files }] }));
    for (const path of Object.values(files)) {
      const rows = Array.from({ length: 12 }, (_, row) => ({ premise: words[row % 10], hypothesis: words[(row * 7) % 10], label: row % 4 === 0 ? 'entailment' : 'not_entailment', idx: row }));
      writeFileSync(join(assets, 'library', path), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
    writeFileSync(join(assets, 'study', 'demo.yaml'), study);
  });
  afterAll(() => {
    delete process.env['SOUFFLEUR_ASSETS'];
    rmSync(folder, { recursive: true, force: true });
  });

  it('adds its model by itself, runs its study and answers with one line; a second time it runs nothing', async () => {
    const ended = await demo('--json');
    expect(ended.stderr).toMatch(/\[2–3 of 4\] pt on rte, seeds 1, 2/);
    const answer = parseAnswer<Answer & object>(ended);
    expect(answer).toMatchObject({ backbone: { name: 'built-in' }, tasks: [{ task: 'rte', metric: 'accuracy', majority: 0.75, pt: { values: [expect.any(Number), expect.any(Number)] } }] });
    const [task] = answer.tasks;
    for (const share of [task?.pt.mean, task?.best, task?.ensemble, task?.ft, task?.legal, task?.zeroShot]) {
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    const page = readFileSync(answer.report, 'utf8');
    expect(page).toMatch(/^<!DOCTYPE html>/);
    expect(page).toContain('Prompt tuning');

    const again = await demo();
    expect(again.stderr).not.toContain('training');
    expect(again.stdout).toMatch(/^task +majority +zero-shot +average +best +ensemble +full tuning +legal$/m);
    expect(again.stdout).toMatch(/^rte +75\.0 /m);
    expect(again.stdout).toContain(answer.report);
  });

  it('begins anew when its study is another one than last time', async () => {
    writeFileSync(join(assets, 'study', 'demo.yaml'), study.replace('steps: 8', 'steps: 4').replace('seeds: [1, 2]', 'seeds: [5, 6]'));
    const { report } = parseAnswer<Answer & object>(await demo('--json'));
    expect(report).toMatch(/demo@2\.html$/);
  });

  it('without its files says so', async () => {
    process.env['SOUFFLEUR_ASSETS'] = join(folder, 'nothing');
    const ended = await demo('--full', '--json');
    process.env['SOUFFLEUR_ASSETS'] = assets;
    expect(parseAnswer<ErrorAnswer>(ended).error).toMatchObject({ code: 'system-enoent', place: { file: join(folder, 'nothing', 'study', 'demo-full.yaml') } });
  });
});

describe('the demo’s own files', () => {
  it.each(['demo.yaml', 'demo-full.yaml'])('%s can be read', (name) => {
    const file = join(import.meta.dirname, '..', '..', 'assets', 'study', name);
    expect(existsSync(file)).toBe(true);
    const { methods, model } = parseStudyFile(readFileSync(file), file);
    expect(model).toBe('built-in');
    expect(methods.find(({ method }) => method === 'prompt-tuning')?.seeds).toHaveLength(5);
  });
});
