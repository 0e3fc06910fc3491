/** The report of a study as a schema; study.ts says what it means. Equal to its types, which a test proves. */
import { z } from 'zod';
import type { StudyReport } from '../study.ts';
import { scoresSchema, splitSchema } from './scores.ts';

const taskSchema = z.object({
  id: z.string(),
  title: z.string(),
  format: z.string(),
  metrics: z.array(z.string()).readonly(),
  majority: scoresSchema.nullable(),
  examples: z.object({ train: z.number(), dev: z.number(), test: z.number() }),
});

const methodSchema = z.object({
  id: z.string(),
  method: z.string(),
  title: z.string(),
  settings: z.record(z.string(), z.unknown()),
  trainableParameters: z.number(),
  storageBytesPerTask: z.number(),
});

const summarySchema = z.object({
  values: z.array(z.number()).readonly(),
  mean: z.number(),
  standardDeviation: z.number().nullable(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
});

export const ensembleOutcomeSchema = z.object({ members: z.number(), scores: scoresSchema, ties: z.number(), abstentions: z.number() });

const curveSchema = z.array(z.object({ step: z.number(), value: z.number() })).readonly();

const runSchema = z.object({
  runId: z.string(),
  seed: z.number(),
  status: z.string(),
  dev: scoresSchema.nullable(),
  test: scoresSchema.nullable(),
  legalRate: z.number().nullable(),
  seconds: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  curve: z.object({ loss: curveSchema, dev: curveSchema }),
});

const cellSchema = z.object({
  task: z.string(),
  method: z.string(),
  runs: z.array(runSchema).readonly(),
  summary: z.record(z.string(), summarySchema),
  best: z.object({ runId: z.string(), scores: scoresSchema }).nullable(),
  ensemble: ensembleOutcomeSchema.nullable(),
  legalRate: z.number().nullable(),
});

const comparisonSchema = z.object({
  task: z.string(),
  a: z.string(),
  b: z.string(),
  difference: z.number(),
  mcnemar: z.object({ pValue: z.number(), onlyA: z.number(), onlyB: z.number() }).nullable(),
  bootstrap: z.object({ pValue: z.number(), low: z.number(), high: z.number() }).nullable(),
  permutation: z.object({ pValue: z.number() }).nullable(),
  adjustedPValue: z.number().nullable(),
  effect: z.number().nullable(),
  sentence: z.string(),
});

export const studyReportSchema = z.object({
  name: z.string(),
  model: z.object({ name: z.string(), fingerprint: z.string(), parameterCount: z.number() }),
  split: splitSchema,
  tasks: z.array(taskSchema).readonly(),
  methods: z.array(methodSchema).readonly(),
  cells: z.array(cellSchema).readonly(),
  comparisons: z.array(comparisonSchema).readonly(),
}) satisfies z.ZodType<StudyReport>;
