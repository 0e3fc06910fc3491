import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComparisonReport } from '../../main/contract/comparison.ts';
import { tinyFamilies, writeTinyT5 } from '../model/tiny-t5.ts';
import { compileLatex, hasPdflatex, readLatexTables } from '../report/export/latex-tool.ts';
import { parseAnswer, souffleur, type Ended, type ErrorAnswer } from './command-line.ts';

const words = ['boats', 'rain', 'never', 'at sea', 'the man', 'good', 'it is'];

function rows(first: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `${JSON.stringify({
    premise: `${words[(first + index) % 7] ?? ''} | 100 %`, hypothesis: words[(first + index * 3) % 7], label: index % 3 === 0 ? 'entailment' : 'not_entailment', idx: first + index,
  })}\n`).join('');
}

/** A random model learns nothing worth telling; that every answer of the workers reaches the reader is what counts here. */
describe('souffleur compare', () => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-compare-'));
  const file = (name: string): string => join(folder, name);
  const run = (...argumentList: string[]): Promise<Ended> => souffleur(['--workspace', file('workspace'), ...argumentList]);
  const tune = (method: string, seeds: string, settings: string[]): Promise<Ended> => run(
    'tune', '--json', '--model', 'tiny', '--task', 'rte', '--train', file('train.jsonl'), '--dev', file('dev.jsonl'), '--test', file('test.jsonl'), '--method', method, '--seed', seeds,
    '--threads', '1', ...['steps=4', 'evaluateEvery=2', 'batchSize=4', 'maxSourceTokens=64', ...settings].flatMap((setting) => ['--set', setting]),
  );

  beforeAll(async () => {
    for (const [index, name] of ['train.jsonl', 'dev.jsonl', 'test.jsonl'].entries()) writeFileSync(file(name), rows(index * 100, 12));
    const model = writeTinyT5({ config: { ...tinyFamilies['T5 1.1 (gated, untied)'], vocab_size: 352 }, tokenizer: 'fixture' });
    expect(await run('model', 'add', model, '--name', 'tiny')).toMatchObject({ exitCode: 0 });
    expect(await tune('prompt-tuning', '1', ['promptLength=3'])).toMatchObject({ exitCode: 0 });
    expect(await tune('full-tuning', '1', [])).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('tells of a tuned prompt and a tuned model what runs show tells, and every example of the file in one of four places', async () => {
    const { comparison } = parseAnswer<{ comparison: ComparisonReport }>(await run('compare', 'r1', 'r2', '--json'));
    expect(comparison).toMatchObject({ task: 'rte', split: 'test', joined: { examples: 12, unlabelled: 0, leftOut: 0 }, warnings: [] });
    expect(comparison.runs.map(({ id, method, trainableParameters }) => [id, method, trainableParameters])).toEqual([
      ['r0001', 'prompt-tuning', 48], ['r0002', 'full-tuning', comparison.parameterCounts?.find(({ method }) => method === 'full-tuning')?.trainableParameters],
    ]);
    for (const { id, scores, legalRate } of comparison.runs) {
      const { run: details } = parseAnswer<{ run: { test: { scores: object; legalRate: number } } }>(await run('runs', 'show', id, '--json'));
      expect(scores).toMatchObject(details.test.scores);
      expect(legalRate).toBe(details.test.legalRate);
    }
    const [pair] = comparison.pairs;
    expect(Object.values(pair?.outcome.quadrants ?? {}).flat().toSorted()).toEqual(comparison.examples.map(({ id }) => id).toSorted());
    expect(comparison.examples[0]).toMatchObject({ id: '200', input: expect.stringContaining('| 100 %'), target: 'entailment', answers: [{ margin: expect.any(Number) }, { margin: expect.any(Number) }] });
    expect(comparison.parameterCounts?.map(({ method }) => method)).toEqual(expect.arrayContaining(['full-tuning', 'prefix-tuning', 'prompt-tuning', 'warp', 'prompt-design']));
  });

  it('writes what it shows to files, the same numbers in each', async () => {
    const files = ['out.tex', 'out.md', 'out.csv', 'out.json'].map(file);
    const ended = await run('compare', 'r0001', 'r0002', '--split', 'dev', '--show', 'both-wrong', '--limit', '2', ...files.flatMap((path) => ['--export', path]));
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^rte, dev split, 12 examples\n\nrun {4}method[^]*r0001 and r0002[^]*What each method would train/);
    const [tex, , , json] = files.map((path) => readFileSync(path, 'utf8')) as [string, string, string, string];
    const report = JSON.parse(json) as ComparisonReport;
    const wrong = report.pairs[0]?.outcome.quadrants['both-wrong'].length ?? 0;
    expect(ended.stdout.match(/Both wrong \((\d+) of (\d+)\)/)?.slice(1).map(Number) ?? [0, wrong]).toEqual([Math.min(2, wrong), wrong]);
    const [table] = readLatexTables(tex);
    expect(table?.slice(1).map((cells) => Number(cells[4]))).toEqual(report.runs.map(({ scores }) => Number(((scores['accuracy'] ?? Number.NaN) * 100).toFixed(1))));
    if (hasPdflatex) expect(compileLatex({ 'main.tex': tex })).toMatchObject({ isCompiled: true });
  });

  it.each<[string[], string]>([
    [['r0001'], 'too-few-runs'],
    [['r0001', 'r0001'], 'run-repeated'],
    [['r0001', 'r0009'], 'run-not-found'],
    [['r0001', 'r0002', '--split', 'train'], 'usage'],
    [['r0001', 'r0002', '--show', 'neither'], 'show-unknown'],
    [['r0001', 'r0002', '--limit', '-1'], 'limit-invalid'],
    [['r0001', 'r0002', '--export', 'table.docx'], 'export-format-unknown'],
    [['r0001', 'r0002', '--export', join(folder, 'absent', 'x.csv')], 'system-enoent'],
  ])('%j is refused as %s', async (argumentList, code) => {
    const ended = await run('compare', ...argumentList, '--json');
    expect(ended.exitCode).toBe(2);
    expect(parseAnswer<ErrorAnswer>(ended).error.code).toBe(code);
    expect(existsSync('table.docx')).toBe(false);
  });
});
