import { drawFacts, fill, names, pick, sentence, towns, type Fact, type Random } from '../../world/index.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

export const record: LibraryTask = {
  id: 'record',
  title: 'ReCoRD: which name fills the gap?',
  format: 'record',
  file: 'jsonl',
  labels: ['all'],
  sizes: standardSizes,
  card: 'Three facts about people; the query says one of them in other words with a person or a town left out.',
  draw(random, label) {
    const facts = drawPeople(random);
    const asked = pick(random, facts);
    const wordings = asked.relation.says;
    const told = random.integerBelow(wordings.length);
    const text = facts.map((fact) => sentence(fill(fact === asked ? wordings[told] ?? '' : pick(random, fact.relation.says), fact))).join(' ');
    const answer = asked.relation.id === 'town' && random.next() < 0.5 ? asked.value : asked.subject;
    const query = sentence(fill(wordings[(told + 1) % wordings.length] ?? '', asked)).replace(answer, '@placeholder');
    const start = text.indexOf(answer);
    const entities = entitySpans(text);
    const row = (idx: number): Record<string, unknown> => ({
      source: 'micro-world',
      passage: { text, entities },
      idx,
      qas: [{ query, answers: [{ start, end: start + answer.length - 1, text: answer }], idx }],
    });
    return { label, fields: { passage: text, query }, row };
  },
};

function drawPeople(random: Random): Fact[] {
  for (;;) {
    const facts = drawFacts(random, 3);
    if (facts.every(({ relation }) => relation.subjects === 'person')) return facts;
  }
}

/** Positions of every person and town; `end` is the last character inside, as in the original files. */
function entitySpans(text: string): { start: number; end: number }[] {
  return [...names, ...towns]
    .flatMap((entity) => [...text.matchAll(new RegExp(`\\b${entity}\\b`, 'g'))].map(({ index }) => ({ start: index, end: index + entity.length - 1 })))
    .sort((a, b) => a.start - b.start);
}
