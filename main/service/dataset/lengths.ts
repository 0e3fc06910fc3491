/** How long texts are in a model's tokens, end of sequence included. */
import type { SplitReport } from '../../contract/api/datasets.ts';

/** Tokens of a text without its end of sequence. */
export type TokenCounter = (text: string) => number;

export interface LengthLimits {
  sourceTokens: number;
  targetTokens: number;
}

/** All texts are measured up to here, then every sixteenth: an even sample tells the share as well. */
const measuredFully = 20_000;
const stride = 16;
const mostMeasured = 200_000;
/** Far beyond what a model reads. */
const longestMeasured = 100_000;
const mostBins = 40;

export class LengthObservation {
  readonly #counter: TokenCounter;
  readonly #limit: number;
  readonly #lengths: number[] = [];
  #seen = 0;

  constructor(counter: TokenCounter, limit: number) {
    this.#counter = counter;
    this.#limit = limit;
  }

  add(text: string): void {
    this.#seen += 1;
    if (this.#lengths.length >= mostMeasured || (this.#seen > measuredFully && this.#seen % stride !== 0)) return;
    this.#lengths.push(this.#counter(text.slice(0, longestMeasured)) + 1);
  }

  /** Null for no text. */
  summary(): SplitReport['inputLengths'] {
    const sorted = this.#lengths.toSorted((left, right) => left - right);
    const longest = sorted.at(-1);
    if (longest === undefined) return null;
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? longest;
    return {
      measured: sorted.length, mean: sorted.reduce((sum, length) => sum + length, 0) / sorted.length, median: at(0.5), percentile95: at(0.95), longest, limit: this.#limit,
      overLimit: sorted.filter((length) => length > this.#limit).length, histogram: binLengths(sorted, longest),
    };
  }
}

/** Whole tokens a bin, so that no bin is empty only because of its edges. */
function binLengths(lengths: readonly number[], longest: number): number[] {
  const width = Math.max(1, Math.ceil((longest + 1) / mostBins));
  const bins = Array.from({ length: Math.floor(longest / width) + 1 }, () => 0);
  for (const length of lengths) {
    const bin = Math.floor(length / width);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}
