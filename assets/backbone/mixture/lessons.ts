/** Lessons of every kind, drawn from the micro-world. */
import {
  ambiguousWords, animalsPlural, chance, colours, days, drawFacts, drawReview, eventPairs, fill, foods, goods, instruments, jobs, kindOf, kinds, names, numbers, objects, pick, pickSome, places, towns, vehicles, relations, say, sayEvent, sayInSense, sentence,
  shuffle, starsOf, subjectPhrase, subjectsOf, tellPair, wrongValue, type Fact, type Random, type Relation,
} from '../../world/index.ts';
import type { DrawLesson, Probe } from './skill.ts';

export const readingLesson: DrawLesson = (random, level) => {
  const facts = drawFacts(random, 1 + Math.round(level * (1 + random.integerBelow(3))));
  const probes = Array.from({ length: 6 }, () => factProbe(random, pick(random, facts), facts));
  return { context: facts.map((fact) => say(fact, random)).join(' '), probes };
};

function factProbe(random: Random, fact: Fact, facts: readonly Fact[]): Probe {
  const { relation } = fact;
  const draw = random.next();
  if (draw < 0.2) return { skill: 'lookup', ...askEither(random, fact) };
  if (draw < 0.38) return gap(random, fact);
  if (draw < 0.62) return checkProbe(random, fact, facts);
  if (draw < 0.78) {
    const holds = chance(random, 0.5);
    return { skill: 'ask', text: sentence(fill(relation.asks, { subject: fact.subject, value: holds ? fact.value : wrongValue(random, fact, facts) }), '?'), answer: holds ? 0 : 1 };
  }
  if (draw < 0.88) {
    const holds = chance(random, 0.5);
    const { text, answer } = askEither(random, fact);
    const rivals = rivalsOf(random, fact, facts, answer);
    return { skill: 'candidate', text: `${text} ${holds ? answer : rivals[0] ?? ''}`, answer: holds ? 0 : 1 };
  }
  const { text, answer } = askEither(random, fact);
  const options = shuffle(random, [answer, ...rivalsOf(random, fact, facts, answer)]);
  if (chance(random, 0.35)) return { skill: 'select', text: `${text} ${options.join(' / ')}`, answer };
  return { skill: 'option', text: `${text} ${options.map((option, i) => `${'ABCD'[i] ?? ''}: ${option}`).join(' ')}`, answer: options.indexOf(answer) };
}

function askEither(random: Random, fact: Fact): { text: string; answer: string } {
  return chance(random, 0.55)
    ? { text: sentence(fill(fact.relation.asksValue, fact), '?'), answer: fact.value }
    : { text: sentence(fill(fact.relation.asksSubject, fact), '?'), answer: subjectPhrase(fact) };
}

function gap(random: Random, fact: Fact): Probe {
  const wording = pick(random, fact.relation.says);
  const asksValue = chance(random, 0.5);
  const shown = asksValue ? { subject: fact.subject, value: '___' } : { subject: '___', value: fact.value };
  return { skill: 'fill', text: sentence(fill(wording, shown)), answer: asksValue ? fact.value : fact.subject };
}

/** Two or three other answers of the same sort, those of the passage first. */
function rivalsOf(random: Random, fact: Fact, facts: readonly Fact[], answer: string): string[] {
  const isValue = answer === fact.value;
  const present = facts
    .filter((other) => other !== fact && (isValue ? other.relation === fact.relation && other.value !== fact.value : other.relation.subjects === fact.relation.subjects))
    .map((other) => (isValue ? other.value : subjectPhrase(other)));
  const pool = isValue ? fact.relation.values : subjectsOf(fact.relation).map((subject) => subjectPhrase({ ...fact, subject }));
  const absent = pickSome(random, pool.filter((text) => text !== answer && !present.includes(text)), 3);
  return [...shuffle(random, present), ...absent].slice(0, 3);
}

function checkProbe(random: Random, fact: Fact, facts: readonly Fact[]): Probe {
  const { relation, subject } = fact;
  const holds = chance(random, 0.5);
  const wrong = wrongValue(random, fact, facts);
  const answer = holds ? 0 : 1;
  if (relation.id === 'bought' && chance(random, 0.5)) {
    const own = kindOf.get(fact.value.replace(/^an? /, ''));
    const kind = holds && own !== undefined ? own : pick(random, kinds.filter((other) => other !== own));
    return { skill: 'check', text: sentence(fill(pick(random, relation.says), { subject, value: kind.phrase })), answer };
  }
  if (relation.denies !== null && chance(random, 0.3)) {
    return { skill: 'check', text: sentence(fill(relation.denies, { subject, value: holds ? wrong : fact.value })), answer };
  }
  return { skill: 'check', text: sentence(fill(pick(random, relation.says), { subject, value: holds ? fact.value : wrong })), answer };
}

