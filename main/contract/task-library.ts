/** Tasks of the library as plain data: the same for the database, an exported library and whoever asks. */
import { z } from 'zod';
import { pvpSchema, taskVersionNameSchema } from './pvp.ts';

/** What a person types, and half of `TASK/PVP@version`. */
export const taskNameSchema = z.string().max(100).regex(/^[\p{L}\p{N}]+(?:[._-]+[\p{L}\p{N}]+)*$/u, 'letters and digits with . _ or - between them');

export const taskDefinitionSchema = z.strictObject({
  title: z.string().min(1).max(200),
  /** A task format's id; it decides fields, labels and metrics. */
  format: z.string().min(1).max(100),
  /** Classes of a format for any classes as the file writes them, in class-id order; null lets the training file decide. */
  labels: z.array(z.string().max(200)).max(200).nullable(),
  /** An imported data set; null leaves that to the run. */
  dataset: z.strictObject({ name: z.string().min(1).max(200), version: z.int().min(1).nullable() }).nullable(),
  /** In the order of the list; every id once. */
  pvps: z.array(pvpSchema).max(500),
  provenance: z.string().max(500),
});
export type TaskDefinition = z.infer<typeof taskDefinitionSchema>;

export const taskSummarySchema = z.object({
  name: z.string(),
  title: z.string(),
  format: z.string(),
  /** The latest. */
  version: z.int(),
  hash: z.string(),
  pvps: z.array(z.object({ id: z.string(), title: z.string() })),
  createdAt: z.iso.datetime(),
  editedAt: z.iso.datetime(),
  trashedAt: z.iso.datetime().nullable(),
});
export type TaskSummary = z.infer<typeof taskSummarySchema>;

export const taskDetailsSchema = taskVersionNameSchema.extend({
  latestVersion: z.int(),
  createdAt: z.iso.datetime(),
  trashedAt: z.iso.datetime().nullable(),
  definition: taskDefinitionSchema,
  metrics: z.array(z.string()),
  /** The format's own; null for open answers, empty where a file decides. */
  formatLabels: z.array(z.string()).nullable(),
});
export type TaskDetails = z.infer<typeof taskDetailsSchema>;

export const taskVersionSchema = z.object({ version: z.int(), hash: z.string(), createdAt: z.iso.datetime(), title: z.string(), pvps: z.int() });
export type TaskVersion = z.infer<typeof taskVersionSchema>;

/** One file that holds tasks and where they came from. */
export const libraryFileSchema = z.strictObject({
  kind: z.literal('souffleur-task-library'),
  formatVersion: z.literal(1),
  exportedAt: z.iso.datetime(),
  /** Of the program that wrote it. */
  programVersion: z.string().max(100),
  tasks: z.array(z.strictObject({
    name: taskNameSchema,
    version: z.int().min(1),
    /** Of the definition; a file whose definition was changed is told. */
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    definition: taskDefinitionSchema,
  })).max(2000),
});
export type LibraryFile = z.infer<typeof libraryFileSchema>;
