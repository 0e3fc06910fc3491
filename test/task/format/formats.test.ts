/** Every task format against its sample cases, which are data: format/<id>/cases.json. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LabelWord, SplitUse, TaskExample } from '../../../main/task/format.ts';
import { readDataset } from '../../../main/task/dataset.ts';
import { detectFormat, findFormat, taskFormats } from '../../../main/task/index.ts';
import { openDataFile, readSample } from '../../../main/task/reading/data-file.ts';
import { temporaryFiles } from '../temporary.ts';

interface Case {
  title: string;
  use: SplitUse;
  container: 'jsonl' | 'csv' | 'tsv';
  lines: string[];
  labels?: LabelWord[];
  /** What the file is taken for, where that is not this format. */
  detects?: string;
  expected?: TaskExample[];
  error?: { code: string; line: number | null };
}

function casesOf(id: string): Case[] {
  const path = join(import.meta.dirname, id, 'cases.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Case[]) : [];
}

const write = temporaryFiles();

describe.each(taskFormats.map(({ id }) => id))('the format %s', (id) => {
  const cases = casesOf(id);

  it('has sample cases, of rows that fit and of rows that do not', () => {
    expect(cases.filter((entry) => entry.expected !== undefined).length, 'cases with expected examples').toBeGreaterThan(0);
    expect(cases.filter((entry) => entry.error !== undefined).length, 'cases with an expected error').toBeGreaterThan(0);
  });

  it.each(cases.filter((entry) => entry.expected !== undefined))('reads: $title', async (entry) => {
    const file = write(`${id}.${entry.container}`, entry.lines.join('\n'));
    const dataset = await readDataset({ file, format: findFormat(id), use: entry.use, ...(entry.labels === undefined ? {} : { labels: entry.labels }) });
    expect(dataset.examples).toEqual(entry.expected);
    const sample = await readSample(await openDataFile(file));
    expect(sample.container).toBe(entry.container);
    expect(detectFormat(sample).format?.id).toBe(entry.detects ?? id);
  });

  it.each(cases.filter((entry) => entry.error !== undefined))('refuses: $title', async (entry) => {
    const file = write(`${id}-refused.${entry.container}`, entry.lines.join('\n'));
    const reading = readDataset({ file, format: findFormat(id), use: entry.use, ...(entry.labels === undefined ? {} : { labels: entry.labels }) });
    const thrown: unknown = await reading.then(() => null, (error: unknown) => error);
    const { line } = entry.error ?? { line: null };
    expect(thrown).toMatchObject({ name: 'Problem', code: entry.error?.code, kind: 'input', place: { file, ...(line === null ? {} : { line }) } });
    expect((thrown as Error).message).toContain(file);
  });
});

describe('the list of formats', () => {
  it('has a different id for every format, and labels without repeats', () => {
    const ids = taskFormats.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const format of taskFormats) {
      expect(format.metrics.length, format.id).toBeGreaterThan(0);
      expect(new Set(format.labels ?? []).size, format.id).toBe((format.labels ?? []).length);
    }
  });

  it('names the formats there are when asked for another', () => {
    expect(() => findFormat('stsb')).toThrow(expect.objectContaining({ code: 'unknown-task-format', expected: expect.stringContaining('boolq, cb, copa') as string }));
  });
});
