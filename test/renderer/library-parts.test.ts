/** The library's sums: what a pattern is, where its tags are, what an edit changed. */
import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pvp } from '../../main/contract/pvp.ts';
import type { TaskDefinition, TaskSummary } from '../../main/contract/task-library.ts';
import { presetsOf } from '../../main/task/preset/index.ts';
import { cutText } from '../../renderer/ui/marked-text.ts';
import { diffText } from '../../renderer/ui/text-diff.ts';
import { diffDefinitions } from '../../renderer/view/library/definition-diff.ts';
import { fieldTag, markPattern, offsetOf } from '../../renderer/view/library/pattern-marks.ts';
import { listSources } from '../../renderer/view/library/preview-sources.ts';
import { freeId, isPvpId } from '../../renderer/view/library/pvp-id.ts';
import { kindOf } from '../../renderer/view/library/pvp-kind.ts';
import { listTree } from '../../renderer/view/library/task-tree.ts';

const preset = (id: string): Pvp => {
  const found = presetsOf('sst2').find((pvp) => pvp.id === id);
  if (found === undefined) throw new Error(`no preset ${id}`);
  return found;
};
const definition = (pvps: Pvp[]): TaskDefinition => ({ title: 'SST-2', format: 'sst2', labels: null, dataset: null, pvps, provenance: '' });

const task = (name: string, ids: string[]): TaskSummary => ({
  name, title: name.toUpperCase(), format: name, version: 1, hash: '', pvps: ids.map((id) => ({ id, title: id })), createdAt: '', editedAt: '', trashedAt: null,
});

describe('a pattern', () => {
  it('is of the kind that its paper says', () => {
    expect(['soft', 'hard', 'hybrid', 'unified', 't5'].map((id) => kindOf(preset(id)))).toEqual(['soft', 'hard', 'hybrid', 'unified', 'hard']);
  });

  it('has its slots, fields and code marked, also while a tag is still open', () => {
    const template = '{{ soft(20) }} a {{ sentence }}{% if x %}{{ answer }}|||{{ op';
    expect(markPattern(template).map(({ start, end, tint }) => [template.slice(start, end), tint])).toEqual([
      ['{{ soft(20) }}', 'orange'], ['{{ sentence }}', 'blue'], ['{% if x %}', 'grey'], ['{{ answer }}', 'green'], ['|||', 'green'], ['{{ op', 'blue'],
    ]);
  });

  it('is cut into stretches that say together what it says', () => {
    assert(property(string({ unit: constantFrom('{{', '}}', '{%', '%}', ' soft(', 'a', '\n', '|||') }), (text) => {
      expect(cutText(text, markPattern(text)).map((stretch) => stretch.text).join('')).toBe(text);
    }));
  });

  it('names a field that is a slot’s name, or no identifier, through the row', () => {
    expect(['premise', 'label', 'what is it'].map(fieldTag)).toEqual(['{{ premise }}', '{{ row.label }}', '{{ row["what is it"] }}']);
  });

  it('has a place for every line and column, and its end for what is beyond', () => {
    expect([{ line: 1, column: 1 }, { line: 2, column: 3 }, { line: 9, column: 1 }].map((place) => offsetOf('ab\ncdef', place))).toEqual([0, 5, 7]);
  });
});

describe('an edit of a task', () => {
  it('is told pair by pair and part by part', () => {
    const [soft, hard, hybrid] = [preset('soft'), preset('hard'), preset('hybrid')];
    const changes = diffDefinitions(definition([soft, hard]), { ...definition([{ ...soft, pattern: { template: '{{ answer }}' } }, hybrid]), title: 'Mine' });
    expect(changes).toEqual([
      { kind: 'task', changes: [{ part: 'title', before: 'SST-2', after: 'Mine' }] },
      { kind: 'added', pvp: hybrid }, { kind: 'removed', pvp: hard },
      { kind: 'changed', id: 'soft', changes: [{ part: 'template', before: soft.pattern.template, after: '{{ answer }}' }] },
    ]);
    expect(diffDefinitions(definition([soft, hard]), definition([hard, soft]))).toEqual([{ kind: 'order' }]);
  });

  it('loses no word of either text', () => {
    assert(property(string(), string(), (before, after) => {
      const parts = diffText(before, after);
      expect(parts.filter(({ kind }) => kind !== 'added').map(({ text }) => text).join('')).toBe(before);
      expect(parts.filter(({ kind }) => kind !== 'removed').map(({ text }) => text).join('')).toBe(after);
    }));
  });
});

describe('the list', () => {
  const tasks = [task('rte', ['soft', 'hybrid']), task('wic', ['soft'])];
  const ids = (open: string | null, text: string): string[] => listTree(tasks, { open, text }).map(({ id }) => id);

  it('shows the pairs of the open task, and of a filter those that fit', () => {
    expect(ids('rte', '')).toEqual(['rte', 'rte/soft', 'rte/hybrid', 'wic']);
    expect(ids(null, 'hyb')).toEqual(['rte', 'rte/hybrid']);
    expect(ids(null, 'wic')).toEqual(['wic']);
    expect(ids('rte', 'nothing')).toEqual([]);
  });

  it('offers the task’s own data first, and of a set what nothing is trained on', () => {
    const set = { name: 'mine', version: 2, origin: '', format: 'rte', importedAt: '', trashedAt: null, splits: ['train', 'validation'].map((split) => ({ split, rows: 1, bytes: 1, sha256: '', columns: [], reference: `dataset:mine@2/${split}` })) };
    const known = { format: 'rte', datasets: [set], builtIn: [{ id: 'rte', format: 'rte' }, { id: 'wic', format: 'wic' }] };
    const values = (dataset: TaskDefinition['dataset']): string[] => listSources({ ...known, dataset }, (name, split) => `${name} ${split}`).map(({ value }) => value);
    const builtIn = ['built-in:rte/dev', 'built-in:rte/train', 'built-in:rte/test'];
    const own = ['dataset:mine@2/validation', 'dataset:mine@2/train'];
    expect(values(null)).toEqual([...builtIn, ...own]);
    expect(values({ name: 'mine', version: null })).toEqual([...own, ...builtIn]);
  });

  it('finds free ids, which are ids', () => {
    expect(freeId('mine', ['mine', 'mine-2'])).toBe('mine-3');
    expect(['a-b', 'ä.1', '', '-a', 'a b'].map(isPvpId)).toEqual([true, true, false, false, false]);
  });
});
