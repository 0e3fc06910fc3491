import {
  chance, drawFacts, fill, kindOf, pick, pickSome, say, sentence, shuffle, subjectPhrase, subjectsOf, type Fact, type Random,
} from '../../world/index.ts';
import type { LibraryTask } from '../library-task.ts';

interface Answer {
  readonly text: string;
  readonly label: 0 | 1;
}

interface Question {
  readonly question: string;
  readonly answers: readonly Answer[];
}

export const multirc: LibraryTask = {
  id: 'multirc',
  title: 'MultiRC: which answers are right?',
  format: 'multirc',
  file: 'jsonl',
  labels: ['all'],
  sizes: { train: 400, dev: 80, test: 160 },
  card: 'Three or four facts, two questions with three or four answers each, one or two of them right; wrong ones are mostly taken from the passage.',
  draw(random, label) {
    const facts = withShared(random, drawFacts(random, 3));
    const text = facts.map((fact) => say(fact, random)).join(' ');
    const asked = pickSome(random, facts, 2);
    const questions = asked.map((fact, i) => (i === 0 ? askSubject(random, fact, facts) : askValue(random, fact, facts)));
    const row = (idx: number): Record<string, unknown> => ({
      idx,
      passage: {
        text,
        questions: questions.map(({ question, answers }, q) => ({ question, answers: answers.map((answer, a) => ({ ...answer, idx: idx * 8 + q * 4 + a })), idx: idx * 2 + q })),
      },
    });
    return { label, fields: { passage: text, questions: questions.map(({ question }) => question).join(' ') }, row };
  },
};

/** Half the time somebody else shares a value: then a question for the subject has two right answers. */
function withShared(random: Random, facts: readonly Fact[]): Fact[] {
  if (chance(random, 0.5)) return [...facts];
  const model = pick(random, facts);
  const subject = pick(random, subjectsOf(model.relation).filter((name) => facts.every((fact) => fact.subject !== name)));
  return shuffle(random, [...facts, { ...model, subject }]);
}

function askSubject(random: Random, asked: Fact, facts: readonly Fact[]): Question {
  const isRight = (fact: Fact): boolean => fact.relation === asked.relation && fact.value === asked.value;
  const right = facts.filter(isRight).map((fact) => ({ text: subjectPhrase(fact), label: 1 as const }));
  const wrong = facts.filter((fact) => !isRight(fact)).map((fact) => ({ text: subjectPhrase(fact), label: 0 as const }));
  return { question: sentence(fill(asked.relation.asksSubject, asked), '?'), answers: shuffle(random, [...right, ...wrong]).slice(0, 4) };
}

function askValue(random: Random, asked: Fact, facts: readonly Fact[]): Question {
  const right: Answer[] = [{ text: asked.value, label: 1 }];
  const kind = asked.relation.id === 'bought' ? kindOf.get(asked.value.replace(/^an? /, '')) : undefined;
  if (kind !== undefined && chance(random, 0.5)) right.push({ text: kind.phrase, label: 1 });
  const present = facts.filter((fact) => fact.relation === asked.relation && fact.value !== asked.value).map(({ value }) => value);
  const absent = pickSome(random, asked.relation.values.filter((value) => value !== asked.value && !present.includes(value)), 2);
  const wrong = [...new Set([...present, ...absent])].slice(0, 2).map((text) => ({ text, label: 0 as const }));
  return { question: sentence(fill(asked.relation.asksValue, asked), '?'), answers: shuffle(random, [...right, ...wrong]) };
}
