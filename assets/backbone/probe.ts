/** How well each skill is known so far: greedy answers to fresh questions, one at a time. */
import { decodeGreedily } from '../../main/train/decode.ts';
import type { ModelRunner } from '../../main/train/model-runner.ts';
import type { Tokenizer } from '../../main/token/index.ts';
import { createRandom } from '../world/index.ts';
import { encode, toMicroBatch } from './batches.ts';
import { drawLesson } from './mixture/index.ts';
import type { PretrainingExample, Stage } from './mixture/index.ts';
import { lessonAsInstruction } from './mixture/instruction-form.ts';
import { lessonWithSentinels } from './mixture/sentinel-form.ts';
import type { Lesson } from './mixture/skill.ts';

const perPass = 64;
const probeSeed = 987_654_321;
const answerTokens = 8;

/** @returns the share of exact answers by skill, over so many questions in all. */
export async function probeSkills(runner: ModelRunner, tokenizer: Tokenizer, { stage, questions }: { stage: Stage; questions: number }): Promise<Record<string, number>> {
  const random = createRandom(probeSeed, 0);
  const asked = Array.from({ length: questions }, () => {
    const lesson = drawLesson(random, 1);
    const probe = lesson.probes[random.integerBelow(lesson.probes.length)] as Lesson['probes'][number];
    const single: Lesson = { context: lesson.context, probes: [probe] };
    const example: PretrainingExample = stage === 'lm-adaptation' ? lessonAsInstruction(single, random) : lessonWithSentinels(single, 1, random);
    return { skill: probe.skill, example, encoded: encode(tokenizer, example) };
  }).sort((a, b) => a.encoded.source.length - b.encoded.source.length);
  const tally = new Map<string, { right: number; all: number }>();
  for (let start = 0; start < asked.length; start += perPass) {
    const part = asked.slice(start, start + perPass);
    const encoded = await runner.encode(toMicroBatch(part.map((question) => question.encoded)));
    const decoded = await decodeGreedily(runner, encoded, { prefix: [], ends: new Set([tokenizer.eosId]), maxTokens: answerTokens });
    for (const [i, { skill, encoded: { target } }] of part.entries()) {
      const entry = tally.get(skill) ?? { right: 0, all: 0 };
      entry.all += 1;
      if ([...(decoded[i] ?? []), tokenizer.eosId].join(' ') === (target ?? []).join(' ')) entry.right += 1;
      tally.set(skill, entry);
    }
  }
  return Object.fromEntries([...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([skill, { right, all }]) => [skill, right / all]));
}
