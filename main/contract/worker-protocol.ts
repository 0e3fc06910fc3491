/**
 * What the core and its worker processes say to each other: one job in, numbered events out, "cancel" at any time.
 * Messages are small JSON; tensors and data travel as files.
 */
import { z } from 'zod';
import { packContentSchema, readPackJobSchema, writePackJobSchema, writtenPackSchema } from './pack-job.ts';
import type { ProblemRecord } from './problem.ts';
import { pvpSchema } from './pvp.ts';
import { answerDifferenceSchema, promptFactsOptionsSchema } from './prompt-facts.ts';

/**
 * How a model expects answers. `lm-adapted`: plain target with EOS. `span-corruption`: a sentinel in the input and in front of the
 * target, no EOS on either side (PPT; T5 1.1 as pre-trained).
 */
export const answerConventionSchema = z.enum(['lm-adapted', 'span-corruption']);
export type AnswerConvention = z.infer<typeof answerConventionSchema>;

/** A `ProblemRecord` from outside: a message of another process, a row of the database. */
export const problemRecordSchema: z.ZodType<ProblemRecord> = z.object({
  code: z.string(),
  kind: z.enum(['input', 'failure', 'cancelled']),
  message: z.string(),
  found: z.string(),
  expected: z.string(),
  action: z.string(),
  place: z.object({
    file: z.string().exactOptional(),
    line: z.int().exactOptional(),
    column: z.int().exactOptional(),
    byteOffset: z.int().exactOptional(),
  }),
});

/** A model that was added to the workspace. */
const modelLocationSchema = z.object({
  /** The hub folder as the person named it, absolute. */
  directory: z.string(),
  /** Where float32 weights and graphs lie, inside the workspace. */
  cacheDirectory: z.string(),
  /** Of the weights; a worker refuses to go on with others. */
  fingerprint: z.string(),
  answerConvention: answerConventionSchema,
});

const runtimeSchema = z.object({
  provider: z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml']),
  threads: z.number().int().min(1),
});

/** A class: what the data file writes and what the model is to say. */
const labelWordSchema = z.object({ value: z.string(), word: z.string() });

const dataSchema = z.object({
  /** A task format's id. */
  format: z.string(),
  /** Classes of a format without classes of its own, in class-id order; null lets the training file decide. */
  labels: z.array(labelWordSchema).nullable(),
  /** How rows become text and which word says which class; absent for the format's own text form. */
  pvp: pvpSchema.exactOptional(),
});

/** A few-shot run's draw from the training file. */
export const samplingSchema = z.object({
  trainExamples: z.int().min(1),
  /** Drawn from what is left of the training file; null where the development file is given, which is then used whole. */
  devExamples: z.int().min(1).nullable(),
  /** Apart from the run's seed, so that runs of several seeds see the same examples. */
  dataSeed: z.int().min(0).max(2 ** 32 - 1),
});
export type Sampling = z.infer<typeof samplingSchema>;

/** A run of a training job: what tells it from the others that are trained in the same passes. */
const trainMemberSchema = z.object({
  runId: z.string(),
  /** Everything that the run writes goes here; a resumed run finds its state here. */
  runDirectory: z.string(),
  seed: z.number().int().min(0),
});
export type TrainMember = z.infer<typeof trainMemberSchema>;

export const trainJobSchema = z.object({
  kind: z.literal('train'),
  /** Several only where nothing but a prompt is trained: they share the frozen model and every pass. */
  members: z.array(trainMemberSchema).min(1),
  model: modelLocationSchema,
  method: z.string(),
  /** The method's own settings, complete: defaults were filled in when the run was made. */
  config: z.record(z.string(), z.unknown()),
  task: dataSchema,
  files: z.object({ train: z.string(), dev: z.string().nullable(), test: z.string().nullable() }),
  /** Null trains on the whole file. */
  sampling: samplingSchema.nullable(),
  /** Go on from the states in the members' folders instead of starting afresh. */
  resume: z.boolean(),
  runtime: runtimeSchema,
});
export type TrainJob = z.infer<typeof trainJobSchema>;

