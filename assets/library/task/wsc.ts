import { kinds, names, pick, pickSome, sentence, shuffle } from '../../world/index.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

/** X and Y are two things of different kinds, P fits one of them. The pronoun is the only "it". */
const frames = [
  'N put the X next to the Y because it was P',
  'N looked at the X and then at the Y since it was P',
  'N moved the X away from the Y although it was P',
  'the X was beside the Y when N saw that it was P',
  'N chose the X and not the Y although it was P',
  'N kept the X behind the Y as it was P',
] as const;

export const wsc: LibraryTask = {
  id: 'wsc',
  title: 'WSC: what does “it” refer to?',
  format: 'wsc',
  file: 'jsonl',
  labels: ['true', 'false'],
  sizes: standardSizes,
  card: 'Two things of different kinds and a property that only one of them can have. Training uses the rows whose label is true, as T5 does.',
  draw(random, label) {
    const [own, other] = pickSome(random, kinds, 2) as [(typeof kinds)[number], (typeof kinds)[number]];
    const referent = `the ${pick(random, own.members)}`;
    const rival = `the ${pick(random, other.members)}`;
    const [x, y] = shuffle(random, [referent, rival]) as [string, string];
    const text = sentence(pick(random, frames)
      .replace('the X', x).replace('the Y', y).replace(/\bN\b/, pick(random, names)).replace(/\bP\b/, pick(random, own.predicates)));
    const named = label === 'true' ? referent : rival;
    const span2 = text.split(' ').indexOf('it');
    const words = text.toLowerCase().split(' ');
    const span1 = words.findIndex((word, i) => word === 'the' && words[i + 1] === named.split(' ')[1]);
    const row = (idx: number): Record<string, unknown> => ({
      text, target: { span1_index: span1, span1_text: named, span2_index: span2, span2_text: 'it' }, idx, label: label === 'true',
    });
    return { label, fields: { text, referent: named }, row };
  },
};
