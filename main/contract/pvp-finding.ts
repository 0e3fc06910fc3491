/** What a check of a pattern or a verbalizer found. */
import { z } from 'zod';

export const pvpFindingSchema = z.object({
  /** Stable, kebab-case, for example `first-piece-shared`. */
  code: z.string(),
  /** `error`: a run with it is refused or wrong. `warning`: it works, and probably not as meant. `note`: good to know. */
  severity: z.enum(['error', 'warning', 'note']),
  message: z.string(),
  /** What the person can do. */
  action: z.string(),
  /** The label that it is about, where it is one. */
  label: z.string().nullable(),
  /** Of the pattern's text, both from 1; null for what is no place in it. */
  place: z.object({ line: z.int(), column: z.int() }).nullable(),
});
export type PvpFinding = z.infer<typeof pvpFindingSchema>;
