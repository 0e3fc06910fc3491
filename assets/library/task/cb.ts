import { chance, drawFacts, fill, names, pick, pickSome, relations, sentence, shuffle, wrongValue, type Fact, type Random, type Relation } from '../../world/index.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

/** Verbs after which the speaker takes the clause to be true, leaves it open, or takes it to be false. */
const factive = ['knows that', 'remembers that', 'is glad that', 'has found out that'] as const;
const open = ['thinks that', 'hopes that', 'has heard that', 'guesses that'] as const;
const denying = ['pretends that', 'wrongly believes that', 'lies that'] as const;

const exclusive: ReadonlySet<Relation> = new Set(relations.filter(({ denies }) => denies !== null));

export const cb: LibraryTask = {
  id: 'cb',
  title: 'CB: is the speaker committed to the clause?',
  format: 'cb',
  file: 'jsonl',
  labels: ['entailment', 'contradiction', 'neutral'],
  sizes: standardSizes,
  card: 'Two clauses under verbs that presuppose, leave open or deny; the hypothesis says or denies one of them.',
  draw(random, label) {
    const clauses = drawClauses(random);
    const speakers = pickSome(random, names.filter((name) => clauses.every(({ subject }) => subject !== name)), 2);
    const [target, other] = clauses as [Fact, Fact];
    const isDenied = chance(random, 0.5);
    const verb = verbFor(random, { label, isDenied });
    // One clause is always left open and one is not, so that the premise alone tells nothing.
    const otherVerb = label === 'neutral' ? pick(random, pick(random, [factive, denying])) : pick(random, open);
    const held = shuffle(random, [[target, verb], [other, otherVerb]] as const)
      .map(([fact, how], i) => `${speakers[i] ?? ''} ${how} ${fill(fact.relation.clause, fact)}`);
    const premise = `${held.join(chance(random, 0.5) ? ', and ' : ', but ')}.`;
    const hypothesis = sentence(fill(isDenied ? target.relation.denies ?? '' : target.relation.clause, target));
    return { label, fields: { premise, hypothesis }, row: (idx) => ({ premise, hypothesis, label, idx }) };
  },
};

function drawClauses(random: Random): Fact[] {
  for (;;) {
    const facts = drawFacts(random, 2);
    if (facts.every(({ relation }) => exclusive.has(relation))) return chance(random, 0.3) ? facts : sameRelation(random, facts);
  }
}

function sameRelation(random: Random, facts: readonly Fact[]): Fact[] {
  const [first, second] = facts as [Fact, Fact];
  if (first.relation.subjects !== second.relation.subjects) return [...facts];
  return [first, { relation: first.relation, subject: second.subject, value: wrongValue(random, first, facts) }];
}

function verbFor(random: Random, { label, isDenied }: { label: string; isDenied: boolean }): string {
  if (label === 'neutral') return pick(random, open);
  return pick(random, (label === 'entailment') === isDenied ? denying : factive);
}
