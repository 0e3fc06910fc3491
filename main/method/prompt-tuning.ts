/** Prompt tuning: p rows in front of the encoder's input, or where a pattern places them, are trained, the model is frozen. Our p is the paper's prompt length. */
import { z } from 'zod';
import type { TrainingMethod } from './method.ts';
import { initialisePrompt, promptInitialisationFields } from './part/prompt-initialisation.ts';
import { trainingFields } from './part/training-settings.ts';

const schema = z.strictObject({
  // Paper §3 and appendix: Adafactor, constant 0.3, batch 32, 30,000 steps, weight decay 1e-5, no parameter scaling, 100 rows.
  ...trainingFields({ steps: 30_000, batchSize: 32, learningRate: 0.3, weightDecay: 1e-5, factored: 'never' }),
  promptLength: z.coerce.number<number>().int().min(1).max(1000).default(100).describe('Trained rows; of a pattern with soft slots, theirs.'),
  ...promptInitialisationFields,
});

export const promptTuning: TrainingMethod<z.infer<typeof schema>> = {
  id: 'prompt-tuning',
  title: 'Prompt tuning',
  reference: 'Lester, Al-Rfou & Constant 2021, The Power of Scale for Parameter-Efficient Prompt Tuning',
  trains: 'prompt',
  schema,
  place: (settings, model) => ({
    promptRows: settings.promptLength,
    trainables: [{ name: 'prompt', shape: [settings.promptLength, model.width] }],
  }),
  initialise: async (settings, context) => [await initialisePrompt(settings, settings.promptLength, context)],
};
