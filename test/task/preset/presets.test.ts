/** Every preset on a row in the shape of its data, against the strings of the published tables, written out by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pvpSchema } from '../../../main/contract/pvp.ts';
import { readDataset } from '../../../main/task/dataset.ts';
import type { DataRow, LabelWord, TaskFormat } from '../../../main/task/format.ts';
import { findFormat, taskFormats } from '../../../main/task/index.ts';
import { applyPattern } from '../../../main/task/pattern/apply-pattern.ts';
import type { InputPart } from '../../../main/task/pattern/part.ts';
import { presets, presetsOf } from '../../../main/task/preset/index.ts';
import { sharedPath } from '../../shared.ts';
import { temporaryFiles } from '../temporary.ts';

const rows: Record<string, Record<string, unknown>> = {
  sst2: { sentence: 's', label: 1 },
  sst5: { sentence: 's', label: 4 },
  boolq: { question: 'q', passage: 'p', label: true, idx: 3 },
  rte: { premise: 'p', hypothesis: 'h', label: 'entailment', idx: 3 },
  cb: { premise: 'p', hypothesis: 'h', label: 'contradiction', idx: 3 },
  race: { article: 'a', question: 'q', options: ['o1', 'o2', 'o3', 'o4'], answer: 'C', id: 'x' },
};

const ofRace = 'A. o1. B. o2. C. o3. D. o4. ? The correct one is <X>';

/** P: the soft rows, <X>: the answer slot, =: the target of the row above. */
const expected: Record<string, Record<string, string>> = {
  sst2: {
    t5: 'sentence: s = positive',
    soft: 'P s <X> = good',
    hard: 's It was <X>. = good',
    hybrid: 'P s It was <X>. = good',
    'hybrid-just': 'P s Just <X>! = good',
    'hybrid-all-in-all': 'P s All in all, it was <X>. = good',
    unified: 'P s ? A. bad. B. good. ? The correct one is <X> = B',
    'hybrid-terrible-great': 'P s It was <X>. = great',
    'hybrid-swapped': 'P s It was <X>. = bad',
    'hybrid-nonsense': 'P s It was <X>. = cat',
  },
  sst5: {
    t5: 'sentence: s = very positive',
    soft: 'P s <X> = great',
    hard: 's It was <X>. = great',
    hybrid: 'P s It was <X>. = great',
    'hybrid-just': 'P s Just <X>! = great',
    'hybrid-all-in-all': 'P s All in all, it was <X>. = great',
    unified: 'P s ? A. terrible. B. bad. C. maybe. D. good. E. great. ? The correct one is <X> = E',
  },
  boolq: {
    t5: 'passage: p question: q = True',
    soft: 'P q <X> p = yes',
    hard: 'question: q?<X>. p = yes',
    hybrid: 'P question: q?<X>. p = yes',
    unified: 'P q ? p . A. no. B. yes. ? The correct one is <X> = B',
    'hybrid-previous': 'P p. Based on the previous passage, q?<X>. = yes',
    'hybrid-following': 'P Based on the following passage, q?<X>. p = yes',
    'hybrid-true-false': 'P question: q?<X>. p = true',
    'hybrid-swapped': 'P question: q?<X>. p = no',
    'hybrid-nonsense': 'P question: q?<X>. p = cat',
  },
  rte: {
    t5: 'hypothesis: h premise: p = entailment',
    soft: 'P p <X> h = yes',
    hard: 'h?<X>. p = yes',
    hybrid: 'P h?<X>. p = yes',
    unified: 'P h ? p . A. no. B. yes. ? The correct one is <X> = B',
  },
  cb: {
    t5: 'hypothesis: h premise: p = contradiction',
    soft: 'P h <X> p = no',
    hard: 'h?<X>. p = no',
    hybrid: 'P h?<X>. p = no',
    unified: 'P h ? p . A. no. B. maybe. C. yes. ? The correct one is <X> = A',
    'hybrid-true-false-neutral': 'P h?<X>. p = false',
    'hybrid-swapped': 'P h?<X>. p = yes',
    'hybrid-nonsense': 'P h?<X>. p = cat',
  },
  race: {
    t5: 'question: q A: o1 B: o2 C: o3 D: o4 article: a = C',
    soft: `P a ; q ? ${ofRace} = C`,
    hard: `a Based on the previous passage, we ask q ? ${ofRace} = C`,
    hybrid: `P a Based on the previous passage, we ask q ? ${ofRace} = C`,
    unified: `P a ; q ? ${ofRace} = C`,
    'c3-soft': 'P a 问题：q<X>一、o1；二、o2；三、o3；四、o4 = 三',
    'c3-hybrid': 'P 文章：a问题：q？<X>选项：一、o1；二、o2；三、o3；四、o4 = 三',
    'c3-hard': '问题：q选项：一、o1；二、o2；三、o3；四、o4文章：a = 三',
    'ccpm-soft': 'P a<X>选项一、o1；二、o2；三、o3；四、o4 = 三',
    'ccpm-hybrid': 'P 文章：a？<X>选项：一、o1；二、o2；三、o3；四、o4 = 三',
  },
};

