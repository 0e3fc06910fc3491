/** A study's form and its file say the same, and the core reads what the form writes. */
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { parseStudyFile } from '../../../main/service/study/study-file.ts';
import {
  countRuns, exampleDesign, expandMethods, parseNumbers, readSettings, readStudyDesign, writeSettings, writeStudyYaml, type StudyDesign,
} from '../../../renderer/view/studies/design.ts';

const core = (design: StudyDesign): ReturnType<typeof parseStudyFile> => parseStudyFile(Buffer.from(writeStudyYaml(design)), '/study.yaml');

describe('a study’s form', () => {
  it('writes a file that the core takes as it stands, with the numbers that the form has', () => {
    const study = core(exampleDesign);
    expect(study).toMatchObject({ name: 'first-study', model: 'built-in', together: true, ensemble: true, fewShot: null });
    expect(study.tasks.map(({ id }) => id)).toEqual(['sst2']);
    expect(study.methods.map(({ id, seeds }) => [id, seeds])).toEqual([['prompt-tuning', [1, 2, 3, 4, 5]], ['full-tuning', [1]]]);
    expect(study.methods[0]?.settings).toMatchObject({ steps: 300, learningRate: 1, promptLength: 8, init: 'sampled-vocabulary' });
    expect(countRuns(exampleDesign)).toBe(6);
  });

  it('makes one method of every prompt length with every initialisation, which differ in nothing else', () => {
    const [prompt] = exampleDesign.methods;
    const design = { ...exampleDesign, methods: [{ ...prompt!, lengths: '1, 5, 20', inits: ['random-uniform', 'class-labels'] }] };
    const study = core(design);
    expect(study.methods.map(({ id }) => id)).toEqual([
      'prompt-tuning-1-random-uniform', 'prompt-tuning-1-class-labels', 'prompt-tuning-5-random-uniform', 'prompt-tuning-5-class-labels', 'prompt-tuning-20-random-uniform', 'prompt-tuning-20-class-labels',
    ]);
    expect(study.methods.map(({ settings }) => [settings['promptLength'], settings['init'], settings['steps']])).toEqual([1, 5, 20].flatMap((length) => ['random-uniform', 'class-labels'].map((init) => [length, init, 300])));
    expect(countRuns(design)).toBe(30);
  });

  it('takes a single length or initialisation as a setting and leaves the name alone', () => {
    const [prompt] = exampleDesign.methods;
    expect(expandMethods({ methods: [{ ...prompt!, lengths: '20', inits: ['class-labels'] }] })).toMatchObject([{ id: 'prompt-tuning', title: '', settings: { promptLength: '20', init: 'class-labels' } }]);
  });

  it('comes back from its own file unchanged, whatever the names and texts in it hold', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const line = text.filter((value) => value.trim() !== '' && value === value.trim());
    const design: fc.Arbitrary<StudyDesign> = fc.record({
      name: line, model: line,
      tasks: fc.array(fc.oneof(
        fc.record({ kind: fc.constant('built-in' as const), id: line, builtIn: line, pvp: text.map((value) => value.trim()) }),
        fc.record({ kind: fc.constant('own' as const), id: line, title: line, format: line, train: line, dev: line, test: fc.constant(''), labels: fc.constant('0=bad, 1=good'), pvp: fc.constant('') }),
      ), { maxLength: 3 }),
      methods: fc.array(fc.record({ id: line, title: fc.constant(''), method: line, settings: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), line, { maxKeys: 3, noNullPrototype: true }), lengths: fc.constant(''), inits: fc.constant([]), seeds: fc.constantFrom('', '1, 2') }), { maxLength: 2 }),
      seeds: fc.constantFrom('1, 2, 3', '7'), fewShot: fc.constantFrom(null, { examples: '32', dataSeed: '10' }), together: fc.boolean(), ensemble: fc.boolean(),
    });
    fc.assert(fc.property(design.filter(({ name, model, tasks, methods }) =>
      // A number or true for a name is one in YAML as well, and the core refuses it by its line.
      [name, model, ...tasks.flatMap((task) => Object.values(task)), ...methods.flatMap((method) => [method.id, method.method, ...Object.values(method.settings)])].every((value) => Array.isArray(value) || String(value) === '' || Number.isNaN(Number(value)) && !/^(?:true|false)$/i.test(String(value)))
      // “constructor” and its like are keys of every object.
      && methods.every(({ settings }) => !Object.hasOwn(settings, '__proto__'))), (made) => {
      expect(readStudyDesign(parse(writeStudyYaml(made)) ?? {})).toEqual(made.tasks.length > 0 && made.methods.length > 0 ? made : null);
    }));
  });

  it('leaves the text alone that it has no place for', () => {
    for (const value of [null, 1, [], { name: 'a' }, { ...parse(writeStudyYaml(exampleDesign)), colour: 'red' }, { ...parse(writeStudyYaml(exampleDesign)), tasks: 'sst2' }]) expect(readStudyDesign(value)).toBeNull();
  });

  it('reads lists of numbers with spans, and no others', () => {
    expect(parseNumbers('1-3, 8')).toEqual([1, 2, 3, 8]);
    for (const text of ['', 'a', '3-1', '1,,2', '1, 1', '1-5000', '-1', '1.5']) expect(parseNumbers(text), text).toBeNull();
  });

  it('keeps settings as they are typed', () => {
    expect(readSettings('steps: 300\nlearningRate = 0.3\ninit\n\n')).toEqual({ steps: '300', learningRate: '0.3', init: '' });
    expect(readSettings(writeSettings({ a: '1', b: 'x y' }))).toEqual({ a: '1', b: 'x y' });
  });
});
