/** Settings that every method has, trained or not: how much the model reads and says at once. */
import { z } from 'zod';

/** Text from `--set` counts as a number where one is expected. */
const number = (): z.ZodCoercedNumber => z.coerce.number<number>();

/** The shared part of every method's schema, to be spread into `z.strictObject`. */
export const evaluationFields = {
  microBatch: z.union([z.literal('auto'), number().int().min(1)]).default('auto')
    .describe('Examples per pass; gradients of a step are summed over passes. Bounds memory.'),
  maxSourceTokens: number().int().min(4).max(4096).default(512).describe('Longer inputs are cut; the end-of-sequence token stays.'),
  maxTargetTokens: number().int().min(2).max(1024).default(32),
};

const base = z.strictObject(evaluationFields);
export type EvaluationSettings = z.infer<typeof base>;
