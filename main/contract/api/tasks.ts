/** The task library: tasks and their versions, presets, checks and previews of a pair, and libraries in and out. */
import { z } from 'zod';
import { pvpSchema } from '../pvp.ts';
import { pvpFindingSchema } from '../pvp-finding.ts';
import { pvpPreviewSchema } from '../pvp-preview.ts';
import { libraryFileSchema, taskDefinitionSchema, taskDetailsSchema, taskSummarySchema, taskVersionSchema } from '../task-library.ts';
import { procedure } from './procedure.ts';
import { runStatusSchema } from './runs.ts';

const name = z.string().min(1).max(200);
const format = z.string().min(1).max(100);
const labels = z.array(z.string().max(200)).max(200).nullable();
/** A model of the workspace; null leaves out what depends on a tokenizer. */
const model = z.string().max(200).nullable();

export const pvpCheckSchema = z.object({
  /** The worst first. */
  findings: z.array(pvpFindingSchema),
  /** Null where the pattern cannot be read. */
  facts: z.object({ softRows: z.array(z.int()), fields: z.array(z.string()), hasAnswerSlot: z.boolean(), hasTarget: z.boolean() }).nullable(),
  /** Of every word, as the model says it; null without a model, or where there are no words. */
  pieces: z.array(z.object({ label: z.string(), word: z.string(), pieces: z.array(z.string()) })).nullable(),
});

export const translationSchema = z.object({
  dataset: z.string().nullable(),
  subset: z.string().nullable(),
  format: z.string(),
  pvps: z.array(pvpSchema),
  notTranslated: z.array(z.object({ id: z.string(), name: z.string(), reason: z.string(), action: z.string() })),
  unknownFields: z.array(z.object({ pvp: z.string(), fields: z.array(z.string()) })),
});

/** A task format: what a row must hold, and what an answer may be. */
export const taskFormatReportSchema = z.object({
  /** What a run and a mapping name. */
  format: z.string(),
  title: z.string(),
  roles: z.array(z.object({ role: z.string(), kind: z.enum(['text', 'label', 'list', 'number']), isOptional: z.boolean() })),
  /** The model's words, in class-id order; null for open answers, empty where a file decides. */
  labels: z.array(z.string()).nullable(),
  metrics: z.array(z.string()),
});
export type TaskFormatReport = z.infer<typeof taskFormatReportSchema>;

export const taskRunSchema = z.object({
  run: z.string(), status: runStatusSchema, method: z.string(), seed: z.number(), version: z.int(), pvp: z.string(), isTrashed: z.boolean(), createdAt: z.iso.datetime(),
});
export type TaskRun = z.infer<typeof taskRunSchema>;

export const tasksContract = {
  formats: procedure.output(z.array(taskFormatReportSchema)),
  list: procedure.input(z.object({ trash: z.enum(['without', 'only']).default('without') }).prefault({})).output(z.array(taskSummarySchema)),
  /** @param version null shows the latest. */
  get: procedure.input(z.object({ name, version: z.int().min(1).nullable().default(null) })).output(taskDetailsSchema),
  versions: procedure.input(z.object({ name })).output(z.array(taskVersionSchema)),
  /** Runs that used a pair of the task, the latest first, also from the trash. */
  runs: procedure.input(z.object({ name })).output(z.array(taskRunSchema)),
  create: procedure.input(z.object({ name, definition: taskDefinitionSchema })).output(taskDetailsSchema),
  /** `basedOn` is the version that was edited: another edit meanwhile is not overwritten. */
  update: procedure.input(z.object({ name, basedOn: z.int().min(1), definition: taskDefinitionSchema })).output(taskDetailsSchema),
  /** An earlier version becomes the latest again, as a version of its own. */
  revert: procedure.input(z.object({ name, version: z.int().min(1) })).output(taskDetailsSchema),
  trash: procedure.input(z.object({ name })).output(taskSummarySchema),
  restore: procedure.input(z.object({ name })).output(taskSummarySchema),
  /** Every task that comes with the program and is not here yet, each with the published pairs of its format. */
  addBuiltIn: procedure.output(z.object({ added: z.array(z.string()), present: z.array(z.string()) })),
  /** A definition with every published pair of a format: what a new task can begin with. */
  presets: procedure.input(z.object({ format })).output(taskDefinitionSchema),
  /** `fields` of the data, where they are known. */
  check: procedure.input(z.object({ format, labels, pvp: pvpSchema, model, fields: z.array(z.string()).max(1000).nullable() })).output(pvpCheckSchema),
  preview: procedure
    .input(z.object({
      format, labels, pvp: pvpSchema, model,
      data: z.discriminatedUnion('kind', [
        /** The first rows of a file: a path, a grant, a data set of the workspace (`dataset:…`), or one that comes with the program (`built-in:sst2/dev`). */
        z.object({ kind: z.literal('file'), file: z.string().min(1), rows: z.int().min(1).max(100) }),
        z.object({ kind: z.literal('rows'), rows: z.array(z.record(z.string(), z.unknown())).min(1).max(100) }),
      ]),
      /** Soft rows are not counted. */
      maxSourceTokens: z.int().min(1).max(8192),
    }))
    .output(pvpPreviewSchema),
  /** What a templates.yaml would become; nothing is kept. */
  readPromptsource: procedure.input(z.object({ file: z.string().min(1), format: format.nullable() })).output(translationSchema),
  /** Keeps it as a task, or as more pairs of one; null where nothing could be translated. */
  importPromptsource: procedure
    .input(z.object({ file: z.string().min(1), format: format.nullable(), task: name }))
    .output(z.object({ translation: translationSchema, task: taskDetailsSchema.nullable() })),
  /** Null exports every task outside the trash. */
  exportLibrary: procedure.input(z.object({ names: z.array(name).max(2000).nullable() })).output(libraryFileSchema),
  importLibrary: procedure
    .input(z.object({ file: z.string().min(1), conflicts: z.enum(['refuse', 'new-version']) }))
    .output(z.object({ added: z.array(z.string()), updated: z.array(z.string()), unchanged: z.array(z.string()) })),
};
