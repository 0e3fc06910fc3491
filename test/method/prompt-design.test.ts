/** What prompt design writes in the place of an input. */
import { describe, expect, it } from 'vitest';
import type { Around, DesignContext } from '../../main/method/method.ts';
import { promptDesign } from '../../main/method/prompt-design.ts';

const shots = [{ input: 'sentence: dull', answer: 'negative' }, { input: 'sentence: fine', answer: 'positive' }];
const inputWithin = ({ before, behind }: Around): string => `${before}sentence: grand${behind}`;
const write = (settings: Record<string, unknown>, context: Partial<DesignContext> = {}): string =>
  inputWithin(promptDesign.writeAround(promptDesign.schema.parse(settings), { shots: [], fits: () => true, ...context }));

const fits = (around: Around): boolean => inputWithin(around).length <= 60;

describe('prompt design', () => {
  it('with nothing is zero-shot: the task’s own input', () => {
    expect(write({})).toBe('sentence: grand');
  });

  it('puts the instruction in front', () => {
    expect(write({ instruction: 'Is the review positive or negative?' })).toBe('Is the review positive or negative? sentence: grand');
  });

  it('shows shots with their answers and asks in the same form', () => {
    expect(write({ instruction: 'Judge.', separator: ' ; ', shots: 2 }, { shots })).toBe(
      'Judge. ; sentence: dull answer: negative ; sentence: fine answer: positive ; sentence: grand answer:',
    );
    expect(write({ cue: '' }, { shots })).toBe('sentence: dull negative sentence: fine positive sentence: grand');
  });

  it('lets the last shots go before anything of the input is cut, and shows none where nothing fits', () => {
    expect(write({}, { shots, fits })).toBe('sentence: dull answer: negative sentence: grand answer:');
    expect(write({ instruction: 'x'.repeat(80) }, { shots, fits })).toBe(`${'x'.repeat(80)} sentence: grand answer:`);
  });

  it('cues nothing where a pattern has the answers inside the shots: it asks in the same place', () => {
    const answered = [{ input: 'dull It was negative.', answer: null }];
    expect(write({ instruction: 'Judge.', shots: 1 }, { shots: answered })).toBe('Judge. dull It was negative. sentence: grand');
  });

  it('takes 0 to 16 shots', () => {
    expect(promptDesign.countShots(promptDesign.schema.parse({ shots: '16' }))).toBe(16);
    for (const count of [-1, 17, 1.5]) expect(promptDesign.schema.safeParse({ shots: count }).success, String(count)).toBe(false);
  });
});
