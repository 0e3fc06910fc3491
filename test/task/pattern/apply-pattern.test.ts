/** A format that speaks through a pattern and a verbalizer stays the same task. */
import { describe, expect, it } from 'vitest';
import { Problem } from '../../../main/contract/problem.ts';
import type { Verbalizer } from '../../../main/contract/pvp.ts';
import { readDataset } from '../../../main/task/dataset.ts';
import { findFormat } from '../../../main/task/index.ts';
import { computeMetrics } from '../../../main/task/metric/metric.ts';
import { applyPattern } from '../../../main/task/pattern/apply-pattern.ts';
import { temporaryFiles } from '../temporary.ts';

const write = temporaryFiles();
const yesNo: Verbalizer = { labels: [{ label: 'entailment', words: ['yes'] }, { label: 'not_entailment', words: ['no'] }] };
const rte = [
  '{"premise":"a","hypothesis":"b","label":"entailment","idx":7}', '{"premise":"c","hypothesis":"d","label":"not_entailment","idx":8}', '{"premise":"e","hypothesis":"f","idx":9}',
].join('\n');

function boolqWith(name: string) {
  return applyPattern(findFormat('boolq'), { pattern: { template: `{{ passage }} {{ row.${name} }}` }, verbalizer: null });
}

describe('a pattern applied to a format', () => {
  it('keeps ids, lines, class ids and metrics, and puts words in the place of labels', async () => {
    const format = applyPattern(findFormat('rte'), { pattern: { template: '{{ premise }} {{ answer }} {{ hypothesis }}' }, verbalizer: yesNo });
    const { examples } = await readDataset({ file: write('rte.jsonl', rte), format, use: 'evaluate' });
    expect(examples.map(({ id, line, label, target, input }) => ({ id, line, label, target, input }))).toEqual([
      { id: '7', line: 1, label: 0, target: 'yes', input: 'a b' }, { id: '8', line: 2, label: 1, target: 'no', input: 'c d' }, { id: '9', line: 3, label: null, target: null, input: 'e f' },
    ]);
    expect(examples[0]?.parts).toEqual([{ kind: 'text', text: 'a ' }, { kind: 'answer' }, { kind: 'text', text: ' b' }]);
    expect(examples[0]).not.toHaveProperty('fields');
    expect(format).toMatchObject({ id: 'rte', labels: ['yes', 'no'], metrics: ['accuracy'] });
    const report = computeMetrics(format, examples.map((example) => ({ example, answer: 'yes' })));
    expect(report).toMatchObject({ scores: { accuracy: 0.5 }, legalRate: 1 });
  });

  it('writes targets that agree with the verbalizer, and refuses those that do not', () => {
    const row = { index: 0, line: 4, values: { premise: 'a', hypothesis: 'b', label: 'entailment' } };
    const speak = (template: string) => applyPattern(findFormat('rte'), { pattern: { template }, verbalizer: yesNo }).examples(row, 'train')[0]?.target;
    expect(speak('{{ premise }} ||| {{ answer_choices[label] }}')).toBe('yes');
    expect(speak('{{ premise }} ||| {% if label_text == "entailment" %}yes{% endif %}')).toBe('yes');
    expect(() => speak('{{ premise }} ||| no')).toThrow(expect.objectContaining({ code: 'pattern-target', place: { line: 4 } }));
  });

  it('writes targets of open tasks', () => {
    const format = applyPattern(findFormat('record'), { pattern: { template: '{{ query }} ||| {{ answers | choice | upper }}' }, verbalizer: null });
    const row = { index: 0, line: 1, values: { query: 'q', passage: 'p', entities: ['x', 'y'], answers: ['y', 'x'], idx: { passage: 1, query: 2 } } };
    expect(format.examples(row, 'train').map(({ id, target, group }) => ({ id, target, group }))).toEqual([
      { id: '1/2/0', target: 'Y', group: '1/2' }, { id: '1/2/1', target: 'Y', group: '1/2' },
    ]);
  });

  it('reaches a field called answer through row, and no label by any name', () => {
    const multirc = applyPattern(findFormat('multirc'), { pattern: { template: '{{ question }} {{ row.answer }}' }, verbalizer: null });
    expect(multirc.examples({ index: 0, line: 1, values: { paragraph: 'p', question: 'q', answer: 'a', label: 1 } }, 'train')[0]?.input).toBe('q a');
    const row = { index: 0, line: 1, values: { passage: 'p', question: 'q', Answer: true, label: true } };
    for (const name of ['answer', 'Answer', 'label']) expect(() => boolqWith(name).examples(row, 'train'), name).toThrow(expect.objectContaining({ code: 'pattern-value' }));
  });

  it('names the row’s line and the place in the pattern when a row does not fit', async () => {
    const format = applyPattern(findFormat('rte'), { pattern: { template: 'x\n{{ genre }}' }, verbalizer: null });
    const thrown: unknown = await readDataset({ file: write('bad.jsonl', rte), format, use: 'evaluate' }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'pattern-value', place: { line: 1, file: expect.stringContaining('bad.jsonl') as string } });
    expect((thrown as Problem).message).toContain('(pattern, line 2, column 1)');
  });

  it('keeps the classes of a file in their order, with the verbalizer’s words', async () => {
    const file = write('any.csv', 'text,label\ngood film,pos\nbad film,neg\nfine,pos\n');
    const verbalizer: Verbalizer = { labels: [{ label: 'pos', words: ['great'] }, { label: 'neg', words: ['terrible'] }] };
    const format = applyPattern(findFormat('classification'), { pattern: { template: '{{ soft(5) }}{{ text }} {{ answer }}' }, verbalizer });
    const { examples, format: bound } = await readDataset({ file, format, use: 'train' });
    expect(bound.labels).toEqual(['terrible', 'great']);
    expect(examples.map(({ target, label }) => [target, label])).toEqual([['great', 1], ['terrible', 0], ['great', 1]]);
    // As an evaluation binds them, from what the training reported.
    const again = await readDataset({ file, format, use: 'evaluate', labels: [{ value: 'neg', word: 'terrible' }, { value: 'pos', word: 'great' }] });
    expect(again.examples).toEqual(examples);
  });

  it('is refused for a file with a class that has no word', async () => {
    const verbalizer: Verbalizer = { labels: [{ label: 'pos', words: ['great'] }] };
    const format = applyPattern(findFormat('classification'), { pattern: { template: '{{ text }}' }, verbalizer });
    await expect(readDataset({ file: write('two.csv', 'text,label\na,pos\nb,neg\n'), format, use: 'train' })).rejects.toMatchObject({ code: 'verbalizer-label-missing' });
  });
});
