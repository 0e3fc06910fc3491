/**
 * Prompt design: words in front of every input instead of trained rows. With an instruction it is the hand-written prompt, with shots the
 * few-shot prompt, with neither the zero-shot baseline, whose inputs are the task's own.
 */
import { z } from 'zod';
import type { Around, DesignMethod } from './method.ts';
import { evaluationFields } from './part/evaluation-settings.ts';

const schema = z.strictObject({
  instruction: z.string().max(100_000).default('').describe('Text in front of everything.'),
  shots: z.coerce.number<number>().int().min(0).max(16).default(0)
    .describe('Labelled examples of the training file to show, as many of every class as can be, drawn with the run’s seed. The last ones give way where the whole would be cut.'),
  // T5's pieces know no line break: one would be read as a space.
  separator: z.string().max(1000).default(' ').describe('Between instruction, shots and input.'),
  cue: z.string().max(1000).default('answer:').describe('Between a shot’s input and its answer, and behind the input when there are shots.'),
  ...evaluationFields,
});

export const promptDesign: DesignMethod<z.infer<typeof schema>> = {
  id: 'prompt-design',
  title: 'Prompt design',
  reference: 'Brown et al. 2020, Language Models are Few-Shot Learners',
  trains: 'nothing',
  schema,
  countShots: ({ shots }) => shots,
  writeAround({ instruction, separator, cue }, { shots, fits }) {
    const cued = (text: string): string => (cue === '' ? text : `${text} ${cue}`);
    const shown = shots.map(({ input, answer }) => (answer === null ? input : `${cued(input)} ${answer}`));
    // Shots that have their answers inside ask in that place; others are answered behind.
    const behind = shots.some(({ answer }) => answer !== null) ? cued('') : '';
    const write = (count: number): Around =>
      ({ before: [instruction, ...shown.slice(0, count)].filter((text) => text !== '').map((text) => `${text}${separator}`).join(''), behind });
    // The input itself stands last, where a cut would fall.
    let count = shown.length;
    while (count > 0 && !fits(write(count))) count -= 1;
    return write(count);
  },
};
