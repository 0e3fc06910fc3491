/** The two stages of pre-training as endless streams of examples; `progress` runs from 0 to 1 within a stage. */
import type { Random } from '../../world/index.ts';
import type { PretrainingExample } from './example.ts';
import { continueDocument, lessonAsInstruction } from './instruction-form.ts';
import { drawDocument, eventLesson, readingLesson, referentLesson, reviewLesson, senseLesson, stanceLesson, tableLesson } from './lessons.ts';
import { corrupt, lessonWithSentinels } from './sentinel-form.ts';
import type { DrawLesson } from './skill.ts';

export type { PretrainingExample } from './example.ts';
export type Stage = 'span-corruption' | 'lm-adaptation';

/** How often each kind of lesson comes, by weight. */
const lessonWeights: readonly (readonly [DrawLesson, number])[] = [
  [reviewLesson, 0.2], [senseLesson, 0.2], [eventLesson, 0.18], [referentLesson, 0.14], [stanceLesson, 0.12], [readingLesson, 0.1], [tableLesson, 0.06],
];

export function drawPretrainingExample(random: Random, stage: Stage, progress: number): PretrainingExample {
  // Contexts grow over the first half of the first stage.
  const level = stage === 'span-corruption' ? Math.min(1, 0.25 + progress * 1.5) : 1;
  const draw = random.next();
  switch (stage) {
    case 'span-corruption':
      if (draw < 0.06) return corrupt(drawDocument(random), random);
      return lessonWithSentinels(drawLesson(random, level), draw < 0.26 ? 1 : 6, random);
    case 'lm-adaptation':
      if (draw < 0.06) return continueDocument(drawDocument(random), random);
      if (draw < 0.24) return lessonWithSentinels(drawLesson(random, level), 6, random);
      return lessonAsInstruction(drawLesson(random, level), random);
  }
}

export function drawLesson(random: Random, level: number): ReturnType<DrawLesson> {
  let draw = random.next();
  for (const [lesson, weight] of lessonWeights) {
    draw -= weight;
    if (draw < 0) return lesson(random, level);
  }
  return readingLesson(random, level);
}
