import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StudyReport } from '../../main/contract/study.ts';
import { bytesText, countText, differenceText, durationText, pValueText, scoreText, summaryText } from '../../main/report/number-text.ts';
import { renderStudyPage } from '../../main/report/study-page.ts';
import { makeExtras, makeStudyReport } from './fixture.ts';
import { elementsNamed, everyElement, readXml, textOf, withClass, type XmlElement } from './xml.ts';

const report = makeStudyReport();
const extras = makeExtras();
let page = '';
let root: XmlElement;
let rows: string[][] = [];

beforeAll(() => {
  page = renderStudyPage(report, extras);
  root = readXml(page);
  rows = elementsNamed(root, 'tr').map((row) => row.children.map(textOf));
});

/** All cells of the row that holds these words in cells of their own, somewhere on the page. */
function rowWith(...words: readonly string[]): string[] {
  const found = rows.find((cells) => words.every((word) => cells.includes(word)));
  if (found !== undefined) return found;
  throw new Error(`no row with ${words.join(' and ')}`);
}

describe('a study’s page', () => {
  it('is one well-formed file below a megabyte, the same every time, without a number that is none', () => {
    expect(page.startsWith('<!DOCTYPE html>')).toBe(true);
    expect(page.length).toBeLessThan(1_000_000);
    expect(renderStudyPage(makeStudyReport(), makeExtras())).toBe(page);
    expect(textOf(root)).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('runs no script, loads nothing, and its policy allows its own style alone', () => {
    const policy = elementsNamed(root, 'meta').find((meta) => meta.attributes['http-equiv'] === 'Content-Security-Policy')?.attributes[
      'content'
    ];
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`,
    );
    const loaders = new Set([
      'script',
      'link',
      'img',
      'iframe',
      'object',
      'embed',
      'image',
      'use',
      'foreignObject',
      'video',
      'audio',
      'form',
      'base',
    ]);
    expect(
      everyElement(root)
        .filter((one) => loaders.has(one.name))
        .map((one) => one.name),
    ).toEqual([]);
    expect(style).not.toMatch(/@import|@font-face|url\(/);
    for (const { attributes } of everyElement(root)) {
      expect(Object.keys(attributes).filter((name) => name === 'style' || name === 'src' || name.startsWith('on'))).toEqual([]);
      expect(attributes['href'] ?? '#').toMatch(/^#/);
    }
  });

  it('says what came out in words, counted from the report', () => {
    const lead = elementsNamed(withClass(root, 'lead')[0] ?? root, 'li').map(textOf);
    const means = (method: string) => report.cells.filter((cell) => cell.method === method).map((cell) => cell.summary['score']?.mean ?? 0);
    const mean = (method: string) => scoreText(means(method).reduce((sum, value) => sum + value, 0) / 11);
    expect(lead[0]).toBe(
      `Prompt tuning trains 51,200 parameters a task, 0.52 % of the model, and scores ${mean('prompt-tuning')} on average over 11 tasks, against ${mean('full-tuning')} for full tuning, which trains 100 %.`,
    );
    const clear = report.tasks.filter(
      (task, index) => task.majority !== null && (means('prompt-tuning')[index] ?? 0) - (task.majority['score'] ?? 0) >= 0.15,
    ).length;
    expect(lead[1]).toContain(clear === 10 ? 'on all 10 tasks that have one' : `on ${clear} of 10 tasks that have one`);
    expect(lead[2]).toContain('The vote of five prompts is at or above their average on all 11 tasks.');
    const ahead = report.comparisons.filter(({ adjustedPValue, difference }) => (adjustedPValue ?? 1) < 0.05 && difference < 0).length;
    expect(lead[3]).toContain(`Full tuning is significantly ahead on ${ahead},`);
  });

  it('holds the mean, spread, best and vote of every task and method, and SuperGLUE’s mean', () => {
    for (const task of report.tasks) {
      const cells = rowWith(task.title, summaryText(report.cells.find((cell) => cell.task === task.id)?.summary['score']));
      for (const method of ['prompt-tuning', 'full-tuning', 'prompt-design']) {
        const cell = report.cells.find((one) => one.task === task.id && one.method === method);
        expect(cells).toContain(summaryText(cell?.summary['score']));
        if (cell?.ensemble !== null)
          expect(cells.join('|')).toContain(`${scoreText(cell?.best?.scores['score'])}|${scoreText(cell?.ensemble?.scores['score'])}`);
      }
    }
    const superGlue = report.cells.filter((cell) => cell.method === 'full-tuning' && !['sst2', 'sst5', 'race'].includes(cell.task));
    expect(superGlue).toHaveLength(8);
    expect(rowWith('SuperGLUE')).toContain(scoreText(superGlue.reduce((sum, cell) => sum + (cell.summary['score']?.mean ?? 0), 0) / 8));
  });

  it('holds every metric with its seeds, intervals, best and vote', () => {
    for (const cell of report.cells) {
      for (const [metric, summary] of Object.entries(cell.summary)) {
        const seeds = summary.values.map((value) => scoreText(value)).join(' ');
        const cells = rowWith(
          report.tasks.find((task) => task.id === cell.task)?.title ?? '',
          report.methods.find((method) => method.id === cell.method)?.title ?? '',
          seeds,
        );
        expect(cells).toContain(summaryText(summary));
        expect(cells).toContain(String(summary.values.length));
        expect(cells).toContain(scoreText(cell.best?.scores[metric]));
        if (summary.interval !== null) expect(cells).toContain(`${scoreText(summary.interval.low)} to ${scoreText(summary.interval.high)}`);
        if (cell.ensemble !== null) expect(cells).toContain(scoreText(cell.ensemble.scores[metric]));
      }
    }
  });

  it('holds every run with its seed, status, scores, time and memory', () => {
    for (const run of report.cells.flatMap((cell) => cell.runs)) {
      const cells = rowWith(run.runId);
      for (const value of [
        String(run.seed),
        `● ${run.status}`,
        scoreText(run.dev?.['score']),
        scoreText(run.test?.['score']),
        scoreText(run.legalRate),
        durationText(run.seconds ?? 0),
        bytesText(run.peakMemoryBytes ?? 0),
      ]) {
        expect(cells).toContain(value);
      }
    }
  });

  it('holds every comparison with its tests and its sentence', () => {
    for (const comparison of report.comparisons) {
      const title = report.tasks.find((task) => task.id === comparison.task)?.title ?? '';
      expect(rowWith(title, comparison.sentence)).toEqual(
        expect.arrayContaining([differenceText(comparison.difference), pValueText(comparison.adjustedPValue)]),
      );
      const tests = rowWith(
        title,
        String(comparison.mcnemar?.onlyA),
        String(comparison.mcnemar?.onlyB),
        pValueText(comparison.permutation?.pValue),
      );
      expect(tests).toEqual(
        expect.arrayContaining([
          pValueText(comparison.mcnemar?.pValue),
          pValueText(comparison.bootstrap?.pValue),
          (comparison.effect ?? 0).toFixed(2),
        ]),
      );
    }
  });

  it('says what was run: model, fingerprint, settings, costs, data, and whatever else it is told', () => {
    const all = textOf(root);
    for (const words of [
      report.name,
      report.model.name,
      report.model.fingerprint,
      ...(extras.facts ?? []).flatMap(({ label, value }) => [label, value]),
    ])
      expect(all).toContain(words);
    for (const method of report.methods) {
      expect(rowWith(method.title, method.method)).toEqual(
        expect.arrayContaining([countText(method.trainableParameters), bytesText(method.storageBytesPerTask)]),
      );
      for (const name of Object.keys(method.settings)) expect(rowWith(method.title, method.method).at(-1)).toContain(name);
    }
    for (const task of report.tasks)
      expect(rowWith(task.title, task.id, task.format)).toEqual(expect.arrayContaining(['2,000', '400', '800']));
  });

  it('shows examples with what each method answered and how the prompts voted', () => {
    const articles = elementsNamed(root, 'article').map(textOf);
    expect(articles).toHaveLength(4);
    extras.examples?.forEach((example, index) => {
      const words = articles[index] ?? '';
      for (const part of [
        example.id,
        example.input,
        example.target ?? '',
        ...(example.votes ?? []).map(({ member, answer }) => `${member} ${answer}`),
      ])
        expect(words).toContain(part);
      expect(words).toContain('Prompt tuningTrue ✕ wrong');
      expect(words).toContain('Full tuningFalse ✓ right');
    });
  });

  it('names every picture, and every table can be scrolled from the keyboard', () => {
    const pictures = elementsNamed(root, 'svg').filter((svg) => svg.attributes['aria-hidden'] !== 'true');
    expect(pictures.length).toBeGreaterThan(40);
    const ids = new Set(everyElement(root).map((one) => one.attributes['id']));
    for (const picture of pictures) {
      expect(picture.attributes['role']).toBe('img');
      for (const id of (picture.attributes['aria-labelledby'] ?? 'none').split(' ')) expect(ids).toContain(id);
    }
    for (const box of withClass(root, 'scroll')) expect(box.attributes).toMatchObject({ tabindex: '0', role: 'region' });
    for (const link of elementsNamed(root, 'a')) expect(ids).toContain(link.attributes['href']?.slice(1));
  });

  it('defines every pattern that it uses once', () => {
    const patterns = elementsNamed(root, 'pattern').map((pattern) => `url(#${pattern.attributes['id'] ?? ''})`);
    expect(new Set(patterns).size).toBe(patterns.length);
    for (const { attributes } of everyElement(root))
      if (attributes['fill']?.startsWith('url') === true) expect(patterns).toContain(attributes['fill']);
  });
});

const hostile = '</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\'"&amp;]]>\u0000\ud800\u202e{{x}}';

/** The same data with every string that a person can write made hostile. */
function poison<T>(value: T): T {
  if (typeof value === 'string') return `${value}${hostile}` as T;
  if (Array.isArray(value)) return value.map((one: unknown) => poison(one)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === 'split' || key === 'family' || key === 'outcome' || key === 'vote' || key === 'members' ? one : poison(one),
    ]),
  ) as T;
}

/** Every element's name, and every attribute's with it. */
function kindsIn(from: XmlElement): Set<string> {
  return new Set(everyElement(from).flatMap((one) => [one.name, ...Object.keys(one.attributes).map((name) => `${one.name} ${name}`)]));
}

describe('a page of hostile data', () => {
  it('holds no element and no attribute that the same page of plain data lacks', () => {
    const poisoned = readXml(renderStudyPage(poison(report), poison(extras)));
    const plain = kindsIn(root);
    expect([...kindsIn(poisoned)].filter((kind) => !plain.has(kind))).toEqual([]);
    expect(textOf(poisoned)).toContain('<script>alert(1)</script><img src=x onerror=alert(1)>');
    expect(elementsNamed(poisoned, 'style')).toHaveLength(1);
  });

  it('keeps to a megabyte however long inputs are and however many', () => {
    const [example] = extras.examples ?? [];
    if (example === undefined) throw new Error('the fixture has examples');
    const examples = Array.from({ length: 5000 }, () => ({ ...example, input: '<'.repeat(100_000) }));
    const crowded = renderStudyPage(report, { ...extras, examples });
    expect(crowded.length).toBeLessThan(1_000_000);
    expect(textOf(readXml(crowded))).toContain('4,940 more examples not shown.');
  });
});

describe('a page of an unfinished study', () => {
  const empty: StudyReport = { ...report, tasks: [], methods: [], cells: [], comparisons: [] };

  it('says that nothing is finished', () => {
    expect(textOf(readXml(renderStudyPage(empty, {})))).toContain('No run is finished yet.');
    const queued: StudyReport = {
      ...report,
      comparisons: [],
      cells: report.cells.map((cell) => ({
        ...cell,
        summary: {},
        best: null,
        ensemble: null,
        legalRate: null,
        runs: cell.runs.map((run) => ({
          ...run,
          status: 'queued',
          dev: null,
          test: null,
          seconds: null,
          peakMemoryBytes: null,
          legalRate: null,
          curve: { loss: [], dev: [] },
        })),
      })),
    };
    const words = textOf(readXml(renderStudyPage(queued, {})));
    expect(words).toContain('0 of 132 runs finished');
    expect(words).toContain('no run yet');
    expect(words).not.toMatch(/NaN|undefined/);
  });

  it('survives curves and scores that are no numbers', () => {
    const broken: StudyReport = {
      ...report,
      cells: report.cells.map((cell) => ({
        ...cell,
        summary: {
          score: { values: [Number.NaN], mean: Number.NaN, standardDeviation: Number.NaN, interval: { low: Number.NaN, high: Number.NaN } },
        },
        runs: cell.runs.map((run) => ({
          ...run,
          curve: {
            loss: [
              { step: 1, value: Number.NaN },
              { step: 2, value: Number.POSITIVE_INFINITY },
            ],
            dev: [{ step: Number.NaN, value: 1 }],
          },
        })),
      })),
    };
    expect(textOf(readXml(renderStudyPage(broken, {})))).not.toMatch(/NaN|Infinity/);
  });

  it('says that dev scores are dev’s', () => {
    expect(textOf(readXml(renderStudyPage({ ...report, split: 'dev' }, {})))).toContain('The test split was not looked at.');
  });

  it('leaves SuperGLUE’s mean out unless its eight tasks are there', () => {
    const few = { ...report, tasks: report.tasks.slice(0, 3) };
    const words = textOf(readXml(renderStudyPage(few, {})));
    expect(words).not.toMatch(/SuperGLUE\d/);
    expect(words).toContain('Mean of 3 tasks');
  });
});
