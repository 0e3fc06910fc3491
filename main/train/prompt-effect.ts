/**
 * What a soft prompt does to the answers: beside the bare model, beside prompts that were never trained, and without some of its rows.
 * Legend: p rows, d width.
 */
import type { AnswerDifference, PromptFacts, VariantScores } from '../contract/prompt-facts.ts';
import type { ExamplePrediction } from '../contract/prediction.ts';
import type { TaskFormat } from '../task/format.ts';
import type { EncodedExample, EncodingRules } from './encoding.ts';
import { evaluateExamples, type EvaluationResult } from './evaluation.ts';
import type { ModelRunner } from './model-runner.ts';
import type { Parameter } from './parameter.ts';
import type { PromptMatrix } from './prompt-geometry.ts';

/** What every variant is measured with. */
export interface EffectBench {
  /** @param parameters prompts of equal shape that share every pass; none for the bare model */
  openRunner(promptRows: number, parameters: readonly Parameter[]): ModelRunner;
  readonly rules: EncodingRules;
  readonly format: TaskFormat;
  readonly microBatch: number | 'auto';
  /** So many answers more. */
  onAnswers(count: number): void;
  isCancelled(): boolean;
}

/** Prompts that share a pass: their rows are fed with every one. */
const mostPromptsPerPass = 8;

/** The bare model on the same texts. @returns null when cancelled. */
export async function answerWithoutPrompt(bench: EffectBench, examples: readonly EncodedExample[]): Promise<EvaluationResult | null> {
  const bare = examples.map(({ softRows: _softRows, ...rest }) => rest);
  const results = await answer(bench, bench.openRunner(0, []), { prompts: 1, examples: bare });
  return results?.[0] ?? null;
}

/** @param prompts of equal shape. @returns in their order; null when cancelled. */
export async function answerWithPrompts(bench: EffectBench, prompts: readonly PromptMatrix[], examples: readonly EncodedExample[]): Promise<readonly EvaluationResult[] | null> {
  const results: EvaluationResult[] = [];
  for (let first = 0; first < prompts.length; first += mostPromptsPerPass) {
    const shared = prompts.slice(first, first + mostPromptsPerPass);
    const parameters = shared.map(({ values, rows, width }): Parameter => ({ name: 'prompt', shape: [rows, width], values }));
    const found = await answer(bench, bench.openRunner(shared[0]?.rows ?? 0, parameters), { prompts: shared.length, examples });
    if (found === null) return null;
    results.push(...found);
  }
  return results;
}

async function answer(
  bench: EffectBench,
  runner: ModelRunner,
  { prompts, examples }: { prompts: number; examples: readonly EncodedExample[] },
): Promise<readonly EvaluationResult[] | null> {
  let told = 0;
  try {
    return await evaluateExamples({
      runner, rules: bench.rules, format: bench.format, microBatch: bench.microBatch, examples,
      prompts: Array.from({ length: prompts }, (_, prompt) => prompt),
      onProgress: (done) => {
        bench.onAnswers(done - told);
        told = done;
      },
      isCancelled: () => bench.isCancelled(),
    });
  } finally {
    await runner.close();
  }
}

export function scoresOf({ score, scores, legalRate, loss }: EvaluationResult): VariantScores {
  return { score, scores: { ...scores }, legalRate, loss };
}

/** @param other the same examples in the same order */
export function compareAnswers(predictions: readonly ExamplePrediction[], other: readonly ExamplePrediction[]): AnswerDifference {
  const pairs = predictions.map((prediction, i) => [prediction, other[i]] as const);
  const changes = pairs.flatMap(([a, b]) => (a.logProbabilities ?? []).map((value, label) => Math.abs(value - (b?.logProbabilities?.[label] ?? Number.NaN))));
  return {
    examples: predictions.length,
    differing: pairs.filter(([a, b]) => a.answer !== b?.answer).length,
    largestLogProbabilityChange: changes.length === 0 ? null : changes.reduce((most, change) => Math.max(most, change), 0),
  };
}

