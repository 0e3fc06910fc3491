/**
 * Where the rows of a soft prompt lie: how long they are, what they are near to, how far they have come.
 * Legend: p rows, d width, v rows of the vocabulary's embedding.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Neighbour, PromptFacts } from '../contract/prompt-facts.ts';
import type { UniformSource } from '../method/method.ts';

/** f32[p, d], row-major. */
export interface PromptMatrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly width: number;
}

export function rowOf({ values, width }: PromptMatrix, row: number): Float32Array {
  return values.subarray(row * width, (row + 1) * width);
}

/** Euclidean; sums are float64. */
export function normOf(row: Float32Array): number {
  return Math.sqrt(dot(row, row));
}

/** @returns null where one of the rows is nothing but zeros: it has no direction. */
export function cosineOf(a: Float32Array, b: Float32Array): number | null {
  const product = normOf(a) * normOf(b);
  return product === 0 ? null : Math.max(-1, Math.min(1, dot(a, b) / product));
}

/** Everything about the rows but their neighbours. @param initial the prompt as training began, of the same shape */
export function describeRows(prompt: PromptMatrix, initial: PromptMatrix | null): Omit<PromptFacts['rows'][number], 'neighbours'>[] {
  return Array.from({ length: prompt.rows }, (_, i) => {
    const row = rowOf(prompt, i);
    const start = initial === null ? null : rowOf(initial, i);
    return {
      norm: normOf(row),
      mean: row.reduce((sum, value) => sum + value, 0) / row.length,
      largest: row.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      initial: start === null ? null : { distance: normOf(row.map((value, at) => value - (start[at] ?? 0))), cosine: cosineOf(row, start), norm: normOf(start) },
    };
  });
}

export function spreadOf(numbers: readonly number[]): PromptFacts['norms'] {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? 0;
  const middle = (sorted.length - 1) / 2;
  return {
    least: at(0),
    mean: sorted.length === 0 ? 0 : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    most: at(sorted.length - 1),
  };
}

/** Cosines of rows with each other. @param most rows that are compared; of a longer prompt, those at even distances. */
export function pairwiseCosines(prompt: PromptMatrix, most: number): PromptFacts['pairwise'] {
  const count = Math.min(most, prompt.rows);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * prompt.rows) / count));
  return { rows, cosines: rows.map((a) => rows.map((b) => roundCosine(cosineOf(rowOf(prompt, a), rowOf(prompt, b))))) };
}

/** A prompt whose rows point anywhere, uniformly, and are as long as the given one's. */
export function randomRowsLike(prompt: PromptMatrix, random: UniformSource): Float32Array {
  const values = Float32Array.from({ length: prompt.values.length }, () => normalValue(random));
  for (let row = 0; row < prompt.rows; row += 1) {
    const direction = values.subarray(row * prompt.width, (row + 1) * prompt.width);
    const scale = normOf(rowOf(prompt, row)) / (normOf(direction) || 1);
    for (let at = 0; at < direction.length; at += 1) direction[at]! *= scale;
  }
  return values;
}

/** Box and Muller 1958. */
function normalValue(random: UniformSource): number {
  // 1 − u lies in (0, 1]: its logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

export interface NeighbourSearch {
  readonly prompt: PromptMatrix;
  /** f32[v, d]; ids beyond `vocabularySize` are no pieces. */
  readonly embedding: Float32Array;
  readonly vocabularySize: number;
  readonly excludedIds: ReadonlySet<number>;
  /** Nearest pieces a row. */
  readonly count: number;
  pieceOf(id: number): string;
  /** Asked every few thousand pieces. */
  isCancelled(): boolean;
}

export interface FoundNeighbours {
  /** By row, nearest first, of equals the lower id first; none for a row of zeros. */
  readonly rows: readonly (readonly Neighbour[])[];
  /** Of the pieces that were searched. */
  readonly norms: readonly number[];
}

/** Pieces between two looks at the messages: some ten milliseconds of a usual prompt. */
const piecesPerTurn = 500;

/** The pieces of the vocabulary that point most nearly where each row points. @returns null when cancelled. */
export async function findNeighbours(search: NeighbourSearch): Promise<FoundNeighbours | null> {
  const { prompt: { rows, width, ...prompt }, embedding, vocabularySize, excludedIds, count } = search;
  const directions = unitRows({ rows, width, ...prompt });
  const best: { id: number; cosine: number }[][] = Array.from({ length: rows }, () => []);
  const norms: number[] = [];
  for (let id = 0; id < Math.min(vocabularySize, embedding.length / width); id += 1) {
    if (id % piecesPerTurn === 0) {
      await nextTurn();
      if (search.isCancelled()) return null;
    }
    if (excludedIds.has(id)) continue;
    const piece = embedding.subarray(id * width, (id + 1) * width);
    const norm = normOf(piece);
    norms.push(norm);
    if (norm === 0) continue;
    for (let row = 0; row < rows; row += 1) {
      const nearest = best[row] as { id: number; cosine: number }[];
      const cosine = dot(directions.subarray(row * width, (row + 1) * width), piece) / norm;
      if (nearest.length < count || cosine > (nearest.at(-1)?.cosine ?? 0)) insert(nearest, { id, cosine }, count);
    }
  }
  const described = best.map((nearest, row) => (normOf(rowOf({ rows, width, ...prompt }, row)) === 0 ? [] : nearest.map(({ id, cosine }) => ({
    id, piece: search.pieceOf(id), cosine: roundCosine(Math.max(-1, Math.min(1, cosine))) ?? 0,
  }))));
  return { rows: described, norms };
}

function insert(nearest: { id: number; cosine: number }[], found: { id: number; cosine: number }, count: number): void {
  let at = nearest.length;
  while (at > 0 && (nearest[at - 1]?.cosine ?? 0) < found.cosine) at -= 1;
  nearest.splice(at, 0, found);
  if (nearest.length > count) nearest.pop();
}

function unitRows(prompt: PromptMatrix): Float32Array {
  const units = prompt.values.slice();
  for (let row = 0; row < prompt.rows; row += 1) {
    const norm = normOf(rowOf(prompt, row)) || 1;
    for (let at = row * prompt.width; at < (row + 1) * prompt.width; at += 1) units[at]! /= norm;
  }
  return units;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0);
  return sum;
}

/** Six digits: what float32 knows of it, in half the text. */
function roundCosine(cosine: number | null): number | null {
  return cosine === null ? null : Math.round(cosine * 1e6) / 1e6;
}
