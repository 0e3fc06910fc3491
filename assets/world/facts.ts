/**
 * Facts: a subject, a relation and a value. A relation knows how it is said, asked, denied and left open.
 * In the wordings: S is the subject, V the value.
 */
import { animalsPlural, colours, days, foods, goods, instruments, jobs, names, numbers, objects, places, towns, vehicles, withArticle } from './lexicon.ts';
import { pick, type Random } from './random.ts';

export interface Relation {
  readonly id: string;
  readonly subjects: 'person' | 'object';
  readonly values: readonly string[];
  /** Two or three ways to say it, all true of the same fact. */
  readonly says: readonly [string, string, ...string[]];
  /** Said of a fact that does not hold; null where the denial would not follow from another value. */
  readonly denies: string | null;
  readonly asksValue: string;
  readonly asksSubject: string;
  /** Said behind "that" and "whether": no full stop. */
  readonly clause: string;
  /** A yes-or-no question. */
  readonly asks: string;
}

export const relations: readonly Relation[] = [
  { id: 'bought', subjects: 'person', values: goods.map(withArticle), says: ['S bought V', 'S purchased V'], denies: null, asksValue: 'what did S buy', asksSubject: 'who bought V', clause: 'S bought V', asks: 'did S buy V' },
  { id: 'place', subjects: 'person', values: places, says: ['S is in the V', 'S is now at the V'], denies: 'S is not in the V', asksValue: 'where is S', asksSubject: 'who is in the V', clause: 'S is in the V', asks: 'is S in the V' },
  { id: 'job', subjects: 'person', values: jobs, says: ['S works as a V', 'S earns a living as a V'], denies: 'S does not work as a V', asksValue: 'what is the job of S', asksSubject: 'who works as a V', clause: 'S works as a V', asks: 'does S work as a V' },
  { id: 'town', subjects: 'person', values: towns, says: ['S lives in V', 'the home of S is in V'], denies: 'S does not live in V', asksValue: 'which town does S live in', asksSubject: 'who lives in V', clause: 'S lives in V', asks: 'does S live in V' },
  { id: 'animals', subjects: 'person', values: animalsPlural, says: ['S keeps V', 'S owns V'], denies: null, asksValue: 'what animals does S keep', asksSubject: 'who keeps V', clause: 'S keeps V', asks: 'does S keep V' },
  { id: 'food', subjects: 'person', values: foods, says: ['S likes V', 'S is fond of V'], denies: null, asksValue: 'what does S like', asksSubject: 'who likes V', clause: 'S likes V', asks: 'does S like V' },
  { id: 'travel', subjects: 'person', values: vehicles, says: ['S goes to work by V', 'S travels to work by V'], denies: 'S does not go to work by V', asksValue: 'how does S go to work', asksSubject: 'who goes to work by V', clause: 'S goes to work by V', asks: 'does S go to work by V' },
  { id: 'day', subjects: 'person', values: days, says: ['S will leave on V', 'S will depart on V'], denies: 'S will not leave on V', asksValue: 'when will S leave', asksSubject: 'who will leave on V', clause: 'S will leave on V', asks: 'will S leave on V' },
  { id: 'plays', subjects: 'person', values: instruments, says: ['S plays the V', 'S practises the V'], denies: null, asksValue: 'which instrument does S play', asksSubject: 'who plays the V', clause: 'S plays the V', asks: 'does S play the V' },
  { id: 'children', subjects: 'person', values: numbers, says: ['S has V children', 'S is the parent of V children'], denies: 'S does not have V children', asksValue: 'how many children does S have', asksSubject: 'who has V children', clause: 'S has V children', asks: 'does S have V children' },
  { id: 'colour', subjects: 'object', values: colours, says: ['the S is V', 'the colour of the S is V'], denies: 'the S is not V', asksValue: 'what colour is the S', asksSubject: 'what is V', clause: 'the S is V', asks: 'is the S V' },
  { id: 'stands', subjects: 'object', values: places, says: ['the S is in the V', 'the S stands in the V'], denies: 'the S is not in the V', asksValue: 'where is the S', asksSubject: 'what is in the V', clause: 'the S is in the V', asks: 'is the S in the V' },
];

export interface Fact {
  readonly relation: Relation;
  readonly subject: string;
  readonly value: string;
}

export function fill(wording: string, { subject, value }: Pick<Fact, 'subject' | 'value'>): string {
  return wording.replace(/\bS\b/, subject).replace(/\bV\b/, value);
}

/** As a sentence with a capital and a full stop. */
export function sentence(text: string, end: '.' | '?' = '.'): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}

export function say(fact: Fact, random: Random): string {
  return sentence(fill(pick(random, fact.relation.says), fact));
}

export function subjectsOf(relation: Relation): readonly string[] {
  return relation.subjects === 'person' ? names : objects;
}

/** How a subject is named in an answer. */
export function subjectPhrase({ relation, subject }: Fact): string {
  return relation.subjects === 'person' ? subject : `the ${subject}`;
}

/**
 * Facts with different subjects; of one relation often more than one, so that a reader must see whose value it is. No two facts of
 * one relation share a value: every question has one answer.
 */
export function drawFacts(random: Random, count: number): Fact[] {
  const facts: Fact[] = [];
  const taken = new Set<string>();
  while (facts.length < count) {
    const repeats = facts.length > 0 && random.next() < 0.55;
    const relation = repeats ? pick(random, facts).relation : pick(random, relations);
    const subject = pick(random, subjectsOf(relation));
    const value = pick(random, relation.values);
    if (taken.has(subject) || facts.some((fact) => fact.relation === relation && fact.value === value)) continue;
    taken.add(subject);
    facts.push({ relation, subject, value });
  }
  return facts;
}

/** Another value of the relation: half the time one that the passage gives to somebody else. */
export function wrongValue(random: Random, fact: Fact, passage: readonly Fact[]): string {
  const others = passage.filter((other) => other.relation === fact.relation && other.value !== fact.value).map(({ value }) => value);
  if (others.length > 0 && random.next() < 0.6) return pick(random, others);
  return pick(random, fact.relation.values.filter((value) => value !== fact.value && !others.includes(value)));
}
