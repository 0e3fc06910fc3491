/** Several prompts of one model, voting: what the runs answered on a split of their own, or on a file. */
import { z } from 'zod';
import { procedure } from './procedure.ts';
import { pageInput, scoresSchema, splitSchema } from './scores.ts';
import { ensembleOutcomeSchema } from './study-report.ts';
import { startedWorkSchema } from './work.ts';

const memberSchema = z.object({
  runId: z.string(),
  seed: z.number(),
  devScore: z.number().nullable(),
  scores: scoresSchema,
  legalRate: z.number(),
});
const chosenSchema = z.object({ runId: z.string(), scores: scoresSchema });

export const ensembleReportSchema = z.object({
  task: z.string(),
  data: z.string(),
  examples: z.number(),
  members: z.array(memberSchema).readonly(),
  average: scoresSchema,
  bestByDev: chosenSchema.nullable(),
  bestOnData: chosenSchema,
  ensemble: ensembleOutcomeSchema,
  legalRate: z.number(),
  votes: z.string(),
  votesObject: z.string(),
});

export const voteListingSchema = z.object({
  members: z.array(z.string()),
  /** A task format's id. */
  task: z.string(),
  /** Of the file with the examples. */
  dataSha256: z.string(),
  /** Where it is one of the members' own files. */
  split: z.enum(['train', 'dev', 'test']).nullable(),
  votesObject: z.string(),
  createdAt: z.iso.datetime(),
});

/** One example's vote. */
export const voteRowSchema = z.object({
  id: z.string(),
  group: z.string().nullable(),
  /** By run id; empty where a run said nothing. */
  answers: z.record(z.string(), z.string()),
  /** Null where all abstained. */
  winner: z.string().nullable(),
  label: z.number().nullable(),
  /** For the winner. */
  votes: z.number(),
  wasTie: z.boolean(),
  decidedBy: z.string().nullable(),
  /** Answers that were no label. */
  abstentions: z.number(),
  target: z.string().nullable(),
});
export type VoteRow = z.infer<typeof voteRowSchema>;

/** With the members whose answer was no label, or empty where answers are open. */
export const shownVoteSchema = voteRowSchema.extend({ abstained: z.array(z.string()) });
export type ShownVote = z.infer<typeof shownVoteSchema>;

const runs = z.array(z.string());

export const ensemblesContract = {
  /** Every vote that was kept, the latest first. */
  list: procedure.output(z.array(voteListingSchema)),
  voteOnSplit: procedure.input(z.object({ runs, split: splitSchema.default('test') })).output(ensembleReportSchema),
  /** One pass over a file with all prompts: a path, a grant, or `dataset:NAME/SPLIT`. */
  voteOnData: procedure.input(z.object({ runs, dataFile: z.string() })).output(startedWorkSchema),
  /** What `voteOnData` found; null while it is at work or where it failed. */
  outcome: procedure.input(z.object({ task: z.string() })).output(ensembleReportSchema.nullable()),
  /** In the order of the file. `divided`: the members did not all say the same. `wrong`: the winner is not the right answer, as texts. */
  examples: procedure.input(z.object({
    votesObject: z.string(),
    which: z.enum(['all', 'divided', 'ties', 'abstentions', 'wrong']).default('all'),
    /** In the id or an answer; case does not count. */
    text: z.string().default(''),
    ...pageInput,
  })).output(z.object({ total: z.int(), rows: z.array(shownVoteSchema) })),
};
