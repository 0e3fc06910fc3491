/** Prompts that are given away and received: packs looked at, imported, exported, and asked. */
import { z } from 'zod';
import { hubIdSchema, packManifestSchema, packOriginSchema, sha256Schema } from '../prompt-pack.ts';
import { procedure } from './procedure.ts';
import { pageInput } from './scores.ts';
import { startedWorkSchema } from './work.ts';

/** A pack in the workspace by its id (`p0001`), or a file or folder: a pack, a PEFT adapter, an array, a state dict. */
const packText = z.string().min(1);

/** What a file of another program does not say. A pack says it itself; what differs from it is refused. */
const assumptionFields = {
  /** A model of the workspace, by name: the one that the prompt was trained for. */
  model: z.string().nullable().default(null),
  /** A task format's id. */
  task: z.string().nullable().default(null),
  /** `word` or `value=word`, for a format of any classes. */
  labels: z.array(z.string()).nullable().default(null),
};

export const packReportSchema = z.object({
  /** Null for a file that was only looked at. */
  id: z.string().nullable(),
  origin: packOriginSchema,
  source: z.string(),
  importedAt: z.iso.datetime().nullable(),
  isTrashed: z.boolean(),
  manifest: packManifestSchema,
  /** Euclidean norm of a row, mean over the rows, of each prompt; null for a pack of the workspace that was not read again. */
  rowNorms: z.array(z.number()).nullable(),
  /** SHA-256 of each prompt as a run keeps one: what `init=checkpoint:…` takes. Empty for a file that was only looked at. */
  prompts: z.array(sha256Schema),
  /** Models of the workspace that are the base, by name. */
  models: z.array(z.string()),
  /** What was let be and may matter. */
  remarks: z.array(z.string()),
});
export type PackReport = z.infer<typeof packReportSchema>;

export const packExportSchema = z.object({
  path: z.string(),
  form: z.enum(['file', 'folder']),
  bytes: z.number(),
  /** Of the file; null for a folder. */
  sha256: sha256Schema.nullable(),
  manifest: packManifestSchema,
});
export type PackExport = z.infer<typeof packExportSchema>;

/** One member's word, or a single prompt's. */
const spokenSchema = z.object({
  /** Decoded. */
  answer: z.string(),
  /** The label that the answer is, as data files write it; null for an answer that is none, and for open answers. */
  label: z.string().nullable(),
  /** log p(label | input), summed over the label's pieces, by the word that the model says; null for open answers. JSON has no −∞: null. */
  logProbabilities: z.record(z.string(), z.number().nullable()).nullable(),
});

export const packAnswerSchema = spokenSchema.extend({
  id: z.string(),
  /** The right answer, where the row has one. */
  target: z.string().nullable(),
  /** The winner of an ensemble; null where all abstained. Log-probabilities are then the members' means. */
  answer: z.string().nullable(),
  /** Of an ensemble; null for a single prompt. */
  vote: z.object({
    votes: z.int(),
    abstentions: z.int(),
    wasTie: z.boolean(),
    decidedBy: z.string().nullable(),
    members: z.array(spokenSchema),
  }).nullable(),
});
export type PackAnswer = z.infer<typeof packAnswerSchema>;

/** A data file or a split of a data set (`dataset:…`); or rows that were typed, by the roles of the pack's task. */
export const packInputSchema = z.union([z.string(), z.array(z.record(z.string().max(200), z.json())).min(1).max(1000)]);

export const packRunSchema = z.object({
  pack: z.string(),
  title: z.string(),
  model: z.string(),
  /** Null for rows that were typed. */
  input: z.string().nullable(),
  task: z.string(),
  prompts: z.int(),
  examples: z.int(),
  /** How often each label was the answer, in class-id order; empty for open answers. */
  labels: z.array(z.object({ label: z.string(), count: z.int() })),
  /** Answers that are no label, or empty. */
  withoutLabel: z.int(),
  ties: z.int(),
  /** SHA-256 of the answers, JSON Lines; kept for a day at least. */
  answersObject: sha256Schema,
  /** Where they lie. */
  answers: z.string(),
});
export type PackRun = z.infer<typeof packRunSchema>;

const exportSource = z.discriminatedUnion('kind', [
  /** `r0001` for a run's best prompt, `r0001/300` for a step; several become an ensemble in this order. */
  z.object({ kind: z.literal('checkpoints'), checkpoints: z.array(z.string()).min(1).max(100) }),
  /** A pack of the workspace, byte for byte. */
  z.object({ kind: z.literal('pack'), pack: z.string() }),
]);

export const packsContract = {
  list: procedure.input(z.object({ trash: z.enum(['without', 'only']).default('without') })).output(z.array(packReportSchema)),
  /** Reads and checks everything, in a process of its own; nothing is kept. */
  inspect: procedure.input(z.object({ pack: packText, ...assumptionFields })).output(packReportSchema),
  import: procedure.input(z.object({ pack: packText, ...assumptionFields })).output(packReportSchema),
  export: procedure.input(z.object({
    source: exportSource,
    folder: z.string(),
    /** In the folder; ends with .promptpack, or names a new folder. */
    fileName: z.string().regex(/^[^/\\\0]{1,200}$/),
    form: z.enum(['file', 'folder']).default('file'),
    title: z.string().min(1).max(200).nullable().default(null),
    licence: z.string().min(1).max(10_000).nullable().default(null),
    hubId: hubIdSchema.nullable().default(null),
  })).output(packExportSchema),
  remove: procedure.input(z.object({ pack: z.string() })).output(packReportSchema),
  restore: procedure.input(z.object({ pack: z.string() })).output(packReportSchema),
  run: procedure.input(z.object({ pack: packText, input: packInputSchema, ...assumptionFields })).output(startedWorkSchema),
  /** What `run` found; null while it is at work or where it failed. */
  outcome: procedure.input(z.object({ task: z.string() })).output(packRunSchema.nullable()),
  /** In the order of the input. */
  answers: procedure.input(z.object({ answersObject: sha256Schema, ...pageInput })).output(z.object({ total: z.int(), rows: z.array(packAnswerSchema) })),
};
