/** Lessons and running text as gaps with sentinels: T5's span corruption (Raffel et al. 2020 §3.1.4), and questions in the same form. */
import { chance, pick, pickSome, shuffle, type Random } from '../../world/index.ts';
import { sentinel, type PretrainingExample } from './example.ts';
import type { ClassSkill, Lesson, Probe } from './skill.ts';

/** The first stage's words for the classes. The library and the second stage have others. */
export const stageOneWords: Readonly<Record<ClassSkill, readonly string[]>> = {
  check: ['right', 'wrong'],
  ask: ['yes', 'no'],
  candidate: ['fits', 'fails'],
  praise: ['praise', 'blame'],
  side: ['plus', 'minus'],
  stars: ['bottom', 'low', 'middle', 'high', 'top'],
  meaning: ['same', 'other'],
  cause: ['first', 'second'],
  link: ['likely', 'absurd'],
  stance: ['certain', 'denied', 'open'],
  option: ['A', 'B', 'C', 'D'],
};

/** @param count at most so many probes. One probe at the very end has the form in which PPT asks a span-corruption model. */
export function lessonWithSentinels({ context, probes }: Lesson, count: number, random: Random): PretrainingExample {
  const asked = pickSome(random, probes, count);
  const texts = asked.map((probe, i) => probeText(probe, sentinel(i), random));
  const target = asked.map((probe, i) => `${sentinel(i)} ${answerOf(probe)}`).join(' ');
  return { source: `${context} ${texts.join(' ')}`, target, ending: 'none' };
}

function answerOf(probe: Probe): string {
  return typeof probe.answer === 'string' ? probe.answer : stageOneWords[probe.skill as ClassSkill][probe.answer] ?? '';
}

function probeText({ skill, text }: Probe, slot: string, random: Random): string {
  switch (skill) {
    case 'fill': return text.replace('___', slot);
    case 'lookup': case 'ask': case 'option': case 'select': return `${text} ${slot}`;
    case 'check': return `${text} ${pick(random, ['is it so', 'true or not'])} ${slot}`;
    case 'candidate': return `${text} good answer ${slot}`;
    case 'praise': return `whole verdict ${slot}`;
    case 'stars': return `mark ${slot}`;
    case 'side': return `${text} verdict ${slot}`;
    case 'meaning': return `${text} meaning ${slot}`;
    case 'gloss': return `${text} means ${slot}`;
    case 'cause': return `${text} which ${slot}`;
    case 'link': return `${text} plausible ${slot}`;
    case 'follow': return `${text} ${slot}`;
    case 'referent': return `what was ${text} ${slot}`;
    case 'kind': return `a ${text} is ${slot}`;
    case 'stance': return `${text} how sure ${slot}`;
  }
}

/** Gaps of one to three words, about a fifth of the text. */
export function corrupt(document: string, random: Random): PretrainingExample {
  const words = document.split(' ');
  const hidden = new Uint8Array(words.length);
  const starts = shuffle(random, words.map((_, i) => i)).slice(0, Math.max(1, Math.round(words.length * 0.11)));
  for (const start of starts) hidden.fill(1, start, start + 1 + (chance(random, 0.5) ? 1 : 0) + (chance(random, 0.3) ? 1 : 0));
  const source: string[] = [];
  const target: string[] = [];
  let gaps = 0;
  for (const [i, word] of words.entries()) {
    if (hidden[i] !== 1) {
      source.push(word);
      continue;
    }
    if (hidden[i - 1] !== 1) {
      source.push(sentinel(gaps));
      target.push(sentinel(gaps));
      gaps += 1;
    }
    target.push(word);
  }
  return { source: source.join(' '), target: target.join(' '), ending: 'end-token' };
}
