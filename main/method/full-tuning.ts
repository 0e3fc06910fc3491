/** Model tuning: every weight is trained, one copy of the model per task. The paper's baseline. */
import { z } from 'zod';
import { expectedTensors } from '../model/tensor-names.ts';
import type { TrainingMethod } from './method.ts';
import { trainingFields } from './part/training-settings.ts';

// Paper §3: Adafactor, constant 0.001; moments of matrices factored as in T5's own fine-tuning.
const schema = z.strictObject(trainingFields({ steps: 30_000, batchSize: 32, learningRate: 0.001, weightDecay: 0, factored: 'matrices' }));

export const fullTuning: TrainingMethod<z.infer<typeof schema>> = {
  id: 'full-tuning',
  title: 'Model tuning',
  reference: 'Raffel et al. 2020, Exploring the Limits of Transfer Learning; the baseline of Lester et al. 2021',
  trains: 'weights',
  schema,
  place: (_settings, model) => ({ promptRows: 0, trainables: expectedTensors(model) }),
  initialise: async (_settings, context) => expectedTensors(context.model).map(({ name }) => context.weight(name)),
};
