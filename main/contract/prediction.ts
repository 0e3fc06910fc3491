/** One example's answer as a predictions file keeps it: JSON Lines, one object a line, in the order of the data file. */
import { z } from 'zod';

/** JSON has no NaN: what a diverged model gave reads null. */
const numbers = z.array(z.number().nullable().transform((value) => value ?? Number.NaN)).readonly().nullable();

export const examplePredictionSchema = z.object({
  id: z.string(),
  /** What is scored together, for example a question of MultiRC. */
  group: z.string().nullable(),
  /** What the model said. */
  answer: z.string(),
  /** The right answer's text; null for a row without a label. */
  target: z.string().nullable(),
  /** Every accepted answer, for open answers; empty for the others. */
  answers: z.array(z.string()).readonly().default([]),
  /** Class ids; −1 for an answer that is no label, null for open answers or a row without a label. */
  answeredLabel: z.int().nullable(),
  label: z.int().nullable(),
  /** log p(label | input), summed over the label's tokens, in class-id order; null for open answers. */
  logProbabilities: numbers,
  /** The same divided by the label's tokens. */
  normalisedLogProbabilities: numbers,
});
export type ExamplePrediction = z.infer<typeof examplePredictionSchema>;
