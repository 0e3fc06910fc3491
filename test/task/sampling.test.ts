/** The few-shot draw: balanced, disjoint, repeatable. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskExample } from '../../main/task/format.ts';
import { readDataset } from '../../main/task/dataset.ts';
import { findFormat } from '../../main/task/index.ts';
import { classQuotas, drawInTurns, drawSample, type SampleRequest } from '../../main/task/sampling.ts';
import { createGenerator } from '../../main/train/random.ts';
import { sharedPath } from '../shared.ts';

const example = (index: number, parts: Partial<TaskExample> = {}): TaskExample => ({
  id: `row-${index}`, input: `text ${index}`, target: 'x', label: null, group: null, answers: [], line: index + 1, ...parts,
});
const labelled = (labels: readonly number[]): TaskExample[] => labels.map((label, index) => example(index, { label }));
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `class${index}`);
/** One row an example, unless said otherwise. */
const fileOf = (examples: readonly TaskExample[], exampleRows = examples.map((_, index) => index)): SampleRequest['train'] => ({ examples: [...examples], exampleRows });
const draw = (examples: readonly TaskExample[], labels: readonly string[] | null, parts: Partial<SampleRequest> = {}, seed = 10): ReturnType<typeof drawSample> =>
  drawSample({ train: fileOf(examples), evaluation: fileOf(examples), labels, trainExamples: 32, devExamples: 32, random: createGenerator(seed, 'sampling'), ...parts });
const countLabels = (examples: readonly TaskExample[] | null, classes: number): number[] => names(classes).map((_, label) => examples?.filter((each) => each.label === label).length ?? 0);

describe('the number of examples a class gives', () => {
  it.each([[2, [16, 16]], [3, [11, 11, 10]], [4, [8, 8, 8, 8]], [5, [7, 7, 6, 6, 6]], [6, [8, 8, 8, 8, 8, 8]], [10, Array.from({ length: 10 }, () => 8)]])(
    'is as in PPT for 32 and %d classes', (classes, quotas) => {
      expect(classQuotas(32, classes)).toEqual(quotas);
    });
});

