/** Answers of a model to a whole split: decoded greedily, labels scored by likelihood, metrics of the task. */
import type { ExamplePrediction } from '../contract/prediction.ts';
import { Problem } from '../contract/problem.ts';
import type { Evaluation } from '../contract/worker-protocol.ts';
import type { MetricId, TaskFormat } from '../task/format.ts';
import { answerClass, computeMetrics, type MetricReport } from '../task/metric/metric.ts';
import { splitIntoMicroBatches, type MicroBatch } from './batch.ts';
import { decodeGreedily, scoreCandidates } from './decode.ts';
import { answerEnds, answerPrefix, decodeAnswer, encodeAnswer, type EncodedExample, type EncodingRules } from './encoding.ts';
import type { ModelRunner, PassExample } from './model-runner.ts';

export interface EvaluationResult extends MetricReport {
  readonly predictions: readonly ExamplePrediction[];
  /** Mean −log p per token of the right label; null for open answers. */
  readonly loss: number | null;
}

export interface EvaluationRequest {
  readonly runner: ModelRunner;
  /** Positions of the prompts that answer; [0] where one run has the runner for itself. */
  readonly prompts: readonly number[];
  readonly rules: EncodingRules;
  readonly format: TaskFormat;
  readonly examples: readonly EncodedExample[];
  readonly microBatch: number | 'auto';
  /** @param done of examples times prompts. */
  onProgress(done: number): void;
  /** Asked between passes. */
  isCancelled(): boolean;
}

/** An example under one of the prompts. */
interface Question extends PassExample {
  readonly item: EncodedExample;
  readonly prompt: number;
}

/** What one prompt has said so far. */
interface Tally {
  readonly answers: Map<EncodedExample, ExamplePrediction>;
  lossSum: number;
  lossTokens: number;
}

/**
 * Every prompt answers every example; prompts share their passes.
 * @returns in the order of the prompts; null when cancelled.
 */
export async function evaluateExamples(request: EvaluationRequest): Promise<readonly EvaluationResult[] | null> {
  const { format, examples } = request;
  const tallies = await askAll(request);
  return tallies?.map((tally) => resultOf(format, examples, tally)) ?? null;
}

/**
 * The same without scores: no example needs a label.
 * @returns in the order of the prompts, each in the order of the examples; null when cancelled.
 */
export async function answerExamples(request: EvaluationRequest): Promise<readonly (readonly ExamplePrediction[])[] | null> {
  const tallies = await askAll(request);
  return tallies?.map(({ answers }) => request.examples.map((item) => answers.get(item) as ExamplePrediction)) ?? null;
}

/** @returns in the order of the prompts; null when cancelled. */
async function askAll(request: EvaluationRequest): Promise<readonly Tally[] | null> {
  const { runner, rules, format, examples, prompts } = request;
  const candidates = (format.labels ?? []).map((label) => encodeAnswer(rules, label));
  const tallies = new Map<number, Tally>(prompts.map((prompt) => [prompt, { answers: new Map(), lossSum: 0, lossTokens: 0 }]));
  const questions = prompts.flatMap((prompt) => examples.map((item): Question => ({ ...item, item, prompt })));
  let done = 0;
  for (const micro of splitIntoMicroBatches(questions, { microBatch: request.microBatch, promptRows: runner.promptRows })) {
    if (request.isCancelled()) return null;
    await answerPass(request, micro, { candidates, tallies });
    done += micro.examples.length;
    request.onProgress(done);
  }
  return prompts.map((prompt) => tallies.get(prompt) as Tally);
}

