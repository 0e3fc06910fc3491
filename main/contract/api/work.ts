/**
 * What takes long and is no run: an import of a model, a download, a vote on a file, a study. The call that starts it returns its id at
 * once; `task-progress` and `task-ended` events tell of it under that id. What it found is asked of the service that started it.
 */
import { z } from 'zod';
import { problemRecordSchema } from '../worker-protocol.ts';
import { changedSubjectSchema } from './events.ts';
import { procedure } from './procedure.ts';

/** What a starting call answers. */
export const startedWorkSchema = z.object({ task: z.string() });

export const workRecordSchema = z.object({
  id: z.string(),
  /** For people: `Adding t5-small`. */
  label: z.string(),
  /** The service that started it. */
  subject: changedSubjectSchema,
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** The last that was told; null before the first. */
  progress: z.object({ done: z.number(), total: z.number().nullable() }).nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** Why it failed or was cancelled. */
  problem: problemRecordSchema.nullable(),
});
export type WorkRecord = z.infer<typeof workRecordSchema>;

const workId = z.object({ task: z.string() });

export const workContract = {
  /** At work, and what ended since the core started (the last 200); the latest first. */
  list: procedure.output(z.array(workRecordSchema)),
  show: procedure.input(workId).output(workRecordSchema),
  /** Asks it to stop; what is saved can go on later. Ended work stays as it ended. */
  cancel: procedure.input(workId).output(workRecordSchema),
};
