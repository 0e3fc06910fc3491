/** Runs: found among thousands, looked into, checked before they exist, made, varied, written on, thrown away and taken back. */
import { z } from 'zod';
import { usedPvpSchema } from '../pvp.ts';
import { problemRecordSchema, samplingSchema } from '../worker-protocol.ts';
import { commandTextSchema } from './commands.ts';
import { procedure } from './procedure.ts';
import { runMemorySchema } from './queue.ts';
import { pageInput, splitSchema } from './scores.ts';

export const runStatusSchema = z.enum(['queued', 'starting', 'running', 'pausing', 'paused', 'finished', 'failed', 'cancelled', 'lost']);

const evaluationScoresSchema = z.object({
  examples: z.number().nullable(),
  scores: z.record(z.string(), z.number().nullable()),
  score: z.number().nullable(),
  legalRate: z.number().nullable(),
  loss: z.number().nullable(),
});

const annotationSchema = z.object({ note: z.string(), tags: z.array(z.string()).readonly(), isStarred: z.boolean() });

/** What `runs list --json` has of a run, and where it stands. */
export const runListingSchema = z.object({
  id: z.string(),
  status: runStatusSchema,
  method: z.string(),
  model: z.string(),
  task: z.string(),
  seed: z.number(),
  bestStep: z.number().nullable(),
  dev: evaluationScoresSchema.nullable(),
  /** The best checkpoint on the test file. */
  test: evaluationScoresSchema.nullable(),
  checkpoint: z.string().nullable(),
  promptFile: z.string().nullable(),
  finalLoss: z.number().nullable(),
  seconds: z.number().nullable(),
  trainableParameters: z.number().nullable(),
  paddingShare: z.number().nullable(),
  truncatedExamples: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  /** Of so many dev answers of the best prompt, so many differ from the bare model's: none, and the prompt does nothing. */
  effect: z.object({ examples: z.number(), differing: z.number() }).nullable(),
  device: z.string().nullable(),
  problem: problemRecordSchema.nullable(),
  /** Of a run that somebody stopped with the best of what it had. */
  stoppedEarly: z.object({ atStep: z.number(), plannedSteps: z.number() }).nullable(),
  ...annotationSchema.shape,
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** The run that it continues or varies. */
  parent: z.string().nullable(),
  /** The first of the runs that train together. */
  group: z.string().nullable(),
  /** Its entry in the queue. */
  queueEntry: z.string().nullable(),
  isTrashed: z.boolean(),
});
export type RunListing = z.infer<typeof runListingSchema>;

