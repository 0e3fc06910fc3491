/**
 * Reviews: clauses about the sides of a thing, each with an opinion of known strength. The sum decides the class.
 */
import { chance, pick, pickSome, type Random } from './random.ts';

export interface Opinion {
  readonly word: string;
  /** −2 to 2, never 0. */
  readonly strength: number;
}

const of = (strength: number, words: readonly string[]): Opinion[] => words.map((word) => ({ word, strength }));

export const opinions: readonly Opinion[] = [
  ...of(2, ['superb', 'brilliant', 'wonderful', 'excellent', 'magnificent', 'perfect', 'delightful', 'outstanding', 'marvellous', 'splendid']),
  ...of(1, ['good', 'pleasant', 'nice', 'decent', 'likeable', 'solid', 'charming', 'enjoyable', 'fine', 'amusing']),
  ...of(-1, ['weak', 'dull', 'clumsy', 'disappointing', 'tedious', 'bland', 'shallow', 'messy', 'poor', 'forgettable']),
  ...of(-2, ['awful', 'terrible', 'dreadful', 'horrible', 'unbearable', 'atrocious', 'disgusting', 'miserable', 'hopeless', 'ghastly']),
];

export interface Subject {
  readonly noun: string;
  readonly sides: readonly string[];
}

export const subjects: readonly Subject[] = [
  { noun: 'film', sides: ['acting', 'plot', 'music', 'ending', 'dialogue', 'camera work'] },
  { noun: 'play', sides: ['acting', 'plot', 'stage design', 'ending', 'dialogue', 'direction'] },
  { noun: 'show', sides: ['music', 'dancing', 'stage design', 'direction', 'humour', 'opening'] },
  { noun: 'series', sides: ['acting', 'plot', 'humour', 'opening', 'dialogue', 'pace'] },
  { noun: 'hotel', sides: ['food', 'staff', 'room', 'view', 'service', 'pool'] },
  { noun: 'restaurant', sides: ['food', 'service', 'wine', 'menu', 'staff', 'dessert'] },
];

export interface Clause {
  readonly side: string;
  readonly text: string;
  readonly strength: number;
}

/** A clause on one side. Denied and weakened opinions count as mild ones: "not terrible" is 1, "not superb" is −1, "rather dull" −1. */
export function sayOpinion(side: string, opinion: Opinion, random: Random): Clause {
  const draw = random.next();
  if (draw < 0.2) return { side, text: `the ${side} is ${pick(random, ['not', 'never', 'hardly'])} ${opinion.word}`, strength: -Math.sign(opinion.strength) };
  if (draw < 0.32) return { side, text: `the ${side} is ${pick(random, ['rather', 'somewhat'])} ${opinion.word}`, strength: Math.sign(opinion.strength) };
  if (draw < 0.44) return { side, text: `the ${side} is ${pick(random, ['really', 'truly', 'very'])} ${opinion.word}`, strength: 2 * Math.sign(opinion.strength) };
  return { side, text: `the ${side} is ${opinion.word}`, strength: opinion.strength };
}

export interface Review {
  readonly text: string;
  readonly clauses: readonly Clause[];
  readonly sum: number;
}

const joints = [', and ', ', but ', '; ', ', while '] as const;

/** One to three clauses, without a capital or a full stop. */
export function drawReview(random: Random, from: readonly Subject[] = subjects): Review {
  const subject = pick(random, from);
  const sides = pickSome(random, subject.sides, 1 + random.integerBelow(3));
  const clauses = sides.map((side) => sayOpinion(side, pick(random, opinions), random));
  const joined = clauses.map(({ text }, i) => (i === 0 ? text : `${pick(random, joints)}${text}`)).join('');
  const opening = chance(random, 0.5) ? `in this ${subject.noun} ${joined}` : joined;
  return { text: opening, clauses, sum: clauses.reduce((total, { strength }) => total + strength, 0) };
}

/** Five classes from the mean strength of the clauses, with the margins left out: null between two classes. */
export function starsOf({ clauses, sum }: Review): 0 | 1 | 2 | 3 | 4 | null {
  const mean = sum / clauses.length;
  if (mean <= -1.5) return 0;
  if (mean >= 1.5) return 4;
  if (mean >= 0.5 && mean <= 1) return 3;
  if (mean <= -0.5 && mean >= -1) return 1;
  return mean === 0 ? 2 : null;
}
