/** Every evaluated checkpoint of every run: to browse, to keep, to let go, to look into, to hand on, to start from. */
import { z } from 'zod';
import { promptFactsOptionsSchema, promptFactsSchema } from '../prompt-facts.ts';
import { procedure } from './procedure.ts';
import { pageInput } from './scores.ts';
import { startedWorkSchema } from './work.ts';

/** `r0001/300`; `r0001` and `r0001/best` for the checkpoint that stands for the run. */
const checkpointReference = z.string().min(1).max(100);

const pinSchema = z.object({ name: z.string(), note: z.string(), pinnedAt: z.iso.datetime() });

export const checkpointReportSchema = z.object({
  /** `r0001/300` */
  checkpoint: z.string(),
  run: z.string(),
  /** Optimizer steps done; 0 for a method that trains nothing. */
  step: z.int(),
  method: z.string(),
  trains: z.enum(['prompt', 'weights', 'nothing', 'unknown']),
  model: z.string(),
  /** A task format's id. */
  task: z.string(),
  seed: z.int(),
  /** By dev metric; stands for the run. */
  isBest: z.boolean(),
  /** On dev, shares from 0 to 1; null where nothing was evaluated. */
  score: z.number().nullable(),
  scores: z.record(z.string(), z.number().nullable()),
  legalRate: z.number().nullable(),
  /** On dev, per target token. */
  loss: z.number().nullable(),
  /** Of the training step. */
  trainLoss: z.number().nullable(),
  /** Of the file; null where it is missing. */
  bytes: z.int().nullable(),
  /** Of the file with the trained tensors. */
  sha256: z.string(),
  createdAt: z.iso.datetime(),
  pin: pinSchema.nullable(),
  /** Whether it lies in the trash, and whether by itself or with its run. */
  trash: z.enum(['none', 'checkpoint', 'run']),
});
export type CheckpointReport = z.infer<typeof checkpointReportSchema>;

export const checkpointDetailsSchema = checkpointReportSchema.extend({
  /** safetensors, inside the workspace. */
  file: z.string(),
  /** Of the base model on the day of the run. */
  modelFingerprint: z.string(),
  /** [p, d]; null for methods that tune no prompt. */
  shape: z.tuple([z.int(), z.int()]).nullable(),
  /** The prompt that its run began with, where it is another's. */
  source: z.object({ checkpoint: z.string().nullable(), sha256: z.string() }).nullable(),
  /** Runs that began with this prompt. */
  derivedRuns: z.array(z.string()),
  /** For the best: of so many dev answers, so many differ from the bare model's. None differing means that the prompt does nothing. */
  effect: z.object({ examples: z.int(), differing: z.int() }).nullable(),
  /** The newest that were found. */
  facts: promptFactsSchema.nullable(),
});
export type CheckpointDetails = z.infer<typeof checkpointDetailsSchema>;

export const checkpointListInputSchema = z.object({
  run: z.string().exactOptional(),
  task: z.string().exactOptional(),
  method: z.string().exactOptional(),
  model: z.string().exactOptional(),
  trains: z.enum(['prompt', 'weights', 'nothing']).exactOptional(),
  only: z.enum(['pinned', 'best']).exactOptional(),
  trash: z.enum(['without', 'only', 'with']).default('without'),
  /** Rows without the value stand last in both directions. */
  sort: z.enum(['created', 'score', 'loss', 'legalRate', 'step', 'run']).default('created'),
  direction: z.enum(['ascending', 'descending']).default('descending'),
  ...pageInput,
});
export type CheckpointListInput = z.infer<typeof checkpointListInputSchema>;

const checkpointKeySchema = z.object({ run: z.string(), step: z.int() });

/** Data sets as NAME@VERSION, packs by id. */
const doomedRows = {
  runs: z.array(z.string()),
  checkpoints: z.array(checkpointKeySchema),
  datasets: z.array(z.string()),
  packs: z.array(z.string()),
  tasks: z.array(z.string()),
};

export const trashReportSchema = z.object({
  /** What emptying would delete; single checkpoints are of runs that stay. */
  ...doomedRows,
  bytes: z.int(),
  /** Runs that emptying leaves in the trash, because a checkpoint of theirs is pinned. */
  keptRuns: z.array(z.string()),
  /** Of the disk that the workspace lies on. */
  freeBytes: z.int(),
});
export type TrashReport = z.infer<typeof trashReportSchema>;

export const emptiedTrashSchema = z.object({
  ...doomedRows,
  objectCount: z.int(),
  freedBytes: z.int(),
  freeBytes: z.int(),
});

export const exportedPromptSchema = z.object({
  checkpoint: z.string(),
  /** Absolute. */
  file: z.string(),
  format: z.enum(['safetensors', 'npy']),
  /** [p, d], float32. */
  shape: z.tuple([z.int(), z.int()]),
  bytes: z.int(),
});
export type ExportedPrompt = z.infer<typeof exportedPromptSchema>;

const one = z.object({ checkpoint: checkpointReference });
const several = z.object({ checkpoints: z.array(checkpointReference).min(1).max(500) });
const factsInput = one.extend({ options: promptFactsOptionsSchema.partial().default({}) });

const deriveInputSchema = one.extend({
  /** A task format's id; null leaves it to the pair. */
  format: z.string().nullable().default(null),
  /** `TASK/PVP[@version]` of the task library; null takes the source run's where the format is its. */
  pvp: z.string().regex(/^(?!.*\.json$)/i).nullable().default(null),
  files: z.object({ train: z.string(), dev: z.string().nullable().default(null), test: z.string().nullable().default(null) }),
  /** `key=value` each; without them the settings are the source run's. */
  settings: z.array(z.string()).default([]),
  labels: z.array(z.string()).nullable().default(null),
  model: z.string().nullable().default(null),
  seed: z.int().min(0).max(2 ** 32 - 1).default(0),
});
export type DeriveInput = z.infer<typeof deriveInputSchema>;

export const checkpointsContract = {
  list: procedure.input(checkpointListInputSchema).output(z.object({ total: z.int(), checkpoints: z.array(checkpointReportSchema) })),
  show: procedure.input(one).output(checkpointDetailsSchema),
  /** Pinning again changes name and note. What is pinned outlives an emptied trash. */
  pin: procedure.input(one.extend({ name: z.string().trim().min(1).max(200), note: z.string().max(10_000).default('') })).output(checkpointReportSchema),
  unpin: procedure.input(one).output(checkpointReportSchema),
  /** All or none. A run's best goes only with its run: the run's scores and answers are its. */
  trash: procedure.input(several).output(z.array(checkpointReportSchema)),
  restore: procedure.input(several).output(z.array(checkpointReportSchema)),
  trashContents: procedure.output(trashReportSchema),
  /** Of runs as well as of checkpoints; cannot be undone. */
  emptyTrash: procedure.output(emptiedTrashSchema),
  /** What was found before for exactly this question; null where a worker has to look. */
  facts: procedure.input(factsInput).output(promptFactsSchema.nullable()),
  /** A worker looks; `facts` has the answer when it has ended. */
  findFacts: procedure.input(factsInput).output(startedWorkSchema),
  /** @param folder a folder that the client may name; fileName ends in .safetensors or .npy. Replaces a file that is there. */
  export: procedure.input(one.extend({ folder: z.string(), fileName: z.string().min(1).max(255) })).output(exportedPromptSchema),
  /** A new run of the same method and model that begins with this prompt; it waits in the queue. */
  derive: procedure.input(deriveInputSchema).output(z.object({ run: z.string() })),
};
