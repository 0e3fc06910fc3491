/** What waits to be run, what is at work, and everything that can be done about it. Runs that train together are one entry. */
import { z } from 'zod';
import { procedure } from './procedure.ts';

export const queueSettingsSchema = z.strictObject({
  /** Entries on the processor at once. Every GPU takes one at a time, whatever stands here. */
  cpuJobs: z.int().min(1).max(64),
  /** After a run failed: go on with the next entry, or start no more until a person says so. */
  onError: z.enum(['continue', 'pause']),
  /** An entry that needs more memory than is free: wait until it is, refuse it, or start it all the same. */
  memory: z.enum(['wait', 'refuse', 'ignore']),
  /** How often a worker that fell without a reason of its own is started again without having come any further. */
  restarts: z.int().min(0).max(20),
});
export type QueueSettings = z.infer<typeof queueSettingsSchema>;
export const defaultQueueSettings: QueueSettings = { cpuJobs: 1, onError: 'continue', memory: 'wait', restarts: 3 };

/** In bytes. */
export const memoryPartsSchema = z.object({
  weights: z.number(), activations: z.number(), optimizer: z.number(), prompt: z.number(), arena: z.number(), data: z.number(), program: z.number(),
});

export const runMemorySchema = z.object({
  parts: memoryPartsSchema,
  totalBytes: z.number(),
  /** What a like run took at its peak; null where none has finished here. */
  measuredBytes: z.number().nullable(),
  assumes: z.object({
    examplesPerPass: z.number(), sourceTokens: z.number(), targetTokens: z.number(), promptRows: z.number(), lengths: z.enum(['measured', 'setting']),
  }),
});

export const queuedRunSchema = z.object({
  id: z.string(),
  status: z.enum(['queued', 'starting', 'running', 'pausing', 'paused', 'finished', 'failed', 'cancelled', 'lost']),
  method: z.string(),
  model: z.string(),
  task: z.string(),
  seed: z.number(),
});

export const queueEntrySchema = z.object({
  /** `q0001` */
  id: z.string(),
  state: z.enum(['queued', 'starting', 'running', 'pausing', 'paused', 'lost']),
  runs: z.array(queuedRunSchema).min(1),
  /** Ends with the best of what there is. */
  stops: z.boolean(),
  addedAt: z.iso.datetime(),
  /** Why it does not start though it is its turn; a sentence. */
  waitingFor: z.string().nullable(),
  progress: z.object({
    phase: z.enum(['prepare', 'train', 'evaluate']), done: z.number(), total: z.number(), loss: z.number().nullable(), perSecond: z.number().nullable(),
  }).nullable(),
  /** Of its own work, from its own pace or from that of like runs; null where nothing is known. */
  secondsLeft: z.number().nullable(),
  /** 0 when it is at work; null where something before it is unknown, or a person has to act first. */
  startsInSeconds: z.number().nullable(),
  /** What it was found to need when it was last looked at. */
  memory: runMemorySchema.nullable(),
});
export type QueueEntryReport = z.infer<typeof queueEntrySchema>;

export const queueReportSchema = z.object({
  isPaused: z.boolean(),
  /** Why, where no person paused it. */
  pausedBecause: z.string().nullable(),
  /** Whether this core starts runs at all: a command that only looks does not. */
  isOn: z.boolean(),
  /** In the order in which they are to be run. */
  entries: z.array(queueEntrySchema),
  /** Runs that were at work when their core disappeared; `putBack` brings them back. */
  lost: z.array(z.string()),
  settings: queueSettingsSchema,
});
export type QueueReport = z.infer<typeof queueReportSchema>;

/** An entry by its own id, or by the id of one of its runs. */
const entryId = z.object({ entry: z.string() });

export const queueContract = {
  list: procedure.output(queueReportSchema),
  /** Lets runs that exist have a turn (again): new, paused, lost, failed or cancelled ones. Together where they were made together. */
  add: procedure.input(z.object({ runs: z.array(z.string()).min(1), place: z.enum(['first', 'last']).default('last') })).output(queueReportSchema),
  /** @param before null moves it to the end. */
  move: procedure.input(entryId.extend({ before: z.string().nullable() })).output(queueReportSchema),
  /** At work: saves its state and lets the memory go. Waiting: lets others pass. */
  pause: procedure.input(entryId).output(queueReportSchema),
  resume: procedure.input(entryId).output(queueReportSchema),
  /** What was done stays; the run can be added again. */
  cancel: procedure.input(entryId).output(queueReportSchema),
  /** Makes no further step, judges what there is and finishes with the best of it. */
  stopAndKeepBest: procedure.input(entryId).output(queueReportSchema),
  /** Starts nothing more; what is at work goes on. */
  pauseQueue: procedure.output(queueReportSchema),
  resumeQueue: procedure.output(queueReportSchema),
  /** Every lost run, in one call. */
  putBack: procedure.output(queueReportSchema),
  settings: procedure.output(queueSettingsSchema),
  changeSettings: procedure.input(queueSettingsSchema.partial()).output(queueSettingsSchema),
};
