import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignRole, missingRoles, roleOf } from '../../renderer/view/datasets/mapping.ts';
import { fieldsToAsk, labelBars, matchModel, readTyped } from '../../renderer/view/packs/pack-reading.ts';

const role = (name: string, kind: 'text' | 'label' | 'list' | 'number' = 'text', isOptional = false) => ({ role: name, kind, isOptional });

describe('a mapping changed in the headings', () => {
  const mapping = { format: 'pair', columns: [{ column: 'a', role: 'sentence1' }, { column: 'b', role: 'sentence2' }] };

  it('gives a role to one column only, and whoever had it is free', () => {
    const changed = assignRole(mapping, 'c', 'sentence1');
    expect(changed.columns).toEqual([{ column: 'b', role: 'sentence2' }, { column: 'c', role: 'sentence1' }]);
    expect(roleOf(changed, 'a')).toBeNull();
    expect(assignRole(mapping, 'a', null).columns).toEqual([{ column: 'b', role: 'sentence2' }]);
  });

  it('tells what must be played and is not', () => {
    expect(missingRoles(mapping, [role('sentence1'), role('word'), role('label', 'label', true)])).toEqual(['word']);
  });
});

describe('typed text', () => {
  it('is a text a line for one field, and one row for several', () => {
    expect(readTyped([role('sentence')], { sentence: ' one \r\n\ntwo' })).toEqual([{ sentence: 'one' }, { sentence: 'two' }]);
    const fields = [role('text'), role('options', 'list'), role('index', 'number')];
    expect(readTyped(fields, { text: 'x\ny', options: 'p\nq', index: '3' })).toEqual([{ text: 'x\ny', options: ['p', 'q'], index: 3 }]);
    expect(readTyped(fields, { text: 'x' })).toEqual([]);
  });

  it('is asked for what a row must hold, never for its label', () => {
    const format = { format: 'f', title: 'F', roles: [role('text'), role('label', 'label', true), role('answers', 'list', true)], labels: null, metrics: [] };
    expect(fieldsToAsk(format).map((field) => field.role)).toEqual(['text']);
    expect(fieldsToAsk(undefined)).toEqual([]);
  });
});

describe('log-probabilities as bars', () => {
  it('share one whole among the labels, however small they are', () => {
    assert(property(array(double({ min: -5000, max: 0, noNaN: true }), { minLength: 1, maxLength: 8 }), (values) => {
      const bars = labelBars(Object.fromEntries(values.map((value, index) => [`w${index}`, value])));
      expect(bars.reduce((sum, { share }) => sum + (share ?? 0), 0)).toBeCloseTo(1, 9);
    }));
  });

  it('say nothing where nothing is known', () => {
    expect(labelBars(null)).toEqual([]);
    expect(labelBars({ a: null, b: null }).map(({ share }) => share)).toEqual([null, null]);
  });
});

describe('the base model of a pack', () => {
  const base = { name: 'base', hubId: null, fingerprint: 'f'.repeat(64), width: 64, layers: 4, heads: 4, convention: null, tokenizerSha256: null };
  const pack = (models: string[], changes: object = {}) => ({ models, manifest: { base: { ...base, ...changes } } }) as unknown as Parameters<typeof matchModel>[0];

  it('is here, is another, or is not said', () => {
    expect(matchModel(pack(['mine']))).toEqual({ kind: 'present', names: ['mine'] });
    expect(matchModel(pack([]))).toEqual({ kind: 'absent', base: 'base (d_model 64, 4 × 4)' });
    expect(matchModel(pack([], { fingerprint: null }))).toEqual({ kind: 'unknown', width: 64 });
  });
});
