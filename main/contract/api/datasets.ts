/**
 * Data sets: what a source holds, its first rows, which column is which, what is wrong with it, and its import into the workspace.
 * A source is looked at as often as wanted; nothing is kept before `import`.
 */
import { z } from 'zod';
import { problemRecordSchema } from '../worker-protocol.ts';
import { procedure } from './procedure.ts';
import { startedWorkSchema } from './work.ts';

const name = z.string().min(1).max(200);

export const datasetSourceSchema = z.discriminatedUnion('kind', [
  /** Files, folders or zip archives: a path, or a grant for what was dropped. */
  z.object({ kind: z.literal('paths'), paths: z.array(z.string().min(1)).min(1).max(1000) }),
  /** A data set of the hub; its address is a setting. */
  z.object({ kind: z.literal('hub'), id: z.string().min(1).max(300), revision: z.string().min(1).max(200).default('main') }),
]);
export type DatasetSource = z.infer<typeof datasetSourceSchema>;

/** What a person settles about text files where their content leaves it open. */
export const readingChoicesSchema = z.object({
  encoding: z.enum(['auto', 'utf-8', 'windows-1252', 'gb18030', 'shift_jis', 'euc-kr']).default('auto'),
  delimiter: z.enum(['auto', ',', '\t', ';', '|']).default('auto'),
  header: z.enum(['auto', 'present', 'absent']).default('auto'),
});

/** Which column plays which role of a task format; a column that is not named here stays a column of its own. */
export const columnMappingSchema = z.object({
  /** A task format's id; null where none fits. */
  format: z.string().nullable(),
  columns: z.array(z.object({ column: z.string(), role: z.string() })).max(1000),
});
export type ColumnMapping = z.infer<typeof columnMappingSchema>;

/** Which part of a source: a table is what belongs together in splits (a task of SuperGLUE, a configuration on the hub). */
const part = {
  source: datasetSourceSchema,
  choices: readingChoicesSchema.prefault({}),
  /** Null where the source has only one. */
  table: z.string().nullable().default(null),
};

const sourceFileSchema = z.object({
  label: z.string(),
  sizeBytes: z.number(),
  /** Null for a file that was not looked at: on the hub before its download. */
  form: z.object({
    container: z.enum(['jsonl', 'json', 'json-columns', 'csv', 'tsv', 'parquet']),
    encoding: z.string(),
    delimiter: z.string().nullable(),
    /** Null where the container has none of its own. */
    hasHeader: z.boolean().nullable(),
    columns: z.array(z.string()),
  }).nullable(),
  /** Why it cannot be read. */
  problem: problemRecordSchema.nullable(),
});

export const sniffedSourceSchema = z.object({
  kind: z.enum(['file', 'files', 'folder', 'archive', 'hub']),
  /** A name for the data set. */
  suggestedName: z.string(),
  tables: z.array(z.object({ table: z.string(), splits: z.array(z.object({ split: z.string(), files: z.array(sourceFileSchema) })) })),
  skipped: z.array(z.object({ label: z.string(), reason: z.string() })),
  /** What is no data but would be taken elsewhere: a T5 checkpoint's folder, a prompt to be opened as a pack. Then there are no tables. */
  insteadOfData: z.enum(['model', 'pack']).nullable(),
});
export type SniffedSource = z.infer<typeof sniffedSourceSchema>;

const rowNoteSchema = z.object({ code: z.string(), line: z.int().nullable(), message: z.string() });

