import { expect, it } from 'vitest';
import type { TaskExample } from '../../main/task/format.ts';
import { DataObservation } from '../../main/task/observation.ts';

const example = (id: string): TaskExample => ({ id, input: 'text', target: null, label: null, group: null, answers: [], line: 1 });

it('makes repeated ids unique, and remembers no more of them than it was told to', () => {
  const observation = new DataObservation({ mostIds: 2 });
  const idOf = (id: string): string => observation.add(example(id)).id;
  expect(['a', 'a', 'a'].map(idOf)).toEqual(['a', 'a#2', 'a#3']);
  // The third id is beyond the two that are kept, so nothing is known of it.
  expect(idOf('a#3')).toBe('a#3');
});
