/** SQuAD's token F1 and exact match, the best over all accepted answers (Rajpurkar et al. 2016; T5: t5/evaluation/qa_utils.py). */

export interface SpanPair {
  /** Every accepted answer; at least one. */
  answers: readonly string[];
  predicted: string;
}

const asciiPunctuation = /[!-/:-@[-`{-~]/g;
/** Python's word boundary knows letters and digits of every script; JavaScript's only ASCII. */
const articles = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** Lower case, without ASCII punctuation and English articles, white space made single spaces. */
export function normalizeSpan(text: string): string {
  const bare = text.toLowerCase().replaceAll(asciiPunctuation, '').replaceAll(articles, ' ');
  return bare.split(/\s+/).filter((word) => word !== '').join(' ');
}

/** 1 when the normalised prediction equals a normalised answer, else 0. */
export function spanExactMatch({ answers, predicted }: SpanPair): number {
  const wanted = normalizeSpan(predicted);
  return Number(answers.some((answer) => normalizeSpan(answer) === wanted));
}

/** Harmonic mean of token precision and recall, tokens counted with repeats; the best over the answers. */
export function spanF1({ answers, predicted }: SpanPair): number {
  const words = tokens(predicted);
  return Math.max(0, ...answers.map((answer) => tokenF1(tokens(answer), words)));
}

function tokens(text: string): string[] {
  const normalized = normalizeSpan(text);
  return normalized === '' ? [] : normalized.split(' ');
}

function tokenF1(answer: readonly string[], predicted: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of answer) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of predicted) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    common += 1;
    left.set(word, count - 1);
  }
  if (common === 0) return 0;
  const precision = common / predicted.length;
  const recall = common / answer.length;
  return (2 * precision * recall) / (precision + recall);
}