export const datasetPreviewSchema = z.object({
  table: z.string(),
  split: z.string(),
  columns: z.array(z.string()),
  /** Of a column signature: equal for files with the same columns. */
  signature: z.string(),
  mapping: columnMappingSchema,
  /** Where the mapping comes from. */
  origin: z.enum(['given', 'remembered', 'format', 'guess', 'none']),
  /** Other formats that fit as well. */
  alternatives: z.array(z.string()),
  /** The roles of the mapping's format. */
  roles: z.array(z.object({ role: z.string(), kind: z.enum(['text', 'label', 'list', 'number']), isOptional: z.boolean() })),
  /** At most 100; a cell is text as an export would write it, cut at 2000 characters, or null where the row has none. */
  rows: z.array(z.object({ index: z.int(), line: z.int(), cells: z.array(z.string().nullable()) })),
  /** What the model would read and say; tokens with their end of sequence, null without a model. */
  examples: z.array(z.object({
    row: z.int(), id: z.string(), input: z.string(), target: z.string().nullable(), inputTokens: z.int().nullable(), targetTokens: z.int().nullable(),
  })),
  notes: z.array(rowNoteSchema),
});
export type DatasetPreview = z.infer<typeof datasetPreviewSchema>;

const tallySchema = z.object({ count: z.int(), line: z.int(), earlierLine: z.int().nullable() });
const lengthsSchema = z.object({ measured: z.int(), mean: z.number(), median: z.int(), percentile95: z.int(), longest: z.int(), limit: z.int(), overLimit: z.int(),
  /** How many texts by length: bins of equal width from 0 through the longest. */
  histogram: z.array(z.int()).default([]),
});

const splitReportSchema = z.object({
  split: z.string(),
  files: z.array(z.object({ label: z.string(), sizeBytes: z.number(), container: z.string(), encoding: z.string() })),
  rows: z.int(),
  examples: z.int(),
  columns: z.array(z.string()),
  emptyCells: z.array(z.object({ column: z.string(), count: z.int(), line: z.int() })),
  /** Of equal inputs; null where there are none. */
  duplicates: tallySchema.nullable(),
  contradictions: tallySchema.nullable(),
  unlabeled: tallySchema.nullable(),
  repeatedIds: tallySchema.nullable(),
  longRows: tallySchema.nullable(),
  /** Label or target → examples, in order of first appearance; the commonest 200. Null for open answers. */
  labels: z.array(z.object({ label: z.string(), count: z.int() })).nullable(),
  isSingleClass: z.boolean(),
  /** In tokens; null without a model. */
  inputLengths: lengthsSchema.nullable(),
  targetLengths: lengthsSchema.nullable(),
  /** Rows that cannot be read at all: ragged, broken. They stop an import. The first 20 of `badRows`. */
  badRows: z.int(),
  badRowNotes: z.array(rowNoteSchema),
  /** Rows that the format refuses. The first 20 of `misfits`. */
  misfits: z.int(),
  misfitNotes: z.array(rowNoteSchema),
  warnings: z.array(rowNoteSchema),
});

export const datasetReportSchema = z.object({
  table: z.string(),
  mapping: columnMappingSchema,
  origin: datasetPreviewSchema.shape.origin,
  splits: z.array(splitReportSchema),
  /** Examples of one split whose input is in another, too. */
  overlaps: z.array(z.object({ left: z.string(), right: z.string(), count: z.int(), leftLine: z.int(), rightLine: z.int() })),
  isImportable: z.boolean(),
});
export type DatasetReport = z.infer<typeof datasetReportSchema>;
export type SplitReport = z.infer<typeof splitReportSchema>;

export const datasetSummarySchema = z.object({
  name,
  version: z.int(),
  /** For people: the path or address. */
  origin: z.string(),
  format: z.string().nullable(),
  splits: z.array(z.object({ split: z.string(), rows: z.int(), bytes: z.number(), sha256: z.string(), columns: z.array(z.string()), reference: z.string() })),
  importedAt: z.iso.datetime(),
  trashedAt: z.iso.datetime().nullable(),
});
export type DatasetSummary = z.infer<typeof datasetSummarySchema>;

export const datasetDetailsSchema = datasetSummarySchema.extend({
  source: z.record(z.string(), z.unknown()),
  sourceSha256: z.string(),
  mapping: columnMappingSchema,
  report: datasetReportSchema,
});
export type DatasetDetails = z.infer<typeof datasetDetailsSchema>;