function shown(parts: readonly InputPart[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : part.kind === 'soft' ? 'P' : '<X>')).join('');
}

function rowOf(values: Record<string, unknown>): DataRow {
  return { index: 0, line: 1, values };
}

function render(format: TaskFormat, values: Record<string, unknown>): string {
  const [example] = format.examples(rowOf(values), 'train');
  return `${shown(example?.parts ?? [{ kind: 'text', text: example?.input ?? '' }])} = ${example?.target ?? ''}`;
}

describe('the presets', () => {
  it('are valid, with an id of their own in every format', () => {
    for (const { formats, pvp } of presets) {
      expect(pvpSchema.safeParse(pvp).success, pvp.id).toBe(true);
      for (const format of formats) expect(presetsOf(format).filter(({ id }) => id === pvp.id), `${format}/${pvp.id}`).toHaveLength(1);
    }
  });

  it('give every format T5’s own form, first', () => {
    for (const { id } of taskFormats) expect(presetsOf(id)[0]?.id, id).toBe('t5');
  });

  it.each(Object.keys(rows))('of %s say what the published table says', (id) => {
    const said = Object.fromEntries(presetsOf(id).map((pvp) => [pvp.id, render(applyPattern(findFormat(id), pvp), rows[id] ?? {})]));
    expect(said).toEqual(expected[id]);
  });

  it('of the Chinese pairs say what the published table says, with the words of both methods', () => {
    const pair = findFormat('pair');
    const said = Object.fromEntries(presetsOf('pair').slice(1).map((pvp) => {
      const isNli = pvp.id.startsWith('nli');
      const bound = applyPattern(pair, pvp).anyClasses?.forLabels(wordsOf(isNli ? ['contradiction', 'entailment', 'neutral'] : ['0', '1'])) as TaskFormat;
      return [pvp.id, [bound.labels?.join('/'), render(bound, { sentence1: 's1', sentence2: 's2', label: isNli ? 'entailment' : 1 })]];
    }));
    expect(said).toEqual({
      'nli-soft-pt': ['矛盾/相似/中立', 'P s1<X>s2 = 相似'],
      'nli-soft-ppt': ['错误/正确/中立', 'P s1<X>s2 = 正确'],
      'nli-hybrid-pt': ['矛盾/相似/中立', 'P “s1”的意思？<X>“s2”的意思 = 相似'],
      'nli-hybrid-ppt': ['错误/正确/中立', 'P “s1”的意思？<X>“s2”的意思 = 正确'],
      'nli-hard-pt': ['矛盾/相似/中立', '“s1”与“s2”的意思<X> = 相似'],
      'nli-hard-ppt': ['错误/正确/中立', '“s1”与“s2”的意思<X> = 正确'],
      'lcqmc-soft-pt': ['矛盾/相似', 'P s1<X>s2 = 相似'],
      'lcqmc-soft-ppt': ['错误/正确', 'P s1<X>s2 = 正确'],
      'lcqmc-hybrid-pt': ['矛盾/相似', 'P “s1”的意思？<X>“s2”的意思 = 相似'],
      'lcqmc-hybrid-ppt': ['错误/正确', 'P “s1”的意思？<X>“s2”的意思 = 正确'],
      'lcqmc-hard-pt': ['矛盾/相似', '“s1”与“s2”的意思<X> = 相似'],
      'lcqmc-hard-ppt': ['错误/正确', '“s1”与“s2”的意思<X> = 正确'],
    });
  });
});

