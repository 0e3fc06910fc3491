import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PublishedResult, PublishedTable } from '../../main/contract/api/published.ts';
import { methods } from '../../main/method/index.ts';
import { findPublished, findPublishedFor, getPublishedTable, readPublishedTables } from '../../main/service/published.ts';
import { taskFormats } from '../../main/task/index.ts';
import { sharedPath } from '../shared.ts';

const cells = readPublishedTables().flatMap(({ results }) => results);

/** Typed from the paper's tables by hand, apart from the assets: table, task, method, model, metric as printed, value, ±. */
const typed: [string, string | null, string, string, string, number | null, number | null][] = [
  ['lester-2021-table-3', 'BoolQ', 'Prompt tuning, average of 5', 'T5-XXL (LM-adapted)', 'acc.', 91.1, null],
  ['lester-2021-table-3', 'BoolQ', 'Prompt tuning, ensemble of 5', 'T5-XXL (LM-adapted)', 'acc.', 91.7, null],
  ['lester-2021-table-3', 'CB', 'Prompt tuning, average of 5', 'T5-XXL (LM-adapted)', 'F1', 99, null],
  ['lester-2021-table-3', 'COPA', 'Prompt tuning, average of 5', 'T5-XXL (LM-adapted)', 'acc.', 98.8, null],
  ['lester-2021-table-3', 'MultiRC', 'Prompt tuning, best of 5', 'T5-XXL (LM-adapted)', 'EM', 66.3, null],
  ['lester-2021-table-3', 'MultiRC', 'Prompt tuning, ensemble of 5', 'T5-XXL (LM-adapted)', 'F1a', 89.4, null],
  ['lester-2021-table-3', 'ReCoRD', 'Prompt tuning, average of 5', 'T5-XXL (LM-adapted)', 'EM', 92.7, null],
  ['lester-2021-table-3', 'ReCoRD', 'Prompt tuning, ensemble of 5', 'T5-XXL (LM-adapted)', 'F1', 93.9, null],
  ['lester-2021-table-3', 'RTE', 'Prompt tuning, best of 5', 'T5-XXL (LM-adapted)', 'acc.', 93.5, null],
  ['lester-2021-table-3', 'WiC', 'Prompt tuning, average of 5', 'T5-XXL (LM-adapted)', 'acc.', 76.2, null],
  ['lester-2021-table-3', 'WSC', 'Prompt tuning, ensemble of 5', 'T5-XXL (LM-adapted)', 'acc.', 96.2, null],
  ['lester-2021-table-3', 'SuperGLUE (dev)', 'Prompt tuning, best of 5', 'T5-XXL (LM-adapted)', 'SuperGLUE (dev)', 91, null],
  ['gu-2022-english', 'SST-2', 'Full-model tuning', 'T5-Small', 'Acc.', 72.8, 3.1],
  ['gu-2022-english', 'SST-5', 'Full-model tuning', 'T5-XL', 'Acc.', 38.4, 5.1],
  ['gu-2022-english', 'RACE-h', 'Full-model tuning', 'T5-XXL', 'Acc.', 54.8, 3],
  ['gu-2022-english', 'CB', 'Full-model tuning', 'T5-XL', 'F1', 81.9, 9],
  ['gu-2022-english', 'SST-2', 'Vanilla PT', 'T5-XXL', 'Acc.', 70.5, 15.5],
  ['gu-2022-english', 'RACE-m', 'Hybrid PT', 'T5-XXL', 'Acc.', 53.5, 8.2],
  ['gu-2022-english', 'BoolQ', 'LM Adaption', 'T5-XXL', 'Acc.', 62, 0.3],
  ['gu-2022-english', 'BoolQ', 'PPT', 'T5-XXL', 'Acc.', null, null],
  ['gu-2022-english', 'BoolQ', 'Hybrid PPT', 'T5-XXL', 'Acc.', 82, 1],
  ['gu-2022-english', 'RTE', 'Unified PPT', 'T5-XXL', 'Acc.', 65.8, 2.1],
  ['gu-2022-chinese', 'Amazon', 'Full-model tuning', 'mT5-Base', 'Acc.', 36.4, 0.9],
  ['gu-2022-chinese', 'CCPM', 'Full-model tuning', 'mT5-XL', 'Acc.', 68.3, 5.1],
  ['gu-2022-chinese', 'CCPM', 'Hybrid PT', 'CPM-2', 'Acc.', 46.6, 15],
  ['gu-2022-chinese', 'ChnSent', 'PPT', 'CPM-2', 'Acc.', null, null],
  ['gu-2022-chinese', 'C³', 'Unified PPT', 'CPM-2', 'Acc.', 50.2, 0.6],
  ['gu-2022-chinese', 'LCQMC', 'Hybrid PPT', 'CPM-2', 'Acc.', 67.3, 0.9],
  ['gu-2022-chinese', 'OCNLI', 'Full-model tuning', 'CPM-2', 'Acc.', 38.5, 1.5],
  ['lester-2021-parameters', null, 'Model tuning', 'T5 1.1 XXL', 'Total parameters', 11_136_000_000, null],
  ['lester-2021-parameters', null, 'Prompt tuning', 'T5 1.1 base', 'Prompt parameters, length 100', 76_800, null],
  ['lester-2021-parameters', 'BoolQ', 'Prompt tuning', 'T5 1.1 small', 'Time to convergence', 985, null],
  ['lester-2021-domain-transfer', 'SQuAD → TextbookQA', 'Prompt tuning', 'T5-XXL (LM-adapted)', 'Prompt', 66.8, null],
  ['lester-2021-domain-transfer', 'SQuAD → DROP', 'Prompt tuning less model tuning', 'T5-XXL (LM-adapted)', 'Δ', -1.8, null],
  ['lester-2021-domain-transfer', 'MRPC → QQP', 'Model tuning', 'T5-XXL (LM-adapted)', 'Model, F1', 70.9, null],
];