export const importedDatasetSchema = datasetDetailsSchema.extend({
  /** False where the newest version was the same already. */
  isNew: z.boolean(),
});
export type ImportedDataset = z.infer<typeof importedDatasetSchema>;

/** Tokens are counted with a model's tokenizer. */
const measure = {
  model: z.string().nullable().default(null),
  sourceTokens: z.int().min(1).max(100_000).default(512),
  targetTokens: z.int().min(1).max(100_000).default(64),
};
const key = z.object({ name, version: z.int().min(1).nullable().default(null) });

export const checkRequestSchema = z.object({ ...part, mapping: columnMappingSchema.nullable().default(null), ...measure });
export const importRequestSchema = checkRequestSchema.extend({
  /** Null takes the suggested one. */
  name: name.nullable().default(null),
  /** Also keeps the mapping under this name. */
  saveMappingAs: name.nullable().default(null),
});
export const previewRequestSchema = checkRequestSchema.extend({ split: z.string().nullable().default(null) });
export type PreviewRequest = z.infer<typeof previewRequestSchema>;
export type CheckRequest = z.infer<typeof checkRequestSchema>;
export type ImportRequest = z.infer<typeof importRequestSchema>;

export const exportRequestSchema = key.extend({
  /** Null where there is only one. */
  split: z.string().nullable().default(null),
  form: z.enum(['csv', 'tsv', 'jsonl', 'json']),
  /** The file, or with a file name the folder. */
  path: z.string().min(1),
  fileName: z.string().regex(/^[^/\\\0]{1,200}$/).nullable().default(null),
  /** `refuse` leaves a file that is there alone. */
  existing: z.enum(['refuse', 'replace']).default('refuse'),
});
export type ExportRequest = z.infer<typeof exportRequestSchema>;
export const exportedSplitSchema = z.object({ path: z.string(), rows: z.int(), bytes: z.number() });

export const savedMappingSchema = z.object({ name: z.string().nullable(), signature: z.string(), mapping: columnMappingSchema, usedAt: z.iso.datetime() });

export const datasetsContract = {
  sniff: procedure.input(z.object({ source: datasetSourceSchema, choices: readingChoicesSchema.prefault({}) })).output(sniffedSourceSchema),
  preview: procedure.input(previewRequestSchema).output(datasetPreviewSchema),
  /** Reads everything through and keeps nothing. */
  check: procedure.input(checkRequestSchema).output(startedWorkSchema),
  checked: procedure.input(z.object({ task: z.string() })).output(datasetReportSchema.nullable()),
  import: procedure.input(importRequestSchema).output(startedWorkSchema),
  imported: procedure.input(z.object({ task: z.string() })).output(importedDatasetSchema.nullable()),
  list: procedure.input(z.object({ trash: z.enum(['without', 'only']).default('without') }).prefault({})).output(z.array(datasetSummarySchema)),
  show: procedure.input(key).output(datasetDetailsSchema),
  /** Rows of an imported split, from `from` on. */
  rows: procedure.input(key.extend({ split: z.string().nullable().default(null), from: z.int().min(0).default(0), limit: z.int().min(1).max(1000).default(100) }))
    .output(z.object({ split: z.string(), columns: z.array(z.string()), total: z.int(), rows: datasetPreviewSchema.shape.rows })),
  export: procedure.input(exportRequestSchema).output(exportedSplitSchema),
  /** Into the trash: undoes an import. Without a version all of the name. */
  remove: procedure.input(key).output(z.array(datasetSummarySchema)),
  restore: procedure.input(key).output(z.array(datasetSummarySchema)),
  mappings: procedure.output(z.array(savedMappingSchema)),
  saveMapping: procedure.input(z.object({ name, signature: z.string().regex(/^[0-9a-f]{64}$/), mapping: columnMappingSchema })).output(z.array(savedMappingSchema)),
  removeMapping: procedure.input(z.object({ name })).output(z.array(savedMappingSchema)),
};
