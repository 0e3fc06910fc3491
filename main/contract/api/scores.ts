/** Forms that several reports share. */
import { z } from 'zod';

/** Shares from 0 to 1, by metric and `score`. */
export const scoresSchema = z.record(z.string(), z.number()).readonly();

export const splitSchema = z.enum(['dev', 'test']);

/** A text that a client saves under a name of the person's choice. */
export const exportedTextSchema = z.object({ fileName: z.string(), mediaType: z.string(), text: z.string() });
export type ExportedText = z.infer<typeof exportedTextSchema>;

export const exportFormatSchema = z.enum(['tex', 'md', 'csv', 'json']);
export const latexFormSchema = z.enum(['document', 'tabular']);

/** A page of a long list. */
export const pageInput = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(50) };