/** Rows first … last of a prompt. */
export interface RowUnit {
  readonly first: number;
  readonly last: number;
}

/** Every row where there are few, else blocks whose sizes differ by one at most. */
export function splitIntoUnits(rows: number, mostUnits: number): RowUnit[] {
  const count = Math.min(rows, mostUnits);
  return Array.from({ length: count }, (_, unit) => ({ first: Math.floor((unit * rows) / count), last: Math.floor(((unit + 1) * rows) / count) - 1 }));
}

/** @returns the prompt without the unit's rows; those behind move up. */
export function withoutRows({ values, rows, width }: PromptMatrix, { first, last }: RowUnit): PromptMatrix {
  const kept = new Float32Array((rows - (last - first + 1)) * width);
  kept.set(values.subarray(0, first * width));
  kept.set(values.subarray((last + 1) * width), first * width);
  return { values: kept, rows: kept.length / width, width };
}

/** An example whose text is the same and whose slots lack the unit's rows. */
export function withoutPlacedRows(example: EncodedExample, { first, last }: RowUnit): EncodedExample {
  const { softRows, ...rest } = example;
  if (softRows === undefined) return example;
  let start = 0;
  const placed = softRows.map((slot) => {
    const taken = Math.max(0, Math.min(last + 1, start + slot.rows) - Math.max(first, start));
    start += slot.rows;
    return { ...slot, rows: slot.rows - taken };
  });
  return { ...rest, softRows: placed.filter(({ rows }) => rows > 0) };
}

/** What the prompt does without each unit of its rows. @returns null when cancelled. */
export async function measureSensitivity(
  bench: EffectBench,
  prompt: PromptMatrix,
  { examples, mostUnits }: { examples: readonly EncodedExample[]; mostUnits: number },
): Promise<PromptFacts['sensitivity']> {
  const [whole] = (await answerWithPrompts(bench, [prompt], examples)) ?? [];
  if (whole === undefined) return null;
  const units = splitIntoUnits(prompt.rows, mostUnits);
  const found = new Map<RowUnit, EvaluationResult>();
  // Units that leave slots of the same lengths can share their passes; in front of the text, all of one size do.
  for (const group of groupUnits(units, examples)) {
    const [sample] = group;
    if (sample === undefined) continue;
    const rest = group.map((unit) => withoutRows(prompt, unit));
    const shortened = examples.map((example) => withoutPlacedRows(example, sample));
    const results = rest[0]?.rows === 0 ? await answerBare(bench, examples, group.length) : await answerWithPrompts(bench, rest, shortened);
    if (results === null) return null;
    for (const [i, unit] of group.entries()) found.set(unit, results[i] as EvaluationResult);
  }
  return {
    examples: examples.length,
    whole: scoresOf(whole),
    units: units.map((unit) => {
      const without = scoresOf(found.get(unit) as EvaluationResult);
      const lossChange = without.loss === null || whole.loss === null ? null : without.loss - whole.loss;
      return { ...unit, without, scoreChange: without.score - whole.score, lossChange };
    }),
  };
}

async function answerBare(bench: EffectBench, examples: readonly EncodedExample[], copies: number): Promise<readonly EvaluationResult[] | null> {
  const result = await answerWithoutPrompt(bench, examples);
  return result === null ? null : Array.from({ length: copies }, () => result);
}

function groupUnits(units: readonly RowUnit[], examples: readonly EncodedExample[]): RowUnit[][] {
  const placed = examples.find(({ softRows }) => softRows !== undefined);
  const groups = new Map<string, RowUnit[]>();
  for (const unit of units) {
    const slots = placed === undefined ? [] : withoutPlacedRows(placed, unit).softRows?.map(({ rows }) => rows);
    const left = JSON.stringify([unit.last - unit.first, slots]);
    groups.set(left, [...groups.get(left) ?? [], unit]);
  }
  return [...groups.values()];
}
