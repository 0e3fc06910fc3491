import { chance, fill, pickSome, say, sentence, shuffle, subjectPhrase, subjectsOf, type Fact, type Random } from '../../world/index.ts';
import { drawContestedFacts } from '../contested.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

export const race: LibraryTask = {
  id: 'race',
  title: 'RACE: four answers, one is right',
  format: 'race',
  file: 'jsonl',
  labels: ['A', 'B', 'C', 'D'],
  sizes: standardSizes,
  card: 'Three facts, a question about one, four options of the same sort; wrong ones come from the passage where it has any.',
  draw(random, label) {
    const { facts, target } = drawContestedFacts(random, 3);
    const article = facts.map((fact) => say(fact, random)).join(' ');
    const asksValue = chance(random, 0.6);
    const right = asksValue ? target.value : subjectPhrase(target);
    const wrong = wrongOptions(random, { target, facts, asksValue });
    const options = shuffle(random, wrong);
    options.splice('ABCD'.indexOf(label), 0, right);
    const question = sentence(fill(asksValue ? target.relation.asksValue : target.relation.asksSubject, target), '?');
    const row = (idx: number): Record<string, unknown> => ({ id: `micro-${idx}`, article, questions: [question], options: [options], answers: [label] });
    return { label, fields: { article, question, options: options.join(' / ') }, row };
  },
};

function wrongOptions(random: Random, { target, facts, asksValue }: { target: Fact; facts: readonly Fact[]; asksValue: boolean }): string[] {
  const sameSort = facts.filter((fact) => fact !== target && (asksValue ? fact.relation === target.relation : fact.relation.subjects === target.relation.subjects));
  const present = sameSort.map((fact) => (asksValue ? fact.value : subjectPhrase(fact)));
  const pool = asksValue ? target.relation.values : subjectsOf(target.relation).map((subject) => subjectPhrase({ ...target, subject }));
  const own = asksValue ? target.value : subjectPhrase(target);
  const absent = pickSome(random, pool.filter((text) => text !== own && !present.includes(text)), 3);
  return [...present, ...absent].slice(0, 3);
}
