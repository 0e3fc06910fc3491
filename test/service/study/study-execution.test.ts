/** With a worker that computes nothing; a real study is in test/cli. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '../../../main/contract/problem.ts';
import { executeStudy, measureFinished, planUnits, type StudyOptions, type StudyProgress } from '../../../main/service/study/study-execution.ts';
import { listCells, loadStudy, openStudy, type Study, type StudyRequest } from '../../../main/service/study/studies.ts';
import { fakeWorker, makeBench, type Bench } from '../fixture/workspace.ts';

let bench: Bench;
let file: string;

beforeEach(() => {
  bench = makeBench();
  file = join(bench.folder, 'study.yaml');
  writeStudy();
});
afterEach(() => {
  bench.remove();
  delete process.env['FAKE_WORKER'];
});

function writeStudy(change: (text: string) => string = (text) => text): void {
  const rows = ['one', 'two'].map((id) => `  - {id: ${id}, format: rte, train: train.jsonl, dev: train.jsonl}\n`).join('');
  writeFileSync(file, change(`name: small\nmodel: fake\nensemble: false\ntasks:\n${rows}methods:
  - {id: pt, method: prompt-tuning, settings: {steps: 8, evaluateEvery: 2}}
  - {id: ft, method: full-tuning, settings: {steps: 4, evaluateEvery: 2}, seeds: [1]}
seeds: [1, 2]
`));
}

async function run(study: Study, options: Partial<StudyOptions> & { behaviour?: string } = {}): Promise<void> {
  const { behaviour = 'normal', ...more } = options;
  process.env['FAKE_WORKER'] = behaviour;
  await executeStudy(bench.workspace, study, {
    runtime: { provider: 'cpu', threads: 1 }, command: ['souffleur', 'study', 'run'], wayOn: 'souffleur study run study.yaml', workerFile: fakeWorker, ...more,
  }).finished;
}

const open = (again: StudyRequest['again'] = 'never'): Promise<Study> => openStudy(bench.workspace, { file, again });
const statuses = (study: Study): string[] => listCells(bench.workspace, study).map(({ method, task, seed, run: made }) => `${method} ${task} ${seed} ${made?.status ?? 'none'}`);

describe('a study', () => {
  it('runs task by task, the seeds of a prompt together and those of a whole model alone', async () => {
    const study = await open();
    expect(planUnits(study, listCells(bench.workspace, study))).toEqual(['one', 'two'].flatMap((task) => [{ task, method: 'pt', seeds: [1, 2] }, { task, method: 'ft', seeds: [1] }]));
    await run(study);
    expect(statuses(study)).toEqual(['one', 'two'].flatMap((task) => [`pt ${task} 1 finished`, `pt ${task} 2 finished`, `ft ${task} 1 finished`]));
    expect(listCells(bench.workspace, study).map(({ run: made }) => made?.group)).toEqual(['r0001', 'r0001', null, 'r0004', 'r0004', null]);
    await run(study);
    expect(bench.workspace.runs.list()).toHaveLength(6);
  });

  it('tells every unit, its place among the cells and the time left by what was measured', async () => {
    const told: StudyProgress[] = [];
    await run(await open(), { onProgress: (progress) => told.push(progress) });
    const units = told.filter(({ kind }) => kind === 'unit');
    expect(units.map(({ position: { done, total, task, method } }) => [done, total, task, method])).toEqual([[0, 6, 'one', 'pt'], [2, 6, 'one', 'ft'], [3, 6, 'two', 'pt'], [5, 6, 'two', 'ft']]);
    expect(units[0]?.position.remaining).toBeNull();
    expect(units.at(-1)?.position.remaining).toMatchObject({ isLeast: false });
  });

  it('stops on request, and goes on from the states of its runs', async () => {
    const study = await open();
    const execution = { cancel: (): void => {} };
    process.env['FAKE_WORKER'] = 'patient';
    const begun = executeStudy(bench.workspace, study, {
      runtime: { provider: 'cpu', threads: 1 }, command: [], wayOn: 'THE COMMAND', workerFile: fakeWorker,
      onProgress: (progress) => {
        if (progress.kind === 'event' && progress.event.kind === 'checkpoint') execution.cancel();
      },
    });
    execution.cancel = () => begun.cancel();
    await expect(begun.finished).rejects.toMatchObject({ code: 'study-cancelled', kind: 'cancelled', action: expect.stringContaining('THE COMMAND') });
    expect(statuses(study).slice(0, 3)).toEqual(['pt one 1 cancelled', 'pt one 2 cancelled', 'ft one 1 none']);
    await run(study);
    expect(listCells(bench.workspace, study).map(({ run: made }) => made?.generation)).toEqual([2, 2, 1, 1, 1, 1]);
  });

  it('goes on with the next cell when one fails, and stops when the same meets two in a row', async () => {
    const study = await open();
    const told: StudyProgress[] = [];
    const failure = await run(study, { behaviour: 'fail-second', onProgress: (progress) => told.push(progress) }).catch((problem: Problem) => problem);
    expect(failure).toMatchObject({ code: 'study-incomplete', found: expect.stringContaining('4 of 6 cells finished; 2 parts failed, the first pt on one: a bad line') });
    expect(told.filter(({ kind }) => kind === 'unit-failed').map(({ position: { task, method } }) => `${method} ${task}`)).toEqual(['pt one', 'pt two']);
    expect(statuses(study)[1]).toBe('pt one 2 failed');
    await run(study);
    expect(statuses(study).every((status) => status.endsWith('finished'))).toBe(true);

    const other = await open('always');
    await expect(run(other, { behaviour: 'fail' })).rejects.toMatchObject({ code: 'fake-problem', found: expect.stringContaining('ft on one; 0 of 6'), action: expect.stringContaining('souffleur study run study.yaml') });
    expect(statuses(other).slice(3)).toEqual(['pt two 1 none', 'pt two 2 none', 'ft two 1 none']);
  });

  it('makes anew what was moved to the trash', async () => {
    const study = await open();
    await run(study);
    bench.workspace.trashRun(listCells(bench.workspace, study)[1]?.run?.id ?? ('r0' as never));
    await run(study);
    expect(listCells(bench.workspace, study).map(({ seed, run: made }) => [seed, made?.id])).toEqual([[1, 'r0001'], [2, 'r0007'], [1, 'r0003'], [1, 'r0004'], [2, 'r0005'], [1, 'r0006']]);
  });
});

describe('a study file under a name that is taken', () => {
  it('goes on with the study when titles, places and the way of training changed, and keeps the new ones', async () => {
    const { number } = await open();
    writeStudy((text) => text.replaceAll('{id: pt,', '{id: pt, title: Whispers,').replace('ensemble: false', 'together: false'));
    const study = await open();
    expect(study).toMatchObject({ number, edition: 1, definition: { together: false, ensemble: true } });
    expect(study.definition.methods[0]?.title).toBe('Whispers');
  });

  it.each([
    ['a setting', (text: string) => text.replace('steps: 8', 'steps: 9'), 'method pt: steps was 8 and is 9'],
    ['a default that is written out differently', (text: string) => text.replace('steps: 8', 'steps: 8, promptLength: 7'), 'promptLength was 100 and is 7'],
    ['a seed', (text: string) => text.replace('[1, 2]', '[1, 2, 3]'), 'method pt: seeds was 1, 2 and is 1, 2, 3'],
    ['a method more', (text: string) => text.replace('seeds: [1, 2]', '  - {id: more, method: prompt-tuning}\nseeds: [1, 2]'), 'method more is new'],
    ['a task less', (text: string) => text.replace(/.*id: two.*\n/, ''), 'task two is gone'],
    ['few shots', (text: string) => `${text}few-shot: {examples: 2}\n`, 'few-shot was not set and is 2 examples with data seed 10'],
    ['a test file', (text: string) => text.replace('dev: train.jsonl}', 'dev: train.jsonl, test: train.jsonl}'), 'task one: its test file is new'],
  ])('is refused with what changed: %s', async (_what, change, sentence) => {
    await open();
    writeStudy(change);
    await expect(open()).rejects.toMatchObject({ code: 'study-changed', found: expect.stringContaining(sentence), place: { file } });
    expect(await open('always')).toMatchObject({ edition: 2 });
    expect(await open('if-changed')).toMatchObject({ edition: 2 });
    writeStudy();
    expect(await open('if-changed')).toMatchObject({ edition: 3 });
    expect(loadStudy(bench.workspace, 'small@1').definition.methods).toHaveLength(2);
  });

  it('is refused when a data file has changed', async () => {
    await open();
    appendFileSync(bench.trainFile, '{"premise":"e","hypothesis":"f","label":"entailment","idx":2}\n');
    await expect(open()).rejects.toMatchObject({ code: 'study-changed', found: expect.stringContaining('task one: its train file has other content') });
  });

  it('is not begun when something is wrong with its data or its model', async () => {
    const wrong: [(text: string) => string, object][] = [
      [(text) => text.replace('train: train.jsonl', 'train: absent.jsonl'), { code: 'system-enoent' }],
      [(text) => text.replace('model: fake', 'model: absent'), { code: 'model-not-found' }],
      [(text) => text.replace('format: rte', 'format: boolq'), { place: { file: bench.trainFile, line: 1 } }],
    ];
    for (const [change, problem] of wrong) {
      writeStudy(change);
      await expect(open()).rejects.toMatchObject(problem);
    }
    mkdirSync(join(bench.folder, 'folder.yaml'));
    await expect(openStudy(bench.workspace, { file: join(bench.folder, 'folder.yaml'), again: 'never' })).rejects.toMatchObject({ code: 'system-eisdir' });
    writeFileSync(file, 'x'.repeat(1024 * 1024 + 1));
    await expect(open()).rejects.toMatchObject({ code: 'study-file-too-large' });
    expect(bench.workspace.studies.list()).toEqual([]);
  });
});

describe('what was measured', () => {
  it('counts every run of a group with its own share of the shared passes', async () => {
    const study = await open();
    await run(study);
    const cells = listCells(bench.workspace, study);
    const timed = cells.map((cell, index) => ({ ...cell, run: cell.run === null ? null : { ...cell.run, finalMetrics: { ...cell.run.finalMetrics, seconds: index + 1 } } }));
    const measured = measureFinished(timed);
    expect(measured).toHaveLength(cells.length);
    expect(measured.reduce((sum, { seconds }) => sum + seconds, 0)).toBe((cells.length * (cells.length + 1)) / 2);
    expect(measureFinished(cells.map((cell) => ({ ...cell, run: null })))).toEqual([]);
  });
});