describe('the published results', () => {
  it.each(typed)('%s, %s, %s, %s, %s is %s ± %s', (table, task, method, model, metric, value, standardDeviation) => {
    const found = cells.filter((cell) => cell.table === table && cell.task === task && cell.method === method && cell.model === model && cell.metricAsPrinted === metric);
    expect(found.map((cell) => [cell.value, cell.standardDeviation])).toEqual([[value, standardDeviation]]);
  });

  it('have every cell of their tables once, and two that the deck lost, without a number', () => {
    expect(readPublishedTables().map(({ id, results }) => [id, results.length])).toEqual([
      ['gu-2022-chinese', 12 * 7], ['gu-2022-english', 11 * 7], ['lester-2021-domain-transfer', 22], ['lester-2021-parameters', 20], ['lester-2021-table-3', 12 * 3],
    ]);
    const lost = cells.filter(({ status }) => status === 'lost-in-deck');
    expect(lost.map(({ task, method, value, standardDeviation }) => [task, method, value, standardDeviation])).toEqual([['ChnSent', 'PPT', null, null], ['BoolQ', 'PPT', null, null]]);
    expect(lost.every(({ note }) => note?.includes('lost'))).toBe(true);
  });

  it.each(['gu-2022-english', 'gu-2022-chinese'])('mark in %s exactly the best of every column', (id) => {
    for (const [task, column] of Map.groupBy(getPublishedTable(id).results, (result) => result.task)) {
      const best = Math.max(...column.map(({ value }) => value ?? 0));
      expect(column.filter(({ isBest }) => isBest).map(({ value }) => value), task ?? '').toEqual([best]);
    }
  });

  it('agree with themselves: an ensemble is not below its average, the SuperGLUE score is the mean of its tasks, a prompt has length × width numbers', () => {
    const { results } = getPublishedTable('lester-2021-table-3');
    for (const column of Map.groupBy(results, ({ task, metric }) => `${task} ${metric}`).values()) {
      const of = (aggregate: PublishedResult['aggregate']): number => column.find((cell) => cell.aggregate === aggregate)?.value ?? Number.NaN;
      expect(of('best')).toBeGreaterThanOrEqual(of('mean'));
      expect(of('ensemble')).toBeGreaterThanOrEqual(of('best'));
    }
    for (const own of Map.groupBy(results, ({ aggregate }) => aggregate).values()) {
      const tasks = [...Map.groupBy(own.filter(({ format }) => format !== null), ({ task }) => task).values()];
      const means = tasks.map((metrics) => metrics.reduce((sum, { value }) => sum + (value ?? 0), 0) / metrics.length);
      const printed = own.find(({ format }) => format === null)?.value ?? Number.NaN;
      // Every printed number is rounded to a tenth.
      expect(Math.abs(means.reduce((sum, mean) => sum + mean, 0) / means.length - printed)).toBeLessThan(0.11);
    }
    const sizes = getPublishedTable('lester-2021-parameters').results;
    for (const model of new Set(sizes.map((cell) => cell.model))) {
      const of = (metric: string, methodId: string): number => sizes.find((cell) => cell.model === model && cell.metric === metric && cell.methodId === methodId)?.value ?? Number.NaN;
      const share = (of('trained-parameters', 'prompt-tuning') / of('trained-parameters', 'full-tuning')) * 100;
      expect(Math.abs(share / of('trained-share', 'prompt-tuning') - 1), model).toBeLessThan(0.02);
      expect(of('trained-parameters', 'prompt-tuning') % 100).toBe(0);
    }
  });

  it('name formats, methods and metrics that exist here', () => {
    const metricsOf = new Map<string, readonly string[]>(taskFormats.map(({ id, metrics }) => [id, metrics]));
    for (const { format, methodId, metric, table } of cells) {
      if (methodId !== null) expect(methods.map(({ id }) => id)).toContain(methodId);
      if (format !== null && table !== 'lester-2021-parameters') expect(metricsOf.get(format), `${table} ${format}`).toContain(metric);
    }
  });

  it('are found by a format’s id, by the paper’s name, by method and model, in any letter case', () => {
    expect(findPublished({ task: 'race', method: null, model: null })).toHaveLength(22);
    expect(findPublished({ task: 'RACE-M', method: 'ppt', model: 't5-xxl' })).toMatchObject([{ value: 60, standardDeviation: 1.2 }]);
    expect(findPublished({ task: 'rte', method: 'prompt-tuning', model: null }).map(({ value }) => value)).toEqual([53.5, 92.6, 93.5, 93.5]);
    expect(findPublishedFor({ formats: ['wic'], methods: ['full-tuning', 'prompt-tuning'] })).toHaveLength(3);
    expect(findPublishedFor({ formats: ['wic'], methods: ['full-tuning'] })).toEqual([]);
    expect(() => getPublishedTable('gu-2022-englsh')).toThrow(expect.objectContaining({ code: 'published-unknown', action: expect.stringContaining('gu-2022-english') }));
  });
});

