/** The report of a comparison as a schema; comparison.ts says what it means. Equal to its types, which a test proves. */
import { z } from 'zod';
import type { ComparisonReport } from '../comparison.ts';
import { scoresSchema, splitSchema } from './scores.ts';

export const quadrantSchema = z.enum(['both-right', 'only-a', 'only-b', 'both-wrong']);

const texts = z.array(z.string()).readonly();
const confusionSchema = z.object({ rows: texts, columns: texts, counts: z.array(z.array(z.number()).readonly()).readonly() });

const runSchema = z.object({
  id: z.string(),
  method: z.string(),
  methodTitle: z.string(),
  model: z.string(),
  seed: z.number(),
  trainableParameters: z.number().nullable(),
  storageBytesPerTask: z.number().nullable(),
  seconds: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  scores: scoresSchema,
  legalRate: z.number(),
  confusion: confusionSchema.nullable(),
});

/** @param quadrant what is told of a quadrant: the ids in it, or their number. */
function outcomeSchema<Quadrant extends z.ZodType>(quadrant: Quadrant) {
  return z.object({
    unit: z.enum(['example', 'answer', 'question']),
    total: z.number(),
    quadrants: z.record(quadrantSchema, quadrant),
    difference: z.number(),
    mcnemar: z.object({ pValue: z.number() }),
    bootstrap: z.object({ pValue: z.number(), low: z.number(), high: z.number() }).nullable(),
    adjustedPValue: z.number().nullable(),
    effect: z.number().nullable(),
    sentence: z.string(),
  });
}

function pairSchema<Quadrant extends z.ZodType>(quadrant: Quadrant) {
  return z.object({
    a: z.string(),
    b: z.string(),
    outcome: outcomeSchema(quadrant),
    byQuestion: outcomeSchema(quadrant).nullable(),
    confusion: confusionSchema.nullable(),
  });
}

export const comparedExampleSchema = z.object({
  id: z.string(),
  group: z.string().nullable(),
  input: z.string().nullable(),
  target: z.string(),
  answers: z.array(z.object({ text: z.string(), isRight: z.boolean(), value: z.number(), margin: z.number().nullable() })).readonly(),
});

const parameterCountSchema = z.object({
  method: z.string(),
  title: z.string(),
  trainableParameters: z.number(),
  share: z.number(),
  storageBytesPerTask: z.number(),
  source: z.string(),
});

const shared = {
  task: z.string(),
  split: splitSchema,
  labels: texts.nullable(),
  joined: z.object({ examples: z.number(), unlabelled: z.number(), leftOut: z.number() }),
  runs: z.array(runSchema).readonly(),
  parameterCounts: z.array(parameterCountSchema).readonly().nullable(),
  warnings: texts,
};

export const comparisonReportSchema = z.object({
  ...shared,
  pairs: z.array(pairSchema(texts)).readonly(),
  examples: z.array(comparedExampleSchema).readonly(),
}) satisfies z.ZodType<ComparisonReport>;

/** The report without what grows with the examples: a view asks for those page by page. */
export const comparisonSummarySchema = z.object({
  ...shared,
  pairs: z.array(pairSchema(z.number())).readonly(),
});
export type ComparisonSummary = z.infer<typeof comparisonSummarySchema>;
