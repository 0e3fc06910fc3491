/**
 * Finished runs held against each other over the same examples, as plain data: the same for the terminal, the exports and the window.
 * Scores, values and rates are shares from 0 to 1. Everything is computed over the joined examples that have a label, so every table
 * and every count of a report speaks of the same examples.
 */
import type { Scores } from './study.ts';

export interface ComparisonReport {
  /** A task format's id. */
  readonly task: string;
  readonly split: 'dev' | 'test';
  /** Words in class-id order; null for open answers. */
  readonly labels: readonly string[] | null;
  readonly joined: JoinedCounts;
  readonly runs: readonly ComparedRun[];
  /** Every run with every later one. */
  readonly pairs: readonly ComparedPair[];
  /** In the order of their ids. */
  readonly examples: readonly ComparedExample[];
  /** What each way to adapt the runs' model would train and store for a task; null where the runs are of several models. */
  readonly parameterCounts: readonly ParameterCount[] | null;
  /** Sentences a person should know: a data file that is gone, examples that were left out. */
  readonly warnings: readonly string[];
}

export interface JoinedCounts {
  /** In every run, with a label. */
  readonly examples: number;
  /** In every run, without a label: part of no count. */
  readonly unlabelled: number;
  /** Ids that only some runs have, or under which they have different examples: left out, as it was asked for. */
  readonly leftOut: number;
}

export interface ComparedRun {
  readonly id: string;
  readonly method: string;
  readonly methodTitle: string;
  readonly model: string;
  readonly seed: number;
  readonly trainableParameters: number | null;
  /** Of the best checkpoint's file: what has to be kept for this task beside the model, or in place of it. */
  readonly storageBytesPerTask: number | null;
  readonly seconds: number | null;
  readonly peakMemoryBytes: number | null;
  /** By metric and `score`. */
  readonly scores: Scores;
  /** Share of answers that are a label; for open answers, that are not empty. */
  readonly legalRate: number;
  /** Right answer × answer; null for open answers. */
  readonly confusion: ConfusionTable | null;
}

/** Rows and columns in the order of their names; the last column (and between two models the last row) counts answers that are no label. */
export interface ConfusionTable {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [rows][columns] */
  readonly counts: readonly (readonly number[])[];
}

export type Quadrant = 'both-right' | 'only-a' | 'only-b' | 'both-wrong';

/** Which examples a document or a terminal shows of every pair. */
export interface ShownExamples {
  readonly quadrants: readonly Quadrant[];
  /** Of every quadrant. */
  readonly limit: number;
}

export interface ComparedPair {
  readonly a: string;
  readonly b: string;
  readonly outcome: PairOutcome;
  /** The same where a whole question counts, every answer right or not (MultiRC); null elsewhere. */
  readonly byQuestion: PairOutcome | null;
  /** Answer of a × answer of b; null for open answers. */
  readonly confusion: ConfusionTable | null;
}

export interface PairOutcome {
  /** What is counted. */
  readonly unit: 'example' | 'answer' | 'question';
  readonly total: number;
  /** Ids of examples, or of questions. */
  readonly quadrants: Readonly<Record<Quadrant, readonly string[]>>;
  /** Means of the values, a − b: share of right answers, or of token F1 for spans. */
  readonly difference: number;
  readonly mcnemar: { readonly pValue: number };
  /** 95 % of the difference, over resampled units; null for a single one. */
  readonly bootstrap: { readonly pValue: number; readonly low: number; readonly high: number } | null;
  /**
   * Holm's, over all pairs of the report: of McNemar's where values are right or wrong, of the bootstrap's for spans; null where no test
   * was possible.
   */
  readonly adjustedPValue: number | null;
  /** Cohen's g for paired binary outcomes: share of discordant pairs that a wins, less one half; null without discordant pairs. */
  readonly effect: number | null;
  readonly sentence: string;
}

export interface ComparedExample {
  readonly id: string;
  /** What is scored together, for example a question of MultiRC. */
  readonly group: string | null;
  /** Null where the data file is gone or changed. */
  readonly input: string | null;
  readonly target: string;
  /** In the order of the report's runs. */
  readonly answers: readonly ComparedAnswer[];
}

export interface ComparedAnswer {
  readonly text: string;
  readonly isRight: boolean;
  /** 0 or 1; token F1 for spans. */
  readonly value: number;
  /** log p(right label) − log p(the likeliest other), in nats; positive where the right one is preferred; null for open answers. */
  readonly margin: number | null;
}

export interface ParameterCount {
  readonly method: string;
  readonly title: string;
  /** Get gradients. */
  readonly trainableParameters: number;
  /** Of the parameters that are kept for a task, in the model's. */
  readonly share: number;
  readonly storageBytesPerTask: number;
  /** Where the formula comes from. */
  readonly source: string;
}