const runtimeSchema = z.object({ provider: z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml']), threads: z.int().min(1).max(1024) });
const labelsSchema = z.array(z.object({ value: z.string(), word: z.string() })).readonly().nullable();

export const runDetailsSchema = runListingSchema.extend({
  losses: z.object({ first: z.number(), last: z.number(), steps: z.number() }).nullable(),
  settings: z.record(z.string(), z.unknown()),
  labels: labelsSchema,
  pvp: usedPvpSchema.nullable(),
  sampling: samplingSchema.nullable(),
  sampleFile: z.string().nullable(),
  tokenizerSha256: z.string(),
  runtime: runtimeSchema,
  modelFingerprint: z.string(),
  inputs: z.array(z.object({ role: z.enum(['train', 'dev', 'test']), path: z.string(), sha256: z.string(), rowCount: z.number() })),
  command: z.array(z.string()).readonly(),
  versions: z.record(z.string(), z.string()).readonly(),
  startedAt: z.iso.datetime().nullable(),
  checkpoints: z.array(z.object({ step: z.number(), isBest: z.boolean(), dev: evaluationScoresSchema.nullable(), sha256: z.string(), file: z.string() })),
  /** By key: what `curve` can be asked for. */
  metrics: z.record(z.string(), z.object({ steps: z.number(), first: z.number().nullable(), last: z.number().nullable() })),
  directory: z.string(),
  log: z.string(),
});
export type RunDetailsReport = z.infer<typeof runDetailsSchema>;

export const runQuerySchema = z.object({
  statuses: z.array(runStatusSchema).min(1).exactOptional(),
  method: z.string().exactOptional(),
  model: z.string().exactOptional(),
  task: z.string().exactOptional(),
  tag: z.string().exactOptional(),
  onlyStarred: z.boolean().exactOptional(),
  /** Somewhere in id, method, model, task, note or tags; case does not matter. */
  text: z.string().max(200).exactOptional(),
  trash: z.enum(['without', 'only', 'with']).default('without'),
  sort: z.enum(['created', 'ended', 'dev', 'test', 'seconds']).default('created'),
  /** Runs without the value that sorts come last in either. */
  order: z.enum(['ascending', 'descending']).default('descending'),
  ...pageInput,
});

/** A value as a form has it; text counts as a number or a switch where one is expected. */
const settingsSchema = z.record(z.string().max(100), z.union([z.string().max(100_000), z.number(), z.boolean()]));
const seedsSchema = z.array(z.int().min(0).max(2 ** 32 - 1)).min(1).max(1000).refine((seeds) => new Set(seeds).size === seeds.length, 'different seeds');

export const runRequestSchema = z.object({
  /** A model of the workspace. */
  model: z.string(),
  method: z.string(),
  /** A task format's id. */
  format: z.string(),
  pvp: usedPvpSchema.nullable().default(null),
  /** Paths or grants, `dataset:NAME/SPLIT`, or `built-in:TASK/SPLIT` for a task that comes with the program. */
  files: z.object({ train: z.string(), dev: z.string().nullable(), test: z.string().nullable() }),
  /** Only what is not to have its default. */
  settings: settingsSchema.default({}),
  labels: z.array(z.string()).nullable().default(null),
  fewShot: z.object({ examples: z.int().min(1), dataSeed: z.int().min(0).max(2 ** 32 - 1) }).nullable().default(null),
  /** Null threads take all processors. */
  runtime: runtimeSchema.extend({ threads: z.int().min(1).max(1024).nullable() }).default({ provider: 'cpu', threads: null }),
  seeds: seedsSchema.default([0]),
  /** All seeds in shared passes; needs a method that trains a prompt. */
  together: z.boolean().default(false),
});
export type RunRequest = z.infer<typeof runRequestSchema>;

const explainedSettingSchema = z.object({
  key: z.string(),
  value: z.unknown(),
  isDefault: z.boolean(),
  default: z.unknown(),
  /** What it does; null where its name says it all. */
  description: z.string().nullable(),
  /** Of the values that it takes, for people: `a whole number from 1 to 1000`. */
  takes: z.string(),
});

export const runCheckSchema = z.object({
  model: z.object({ name: z.string(), fingerprint: z.string(), parameterCount: z.number() }),
  method: z.string(),
  format: z.string(),
  labels: labelsSchema,
  inputs: z.array(z.object({ role: z.enum(['train', 'dev', 'test']), path: z.string(), sha256: z.string(), rowCount: z.number() })),
  settings: z.array(explainedSettingSchema),
  /** Rows of the training file per step, over all steps; null for a method that makes none, or a few-shot draw. */
  epochs: z.number().nullable(),
  runtime: runtimeSchema,
  /** Of one job: all seeds where they train together. */
  memory: runMemorySchema.nullable(),
  /** On this machine now; null of a GPU, whose memory nobody tells. */
  free: z.object({ freeBytes: z.number(), totalBytes: z.number() }).nullable(),
  /** Null where one of the two is unknown. */
  fits: z.boolean().nullable(),
  /** The verdict for people, with one thing to change where it does not fit. */
  sentence: z.string(),
  /** Of all jobs, from like runs; null where none has finished here. */
  secondsExpected: z.number().nullable(),
  /** That makes the same runs in a terminal; null where a pattern is used, which a terminal names otherwise. */
  command: commandTextSchema.nullable(),
});
export type RunCheck = z.infer<typeof runCheckSchema>;

/** What a form is drawn from. */
export const runOptionsSchema = z.object({
  methods: z.array(z.object({
    id: z.string(),
    title: z.string(),
    /** The paper. */
    reference: z.string(),
    trains: z.enum(['prompt', 'weights', 'nothing']),
    settings: z.array(explainedSettingSchema.pick({ key: true, default: true, description: true, takes: true }).extend({
      /** The only values that it takes; null where they are too many to list. */
      choices: z.array(z.string()).nullable(),
    })),
  })),
  /** `labels` are empty where the file decides, null for open answers. */
  formats: z.array(z.object({ id: z.string(), title: z.string(), labels: z.array(z.string()).readonly().nullable() })),
  /** Tasks that come with the program; their files are named `built-in:ID/train`, … */
  builtIn: z.array(z.object({ id: z.string(), title: z.string(), format: z.string() })),
});
export type RunOptions = z.infer<typeof runOptionsSchema>;

const runAnswerSchema = z.object({
  id: z.string(),
  /** What the model read; null where the data file is gone or was changed. */
  input: z.string().nullable(),
  answer: z.string(),
  target: z.string().nullable(),
  /** Null for a row without a right answer. */
  isRight: z.boolean().nullable(),
  /** Whether the answer is a label at all; null for open answers. */
  isLegal: z.boolean().nullable(),
});
export type RunAnswer = z.infer<typeof runAnswerSchema>;

const one = z.object({ run: z.string() });
const several = z.object({ runs: z.array(z.string()).min(1).max(5000) });
const place = z.enum(['first', 'last']).default('last');

export const madeRunsSchema = z.object({ runs: z.array(z.string()), entries: z.array(z.string()) });

export const runsContract = {
  list: procedure.input(runQuerySchema).output(z.object({ total: z.number(), runs: z.array(runListingSchema) })),
  show: procedure.input(one).output(runDetailsSchema),
  /** At most so many points however long it is: mean, least and greatest of equal spans of steps. */
  curve: procedure.input(one.extend({ key: z.string(), mostPoints: z.int().min(2).max(10_000).default(1000) })).output(z.object({
    pointCount: z.number(),
    points: z.array(z.object({ step: z.number(), value: z.number().nullable(), least: z.number().nullable(), greatest: z.number().nullable() })),
  })),
  /** What a checkpoint answered, in the order of the data file; `step` null takes the best, or the newest while it runs. */
  answers: procedure.input(one.extend({
    step: z.int().min(0).nullable().default(null),
    split: splitSchema.default('dev'),
    which: z.enum(['all', 'wrong', 'right', 'illegal']).default('all'),
    /** In the id, the input, an answer or the target; case does not count. */
    text: z.string().max(200).default(''),
    ...pageInput,
  })).output(z.object({ step: z.int(), total: z.int(), counts: z.object({ all: z.int(), wrong: z.int(), right: z.int(), illegal: z.int() }), rows: z.array(runAnswerSchema) })),
  options: procedure.output(runOptionsSchema),
  /** Everything that `create` would refuse, and what it would make; leaves nothing behind. */
  check: procedure.input(runRequestSchema).output(runCheckSchema),
  /** Makes runs and gives them a turn. */
  create: procedure.input(runRequestSchema.extend({ place })).output(madeRunsSchema),
  /** A new run from an old one with changes; the old one is its parent. */
  duplicate: procedure.input(one.extend({
    settings: settingsSchema.default({}),
    /** Null keeps the old one's. */
    seeds: seedsSchema.nullable().default(null),
    runtime: runtimeSchema.nullable().default(null),
    place,
  })).output(madeRunsSchema),
  /** Leaves the queue, too; refused while at work. */
  trash: procedure.input(several).output(z.array(runListingSchema)),
  restore: procedure.input(several).output(z.array(runListingSchema)),
  /** What is absent stays as it is. */
  annotate: procedure.input(one.extend({
    note: z.string().max(20_000).exactOptional(), tags: z.array(z.string().trim().min(1).max(100)).max(50).exactOptional(), isStarred: z.boolean().exactOptional(),
  })).output(runListingSchema),
  tags: procedure.output(z.array(z.string())),
};
