/**
 * What is known of one soft prompt: what it does to the frozen model's answers, and where its rows lie.
 * Legend: p rows, d width, k neighbours a row.
 */
import { z } from 'zod';

/** What may be asked; every number bounds work. */
export const promptFactsOptionsSchema = z.object({
  /** Examples of the development split that every variant answers, the first of the file; 0 looks at the rows alone. */
  examples: z.int().min(0).max(100_000).default(200),
  /** Examples for each measurement of sensitivity, of those; 0 leaves it out. */
  sensitivityExamples: z.int().min(0).max(100_000).default(50),
  /** A prompt of more rows is measured in so many blocks of rows, whose sizes differ by one at most. */
  sensitivityUnits: z.int().min(1).max(1000).default(25),
  /** k, nearest pieces of the vocabulary a row. */
  neighbours: z.int().min(1).max(100).default(5),
  /** Random prompts of the same row norms to compare with; of several, mean and each are told. */
  randomPrompts: z.int().min(0).max(20).default(3),
  /** Of the random prompts. */
  randomSeed: z.int().min(0).max(2 ** 32 - 1).default(0),
});
export type PromptFactsOptions = z.infer<typeof promptFactsOptionsSchema>;
/** As a client asks; what it leaves out has its default. */
export type PromptFactsQuestion = z.input<typeof promptFactsOptionsSchema>;

const shareSchema = z.number();

/** One variant on the examples; scores between 0 and 1. */
export const variantScoresSchema = z.object({
  score: shareSchema,
  scores: z.record(z.string(), z.number()),
  legalRate: shareSchema,
  /** Mean −log p per token of the right label; null for open answers. */
  loss: z.number().nullable(),
});
export type VariantScores = z.infer<typeof variantScoresSchema>;

/** Answers beside the bare model's, example by example. */
export const answerDifferenceSchema = z.object({
  examples: z.int(),
  /** Decoded answers that differ. */
  differing: z.int(),
  /** Largest change of a label's log-probability; null for open answers. 0 where the prompt reaches nothing at all. */
  largestLogProbabilityChange: z.number().nullable(),
});
export type AnswerDifference = z.infer<typeof answerDifferenceSchema>;

const effectSchema = z.object({
  /** Of the split's examples, so many were answered: the first. */
  examples: z.int(),
  splitExamples: z.int(),
  /** `dev`, or `drawn` for the examples that a few-shot run drew to choose by. */
  split: z.enum(['dev', 'drawn']),
  prompt: variantScoresSchema,
  /** The same text without the rows. */
  zeroShot: variantScoresSchema,
  /** The prompt as training began; null where it cannot be made again. */
  initial: variantScoresSchema.nullable(),
  /** Rows of random direction, each as long as the prompt's; in the order of their seeds. */
  random: z.array(variantScoresSchema),
  /** No decoded answer differs from zero-shot: for these examples the prompt does nothing. */
  isIdenticalToZeroShot: z.boolean(),
  difference: answerDifferenceSchema,
});
export type PromptEffect = z.infer<typeof effectSchema>;

const neighbourSchema = z.object({ id: z.int(), piece: z.string(), cosine: z.number() });
export type Neighbour = z.infer<typeof neighbourSchema>;

const rowSchema = z.object({
  norm: z.number(),
  mean: z.number(),
  /** Largest absolute element. */
  largest: z.number(),
  /** Against the row as training began; null where that cannot be made again. A cosine with a row of zeros is null. */
  initial: z.object({ distance: z.number(), cosine: z.number().nullable(), norm: z.number() }).nullable(),
  /** The nearest first; none for a row of zeros. */
  neighbours: z.array(neighbourSchema),
});

const spreadSchema = z.object({ least: z.number(), mean: z.number(), median: z.number(), most: z.number() });

const sensitivitySchema = z.object({
  /** Of these, the first were answered. */
  examples: z.int(),
  /** The whole prompt on them. */
  whole: variantScoresSchema,
  /**
   * Rows first … last (from 0, both taken out together): what the rest of the prompt does without them. The rows behind move up, so that the
   * rows in front come nearer to the text by as many positions as were taken out.
   */
  units: z.array(z.object({ first: z.int(), last: z.int(), without: variantScoresSchema, scoreChange: z.number(), lossChange: z.number().nullable() })),
});

export const promptFactsSchema = z.object({
  version: z.literal(1),
  options: promptFactsOptionsSchema,
  /** [p, d] */
  shape: z.tuple([z.int(), z.int()]),
  rows: z.array(rowSchema),
  norms: spreadSchema,
  /** Of the vocabulary's rows that were searched: what a norm is to be held against. */
  vocabulary: z.object({ searched: z.int(), norms: spreadSchema, excluded: z.array(z.string()) }),
  /** Rows of nothing but zeros, from 0. */
  zeroRows: z.array(z.int()),
  /** Cosines of rows with each other; of more than `most` rows, those at even distances. */
  pairwise: z.object({ rows: z.array(z.int()), cosines: z.array(z.array(z.number().nullable())) }),
  /** Why there is no `initial`; null where there is one. */
  initialMissing: z.string().nullable(),
  /** Null where no example was asked for or the run has none to choose by. */
  effect: effectSchema.nullable(),
  /** Why there is no `effect`; null where there is one. */
  effectMissing: z.string().nullable(),
  sensitivity: sensitivitySchema.nullable(),
  /** Why there is no `sensitivity`; null where there is one. */
  sensitivityMissing: z.string().nullable(),
  seconds: z.number(),
});
export type PromptFacts = z.infer<typeof promptFactsSchema>;