export const reviewLesson: DrawLesson = (random) => {
  const review = drawReview(random);
  const stars = starsOf(review);
  const sides = review.clauses.map(({ side, strength }): Probe => ({ skill: 'side', text: side, answer: strength > 0 ? 0 : 1 }));
  const whole: Probe[] = review.sum === 0 ? [] : [{ skill: 'praise', text: '', answer: review.sum > 0 ? 0 : 1 }];
  const rating: Probe[] = stars === null ? [] : [{ skill: 'stars', text: '', answer: stars }];
  return { context: sentence(review.text), probes: shuffle(random, [...sides, ...whole, ...rating]) };
};

export const senseLesson: DrawLesson = (random, level) => {
  const entry = pick(random, ambiguousWords);
  const count = 2 + Math.round(level * random.integerBelow(2));
  const uses = Array.from({ length: count }, () => {
    const sense = pick(random, entry.senses);
    return { sense, text: sentence(sayInSense(entry, sense, pick(random, names), random)) };
  });
  const glosses = uses.map(({ sense }, i): Probe => ({ skill: 'gloss', text: `${entry.word} ${ordinals[i] ?? ''}`, answer: sense.gloss }));
  const pairs = uses.slice(1).map(({ sense }, i): Probe => ({
    skill: 'meaning', text: count === 2 ? entry.word : `${entry.word} ${ordinals[i] ?? ''} ${ordinals[i + 1] ?? ''}`, answer: sense === uses[i]?.sense ? 0 : 1,
  }));
  return { context: uses.map(({ text }) => text).join(' '), probes: [...pairs, ...shuffle(random, glosses)] };
};

export const ordinals = ['first', 'second', 'third'] as const;

export const eventLesson: DrawLesson = (random) => {
  const name = pick(random, names);
  const right = pick(random, eventPairs);
  const wrong = pick(random, eventPairs.filter((pair) => pair !== right));
  const asks = pick(random, ['cause', 'effect'] as const);
  const given = asks === 'cause' ? 'effect' : 'cause';
  const joint = asks === 'cause' ? 'because' : 'so';
  const [yes, no] = [right, wrong].map((pair) => sayEvent(pair[asks], name, random)) as [string, string];
  const order = shuffle(random, [yes, no]);
  const fits = chance(random, 0.5);
  // Writing a whole event is long for what it teaches: now and then.
  const written: Probe[] = chance(random, 0.2) ? [{ skill: 'follow', text: joint, answer: yes }] : [];
  return {
    context: sentence(sayEvent(right[given], name, random)),
    probes: shuffle(random, [
      ...written,
      { skill: 'cause', text: `${joint} ${order.map((text, i) => `${ordinals[i] ?? ''}: ${sentence(text)}`).join(' ')}`, answer: order.indexOf(yes) },
      { skill: 'link', text: `${joint} ${fits ? yes : no}`, answer: fits ? 0 : 1 },
    ]),
  };
};

const referentFrames = [
  'N saw the X and the Y and said it was P', 'the X and the Y were there and it was P', 'N took the X from the Y because it was P', 'N left the X near the Y since it was P',
  'N preferred the X to the Y although it was P',
] as const;

export const referentLesson: DrawLesson = (random) => {
  const [own, other] = pickSome(random, kinds, 2) as [(typeof kinds)[number], (typeof kinds)[number]];
  const [noun, rival] = [pick(random, own.members), pick(random, other.members)];
  const predicate = pick(random, own.predicates);
  const [x, y] = shuffle(random, [noun, rival]) as [string, string];
  const text = pick(random, referentFrames).replace('the X', `the ${x}`).replace('the Y', `the ${y}`).replace(/\bN\b/, pick(random, names)).replace(/\bP\b/, predicate);
  return {
    context: sentence(text),
    probes: shuffle(random, [
      { skill: 'referent', text: predicate, answer: `the ${noun}` },
      { skill: 'kind', text: noun, answer: own.phrase },
      { skill: 'kind', text: rival, answer: other.phrase },
    ]),
  };
};