function wordsOf(values: readonly string[]): LabelWord[] {
  return values.map((value) => ({ value, word: value }));
}

function speakT5(id: string): TaskFormat {
  return applyPattern(findFormat(id), presetsOf(id)[0] as ReturnType<typeof presetsOf>[number]);
}

async function expectSame(id: string, file: string): Promise<void> {
  for (const use of ['train', 'evaluate'] as const) {
    const own = await readDataset({ file, format: findFormat(id), use, limit: 400 });
    const spoken = await readDataset({ file, format: speakT5(id), use, limit: 400 });
    expect(own.examples.length).toBeGreaterThan(0);
    expect(spoken.examples).toEqual(own.examples);
  }
}

interface SampleCase {
  title: string;
  use: 'train' | 'evaluate';
  container: string;
  lines: string[];
  labels?: LabelWord[];
  expected?: unknown[];
}

describe('the preset t5', () => {
  const write = temporaryFiles();

  it.each(taskFormats.map(({ id }) => id))('makes the same examples as the format %s itself, on all its sample rows', async (id) => {
    const cases = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'format', id, 'cases.json'), 'utf8')) as SampleCase[];
    const fitting = cases.filter((entry) => entry.expected !== undefined);
    expect(fitting.length).toBeGreaterThan(0);
    for (const [index, entry] of fitting.entries()) {
      const file = write(`${id}-${index}.${entry.container}`, entry.lines.join('\n'));
      const request = { file, use: entry.use, ...(entry.labels === undefined ? {} : { labels: entry.labels }) };
      const { examples } = await readDataset({ ...request, format: speakT5(id) });
      expect(examples, entry.title).toEqual(entry.expected);
    }
  });

  const library = join(import.meta.dirname, '..', '..', '..', 'assets', 'library');
  const inLibrary = ['boolq', 'cb', 'copa', 'multirc', 'record', 'rte', 'wic', 'wsc', 'sst2', 'sst5', 'race'];
  it.each(inLibrary)('makes the same examples as the format %s itself, on the built-in task', async (id) => {
    await expectSame(id, join(library, id, id.startsWith('sst') ? 'train.tsv' : 'train.jsonl'));
  });

  const published = [
    ['boolq', 'superglue/BoolQ/train.jsonl'], ['cb', 'superglue/CB/train.jsonl'], ['copa', 'superglue/COPA/train.jsonl'], ['multirc', 'superglue/MultiRC/train.jsonl'],
    ['rte', 'superglue/RTE/train.jsonl'], ['wic', 'superglue/WiC/train.jsonl'], ['sst2', 'sst2/dev.tsv'], ['mrpc', 'mrpc/dev.csv'],
  ].map(([id = '', path = '']) => ({ id, file: sharedPath(`data/${path}`) }));
  for (const { id, file } of published) {
    it.skipIf(file === null)(`makes the same examples as the format ${id} itself, on the published file${file === null ? ' (skipped: it does not lie beside the repository)' : ''}`, async () => {
      await expectSame(id, file ?? '');
    });
  }
});
