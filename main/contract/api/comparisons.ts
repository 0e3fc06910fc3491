/** Finished runs held against each other over the same examples, down to the single answer; stars and notes on examples. */
import { z } from 'zod';
import { comparedExampleSchema, comparisonReportSchema, comparisonSummarySchema, quadrantSchema } from './comparison-report.ts';
import { procedure } from './procedure.ts';
import { publishedResultSchema } from './published.ts';
import { exportedTextSchema, exportFormatSchema, latexFormSchema, pageInput, splitSchema } from './scores.ts';

/** Names a comparison; the same request again costs nothing while its runs stay what they are. */
const request = z.object({
  /** 2 to 16 run ids. */
  runs: z.array(z.string()),
  split: splitSchema.default('test'),
  /** `all` refuses runs over different examples, `common` compares them on those they share. */
  scope: z.enum(['all', 'common']).default('all'),
});

export const exampleMarkSchema = z.object({
  /** The file with the example, by its SHA-256. */
  data: z.string(),
  example: z.string(),
  isStarred: z.boolean(),
  note: z.string(),
  changedAt: z.iso.datetime(),
});
export type ExampleMark = z.infer<typeof exampleMarkSchema>;

export const exampleFilterSchema = z.object({
  /** Two of the runs; what quadrants and cells speak of. */
  pair: z.object({ a: z.string(), b: z.string() }).nullable().default(null),
  /** Of the pair. */
  quadrant: quadrantSchema.nullable().default(null),
  /**
   * A cell of a confusion table, by the names of its row and column: of a run's (right answer × answer), or of the pair's (a × b) where
   * `run` is null.
   */
  cell: z.object({ run: z.string().nullable(), row: z.string(), column: z.string() }).nullable().default(null),
  /** In the id, the input, the right answer or an answer; case does not count. */
  text: z.string().default(''),
  marks: z.enum(['any', 'starred', 'noted']).default('any'),
});
export type ExampleFilter = z.infer<typeof exampleFilterSchema>;

const markKey = { data: z.string().regex(/^[0-9a-f]{64}$/), example: z.string().min(1).max(1000) };

export const comparisonsContract = {
  /** Scores, costs, confusions, pairs with their tests; examples are counted. `data` is the key of stars and notes. */
  compare: procedure.input(request).output(z.object({ data: z.string(), summary: comparisonSummarySchema, published: z.array(publishedResultSchema) })),
  /** Everything at once, every example included: what `souffleur compare --json` prints. */
  report: procedure.input(request).output(comparisonReportSchema),
  /** In the order of their ids. */
  examples: procedure.input(request.extend({ filter: exampleFilterSchema.prefault({}), ...pageInput })).output(z.object({
    /** That the filter lets through. */
    total: z.int(),
    rows: z.array(comparedExampleSchema.extend({ mark: exampleMarkSchema.nullable() })),
  })),
  export: procedure.input(request.extend({
    format: exportFormatSchema,
    latex: latexFormSchema.default('document'),
    /** Of a CSV file, or a bare tabular. */
    table: z.enum(['runs', 'pairs', 'examples']).default('runs'),
    shown: z.object({ quadrants: z.array(quadrantSchema), limit: z.int().min(0) }).default({ quadrants: ['only-a', 'only-b'], limit: 10 }),
  })).output(exportedTextSchema),
  /** Null leaves a part as it is; an example without star and note has no mark. */
  mark: procedure
    .input(z.object({ ...markKey, isStarred: z.boolean().nullable().default(null), note: z.string().max(10_000).nullable().default(null) }))
    .output(exampleMarkSchema.nullable()),
  /** Of a file, by example id. */
  marks: procedure.input(z.object({ data: markKey.data })).output(z.array(exampleMarkSchema)),
};