const read = (change: (table: PublishedTable) => unknown): readonly PublishedTable[] => {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-published-'));
  try {
    const file = join(folder, 'table.json');
    writeFileSync(file, JSON.stringify(change(structuredClone(getPublishedTable('gu-2022-english')))));
    return readPublishedTables(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
const withCell = (change: Partial<PublishedResult>) => (table: PublishedTable): PublishedTable => ({ ...table, results: [{ ...(table.results[0] as PublishedResult), ...change }] });

describe('a file of published results', () => {
  it.each<[string, (table: PublishedTable) => unknown]>([
    ['a lost cell with a number', withCell({ status: 'lost-in-deck', note: 'lost' })],
    ['a lost cell without a note', withCell({ status: 'lost-in-deck', value: null, standardDeviation: null })],
    ['a printed cell without a number', withCell({ value: null })],
    ['a cell of another table', withCell({ table: 'other' })],
    ['a cell twice', (table) => ({ ...table, results: [...table.results, table.results[0]] })],
    ['another version', (table) => ({ ...table, version: 2 })],
    ['no cells', (table) => ({ ...table, results: [] })],
    ['nothing of the kind', () => [1]],
  ])('with %s is refused', (_what, change) => {
    expect(() => read(change)).toThrow(expect.objectContaining({ code: 'published-invalid' }));
  });

  it('that is missing or no JSON is told of with its place', () => {
    expect(() => readPublishedTables('/nowhere/at/all')).toThrow(expect.objectContaining({ code: 'published-missing', place: { file: '/nowhere/at/all' } }));
    const folder = mkdtempSync(join(tmpdir(), 'souffleur-published-'));
    writeFileSync(join(folder, 'x.json'), '{');
    expect(() => readPublishedTables(folder)).toThrow(expect.objectContaining({ code: 'published-invalid', place: { file: join(folder, 'x.json') } }));
    rmSync(folder, { recursive: true });
  });
});

/** Without the marks of its formulas: `\mathbf{62.9_{3.9}}` and `62.9<sub>3.9</sub>` are `62.93.9`. */
const plain = (text: string): string => text.replaceAll(/<\/?\w+>|\\[a-z]+|[\s_{}$|\\]/g, '');

const deck = sharedPath('reference/deck.txt');

describe.skipIf(deck === null)('the deck’s text (needs ../shared/reference)', () => {
  const text = deck === null ? '' : plain(readFileSync(deck, 'utf8'));

  it('has every printed number of the tables of Gu et al. and of Table 3', () => {
    for (const { table, task, method, value, standardDeviation } of cells.filter(({ table: id, status }) => id.startsWith('gu-') && status === 'printed')) {
      expect(text, `${table} ${task} ${method}`).toContain(`${value?.toFixed(1)}${standardDeviation?.toFixed(1)}`);
    }
    for (const { value } of getPublishedTable('lester-2021-table-3').results) expect(text).toContain(value?.toFixed(1));
  });
});
