/** Answers of a model to a whole split: decoded greedily, labels scored by likelihood, metrics of the task. */
import type { ExamplePrediction } from '../contract/prediction.ts';
import { Problem } from '../contract/problem.ts';
import type { Evaluation } from '../contract/worker-protocol.ts';
import type { MetricId, TaskFormat } from '../task/format.ts';
import { answerClass, computeMetrics, type MetricReport } from '../task/metric/metric.ts';
import { splitIntoMicroBatches } from './batch.ts';
import { decodeGreedily, scoreCandidates } from './decode.ts';
import { answerEnds, answerPrefix, decodeAnswer, encodeAnswer, type EncodedExample, type EncodingRules } from './encoding.ts';
import type { ModelRunner } from './model-runner.ts';

export interface EvaluationResult extends MetricReport {
  readonly predictions: readonly ExamplePrediction[];
  /** Mean −log p per token of the right label; null for open answers. */
  readonly loss: number | null;
}

export interface EvaluationRequest {
  readonly runner: ModelRunner;
  readonly rules: EncodingRules;
  readonly format: TaskFormat;
  readonly examples: readonly EncodedExample[];
  readonly microBatch: number | 'auto';
  onProgress(done: number): void;
  /** Asked between passes. */
  isCancelled(): boolean;
}

/** @returns null when cancelled. */
export async function evaluateExamples(request: EvaluationRequest): Promise<EvaluationResult | null> {
  const { runner, rules, format, examples } = request;
  const answers = new Map<EncodedExample, ExamplePrediction>();
  const candidates = (format.labels ?? []).map((label) => encodeAnswer(rules, label));
  // The end token counts, and one more shows an answer that runs on behind a label.
  const longest = format.labels === null ? rules.maxTargetTokens : Math.max(...candidates.map((candidate) => candidate.length)) + 1;
  let lossSum = 0;
  let lossTokens = 0;
  for (const micro of splitIntoMicroBatches(examples, { microBatch: request.microBatch, promptRows: runner.promptRows })) {
    if (request.isCancelled()) return null;
    const encoded = await runner.encode(micro);
    const decoded = await decodeGreedily(runner, encoded, { prefix: answerPrefix(rules), ends: answerEnds(rules), maxTokens: longest });
    const scores = candidates.length === 0 ? null : await scoreCandidates(runner, encoded, candidates);
    for (const [row, item] of micro.examples.entries()) {
      const sums = scores === null ? null : Array.from(scores.sums.subarray(row * candidates.length, (row + 1) * candidates.length));
      answers.set(item, predictionOf(item, decodeAnswer(rules, decoded[row] ?? [], format.labels), { format, sums, tokens: scores?.tokens ?? [] }));
      if (sums !== null && item.example.label !== null) {
        lossSum -= sums[item.example.label] ?? 0;
        lossTokens += scores?.tokens[item.example.label] ?? 0;
      }
    }
    request.onProgress(answers.size);
  }
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
