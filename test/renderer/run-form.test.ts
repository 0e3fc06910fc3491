import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../renderer/view/runs/run-filter.ts';
import { emptyForm, guessSplits, parseSeeds, recipesOf, requestOf } from '../../renderer/view/runs/run-form.ts';
import { appendPoints, smoothPoints } from '../../renderer/view/runs/smooth.ts';

describe('the filter over the runs', () => {
  it('takes operators out of the line and looks for the rest as text', () => {
    expect(parseFilter('sst2 method:prompt-tuning status:failed,lost  good ones')).toEqual({
      filter: { trash: 'without', method: 'prompt-tuning', statuses: ['failed', 'lost'], text: 'sst2 good ones' }, unknown: [],
    });
    expect(parseFilter('tag:"to show" is:starred in:trash model:t5 task:rte').filter).toEqual({ trash: 'only', tag: 'to show', onlyStarred: true, model: 't5', task: 'rte' });
  });
  it('says what it does not understand, and an operator that is still being typed changes nothing', () => {
    expect(parseFilter('status:fail foo:bar is:great')).toEqual({ filter: { trash: 'without' }, unknown: ['status:fail', 'foo:bar', 'is:great'] });
    expect(parseFilter('method: status: is: in: tag:"')).toEqual({ filter: { trash: 'without' }, unknown: [] });
  });
});

function datasetOf(...names: string[]): Parameters<typeof guessSplits>[0] {
  return { splits: names.map((split) => ({ split, rows: 1, bytes: 1, sha256: '', columns: [], reference: `dataset:d/${split}` })) };
}

describe('the form', () => {
  it('reads seeds and spans of seeds, each once', () => {
    expect(parseSeeds('1,2, 3')).toEqual([1, 2, 3]);
    expect(parseSeeds('1-3 7')).toEqual([1, 2, 3, 7]);
    for (const wrong of ['', 'a', '1,1', '3-1', '-1', '1.5', '4294967296', '0-99999']) expect(parseSeeds(wrong)).toBeNull();
  });
  it('asks for nothing before model, data and seeds are there, then for exactly what was typed', () => {
    const form = { ...emptyForm, model: 'm', train: ' a.jsonl ', format: 'rte', seeds: '1,2', settings: { steps: '5' }, fewShot: '16', threads: '2' };
    expect(requestOf({ ...form, model: '' }, null, 'prompt')).toBeNull();
    expect(requestOf({ ...form, seeds: '1,1' }, null, 'prompt')).toBeNull();
    expect(requestOf(form, null, 'prompt')).toEqual({
      model: 'm', method: 'prompt-tuning', format: 'rte', pvp: null, files: { train: 'a.jsonl', dev: null, test: null }, settings: { steps: '5' }, labels: null,
      fewShot: { examples: 16, dataSeed: 0 }, runtime: { provider: 'cpu', threads: 2 }, seeds: [1, 2], together: true,
    });
    expect(requestOf(form, null, 'weights')?.together).toBe(false);
    expect(requestOf({ ...form, labels: 'yes, no=nope,' }, null, 'prompt')?.labels).toEqual(['yes', 'no=nope']);
  });
  it('finds the splits of a data set by their names', () => {
    expect(guessSplits(datasetOf('test', 'train', 'validation'))).toEqual({ train: 'dataset:d/train', dev: 'dataset:d/validation', test: 'dataset:d/test' });
    expect(guessSplits(datasetOf('all'))).toEqual({ train: 'dataset:d/all', dev: '', test: '' });
  });
  it('has a recipe that changes nothing, and none for a method that trains nothing', () => {
    expect(recipesOf({ id: 'prompt-tuning', trains: 'prompt' })[0]).toEqual({ id: 'paper', settings: {}, fewShot: '' });
    expect(recipesOf({ id: 'prompt-design', trains: 'nothing' })).toEqual([]);
  });
});

describe('curves', () => {
  it('are means over the last points, and a value that is no number spoils none of them', () => {
    const points = [2, 4, Number.NaN, 6].map((y, x) => ({ x, y }));
    expect(smoothPoints(points, 1)).toBe(points);
    expect(smoothPoints(points, 2).map(({ y }) => y)).toEqual([2, 3, 4, 6]);
  });
  it('go on with live points, each step once', () => {
    expect(appendPoints([{ x: 1, y: 1 }, { x: 3, y: 1 }], [{ x: 2, y: 9 }, { x: 3, y: 9 }, { x: 4, y: 9 }]).map(({ x }) => x)).toEqual([1, 3, 4]);
  });
});