async function answerPass(
  { runner, rules, format }: EvaluationRequest,
  micro: MicroBatch<Question>,
  { candidates, tallies }: { candidates: readonly (readonly number[])[]; tallies: ReadonlyMap<number, Tally> },
): Promise<void> {
  // The end token counts, and one more shows an answer that runs on behind a label.
  const others = [...format.otherWords?.keys() ?? []];
  const longest = format.labels === null ? rules.maxTargetTokens : Math.max(...candidates.map(({ length }) => length), ...others.map((word) => encodeAnswer(rules, word).length)) + 1;
  const encoded = await runner.encode(micro);
  const decoded = await decodeGreedily(runner, encoded, { prefix: answerPrefix(rules), ends: answerEnds(rules), maxTokens: longest });
  const scores = candidates.length === 0 ? null : await scoreCandidates(runner, encoded, candidates);
  for (const [row, { item, prompt }] of micro.examples.entries()) {
    const tally = tallies.get(prompt) as Tally;
    const sums = scores === null ? null : Array.from(scores.sums.subarray(row * candidates.length, (row + 1) * candidates.length));
    const said = decodeAnswer(rules, decoded[row] ?? [], format.labels === null ? null : [...format.labels, ...others]);
    tally.answers.set(item, predictionOf(item, format.otherWords?.get(said.trim()) ?? said, { format, sums, tokens: scores?.tokens ?? [] }));
    if (sums === null || item.example.label === null) continue;
    tally.lossSum -= sums[item.example.label] ?? 0;
    tally.lossTokens += scores?.tokens[item.example.label] ?? 0;
  }
}

function resultOf(format: TaskFormat, examples: readonly EncodedExample[], { answers, lossSum, lossTokens }: Tally): EvaluationResult {
  const report = computeMetrics(format, examples.map((item) => ({ example: item.example, answer: answers.get(item)?.answer ?? '' })));
  return { ...report, predictions: examples.map((item) => answers.get(item) as ExamplePrediction), loss: lossTokens === 0 ? null : lossSum / lossTokens };
}

function predictionOf(
  { example }: EncodedExample,
  answer: string,
  context: { format: TaskFormat; sums: readonly number[] | null; tokens: readonly number[] },
): ExamplePrediction {
  const { labels } = context.format;
  return {
    id: example.id,
    group: example.group,
    answer,
    target: example.target,
    answers: example.answers,
    answeredLabel: labels === null ? null : answerClass(answer, labels),
    label: example.label,
    logProbabilities: context.sums,
    normalisedLogProbabilities: context.sums?.map((sum, i) => sum / (context.tokens[i] ?? 1)) ?? null,
  };
}

/** An evaluation as it is reported and stored. */
export function toEvaluation(split: Evaluation['split'], result: EvaluationResult, predictionsFile: string): Evaluation {
  return {
    split,
    examples: result.predictions.length,
    scores: Object.fromEntries(Object.entries(result.scores)),
    score: result.score,
    legalRate: result.legalRate,
    loss: result.loss,
    predictionsFile,
  };
}

/** The number that picks the best checkpoint. @param selectBy `score` (mean of the task's metrics) or a metric's id. */
export function selectionScore(report: Pick<MetricReport, 'score' | 'scores'>, selectBy: string): number {
  return selectBy === 'score' ? report.score : report.scores[selectBy as MetricId] ?? Number.NEGATIVE_INFINITY;
}

/**
 * Before the first step, so that nobody trains for hours towards an evaluation that cannot be made.
 * @throws {Problem} `metric-unknown` when `selectBy` is no metric of the task, `nothing-to-score` when a split has no labels.
 */
export function requireSelectable(format: TaskFormat, splits: { readonly dev: Examples; readonly test: Examples }, selectBy: string): void {
  if (selectBy !== 'score' && !format.metrics.some((id) => id === selectBy)) {
    throw new Problem({
      code: 'metric-unknown',
      found: `selectBy “${selectBy}”`,
      expected: `score or one of the task’s metrics: ${format.metrics.join(', ')}`,
      action: 'Set selectBy to one of these, or leave it out.',
    });
  }
  for (const split of ['dev', 'test'] as const) {
    const examples = splits[split];
    if (examples === null || examples.some(({ example }) => example.target !== null)) continue;
    throw new Problem({
      code: 'nothing-to-score',
      found: `a ${split} file of ${examples.length} examples, none with a label`,
      expected: 'at least one example with a label',
      action: `Give a file with labels, or leave the ${split} file out.`,
    });
  }
}

type Examples = readonly EncodedExample[] | null;

/** @returns a predictions file's text: one JSON object a line, in the order of the data file. */
export function predictionLines(predictions: readonly ExamplePrediction[]): string {
  return predictions.map((prediction) => `${JSON.stringify(prediction)}\n`).join('');
}
