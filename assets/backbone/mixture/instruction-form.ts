/**
 * Lessons as instructions with a plain answer, and running text to be continued: the second stage. Half of the instructions name the
 * words to answer with, drawn at random, so that the front of the input decides what is done and how it is said. No instruction,
 * pair of field names and set of answers is one of the library's.
 */
import { chance, pick, pickSome, type Random } from '../../world/index.ts';
import type { PretrainingExample } from './example.ts';
import { stageOneWords } from './sentinel-form.ts';
import { classCounts, type ClassSkill, type Lesson, type Probe, type TextSkill } from './skill.ts';

const answerWords = [
  'yes', 'no', 'true', 'false', 'True', 'False', 'right', 'wrong', 'agree', 'deny', 'one', 'two', 'three', 'first', 'second', 'A', 'B', 'C', 'D', 'good', 'bad', 'plus', 'minus',
  'positive', 'negative', 'neutral', 'entailment', 'not_entailment', 'contradiction', 'choice1', 'choice2', 'very positive', 'very negative', 'great', 'terrible', 'maybe', 'red', 'blue', 'cat', 'dog',
  'same', 'other', 'high', 'low', 'left', 'accept', 'reject', 'north', 'south',
] as const;

interface Wording {
  readonly context: readonly string[];
  readonly text: readonly string[];
  /** How the task is named when the answers are the usual ones. */
  readonly plain: readonly string[];
  /** Conditions of the classes, in order; an instruction says a word for each. */
  readonly conditions: readonly (readonly string[])[];
}

const reading = { context: ['text', 'story', 'article', 'report'], text: ['claim', 'statement', 'hypothesis', 'line'] } as const;

const classWordings: Readonly<Record<ClassSkill, Wording>> = {
  check: { ...reading, plain: ['check the claim', 'is the claim right or wrong', 'judge whether the text says so'], conditions: [['it follows', 'the text says so', 'the claim fits'], ['it does not follow', 'the text says otherwise', 'the claim fails']] },
  ask: { context: ['text', 'story', 'premise', 'report'], text: ['question', 'asked'], plain: ['answer yes or no', 'reply from the text'], conditions: [['it is so', 'the text says so'], ['it is not so', 'the text says otherwise']] },
  candidate: { context: ['text', 'story', 'passage'], text: ['question and answer', 'reply'], plain: ['is this a good answer', 'grade the answer'], conditions: [['the answer fits', 'the answer is right'], ['the answer fails', 'the answer is wrong']] },
  praise: { context: ['review', 'opinion', 'comment'], text: ['of'], plain: ['praise or blame', 'does the writer like it'], conditions: [['the writer likes it', 'it is praise'], ['the writer dislikes it', 'it is blame']] },
  side: { context: ['review', 'opinion', 'comment'], text: ['side', 'about'], plain: ['judge this side', 'plus or minus for this side'], conditions: [['this side is liked', 'it is praise'], ['this side is disliked', 'it is blame']] },
  stars: { context: ['review', 'opinion', 'comment'], text: ['of'], plain: ['give a mark', 'how high is the mark', 'rate it'], conditions: [['it is all blame'], ['it is mild blame'], ['it is mixed'], ['it is mild praise'], ['it is all praise']] },
  meaning: { context: ['uses', 'lines', 'text'], text: ['word', 'compare'], plain: ['same or other meaning', 'compare the meanings'], conditions: [['the meanings are the same', 'it means the same'], ['the meanings differ', 'it means another thing']] },
  cause: { context: ['event', 'it happened', 'premise'], text: ['options', 'either'], plain: ['which is more likely', 'pick the cause or result'], conditions: [['the first fits', 'the first is more likely'], ['the second fits', 'the second is more likely']] },
  link: { context: ['event', 'it happened'], text: ['claim', 'link'], plain: ['is the link likely', 'likely or absurd'], conditions: [['the link is likely', 'it makes sense'], ['the link is absurd', 'it makes no sense']] },
  stance: { context: ['report', 'text', 'premise'], text: ['claim', 'statement'], plain: ['how sure is it', 'certain , denied or open'], conditions: [['it is certain', 'it must be so'], ['it is denied', 'it cannot be so'], ['it is open', 'nobody can tell']] },
  option: { context: ['text', 'story', 'report'], text: ['question', 'exam'], plain: ['give the letter', 'which option'], conditions: [] },
};

