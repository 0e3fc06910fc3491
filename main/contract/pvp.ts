/**
 * A pattern-verbalizer pair (Schick and Schütze 2021): how a row becomes text, and which word says which label. Plain data, so that it
 * can be stored, hashed, sent to a worker and named by a run. `main/task/pattern` reads the template, this file only bounds it.
 */
import { z } from 'zod';

/** Characters; the longest published templates have about 2,000. */
export const longestTemplate = 20_000;
/** Classes of a task, as in `label-words.ts`. */
const mostLabels = 200;

const nameText = z.string().min(1).max(200);

/**
 * Jinja's own syntax, a subset: text, fields, filters, if, for, set. Slots: `{{ soft(20) }}` or `{{ soft(20, "text that initialises") }}` for
 * rows of the trained prompt, `{{ answer }}` for where the answer belongs; `|||` ends the input and begins the target. A field that is
 * called `answer`, `soft` or `label` is `row.answer`, … A template without a soft slot gets the whole prompt in front, as a task without
 * a pattern does; one without an answer slot gets it at the end.
 */
const patternSchema = z.strictObject({ template: z.string().min(1).max(longestTemplate) });

/**
 * Label → words, in any order. `label` is the format's own label (`entailment`), for any classes what the file writes. The first word is
 * trained and decoded; an answer that is one of the others counts as the label too.
 */
export const verbalizerSchema = z.strictObject({
  labels: z.array(z.strictObject({ label: z.string().max(200), words: z.array(z.string().max(200)).min(1).max(20) })).min(1).max(mostLabels),
});
export type Verbalizer = z.infer<typeof verbalizerSchema>;

/** Who wrote it down first, as a person can look it up. */
const provenanceSchema = z.string().max(500);

export const pvpSchema = z.strictObject({
  /** Unique in its task: what a person types. */
  id: z.string().regex(/^[\p{L}\p{N}]+(?:[._-]+[\p{L}\p{N}]+)*$/u).max(100),
  title: nameText,
  pattern: patternSchema,
  /** Null keeps the format's own labels, and is all there is for open answers. */
  verbalizer: verbalizerSchema.nullable(),
  /** Which answer convention it was made for, or what to mind; shown beside it, never enforced. */
  answerNote: z.string().max(1000).nullable(),
  provenance: provenanceSchema,
});
export type Pvp = z.infer<typeof pvpSchema>;

/** A published version of a task, as a run names it. */
export const taskVersionNameSchema = z.object({
  /** The task's name in the workspace. */
  task: z.string(),
  /** From 1. */
  version: z.int().min(1),
  /** SHA-256 of the version's canonical JSON. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** What a run keeps of the PVP that it used: the whole pair, and where it came from unless it came from a file. */
export const usedPvpSchema = z.object({ pvp: pvpSchema, version: taskVersionNameSchema.nullable() });
export type UsedPvp = z.infer<typeof usedPvpSchema>;
