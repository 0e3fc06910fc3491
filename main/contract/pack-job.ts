/** Reading and writing prompt packs: a worker of its own does both, because what it reads is not to be trusted. */
import { z } from 'zod';
import { packDraftSchema, packBaseSchema, packManifestSchema, packOriginSchema, packTaskSchema } from './prompt-pack.ts';

/** What a file that is no pack does not say, as far as the person does. */
export const packAssumptionsSchema = z.object({
  base: packBaseSchema.nullable(),
  task: packTaskSchema.nullable(),
  /** The program that makes a pack of it. */
  writtenBy: z.string(),
});
export type PackAssumptions = z.infer<typeof packAssumptionsSchema>;

export const readPackJobSchema = z.object({
  kind: z.literal('read-pack'),
  /** A pack, a pack folder, a PEFT adapter or a file of another program. */
  path: z.string(),
  /** An empty folder for the checked files, the only one that the worker may write to; null only looks. */
  stagingDirectory: z.string().nullable(),
  assumptions: packAssumptionsSchema,
});
export type ReadPackJob = z.infer<typeof readPackJobSchema>;

/** Names in the staging folder. */
const stagedPromptSchema = z.object({
  adapterConfig: z.string(),
  adapterWeights: z.string(),
  /** The prompt as runs keep it: one tensor, `prompt`. */
  trained: z.string(),
});
export type StagedPrompt = z.infer<typeof stagedPromptSchema>;

export const packContentSchema = z.object({
  origin: packOriginSchema,
  /** Byte for byte as in the pack; of other files, made here. */
  manifestText: z.string(),
  manifest: packManifestSchema,
  /** Euclidean norm of a row, mean over the rows, of each prompt. */
  rowNorms: z.array(z.number()),
  /** In the order of the prompts; empty where nothing was staged. */
  staged: z.array(stagedPromptSchema),
  /** What was let be and may matter. */
  remarks: z.array(z.string()),
});
export type PackContent = z.infer<typeof packContentSchema>;

export const writePackJobSchema = z.object({
  kind: z.literal('write-pack'),
  source: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('prompts'),
      draft: packDraftSchema,
      /** Trained tensors as runs keep them, in the order of the draft's prompts. */
      files: z.array(z.string()),
    }),
    /** A pack that was read before: its own bytes. */
    z.object({ kind: z.literal('entries'), manifestText: z.string(), entries: z.array(z.object({ path: z.string(), file: z.string() })) }),
  ]),
  /** A folder is one that PEFT opens as it is. */
  form: z.enum(['file', 'folder']),
  path: z.string(),
});
export type WritePackJob = z.infer<typeof writePackJobSchema>;

export const writtenPackSchema = z.object({
  path: z.string(),
  form: z.enum(['file', 'folder']),
  bytes: z.number(),
  /** Of the file; null for a folder. */
  sha256: z.string().nullable(),
  manifest: packManifestSchema,
});
export type WrittenPack = z.infer<typeof writtenPackSchema>;
