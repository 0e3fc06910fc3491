import { chance, fill, kindOf, kinds, pick, say, sentence, wrongValue, type Fact, type Random } from '../../world/index.ts';
import { drawContestedFacts } from '../contested.ts';
import { standardSizes, type LibraryTask } from '../library-task.ts';

export const rte: LibraryTask = {
  id: 'rte',
  title: 'RTE: does the hypothesis follow?',
  format: 'rte',
  file: 'jsonl',
  labels: ['entailment', 'not_entailment'],
  sizes: standardSizes,
  card: 'Two facts; the hypothesis says one of them in other words, names the kind of a thing instead of the thing, denies a value, or is wrong in its value.',
  draw(random, label) {
    const { facts, target } = drawContestedFacts(random, 2);
    const premise = facts.map((fact) => say(fact, random)).join(' ');
    const hypothesis = sentence(hypothesise(random, { target, facts, follows: label === 'entailment' }));
    return { label, fields: { premise, hypothesis }, row: (idx) => ({ premise, hypothesis, label, idx }) };
  },
};

interface Wanted {
  readonly target: Fact;
  readonly facts: readonly Fact[];
  readonly follows: boolean;
}

function hypothesise(random: Random, { target, facts, follows }: Wanted): string {
  const { relation, subject } = target;
  const wrong = wrongValue(random, target, facts);
  if (relation.id === 'bought' && chance(random, 0.5)) return fill(pick(random, relation.says), { subject, value: kindPhrase(random, { target, follows }) });
  if (relation.denies !== null && chance(random, 0.35)) return fill(relation.denies, { subject, value: follows ? wrong : target.value });
  return fill(pick(random, relation.says), { subject, value: follows ? target.value : wrong });
}

function kindPhrase(random: Random, { target, follows }: Pick<Wanted, 'target' | 'follows'>): string {
  const own = kindOf.get(target.value.replace(/^an? /, ''));
  const others = kinds.filter((kind) => kind !== own && !['animal', 'vehicle'].includes(kind.id));
  return follows && own !== undefined ? own.phrase : pick(random, others).phrase;
}
