import { chance, fill, pick, say, wrongValue } from '../../world/index.ts';
import { drawContestedFacts } from '../contested.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

export const boolq: LibraryTask = {
  id: 'boolq',
  title: 'BoolQ: yes or no, from a passage',
  format: 'boolq',
  file: 'jsonl',
  labels: ['false', 'true'],
  sizes: standardSizes,
  card: 'Two or three facts and a question about one of them. A wrong question mostly names a value that the passage gives to somebody else.',
  draw(random, label) {
    const { facts, target } = drawContestedFacts(random, chance(random, 0.5) ? 2 : 3);
    const passage = facts.map((fact) => say(fact, random)).join(' ');
    const value = label === 'true' ? target.value : wrongValue(random, target, facts);
    const question = fill(pick(random, [target.relation.asks]), { subject: target.subject, value });
    return { label, fields: { passage, question }, row: (idx) => ({ question, passage, idx, label: label === 'true' }) };
  },
};