export const evaluateJobSchema = z.object({
  kind: z.literal('evaluate'),
  model: modelLocationSchema,
  method: z.string(),
  config: z.record(z.string(), z.unknown()),
  task: dataSchema,
  dataFile: z.string(),
  /** Evaluated in shared passes; several only where nothing but a prompt was trained. */
  members: z.array(z.object({
    /** Trained tensors to evaluate, as written by a train job; null evaluates the bare model (zero-shot) and stands alone. */
    checkpointFile: z.string().nullable(),
    /** JSON Lines, one prediction a line, written atomically. */
    predictionsFile: z.string(),
  })).min(1),
  runtime: runtimeSchema,
});
export type EvaluateJob = z.infer<typeof evaluateJobSchema>;

/** Everything about one soft prompt of a run: main/contract/prompt-facts.ts. */
export const promptFactsJobSchema = trainJobSchema.pick({ model: true, method: true, config: true, task: true, files: true, sampling: true, runtime: true }).extend({
  kind: z.literal('prompt-facts'),
  /** Of the run: its first prompt is made again from it. */
  seed: z.number().int().min(0),
  /** The prompt, as written by a train job. */
  checkpointFile: z.string(),
  options: promptFactsOptionsSchema,
  /** JSON, written atomically: facts are too long for a message. */
  factsFile: z.string(),
});
export type PromptFactsJob = z.infer<typeof promptFactsJobSchema>;

/** As an evaluation, for files that need no labels and may be long: answers are written as they come, nothing is scored. */
export const answerJobSchema = evaluateJobSchema.extend({ kind: z.literal('answer') });
export type AnswerJob = z.infer<typeof answerJobSchema>;

export const inspectModelJobSchema = z.object({
  kind: z.literal('inspect-model'),
  directory: z.string(),
  cacheDirectory: z.string(),
});

export const probeDevicesJobSchema = z.object({ kind: z.literal('probe-devices') });

export const jobSchema = z.discriminatedUnion('kind', [trainJobSchema, evaluateJobSchema, promptFactsJobSchema, inspectModelJobSchema, probeDevicesJobSchema, answerJobSchema, readPackJobSchema, writePackJobSchema]);
export type Job = z.infer<typeof jobSchema>;

export const modelFactsSchema = z.object({
  architecture: z.string(),
  parameterCount: z.number(),
  weightKind: z.string(),
  fingerprint: z.string(),
  /** From config.json; sizes by their names in main/model/config. */
  config: z.record(z.string(), z.unknown()),
  hasTokenizer: z.boolean(),
});
export type ModelFacts = z.infer<typeof modelFactsSchema>;

export const deviceFactsSchema = z.object({
  providers: z.array(z.object({ provider: z.string(), available: z.boolean(), reason: z.string().nullable(), milliseconds: z.number() })),
  runtimeVersion: z.string(),
});
export type DeviceFacts = z.infer<typeof deviceFactsSchema>;

