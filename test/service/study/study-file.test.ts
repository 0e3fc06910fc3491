import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../main/contract/problem.ts';
import { parseStudyFile } from '../../../main/service/study/study-file.ts';

const whole = `name: quick
model: built-in
tasks:
  - built-in: rte
  - id: reviews
    format: classification
    train: reviews/train.csv
    dev: /data/dev.csv
    labels: [0=bad, 1=good]
methods:
  - id: pt
    method: prompt-tuning
    settings: {steps: 20, promptLength: 5, initFile: words.txt}
  - method: full-tuning
    seeds: [9]
seeds: [1, 2]
`;

const parse = (text: string | Uint8Array) => parseStudyFile(typeof text === 'string' ? new TextEncoder().encode(text) : text, '/studies/quick.yaml');

function problemOf(text: string | Uint8Array): Problem {
  try {
    parse(text);
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown;
    throw thrown;
  }
  throw new Error('expected a Problem');
}

describe('a study file', () => {
  it('becomes complete: settings with their defaults, paths from its own folder, ids and seeds filled in', () => {
    const study = parse(whole);
    expect(study).toMatchObject({ name: 'quick', model: 'built-in', together: true, ensemble: true });
    expect(study.tasks).toEqual([
      { id: 'rte', builtIn: 'rte', pvp: null, place: { file: '/studies/quick.yaml', line: 4 } },
      { id: 'reviews', title: null, format: 'classification', files: { train: '/studies/reviews/train.csv', dev: '/data/dev.csv', test: null }, labels: ['0=bad', '1=good'], pvp: null, place: { file: '/studies/quick.yaml', line: 5 } },
    ]);
    expect(study.methods.map(({ id, seeds }) => [id, seeds])).toEqual([['pt', [1, 2]], ['full-tuning', [9]]]);
    expect(study.methods[0]?.settings).toMatchObject({ steps: 20, promptLength: 5, batchSize: 32, initFile: '/studies/words.txt' });
  });

  it('names a pattern for a task of either kind, with the line where it does', () => {
    const { tasks } = parse(whole.replace('built-in: rte', 'built-in: rte\n    pvp: rte/hybrid').replace('    format:', '    pvp: mine.json\n    format:'));
    expect(tasks).toMatchObject([{ pvp: 'rte/hybrid', place: { line: 5 } }, { pvp: 'mine.json', place: { line: 7 } }]);
  });

  it.each([
    ['a key that nobody knows', whole.replace('model:', 'modle:'), { code: 'study-file-key', action: 'Did you mean model?', place: { line: 2 } }],
    ['a key of a task that nobody knows', whole.replace('    train:', '    trian:'), { code: 'study-file-key', action: 'Did you mean train?', place: { line: 7 } }],
    ['a key of a method that nobody knows', whole.replace('    seeds: [9]', '    seed: [9]'), { code: 'study-file-key', action: 'Did you mean seeds?', place: { line: 15 } }],
    ['a setting that nobody knows', whole.replace('promptLength', 'promptLenght'), { code: 'setting-unknown', action: 'Did you mean promptLength?', place: { line: 13 } }],
    ['a setting of the wrong kind', whole.replace('steps: 20', 'steps: many'), { code: 'setting-value', expected: expect.stringContaining('whole number'), action: expect.stringContaining('“steps”'), place: { line: 13 } }],
    ['an unknown method', whole.replace('full-tuning', 'full-tuning2'), { code: 'method-unknown', place: { line: 14 } }],
    ['an unknown format', whole.replace('classification', 'classy'), { code: 'unknown-task-format', place: { line: 6 } }],
    ['no model', whole.replace('model: built-in\n', ''), { code: 'study-file-value', found: 'no “model”' }],
    ['a seed twice', whole.replace('[1, 2]', '[1, 1]'), { code: 'study-file-value', found: '[1,1] for “seeds”', place: { line: 16 } }],
    ['a seed that is no number', whole.replace('[1, 2]', '[1, two]'), { code: 'study-file-value', found: '"two" for “seeds”', place: { line: 16 } }],
    ['no seeds at all', whole.replace('seeds: [1, 2]\n', ''), { code: 'study-file-value', found: expect.stringContaining('no “seeds”'), place: { line: 11 } }],
    ['an id twice', whole.replace('id: reviews', 'id: rte'), { code: 'study-file-repeated', place: { line: 5 } }],
    ['a key twice', `${whole}seeds: [3]\n`, { code: 'study-file-yaml', place: { line: 17 } }],
    ['a bad name', whole.replace('name: quick', 'name: ../quick'), { code: 'study-file-value', place: { line: 1 } }],
    ['tasks that are no list', 'name: a\nmodel: b\ntasks: rte\nmethods:\n  - method: prompt-tuning\nseeds: [1]\n', { code: 'study-file-value', found: '"rte" for “tasks”', place: { line: 3 } }],
    ['nothing', '', { code: 'study-file-value', found: 'nothing' }],
    ['a list', '- a\n', { code: 'study-file-value', place: { line: 1 } }],
    ['no YAML', 'name: [1, 2\ntasks: }', { code: 'study-file-yaml' }],
    ['two documents', 'name: a\n---\nname: b\n', { code: 'study-file-yaml' }],
    ['Latin-1', new Uint8Array([0x6e, 0xe9, 0x0a]), { code: 'study-file-not-utf8' }],
    ['nesting without end', '['.repeat(100_000), { code: 'study-file-yaml' }],
    ['aliases that multiply', `a: &a [x, x]\n${'bcdefgh'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`).join('\n')}\n`, { code: 'study-file-yaml' }],
  ])('with %s is refused with the line and what to do', (_what, text, expected) => {
    expect(problemOf(text)).toMatchObject({ kind: 'input', ...expected, place: { file: '/studies/quick.yaml', ...('place' in expected ? expected.place : {}) } });
  });

  it('of the documentation can be read', () => {
    const [, example = ''] = /```yaml\n([^]*?)```/.exec(readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'study.md'), 'utf8')) ?? [];
    expect(parse(example)).toMatchObject({ name: 'rte-and-reviews', fewShot: { examples: 32, dataSeed: 10 } });
  });

  it('of any text is read or refused, and nothing else', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'name: [a]{}-&*!|>\n\t"\'#%1,?'.split('')), maxLength: 60 }), (text) => {
      expect(problemOf(text).place.file).toBe('/studies/quick.yaml');
    }), { numRuns: 300 });
  });
});
