/**
 * What changes in the core, as one numbered stream. Events say *that* something changed and carry what is too quick to ask for
 * (progress, losses); the truth is asked of the service concerned. A client that comes back names the last number it saw: it gets
 * everything since, or `gap` where the core no longer has it or is another one, and then asks anew.
 */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { checkpointRecordSchema, problemRecordSchema } from '../worker-protocol.ts';
import { procedure } from './procedure.ts';

/** Kinds of rows that can change; a view re-reads what it shows of them. */
export const changedSubjectSchema = z.enum(['models', 'datasets', 'tasks', 'runs', 'queue', 'studies', 'checkpoints', 'ensembles', 'packs', 'settings', 'comparisons']);
export type ChangedSubject = z.infer<typeof changedSubjectSchema>;

export const coreEventSchema = z.discriminatedUnion('kind', [
  /** Rows changed; `id` names the one where it is one. */
  z.object({ kind: z.literal('changed'), subject: changedSubjectSchema, id: z.string().nullable() }),
  /** Of a run at work, at most ten a second. */
  z.object({
    kind: z.literal('run-progress'),
    run: z.string(),
    phase: z.enum(['prepare', 'train', 'evaluate']),
    done: z.number(),
    total: z.number(),
    loss: z.number().nullable(),
    perSecond: z.number().nullable(),
    etaSeconds: z.number().nullable(),
  }),
  /** Every training loss since the last such event of the run. */
  z.object({ kind: z.literal('run-losses'), run: z.string(), firstStep: z.number(), losses: z.array(z.number()) }),
  z.object({ kind: z.literal('run-checkpoint'), run: z.string(), record: checkpointRecordSchema }),
  z.object({ kind: z.literal('run-warning'), run: z.string(), code: z.string(), message: z.string() }),
  /** Of anything else that takes long: an import, a download, an evaluation. `task` is the id that the starting call returned. */
  z.object({
    kind: z.literal('task-progress'),
    task: z.string(),
    label: z.string(),
    done: z.number(),
    total: z.number().nullable(),
    unit: z.enum(['rows', 'bytes', 'examples', 'runs', 'steps']),
    perSecond: z.number().nullable(),
    etaSeconds: z.number().nullable(),
  }),
  z.object({ kind: z.literal('task-ended'), task: z.string(), outcome: z.enum(['done', 'failed', 'cancelled']), problem: problemRecordSchema.nullable() }),
  /** What was asked for is not kept any more: ask every service anew. Its number is that of the newest event. */
  z.object({ kind: z.literal('gap') }),
]);
export type CoreEvent = z.infer<typeof coreEventSchema>;

export const numberedCoreEventSchema = z.object({
  /** Of the core that sends: another one counts anew. */
  core: z.string(),
  /** From 1 up, without holes within a core. */
  sequence: z.int(),
  event: coreEventSchema,
});
export type NumberedCoreEvent = z.infer<typeof numberedCoreEventSchema>;

export const eventsContract = {
  /** @param after the last event that the client saw; null starts with what comes from now on. */
  watch: procedure
    .input(z.object({ after: z.object({ core: z.string(), sequence: z.int().min(0) }).nullable() }))
    .output(eventIterator(numberedCoreEventSchema)),
  /** Where the stream stands: to be asked before the state that the stream then keeps up to date. */
  position: procedure.output(z.object({ core: z.string(), sequence: z.int() })),
};