/** Scores of one evaluation, all between 0 and 1. */
export const evaluationSchema = z.object({
  split: z.enum(['dev', 'test', 'other']),
  examples: z.number(),
  /** By metric id. */
  scores: z.record(z.string(), z.number()),
  /** Mean of the task's metrics. */
  score: z.number(),
  /** Share of decoded answers that are answers at all. */
  legalRate: z.number(),
  /** Mean −log p per token of the right label; null for open answers. */
  loss: z.number().nullable(),
  predictionsFile: z.string(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** One evaluated set of trained tensors. */
export const checkpointRecordSchema = z.object({
  step: z.number(),
  /** safetensors with the trained tensors; null where full tuning dropped a checkpoint that was neither best nor last. */
  file: z.string().nullable(),
  /** Null for a method that trains nothing. */
  trainLoss: z.number().nullable(),
  dev: evaluationSchema.nullable(),
  isBest: z.boolean(),
});
export type CheckpointRecord = z.infer<typeof checkpointRecordSchema>;

export const trainResultSchema = z.object({
  steps: z.number(),
  /** The classes that the training file decided; null for formats with classes of their own. A later evaluation needs them. */
  labels: z.array(labelWordSchema).nullable(),
  bestStep: z.number(),
  /** Null for a method that trains nothing. */
  finalLoss: z.number().nullable(),
  checkpoints: z.array(checkpointRecordSchema),
  /** The best checkpoint on the test file, looked at once, at the end. */
  test: evaluationSchema.nullable(),
  /** The best prompt's answers to a few development examples beside the bare model's: whether it does anything. Null for other methods and without dev. */
  effect: answerDifferenceSchema.nullable(),
  trainableParameters: z.number(),
  /** Share of source tokens that were padding. */
  paddingShare: z.number(),
  truncatedExamples: z.number(),
  seconds: z.number(),
  peakMemoryBytes: z.number(),
});
export type TrainResult = z.infer<typeof trainResultSchema>;

export const jobEventSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    phase: z.enum(['prepare', 'train', 'evaluate']),
    /** Steps of training, answers of an evaluation: examples times members. */
    done: z.number(),
    total: z.number(),
    /** Smoothed training loss per target token, the mean of all members; null before the first step. */
    loss: z.number().nullable(),
    learningRate: z.number().nullable(),
    perSecond: z.number().nullable(),
    etaSeconds: z.number().nullable(),
  }),
  /** Every training step's loss of a run since the last such event; at most ten a second and run. */
  z.object({ kind: z.literal('losses'), runId: z.string(), firstStep: z.number(), losses: z.array(z.number()) }),
  z.object({ kind: z.literal('checkpoint'), runId: z.string(), record: checkpointRecordSchema }),
  z.object({ kind: z.literal('warning'), code: z.string(), message: z.string() }),
  /** One run is done, or cannot go on; the others of its job do. */
  z.object({ kind: z.literal('run-trained'), runId: z.string(), result: trainResultSchema }),
  z.object({ kind: z.literal('run-failed'), runId: z.string(), problem: problemRecordSchema }),
  /** Every run of the job has ended in one of the two ways. */
  z.object({ kind: z.literal('trained') }),
  /** In the order of the job's members. */
  z.object({ kind: z.literal('evaluated'), result: z.array(evaluationSchema).min(1) }),
  z.object({ kind: z.literal('facts-found'), result: z.object({ factsFile: z.string() }) }),
  z.object({ kind: z.literal('inspected'), result: modelFactsSchema }),
  z.object({ kind: z.literal('probed'), result: deviceFactsSchema }),
  /** Every member's answers to so many examples. */
  z.object({ kind: z.literal('answered'), result: z.object({ examples: z.number() }) }),
  z.object({ kind: z.literal('pack-read'), result: packContentSchema }),
  z.object({ kind: z.literal('pack-written'), result: writtenPackSchema }),
  z.object({ kind: z.literal('failed'), problem: problemRecordSchema }),
  /** After "cancel": the state up to `step` is on disk, of every run that had not ended. */
  z.object({ kind: z.literal('cancelled'), step: z.number() }),
]);
export type JobEvent = z.infer<typeof jobEventSchema>;

/** An event as it crosses the process border; `sequence` counts from 0 so that a view can ask for what it missed. */
export const numberedEventSchema = z.object({ sequence: z.number(), event: jobEventSchema });
export type NumberedEvent = z.infer<typeof numberedEventSchema>;

/** Core to worker. */
export const workerCommandSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), job: jobSchema }),
  z.object({ kind: z.literal('cancel') }),
  /** Train no further: evaluate what is there, let the best checkpoint count, end as if all steps had been made. */
  z.object({ kind: z.literal('stop') }),
]);
export type WorkerCommand = z.infer<typeof workerCommandSchema>;