describe('a few-shot sample', () => {
  it('is balanced, disjoint, in the file’s order and the same for the same seed, whatever the classes’ shares', () => {
    fc.assert(fc.property(
      fc.integer({ min: 2, max: 8 }).chain((classes) => fc.record({
        classes: fc.constant(classes),
        rest: fc.array(fc.integer({ min: 0, max: classes - 1 }), { maxLength: 200 }),
        count: fc.integer({ min: classes, max: 32 }),
        seed: fc.nat(),
      })),
      ({ classes, rest, count, seed }) => {
        // Enough of each class, then anything.
        const examples = labelled([...names(classes).flatMap((_, label) => Array.from({ length: 2 * count }, () => label)), ...rest]);
        const parts = { trainExamples: count, devExamples: count };
        const { train, dev } = draw(examples, names(classes), parts, seed);
        expect(countLabels(train, classes)).toEqual(classQuotas(count, classes));
        expect(countLabels(dev, classes)).toEqual(classQuotas(count, classes));
        expect(new Set([...train, ...(dev ?? [])]).size).toBe(train.length + (dev?.length ?? 0));
        for (const part of [train, dev ?? []]) expect(part.map(({ line }) => line)).toEqual(part.map(({ line }) => line).toSorted((a, b) => a - b));
        expect(draw(examples, names(classes), parts, seed)).toEqual({ train, dev });
      },
    ), { numRuns: 60 });
  });

  it('is another one for another seed', () => {
    const examples = labelled(Array.from({ length: 400 }, (_, index) => index % 2));
    const [first, second] = [10, 20].map((seed) => draw(examples, names(2), {}, seed).train.map(({ id }) => id));
    expect(first).not.toEqual(second);
  });

  it('takes every example with about the same probability', () => {
    const examples = labelled(Array.from({ length: 40 }, (_, index) => index % 2));
    const hits = new Map<string, number>();
    for (let seed = 0; seed < 400; seed += 1) {
      for (const { id } of draw(examples, names(2), { evaluation: null, trainExamples: 10 }, seed).train) hits.set(id, (hits.get(id) ?? 0) + 1);
    }
    // 400 draws at 1/4: 100 ± 8.7; five standard deviations.
    for (const { id } of examples) expect(Math.abs((hits.get(id) ?? 0) - 100), id).toBeLessThan(44);
  });

  it('leaves the development examples to a file of their own where asked', () => {
    expect(draw(labelled([0, 1, 0, 1]), names(2), { evaluation: null, trainExamples: 4 })).toMatchObject({ dev: null, train: { length: 4 } });
  });

  it('never has the text or the row of a training example in the development sample', () => {
    // Every text stands twice; three questions share each row; and all rows stand on one line, as a JSON list may.
    const examples = Array.from({ length: 120 }, (_, index) => example(index, { input: `text ${index % 60}`, label: index % 2, line: 1 }));
    const rowOf = (each: TaskExample): number => Math.floor(examples.indexOf(each) / 3);
    const whole = fileOf(examples, examples.map(rowOf));
    const { train, dev } = draw(examples, names(2), { train: whole, evaluation: whole, trainExamples: 8, devExamples: 8 });
    const [rows, inputs] = [new Set(train.map(rowOf)), new Set(train.map(({ input }) => input))];
    expect(dev).toHaveLength(8);
    expect(dev?.filter((each) => rows.has(rowOf(each)) || inputs.has(each.input))).toEqual([]);
  });

  it('names every class’s count when one is too small, and says which sample it was for', () => {
    const examples = labelled([...Array.from({ length: 40 }, () => 0), ...Array.from({ length: 16 }, () => 1), ...Array.from({ length: 40 }, () => 2)]);
    const labels = ['entailment', 'neutral', 'contradiction'];
    expect(() => draw(examples, labels)).toThrow(expect.objectContaining({
      code: 'few-shot-too-few', kind: 'input', expected: '32 dev examples, as many of every class',
      found: 'too few examples left beside those trained on: entailment 29 of 11, neutral 5 of 11, contradiction 30 of 10',
      action: expect.stringContaining('--dev') as string,
    }));
    expect(() => draw(labelled([0, 0, 1]), names(2))).toThrow(expect.objectContaining({ code: 'few-shot-too-few', found: 'too few examples: class0 2 of 16, class1 1 of 16' }));
    expect(() => draw([], null)).toThrow(expect.objectContaining({ code: 'few-shot-too-few' }));
  });

  it('keeps the answers of a question together, at least as many as wanted', () => {
    const examples = Array.from({ length: 120 }, (_, index) => example(index, { label: index % 2, group: `q${Math.floor(index / 5)}`, line: 1 }));
    const whole = fileOf(examples, examples.map((_, index) => Math.floor(index / 20)));
    const { train, dev } = draw(examples, ['False', 'True'], { train: whole, evaluation: whole, trainExamples: 12, devExamples: 12 });
    for (const part of [train, dev ?? []]) {
      expect(part).toHaveLength(15);
      expect([...Map.groupBy(part, ({ group }) => group).values()].map((members) => members.length)).toEqual([5, 5, 5]);
    }
  });

  const boolq = sharedPath('data/superglue/BoolQ/train.jsonl');
  it.skipIf(boolq === null)('of real BoolQ rows is balanced, twice (needs ../shared/data)', async () => {
    const format = findFormat('boolq');
    const [train, evaluation] = await Promise.all([readDataset({ file: boolq ?? '', format, use: 'train' }), readDataset({ file: boolq ?? '', format, use: 'evaluate' })]);
    const sample = draw([], format.labels, { train, evaluation, trainExamples: 12, devExamples: 12 });
    expect([countLabels(sample.train, 2), countLabels(sample.dev, 2)]).toEqual([[6, 6], [6, 6]]);
  });
});

describe('shots for a written prompt', () => {
  it('take turns by class', () => {
    const drawn = drawInTurns(labelled(Array.from({ length: 60 }, (_, index) => index % 3)), { count: 7, labels: names(3), random: createGenerator(1, 'shots') });
    expect(drawn.map(({ label }) => label)).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(new Set(drawn).size).toBe(7);
  });

  it('are refused where a class has too few', () => {
    expect(() => drawInTurns(labelled([0, 0, 0, 1]), { count: 6, labels: names(2), random: createGenerator(1, 'shots') })).toThrow(
      expect.objectContaining({ code: 'few-shot-too-few', found: 'too few examples: class0 3 of 3, class1 1 of 3', expected: '6 shots, as many of every class' }),
    );
  });
});
