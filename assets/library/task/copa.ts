import { eventPairs, names, pick, sayEvent, sentence } from '../../world/index.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

export const copa: LibraryTask = {
  id: 'copa',
  title: 'COPA: the more plausible cause or effect',
  format: 'copa',
  file: 'jsonl',
  labels: ['0', '1'],
  sizes: standardSizes,
  card: 'Forty-eight causes with their effects, each said in two ways; the wrong choice is the cause or effect of something else.',
  draw(random, label) {
    const name = pick(random, names);
    const right = pick(random, eventPairs);
    const wrong = pick(random, eventPairs.filter((pair) => pair !== right));
    const question = pick(random, ['cause', 'effect'] as const);
    const asked = question === 'cause' ? 'effect' : 'cause';
    const premise = sentence(sayEvent(right[asked], name, random));
    const choices = [right, wrong].map((pair) => sentence(sayEvent(pair[question], name, random)));
    const [choice1, choice2] = label === '0' ? choices : [...choices].reverse();
    const fields = { premise, choice1: choice1 ?? '', choice2: choice2 ?? '', question };
    return { label, fields, row: (idx) => ({ ...fields, label: Number(label), idx }) };
  },
};
