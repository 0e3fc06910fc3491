/** Making a finished run again, and whether the same came out. */
import { z } from 'zod';
import { procedure } from './procedure.ts';
import { startedWorkSchema } from './work.ts';

const verdictSchema = z.enum(['identical', 'within-tolerance', 'different']);

export const reproductionReportSchema = z.object({
  original: z.string(),
  reproduction: z.string(),
  /** The worst of the findings. */
  verdict: verdictSchema,
  /** Best checkpoint's file, its answers on each split, scores and losses; one entry each. */
  findings: z.array(z.object({
    what: z.enum(['weights', 'dev-answers', 'test-answers', 'dev-scores', 'test-scores', 'losses', 'best-step']),
    verdict: verdictSchema,
    /** Between the numbers of both; null where they are the same bytes or cannot be subtracted. */
    largestDifference: z.number().nullable(),
    /** For people: `the same 24 of 24 answers`. */
    detail: z.string(),
  })),
  /** Versions, device, threads: what was not the same around the two runs. */
  circumstances: z.array(z.object({ what: z.string(), original: z.string(), reproduction: z.string() })),
  /** For people. */
  sentence: z.string(),
});
export type ReproductionReport = z.infer<typeof reproductionReportSchema>;

export const reproductionsContract = {
  /** Refused where data, model or tokenizer are not what they were. Threads: null takes the original's. */
  start: procedure.input(z.object({ run: z.string(), threads: z.int().min(1).max(1024).nullable().default(null) })).output(startedWorkSchema.extend({ run: z.string() })),
  /** What `start` found; null while it is at work or where it failed. */
  outcome: procedure.input(z.object({ task: z.string() })).output(reproductionReportSchema.nullable()),
  /** Two finished runs of the same configuration. */
  compare: procedure.input(z.object({ original: z.string(), reproduction: z.string() })).output(reproductionReportSchema),
};
