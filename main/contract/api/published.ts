/** Results that papers print, as data: shown beside one's own, never mixed into their statistics. */
import { z } from 'zod';
import { procedure } from './procedure.ts';

export const publishedSourceSchema = z.object({
  /** For example `Lester et al. 2021`. */
  paper: z.string(),
  title: z.string(),
  url: z.url(),
  /** `Table 3`, or where in the text. */
  place: z.string(),
  /** Heading of the deck's slide with it; null where only the paper has it. */
  slide: z.string().nullable(),
});

/**
 * One printed number. `lost-in-deck` cells have no value: the deck's text lost them, and a number from memory is no source.
 */
export const publishedResultSchema = z.object({
  table: z.string(),
  /** As the paper names it; null for what is of no task. */
  task: z.string().nullable(),
  /** Our task format where there is one. */
  format: z.string().nullable(),
  /** As the paper names it. */
  method: z.string(),
  /** Our method where it is the same one. */
  methodId: z.string().nullable(),
  /** Of several runs: their mean, the best of them, their vote. */
  aggregate: z.enum(['mean', 'best', 'ensemble', 'none']),
  /** For example `T5-XXL`. */
  model: z.string(),
  /** Our metric's id where there is one. */
  metric: z.string(),
  /** As the paper heads it. */
  metricAsPrinted: z.string(),
  /** As printed; null where it is lost. */
  value: z.number().nullable(),
  /** As printed behind ±; null where there is none. */
  standardDeviation: z.number().nullable(),
  unit: z.enum(['percent', 'points', 'count', 'seconds']),
  status: z.enum(['printed', 'lost-in-deck']),
  /** The best of its column, bold in the paper; false throughout in tables that print none in bold. */
  isBest: z.boolean(),
  note: z.string().nullable(),
});
export type PublishedResult = z.infer<typeof publishedResultSchema>;

export const publishedTableSchema = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  source: publishedSourceSchema,
  /** What a reader must know to compare with it: few-shot sizes, splits, how spread is meant. */
  protocol: z.string(),
  results: z.array(publishedResultSchema).min(1),
});
export type PublishedTable = z.infer<typeof publishedTableSchema>;

export const publishedContract = {
  list: procedure.output(z.array(publishedTableSchema.omit({ results: true }).extend({ cells: z.int(), lost: z.int() }))),
  show: procedure.input(z.object({ id: z.string() })).output(publishedTableSchema),
  /** Null leaves a question open; a task is a task format's id or the paper's name, a method likewise. */
  find: procedure
    .input(z.object({ task: z.string().nullable().default(null), method: z.string().nullable().default(null), model: z.string().nullable().default(null) }))
    .output(z.array(publishedResultSchema)),
};
