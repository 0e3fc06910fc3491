/**
 * How much memory training takes, from the model's sizes alone. An estimate: it counts what the graph must hold at its peak,
 * float32 (4 bytes) throughout, and leaves out the runtime's own arena slack (about a tenth) and the process (about 150 MB).
 *
 * Legend: b examples of a micro-batch, s source tokens with the prompt's rows, t target tokens, d width, i heads × keyWidth, h heads,
 * f feed-forward width, v vocabulary.
 *
 * What backward needs of forward, per example:
 *   attention over q queries and k keys:  2·q·d (norm in and out) + q·i (queries) + 2·k·i (keys, values) + q·i (context) + 2·h·q·k (scores, weights)
 *   feed-forward over q tokens:           2·q·d + 2·q·f (before and after the activation); gated 4·q·f (both halves, the activation, the product)
 *   encoder layer:  attention(s, s) + feed-forward(s);   decoder layer: attention(t, t) + attention(t, s) + feed-forward(t)
 *   head:           3·t·v (logits, probabilities, their gradient)
 * The gradients on the way back need one layer more; it is added once.
 * Full tuning adds one gradient per weight; Adafactor keeps one moment per weight (rows and columns only when factored), AdamW two.
 */
import { z } from 'zod';
import type { JsonObject } from '../store/json-column.ts';

/** The sizes by their names in a model's checked configuration. */
const sizesSchema = z.object({
  vocabularySize: z.number(),
  width: z.number(),
  keyWidth: z.number(),
  heads: z.number(),
  feedForwardWidth: z.number(),
  encoderLayers: z.number(),
  decoderLayers: z.number(),
  feedForward: z.string(),
});
export type ModelSizes = z.infer<typeof sizesSchema>;

export interface MemoryQuestion {
  sizes: ModelSizes;
  /** Of distinct weights. */
  parameterCount: number;
  /** Examples of one micro-batch. */
  examples: number;
  /** Without the prompt. */
  sourceTokens: number;
  targetTokens: number;
  /** 0 for full tuning, which trains every weight. */
  promptRows: number;
  /** Numbers that the optimizer keeps per trained number. */
  momentsPerParameter: number;
}

/** In bytes. */
export interface MemoryEstimate {
  weights: number;
  activations: number;
  gradients: number;
  optimizer: number;
  total: number;
}

const bytesPerNumber = 4;

/** @returns null where the configuration lacks a size (a workspace of another version). */
export function readSizes(config: JsonObject): ModelSizes | null {
  const parsed = sizesSchema.safeParse(config);
  return parsed.success ? parsed.data : null;
}

/** The peak of one training step, in its parts. */
export function estimateMemory(question: MemoryQuestion): MemoryEstimate {
  const { sizes, parameterCount, examples, promptRows, momentsPerParameter } = question;
  const trained = promptRows === 0 ? parameterCount : promptRows * sizes.width;
  const weights = parameterCount * bytesPerNumber;
  const activations = examples * countActivations(question) * bytesPerNumber;
  const gradients = trained * bytesPerNumber;
  const optimizer = trained * momentsPerParameter * bytesPerNumber;
  return { weights, activations, gradients, optimizer, total: weights + activations + gradients + optimizer };
}

/** Numbers per example. */
function countActivations({ sizes, sourceTokens, targetTokens, promptRows }: MemoryQuestion): number {
  const source = sourceTokens + promptRows;
  const encoderLayer = countAttention(sizes, source, source) + countFeedForward(sizes, source);
  const decoderLayer = countAttention(sizes, targetTokens, targetTokens) + countAttention(sizes, targetTokens, source) + countFeedForward(sizes, targetTokens);
  const head = 3 * targetTokens * sizes.vocabularySize;
  return sizes.encoderLayers * encoderLayer + sizes.decoderLayers * decoderLayer + head + Math.max(encoderLayer, decoderLayer);
}

function countAttention({ width, keyWidth, heads }: ModelSizes, queries: number, keys: number): number {
  const inner = heads * keyWidth;
  return 2 * queries * width + 2 * queries * inner + 2 * keys * inner + 2 * heads * queries * keys;
}

function countFeedForward({ width, feedForwardWidth, feedForward }: ModelSizes, tokens: number): number {
  const inner = feedForward === 'relu' ? 2 * feedForwardWidth : 4 * feedForwardWidth;
  return 2 * tokens * width + tokens * inner;
}
