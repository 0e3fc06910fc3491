import { appendFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalClient } from '../../../main/service/router/index.ts';
import { finishRun, writeRte } from '../fixture/finished-run.ts';
import { makeBench, type Bench } from '../fixture/workspace.ts';
import { refusal } from './client.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.remove());

const client = () => createLocalClient(bench.core);

async function two() {
  const test = writeRte(bench, 'test.jsonl', 6);
  const runs = [await finishRun(bench, { test, answers: { 0: 'not_entailment', 1: 'perhaps' } }), await finishRun(bench, { test, seed: 2, answers: { 1: 'entailment', 2: 'dunno' } })] as const;
  return { runs: [...runs], pair: { a: runs[0], b: runs[1] }, test };
}

describe('a run over the contract', () => {
  it('is shown when a metric of it is no number, as the loss on dev is for tasks with open answers', async () => {
    const { pair } = await two();
    bench.workspace.metrics.record(pair.a, [{ step: 4, key: 'dev/loss', value: Number.NaN }, { step: 4, key: 'dev/score', value: 0.5 }]);
    const { metrics } = await client().runs.show({ run: pair.a });
    expect(metrics).toEqual({ 'dev/loss': { steps: 1, first: null, last: null }, 'dev/score': { steps: 1, first: 0.5, last: 0.5 } });
  });
});

