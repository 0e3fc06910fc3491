/**
 * What a task format is. One file under format/ exports one `TaskFormat`; one line in index.ts registers it.
 * Text forms follow T5's preprocessors without the benchmark name (text-to-text-transfer-transformer, t5/data/preprocessors.py;
 * google-research/prompt-tuning, prompt_tuning/data/super_glue.py).
 */
import type { InputPart } from './pattern/part.ts';

/** Closed list; each is computed in metric/. */
export type MetricId =
  | 'accuracy'
  /** F1 per class, unweighted mean over all classes of the task (CB). */
  | 'macro-f1'
  /** F1 of the positive class; an answer that is no label counts as wrong (MRPC, QQP). */
  | 'f1'
  /** F1 over all answers of all questions (MultiRC, "F1a"). */
  | 'f1a'
  /** Share of questions with every answer right (MultiRC, "EM"). */
  | 'question-exact-match'
  /** SQuAD-style token F1, best over the gold answers, one query counted once (ReCoRD). */
  | 'span-f1'
  /** SQuAD-style exact match, best over the gold answers, one query counted once (ReCoRD). */
  | 'span-exact-match'
  /** Word-set containment after dropping determiners (T5's wsc_simple). */
  | 'referent-accuracy';

/** One text-to-text example. */
export interface TaskExample {
  /** Stable id: the file's own idx where it has one, else `row-<n>` counted from 0; parts joined by `/` (`12/3/1`). Unique in a file. */
  id: string;
  /** Encoder text without EOS, in T5's own form or a pattern's; slots of a pattern are left out. */
  input: string;
  /** Only of a pattern that has slots: the same text with them, in order. At most one answer slot. */
  parts?: readonly InputPart[];
  /** Decoder text without EOS; null for a row without a label. */
  target: string | null;
  /**
   * Index into the format's labels; null for open answers and for rows without a label.
   * WSC alone has open answers and a label: 1 when `answers[0]` is what the pronoun refers to, 0 when it is not.
   */
  label: number | null;
  /** Examples that are scored together: the question (MultiRC) or the query (ReCoRD). */
  group: string | null;
  /** Every accepted answer, for open tasks; empty otherwise. */
  answers: readonly string[];
  /** 1-based line in the file where the row starts. */
  line: number;
}

/** An example and what it is made of. */
export interface TaskDraft extends TaskExample {
  /**
   * What a pattern may name: the format's own fields under their canonical names, and whatever else the row holds, but for the label.
   * Values as in JSON.
   */
  fields: Readonly<Record<string, unknown>>;
}

export interface DataWarning {
  code: string;
  /** 1-based; null when the warning is about the whole file. */
  line: number | null;
  message: string;
}

/** What is known of a file before any format is chosen. */
export interface DataSample {
  fileName: string;
  /** `json` is a list of objects, `json-columns` an object of lists. */
  container: 'jsonl' | 'json' | 'json-columns' | 'csv' | 'tsv' | 'parquet';
  /** Column names, or the keys of the first rows; for a file without a header `column1`, `column2`, … */
  fields: readonly string[];
  /** First rows as read, values still raw (strings for CSV and TSV). */
  rows: readonly DataRow[];
}

export interface DataRow {
  /** Position in the file, from 0; the header is not a row. */
  index: number;
  /** 1-based line where the row starts. */
  line: number;
  values: Readonly<Record<string, unknown>>;
  /** The row as its file writes it, where that is JSON: what `values` cannot hold is still in it (exact-json.ts). */
  json?: string;
}

/** How training rows and evaluation rows differ: ReCoRD trains on one example per right answer, WSC only on right pairs. */
export type SplitUse = 'train' | 'evaluate';

/** A field that a format reads from a flat row, for saying which column of a file is which. */
export interface FieldRole {
  /** The canonical name first; the others are what published files call it. */
  names: readonly [string, ...string[]];
  kind: 'text' | 'label' | 'list' | 'number';
  /** A label is: files for evaluation come without. */
  isOptional?: true;
}

export interface TaskFormat {
  /** kebab-case, what `--task` takes. */
  id: string;
  title: string;
  /** Where the text form comes from. */
  reference: string;
  /** Of the flat form; nested files need no saying. */
  roles: readonly FieldRole[];
  /** Target texts in class-id order, or null for open answers; empty on a format for any classes until `forLabels` binds them. */
  labels: readonly string[] | null;
  /** Of a verbalizer with several words a label: each further word and the label that it counts as. */
  otherWords?: ReadonlyMap<string, string>;
  /** First metric is not special: the score is their mean. */
  metrics: readonly MetricId[];
  /** How well a sample fits, 0 (not at all) to 1 (certain). */
  match(sample: DataSample): number;
  /**
   * A raw row as zero or more examples.
   * @throws {Problem} with the row's line for a missing field, a label outside the set, or a wrong type.
   */
  examples(row: DataRow, use: SplitUse): TaskExample[];
  /** The same examples in the same order, with the fields for a pattern. @throws {Problem} as examples */
  drafts(row: DataRow, use: SplitUse): TaskDraft[];
  /** Only on a format for any classes (`classification`, `pair`). */
  anyClasses?: AnyClasses;
}

/** A class of a format for any classes: what the file writes and what the model is to say. */
export interface LabelWord {
  value: string;
  word: string;
}

interface AnyClasses {
  /** The label of a row as the file writes it, trimmed; null where it has none. @throws {Problem} `wrong-type`. */
  labelOf(row: DataRow): string | null;
  /** The format with its classes, in class-id order. @throws {Problem} for fewer than two classes, repeated values or repeated words. */
  forLabels(words: readonly LabelWord[]): TaskFormat;
}
