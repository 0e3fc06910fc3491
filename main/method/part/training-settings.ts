/** Settings that every trained method has. Each method brings its own defaults: learning rates lie orders of magnitude apart. */
import { z } from 'zod';
import { evaluationFields } from './evaluation-settings.ts';

export interface TrainingDefaults {
  steps: number;
  batchSize: number;
  learningRate: number;
  weightDecay: number;
  factored: 'never' | 'matrices';
}

/** Text from `--set` counts as a number or a switch where one is expected. */
const number = (): z.ZodCoercedNumber => z.coerce.number<number>();
const flag = (): z.ZodType<boolean> => z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** The shared part of a method's schema, to be spread into `z.strictObject`. */
export function trainingFields(defaults: TrainingDefaults) {
  return {
    steps: number().int().min(1).max(10_000_000).default(defaults.steps),
    batchSize: number().int().min(1).max(65_536).default(defaults.batchSize).describe('Examples per step.'),
    learningRate: number().gt(0).max(1000).default(defaults.learningRate),
    schedule: z.enum(['constant', 'linear', 'inverse-square-root']).default('constant'),
    warmupSteps: number().int().min(0).default(0),
    optimizer: z.enum(['adafactor', 'adamw']).default('adafactor'),
    weightDecay: number().min(0).lt(1).default(defaults.weightDecay),
    weightDecayMode: z.enum(['absolute', 'times-learning-rate']).default('absolute')
      .describe('absolute: p ← (1 − decay)·p each step (T5X); times-learning-rate: p ← (1 − lr·decay)·p (PyTorch, transformers).'),
    beta2Exponent: number().gt(0).lte(1).default(0.8).describe('Adafactor: β2 at step t is 1 − t^−exponent.'),
    beta2StepOffset: number().int().min(0).default(0)
      .describe('Adafactor: added to t. T5X continues from the checkpoint’s step, about 1,100,000, when it tunes a prompt.'),
    factored: z.enum(['never', 'matrices']).default(defaults.factored).describe('Adafactor: whether matrices keep row and column moments only.'),
    clipThreshold: number().gt(0).default(1).describe('Adafactor: largest root mean square of an update.'),
    parameterScale: flag().default(false).describe('Adafactor: multiply updates by the parameter’s root mean square.'),
    adamBeta1: number().min(0).lt(1).default(0.9),
    adamBeta2: number().min(0).lt(1).default(0.999),
    adamEpsilon: number().gt(0).default(1e-8),
    gradientClip: number().min(0).default(0).describe('Largest norm of the whole gradient; 0 leaves it alone.'),
    dropout: number().min(0).lt(1).default(0).describe('Rate inside the model while training: 0.1 in google-research/prompt-tuning, 0 in PPT.'),
    evaluateEvery: number().int().min(1).default(1000).describe('Steps between evaluations on dev; the last step is always evaluated.'),
    checkpointEvery: number().int().min(1).default(1000).describe('Steps between states that a killed run resumes from.'),
    selectBy: z.string().default('score').describe('Dev metric that picks the best checkpoint; score is the mean of the task’s metrics.'),
    ...evaluationFields,
  };
}

const base = z.strictObject(trainingFields({ steps: 1, batchSize: 1, learningRate: 1, weightDecay: 0, factored: 'never' }));
export type TrainingSettings = z.infer<typeof base>;