describe('comparisons over the contract', () => {
  it('count what the whole report lists, and pages of the examples are its examples', async () => {
    const { runs } = await two();
    const whole = await client().comparisons.report({ runs });
    const { summary, published, data } = await client().comparisons.compare({ runs });
    expect(summary.pairs[0]?.outcome.quadrants).toEqual({ 'both-right': 3, 'only-a': 1, 'only-b': 1, 'both-wrong': 1 });
    expect(whole.pairs[0]?.outcome.quadrants['only-a']).toEqual(['2']);
    expect('examples' in summary).toBe(false);
    expect(data).toMatch(/^[0-9a-f]{64}$/);
    expect(published.find(({ table, method }) => table === 'gu-2022-english' && method === 'Vanilla PT')).toMatchObject({ task: 'RTE', value: 53.5, standardDeviation: 3.5 });
    const pages = [await client().comparisons.examples({ runs, limit: 4 }), await client().comparisons.examples({ runs, limit: 4, offset: 4 })];
    expect(pages.map(({ total, rows }) => [total, rows.length])).toEqual([[6, 4], [6, 2]]);
    expect(pages.flatMap(({ rows }) => rows.map(({ mark: _mark, ...row }) => row))).toEqual(whole.examples);
  });

  it('filter by quadrant in both orders of the pair, by a cell of a run’s table and of the pair’s, and by text', async () => {
    const { runs, pair } = await two();
    const ids = async (filter: object): Promise<string[]> => (await client().comparisons.examples({ runs, filter })).rows.map(({ id }) => id);
    expect(await ids({ pair, quadrant: 'only-a' })).toEqual(['2']);
    expect(await ids({ pair: { a: pair.b, b: pair.a }, quadrant: 'only-a' })).toEqual(['0']);
    expect(await ids({ cell: { run: pair.a, row: 'not_entailment', column: 'no label' } })).toEqual(['1']);
    expect(await ids({ pair, cell: { run: null, row: 'no label', column: 'entailment' } })).toEqual(['1']);
    expect(await ids({ text: 'PREMISE 5' })).toEqual(['5']);
    expect(await ids({ text: 'dunno' })).toEqual(['2']);
    expect(await ids({ pair, quadrant: 'both-right', text: 'dunno' })).toEqual([]);
    for (const quadrant of ['both-right', 'only-a', 'only-b', 'both-wrong'] as const) {
      const { summary } = await client().comparisons.compare({ runs });
      expect(await ids({ pair, quadrant })).toHaveLength(summary.pairs[0]?.outcome.quadrants[quadrant] ?? -1);
    }
  });

  it('counts of every cell of a confusion table are the examples that the cell shows', async () => {
    const { runs, pair } = await two();
    const { summary } = await client().comparisons.compare({ runs });
    for (const [run, table] of [[pair.a, summary.runs[0]?.confusion], [null, summary.pairs[0]?.confusion]] as const) {
      expect(table).not.toBeNull();
      for (const [y, row] of table?.rows.entries() ?? []) {
        for (const [x, column] of table?.columns.entries() ?? []) {
          const { total } = await client().comparisons.examples({ runs, filter: { pair, cell: { run, row, column } } });
          expect(total, `${run} ${row} × ${column}`).toBe(table?.counts[y]?.[x]);
        }
      }
    }
  });

  it('keep stars and notes for the file’s examples, also in another comparison and after a restart', async () => {
    const { runs, test } = await two();
    const { data } = await client().comparisons.compare({ runs });
    expect(await client().comparisons.mark({ data, example: '2', isStarred: true })).toMatchObject({ isStarred: true, note: '' });
    expect(await client().comparisons.mark({ data, example: '2', note: 'negation' })).toMatchObject({ isStarred: true, note: 'negation' });
    await client().comparisons.mark({ data, example: '4', note: 'odd' });
    const third = await finishRun(bench, { test, seed: 3 });
    bench.reopen();
    const { rows } = await client().comparisons.examples({ runs: [third, ...runs], filter: { marks: 'starred' } });
    expect(rows.map(({ id, mark }) => [id, mark?.note])).toEqual([['2', 'negation']]);
    expect((await client().comparisons.examples({ runs, filter: { marks: 'noted' } })).total).toBe(2);
    expect(await client().comparisons.mark({ data, example: '4', note: ' ' })).toBeNull();
    expect((await client().comparisons.marks({ data })).map(({ example }) => example)).toEqual(['2']);
  });

  it('export what the terminal exports', async () => {
    const { runs } = await two();
    const json = await client().comparisons.export({ runs, format: 'json' });
    expect(JSON.parse(json.text)).toEqual(await client().comparisons.report({ runs }));
    expect(json).toMatchObject({ fileName: 'comparison-r0001-r0002.json', mediaType: 'application/json' });
    expect((await client().comparisons.export({ runs, format: 'tex', latex: 'tabular' })).text).toContain(String.raw`\begin{tabular}`);
    expect((await client().comparisons.export({ runs, format: 'csv', table: 'examples' })).text.trim().split('\n')).toHaveLength(7);
    expect((await client().comparisons.export({ runs, format: 'md' })).text).toContain('# Comparison on rte');
  });

  it('see new answers of a run and a changed file: what is kept is never stale', async () => {
    const { runs, test } = await two();
    expect((await client().comparisons.examples({ runs })).rows[0]?.input).toContain('Premise 0');
    const best = bench.workspace.checkpoints.findBest(runs[0] as never);
    const object = bench.workspace.objects.putObject(Buffer.from(Array.from({ length: 6 }, (_, i) => `${JSON.stringify({
      id: String(i), group: null, answer: 'entailment', target: i % 2 === 0 ? 'entailment' : 'not_entailment', answeredLabel: 0, label: i % 2, logProbabilities: null, normalisedLogProbabilities: null,
    })}\n`).join('')));
    bench.workspace.predictions.record({ run: runs[0] as never, step: best?.step ?? 0, split: 'test', object });
    expect((await client().comparisons.compare({ runs })).summary.runs[0]?.scores['accuracy']).toBe(0.5);
    appendFileSync(test, '{"premise":"more","hypothesis":"h","label":"entailment","idx":6}\n');
    expect((await client().comparisons.compare({ runs })).summary.warnings[0]).toContain('gone or was changed');
  });

  it('are refused with a sentence where the question makes no sense', async () => {
    const { runs, pair } = await two();
    expect((await refusal(client().comparisons.compare({ runs: [pair.a] }))).code).toBe('too-few-runs');
    expect((await refusal(client().comparisons.compare({ runs: ['nonsense', pair.a] }))).code).toBe('run-id-invalid');
    expect((await refusal(client().comparisons.examples({ runs, filter: { quadrant: 'only-a' } }))).code).toBe('filter-incomplete');
    expect((await refusal(client().comparisons.examples({ runs, filter: { pair: { a: 'r0009', b: pair.a }, quadrant: 'only-a' } }))).code).toBe('run-not-compared');
    expect((await refusal(client().comparisons.examples({ runs, filter: { cell: { run: pair.a, row: 'neutral', column: 'entailment' } } }))).code).toBe('cell-unknown');
  });
});