const textWordings: Readonly<Record<TextSkill, Wording>> = {
  lookup: { context: ['text', 'story', 'report'], text: ['question', 'asked'], plain: ['answer from the text', 'find the answer', 'reply in short'], conditions: [] },
  fill: { context: ['text', 'story', 'report'], text: ['gap', 'line'], plain: ['fill the gap', 'what is missing', 'complete the line'], conditions: [] },
  gloss: { context: ['uses', 'lines', 'text'], text: ['word'], plain: ['explain the word', 'what does the word mean'], conditions: [] },
  follow: { context: ['event', 'it happened'], text: ['go on'], plain: ['what fits', 'go on'], conditions: [] },
  referent: { context: ['line', 'story'], text: ['what was', 'which was'], plain: ['name the thing', 'what is meant'], conditions: [] },
  kind: { context: ['line', 'story'], text: ['kind of', 'a'], plain: ['name the kind', 'what sort is it'], conditions: [] },
  select: { context: ['text', 'story', 'report'], text: ['question', 'exam'], plain: ['say the right option', 'copy the right answer'], conditions: [] },
};

const gapMarks = ['___', '@placeholder', 'something'] as const;

export function lessonAsInstruction({ context, probes }: Lesson, random: Random): PretrainingExample {
  const probe = pick(random, probes);
  const { instruction, answer, wording } = instruct(probe, random);
  const fields = fieldsOf({ context, probe, wording }, random);
  const parts = random.next() < 0.9 ? [instruction, ...fields] : [...fields, instruction];
  return { source: parts.join(' '), target: answer, ending: 'end-token' };
}

interface Instruction {
  readonly instruction: string;
  readonly answer: string;
  readonly wording: Wording;
}

function instruct(probe: Probe, random: Random): Instruction {
  if (typeof probe.answer === 'string') {
    const wording = textWordings[probe.skill as TextSkill];
    return { instruction: `${pick(random, wording.plain)} .`, answer: probe.answer, wording };
  }
  const skill = probe.skill as ClassSkill;
  const wording = classWordings[skill];
  if (wording.conditions.length > 0 && chance(random, 0.55)) {
    const words = pickSome(random, answerWords, classCounts[skill]);
    const clauses = wording.conditions.map((conditions, i) => `${words[i] ?? ''} if ${pick(random, conditions)}`);
    return { instruction: `${pick(random, ['say', 'answer', 'write'])} ${clauses.join(' , ')} .`, answer: words[probe.answer] ?? '', wording };
  }
  return { instruction: `${pick(random, wording.plain)} .`, answer: stageOneWords[skill][probe.answer] ?? '', wording };
}

function fieldsOf({ context, probe, wording }: { context: string; probe: Probe; wording: Wording }, random: Random): string[] {
  const text = probe.skill === 'fill' ? probe.text.replace('___', pick(random, gapMarks)) : probe.text;
  const marked = probe.skill === 'referent' && chance(random, 0.6) ? context.replace(/\bit\b/, '*it*') : context;
  const contextField = `${pick(random, wording.context)}: ${marked}`;
  // What was marked needs no naming.
  const isNamed = text !== '' && !(marked !== context && chance(random, 0.7));
  if (!isNamed) return [contextField];
  const textField = `${pick(random, wording.text)}: ${text}`;
  return chance(random, 0.5) ? [contextField, textField] : [textField, contextField];
}

/** Language modelling with a prefix: the start is read, the rest is written. */
export function continueDocument(document: string, random: Random): PretrainingExample {
  const words = document.split(' ');
  const cut = 4 + random.integerBelow(Math.max(1, words.length - 10));
  return { source: words.slice(0, cut).join(' '), target: words.slice(cut, cut + 20).join(' '), ending: 'end-token' };
}
