/** A pattern-verbalizer pair on real rows, as a model would read them. */
import { z } from 'zod';
import { pvpFindingSchema } from './pvp-finding.ts';
import { problemRecordSchema } from './worker-protocol.ts';

const tokenSchema = z.object({ id: z.int(), piece: z.string() });

/** Stretches of the encoder's input, in order; `rows` of a soft slot are the prompt's. */
export const previewPartSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), tokens: z.array(tokenSchema) }),
  z.object({ kind: z.literal('soft'), rows: z.int() }),
  /** The sentinel. */
  z.object({ kind: z.literal('answer'), tokens: z.array(tokenSchema) }),
  z.object({ kind: z.literal('end'), tokens: z.array(tokenSchema) }),
]);
export type PreviewPart = z.infer<typeof previewPartSchema>;

/** What a pattern made of a row, before tokens; texts are cut to some thousand characters here. */
const shownPartSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string(), isCut: z.boolean() }),
  z.object({ kind: z.literal('soft'), rows: z.int(), from: z.string().nullable() }),
  z.object({ kind: z.literal('answer') }),
]);

export const previewExampleSchema = z.object({
  id: z.string(),
  line: z.int(),
  parts: z.array(shownPartSchema),
  /** Null for a row without a label. */
  target: z.string().nullable(),
  /** Null without a model. */
  tokens: z.object({
    input: z.array(previewPartSchema),
    target: z.array(tokenSchema).nullable(),
    counts: z.object({ text: z.int(), soft: z.int(), total: z.int(), target: z.int() }),
    isTruncated: z.boolean(),
  }).nullable(),
});
export type PreviewExample = z.infer<typeof previewExampleSchema>;

export const pvpPreviewSchema = z.object({
  examples: z.array(previewExampleSchema),
  /** Rows that the format or the pattern refuses. */
  refused: z.array(z.object({ line: z.int(), problem: problemRecordSchema })),
  rows: z.int(),
  truncated: z.int(),
  /** Words of the labels in class-id order; null for open answers. */
  words: z.array(z.string()).nullable(),
  /** What a pattern may name, of the first row that the format reads; null where it reads none. */
  fields: z.array(z.string()).nullable(),
  findings: z.array(pvpFindingSchema),
});
export type PvpPreview = z.infer<typeof pvpPreviewSchema>;
