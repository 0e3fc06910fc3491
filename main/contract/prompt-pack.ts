/**
 * What a prompt pack says of itself: `manifest.json` in a `.promptpack`, the same in a pack folder. Its prompts lie beside it in PEFT's
 * layout, a single one at the top, several in `prompt-1/`, `prompt-2/`, … Nothing in it names a place on a machine or a time, so that the
 * same prompts give the same bytes.
 */
import { z } from 'zod';
import { usedPvpSchema } from './pvp.ts';

/** Every limit is beyond what a prompt of the largest T5 needs. */
export const packLimits = {
  prompts: 100,
  /** A prompt of 100 rows is usual, past which longer ones do not help (Lester et al. 2021, figure 3a). */
  rows: 1000,
  width: 65_536,
  manifestBytes: 1 << 20,
  adapterConfigBytes: 1 << 16,
  /** 1000 rows of the widest T5 (10,240) take 41 MB. */
  weightsBytes: 48 << 20,
  /** Of everything in a pack. */
  totalBytes: 200_000_000,
} as const;

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in lower-case hexadecimal digits');
const nameSchema = z.string().min(1).max(200);
const countSchema = z.int().min(0);

/** `google/t5-base-lm-adapt` */
export const hubIdSchema = z.string().max(200).regex(/^[\w.-]+\/[\w.-]+$/, 'not of the form owner/name');

/** The frozen model that the prompts were trained for; null where it is not known. */
export const packBaseSchema = z.strictObject({
  /** For people. */
  name: nameSchema.nullable(),
  hubId: hubIdSchema.nullable(),
  /** Of configuration and weights: what decides whether a model is this one. */
  fingerprint: sha256Schema.nullable(),
  /** Of the embedding: a prompt's own. */
  width: z.int().min(1).max(packLimits.width),
  layers: z.int().min(1).max(10_000).nullable(),
  heads: z.int().min(1).max(10_000).nullable(),
  convention: z.enum(['lm-adapted', 'span-corruption']).nullable(),
  tokenizerSha256: sha256Schema.nullable(),
});
export type PackBase = z.infer<typeof packBaseSchema>;

export const packLabelSchema = z.strictObject({ value: z.string().max(1000), word: z.string().min(1).max(1000) });

export const packTaskSchema = z.strictObject({
  /** A task format's id. */
  format: nameSchema,
  /** In class-id order: what data files write, what the model says; null for open answers. */
  labels: z.array(packLabelSchema).max(1000).nullable(),
  /** The pattern that writes the model's inputs and the verbalizer of its labels; null for the format's own text form. */
  pvp: usedPvpSchema.nullable(),
  maxSourceTokens: z.int().min(1).max(100_000),
  maxTargetTokens: z.int().min(1).max(10_000),
});
export type PackTask = z.infer<typeof packTaskSchema>;

const scoreSchema = z.number().nullable();
export const packMetricsSchema = z.strictObject({
  split: z.enum(['dev', 'test']),
  /** Of the data file. */
  sha256: sha256Schema,
  rows: countSchema,
  examples: countSchema.nullable(),
  /** By metric id, 0 to 1. */
  scores: z.record(nameSchema, scoreSchema),
  /** Mean of the task's metrics. */
  score: scoreSchema,
  /** Share of answers that are answers at all. */
  legalRate: scoreSchema,
  /** Mean −log p per token of the right label. */
  loss: scoreSchema,
});

export const packPromptSchema = z.strictObject({
  rows: z.int().min(1).max(packLimits.rows),
  /** Optimizer steps done. */
  step: countSchema.nullable(),
  seed: countSchema.nullable(),
  /** A method's id with its settings, complete; null where they are not known. */
  method: z.strictObject({ id: nameSchema, settings: z.record(nameSchema, z.json()) }).nullable(),
  /** A few-shot run's draw; null for whole files or where nothing is known. */
  sampling: z.json().nullable(),
  metrics: z.array(packMetricsSchema).max(10),
});

export const packManifestSchema = z.strictObject({
  format: z.literal('souffleur-prompt-pack'),
  version: z.literal(1),
  /** For people. */
  title: nameSchema,
  /** The program that wrote it. */
  writtenBy: nameSchema,
  /** Said by whoever gives the pack away; null says nothing. */
  licence: z.string().min(1).max(10_000).nullable(),
  base: packBaseSchema,
  task: packTaskSchema.nullable(),
  /** How the scores came about; null where there are none. */
  policy: z.strictObject({
    /** The model's own words, most likely piece by piece; an answer counts when it equals a label or an accepted answer. */
    answers: z.literal('greedy'),
    /** The metric that chose among a run's steps, `score` for the mean of the task's; null where a person chose. */
    stepChosenBy: nameSchema.nullable(),
  }).nullable(),
  /** One, or the members of an ensemble in the order of the vote. */
  prompts: z.array(packPromptSchema).min(1).max(packLimits.prompts),
  /** Every other file of the pack, in their order. */
  entries: z.array(z.strictObject({ path: nameSchema, bytes: countSchema.max(packLimits.weightsBytes), sha256: sha256Schema })).max(2 * packLimits.prompts),
});
export type PackManifest = z.infer<typeof packManifestSchema>;

/** Before its files exist. */
export const packDraftSchema = packManifestSchema.omit({ entries: true });
export type PackDraft = z.infer<typeof packDraftSchema>;

export const packOriginSchema = z.enum(['pack', 'pack-folder', 'peft', 'numpy', 'torch', 'safetensors']);
export type PackOrigin = z.infer<typeof packOriginSchema>;
