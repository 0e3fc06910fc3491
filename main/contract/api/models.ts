/** Models of the workspace: T5 checkpoints in folders of their own, added after a check, or downloaded from a hub. */
import { z } from 'zod';
import { answerConventionSchema } from '../worker-protocol.ts';
import { procedure } from './procedure.ts';
import { startedWorkSchema } from './work.ts';

export const modelReportSchema = z.object({
  name: z.string(),
  directory: z.string(),
  architecture: z.string(),
  parameterCount: z.number(),
  weightKind: z.string(),
  fingerprint: z.string(),
  convention: answerConventionSchema,
  sizes: z.record(z.string(), z.unknown()),
  addedAt: z.iso.datetime(),
});

/** In bytes. */
const memoryEstimateSchema = z.object({ weights: z.number(), activations: z.number(), gradients: z.number(), optimizer: z.number(), total: z.number() });

export const modelDetailsSchema = modelReportSchema.extend({
  /** Null where the configuration lacks a size. */
  memory: z.object({
    assumes: z.object({ microBatch: z.int(), sourceTokens: z.int(), targetTokens: z.int(), promptRows: z.int() }),
    promptTuning: memoryEstimateSchema,
    fullTuning: memoryEstimateSchema,
  }).nullable(),
});

export const addedModelSchema = modelReportSchema.extend({
  /** Why this convention. */
  conventionReason: z.string(),
  hasTokenizer: z.boolean(),
  /** Other models of the workspace with the same weights. */
  sameAs: z.array(z.string()),
});

const name = z.string();
const nameAndConvention = {
  /** Null takes the folder’s name, or the hub’s. */
  name: name.nullable().default(null),
  /** Null guesses. */
  convention: answerConventionSchema.nullable().default(null),
};

/** A download that is not finished: at work, or left behind by a cancel, a lost connection or a restart. */
export const partialDownloadSchema = z.object({
  /** `owner/model`, or `model`. */
  id: z.string(),
  revision: z.string(),
  directory: z.string(),
  doneBytes: z.number(),
  /** Null before the hub told what there is. */
  totalBytes: z.number().nullable(),
});
export type PartialDownload = z.infer<typeof partialDownloadSchema>;

export const modelsContract = {
  list: procedure.output(z.array(modelReportSchema)),
  show: procedure.input(z.object({ name })).output(modelDetailsSchema),
  /** Checks a folder in a worker and takes it into the workspace; the folder stays where it is. */
  add: procedure.input(z.object({ directory: z.string(), ...nameAndConvention })).output(startedWorkSchema),
  /** The small model that comes with the program; where it is there already, it stays. */
  addBuiltIn: procedure.output(startedWorkSchema),
  /**
   * Downloads what a T5 needs of a hub's model, checks every file's hash and adds it. One that was interrupted goes on where it stopped:
   * ask again with the same id and revision.
   */
  download: procedure.input(z.object({ id: z.string(), revision: z.string().default('main'), ...nameAndConvention })).output(startedWorkSchema),
  /** What `add`, `addBuiltIn` or `download` added; null while it is at work or where it failed. */
  added: procedure.input(z.object({ task: z.string() })).output(addedModelSchema.nullable()),
  partialDownloads: procedure.output(z.array(partialDownloadSchema)),
  /** Deletes the files of an unfinished download. */
  discardDownload: procedure.input(z.object({ id: z.string(), revision: z.string() })).output(z.object({ freedBytes: z.number() })),
  rename: procedure.input(z.object({ name, to: name })).output(modelReportSchema),
  /**
   * Forgets a model that no run names. A folder of one's own stays as it is; `delete-download` deletes the files of one that was downloaded,
   * `keep` leaves them to be added again.
   */
  remove: procedure.input(z.object({ name, files: z.enum(['keep', 'delete-download']).default('keep') })).output(z.object({ name, freedBytes: z.number() })),
};
