/**
 * What a study found, as plain data: the same for the terminal, the exports, the HTML report and the window. Scores and rates are
 * shares from 0 to 1. `score` is the mean of a task's metrics, as SuperGLUE counts it; it stands beside them under its own key.
 */

export type Scores = Readonly<Record<string, number>>;

export interface StudyReport {
  readonly name: string;
  readonly model: { readonly name: string; readonly fingerprint: string; readonly parameterCount: number };
  /** Which split the scores are of; dev made every choice. */
  readonly split: 'dev' | 'test';
  readonly tasks: readonly StudyTask[];
  readonly methods: readonly StudyMethod[];
  /** One for every method and task, also where no run is finished yet. */
  readonly cells: readonly StudyCell[];
  readonly comparisons: readonly StudyComparison[];
}

export interface StudyTask {
  /** Unique in the study. */
  readonly id: string;
  readonly title: string;
  readonly format: string;
  /** Ids of its metrics, without `score`. */
  readonly metrics: readonly string[];
  /** What always giving one answer would score, the one that scores best on the training file; null for open answers. */
  readonly majority: Scores | null;
  readonly examples: { readonly train: number; readonly dev: number; readonly test: number };
}

export interface StudyMethod {
  /** Unique in the study. */
  readonly id: string;
  /** A training method's id. */
  readonly method: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly trainableParameters: number;
  readonly storageBytesPerTask: number;
}

export interface StudyCell {
  readonly task: string;
  readonly method: string;
  readonly runs: readonly StudyRun[];
  /** By metric and `score`, over the finished runs; empty while none is. */
  readonly summary: Readonly<Record<string, ScoreSummary>>;
  /** The run that dev chose: its score is reported as "best". */
  readonly best: { readonly runId: string; readonly scores: Scores } | null;
  /** The vote of all runs' prompts; null for a single run or a method without prompts. */
  readonly ensemble: EnsembleOutcome | null;
  /** Mean share of answers that are a label; null for open answers. */
  readonly legalRate: number | null;
}

export interface ScoreSummary {
  readonly values: readonly number[];
  readonly mean: number;
  /** Sample standard deviation (n − 1); null for one value. */
  readonly standardDeviation: number | null;
  /** 95 % of the mean, Student's t; null for one value. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

export interface EnsembleOutcome {
  readonly members: number;
  readonly scores: Scores;
  /** Examples whose vote was tied, and member answers that were no label. */
  readonly ties: number;
  readonly abstentions: number;
}

export interface StudyRun {
  readonly runId: string;
  readonly seed: number;
  readonly status: string;
  readonly dev: Scores | null;
  readonly test: Scores | null;
  readonly legalRate: number | null;
  readonly seconds: number | null;
  readonly peakMemoryBytes: number | null;
  readonly curve: { readonly loss: readonly CurvePoint[]; readonly dev: readonly CurvePoint[] };
}

export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

/** Two methods on one task, over the same test examples. `difference` is mean(a) − mean(b) of `score`. */
export interface StudyComparison {
  readonly task: string;
  readonly a: string;
  readonly b: string;
  readonly difference: number;
  readonly mcnemar: { readonly pValue: number; readonly onlyA: number; readonly onlyB: number } | null;
  readonly bootstrap: { readonly pValue: number; readonly low: number; readonly high: number } | null;
  /** Over seeds; null with fewer than two seeds on a side. */
  readonly permutation: { readonly pValue: number } | null;
  /** Holm's, over all comparisons of the study. */
  readonly adjustedPValue: number | null;
  /** Cohen's g for paired binary outcomes (share of discordant pairs above one half). */
  readonly effect: number | null;
  /** In words: "PT is 3.2 points above FT (p = 0.004)" or "statistically tied". */
  readonly sentence: string;
}