const stances = [
  ['knows that', 'remembers that', 'is glad that', 'has found out that', 'is sad that'],
  ['thinks that', 'hopes that', 'has heard that', 'guesses that', 'fears that'],
  ['pretends that', 'wrongly believes that', 'lies that', 'is wrong that'],
] as const;
const exclusive: ReadonlySet<Relation> = new Set(relations.filter(({ denies }) => denies !== null));

export const stanceLesson: DrawLesson = (random, level) => {
  const count = 1 + Math.round(level * (1 + random.integerBelow(2)));
  const facts: Fact[] = [];
  while (facts.length < count) {
    const [fact] = drawFacts(random, 1) as [Fact];
    if (exclusive.has(fact.relation) && facts.every(({ subject }) => subject !== fact.subject)) facts.push(fact);
  }
  const speakers = pickSome(random, names.filter((name) => facts.every(({ subject }) => subject !== name)), count);
  const held = facts.map((fact, i) => ({ fact, stance: random.integerBelow(3), speaker: speakers[i] ?? '' }));
  const context = held.map(({ fact, stance, speaker }) => sentence(`${speaker} ${pick(random, stances[stance] ?? [])} ${fill(fact.relation.clause, fact)}`)).join(' ');
  const probes = Array.from({ length: 4 }, (): Probe => {
    const { fact, stance } = pick(random, held);
    const isDenied = chance(random, 0.5);
    const text = sentence(fill(isDenied ? fact.relation.denies ?? '' : fact.relation.clause, fact));
    // 0 certain, 1 denied, 2 open.
    return { skill: 'stance', text, answer: stance === 1 ? 2 : (stance === 0) === isDenied ? 1 : 0 };
  });
  return { context, probes };
};

/** Columns of a table: what a key may be, and what may stand beside it. */
const keyColumns: readonly (readonly string[])[] = [names, objects, goods, towns];
const valueColumns: readonly (readonly string[])[] = [colours, places, jobs, days, numbers, towns, foods, vehicles, animalsPlural, instruments];

/** Bare pairs of words: looking up, comparing and finding before any grammar. It is the quickest way to attention that matches. */
export const tableLesson: DrawLesson = (random, level) => {
  const keys = pickSome(random, pick(random, keyColumns), 2 + Math.round(level * random.integerBelow(5)));
  const column = pick(random, valueColumns);
  const values = pickSome(random, column, keys.length);
  const joint = pick(random, [' ', ' : ', ' is ', ' , ']);
  const rows = keys.map((key, i) => ({ key, value: values[i] ?? pick(random, column) }));
  const probes = Array.from({ length: 8 }, (): Probe => {
    const row = pick(random, rows);
    const draw = random.next();
    if (draw < 0.35) return { skill: 'fill', text: `${row.key}${joint}___ .`, answer: row.value };
    if (draw < 0.55 && values.indexOf(row.value) === rows.indexOf(row)) return { skill: 'fill', text: `___${joint}${row.value} .`, answer: row.key };
    const holds = chance(random, 0.5);
    const wrong = pick(random, [...rows.map(({ value }) => value), ...pickSome(random, column, 2)].filter((value) => value !== row.value).concat(column.find((value) => value !== row.value) ?? ''));
    return { skill: 'check', text: `${row.key}${joint}${holds ? row.value : wrong} .`, answer: holds ? 0 : 1 };
  });
  return { context: rows.map(({ key, value }) => `${key}${joint}${value} .`).join(' '), probes };
};

/** Running text of the world: facts said twice in different words, causes with effects, meanings, kinds, reviews. */
export function drawDocument(random: Random): string {
  const facts = drawFacts(random, 2);
  const sentences = facts.map((fact) => say(fact, random));
  const again = pick(random, facts);
  const extras = [
    () => say(again, random),
    () => sentence(tellPair(pick(random, eventPairs), pick(random, names), random)),
    () => {
      const entry = pick(random, ambiguousWords);
      return sentence(sayInSense(entry, pick(random, entry.senses), pick(random, names), random));
    },
    () => {
      const kind = pick(random, kinds);
      return `The ${pick(random, kind.members)} was ${pick(random, kind.predicates)}.`;
    },
    () => {
      const kind = pick(random, kinds);
      return `The ${pick(random, kind.members)} is ${kind.phrase}.`;
    },
    () => sentence(drawReview(random).text),
  ];
  for (const extra of pickSome(random, extras, 2)) sentences.push(extra());
  return shuffle(random, sentences).join(' ');
}
