/**
 * How much memory a run will take, in parts, before it starts: from the model's sizes, the run's settings and the longest texts of its own
 * data.
 */
import { statSync } from 'node:fs';
import { z } from 'zod';
import { findMethod } from '../method/index.ts';
import type { ModelRow } from '../store/models-table.ts';
import type { RunInput } from '../store/run-inputs-table.ts';
import { readDataset } from '../task/dataset.ts';
import { loadTokenizerSync } from '../token/index.ts';
import { estimateMemory, readSizes } from './memory-estimate.ts';
import type { RunConfig } from './run-config.ts';
import { formatOf } from './run-task.ts';

/** In bytes. */
export interface MemoryParts {
  weights: number;
  /** What a pass keeps for its way back. */
  activations: number;
  /** Gradients and moments of everything trained. */
  optimizer: number;
  /** The trained rows themselves. */
  prompt: number;
  /** What the runtime and the allocator keep beside what they use. */
  arena: number;
  /** Examples as texts and as ids. */
  data: number;
  /** Node and the runtime's own code. */
  program: number;
}

export interface RunMemory {
  parts: MemoryParts;
  /** The sum of the parts. */
  totalBytes: number;
  /** What a like run took at its peak; null where none has finished here. */
  measuredBytes: number | null;
  /** What the estimate counts with. */
  assumes: {
    examplesPerPass: number;
    /** Without the prompt. */
    sourceTokens: number;
    targetTokens: number;
    promptRows: number;
    /** `measured` in the run's own data; `setting` where it could not be read or is too large to be read through beforehand. */
    lengths: 'measured' | 'setting';
  };
}

export interface MemorySubject {
  model: Pick<ModelRow, 'directory' | 'config' | 'parameterCount'>;
  method: string;
  /** A task format's id. */
  format: string;
  config: Pick<RunConfig, 'settings' | 'labels' | 'pvp' | 'tokenizerSha256'>;
  inputs: readonly RunInput[];
  /** Runs that share the passes. */
  members: number;
}

const settingsSchema = z.object({
  microBatch: z.union([z.literal('auto'), z.number()]),
  maxSourceTokens: z.number(),
  maxTargetTokens: z.number(),
  batchSize: z.number().default(1),
  promptLength: z.number().default(0),
  optimizer: z.enum(['adafactor', 'adamw']).default('adafactor'),
  factored: z.enum(['never', 'matrices']).default('matrices'),
});
type PassSettings = z.infer<typeof settingsSchema>;

const megabyte = 1024 * 1024;
/** Node, the runtime's library and its compiled graphs; measured on a model of a few kilobytes. */
const programBytes = 150 * megabyte;
/** What is allocated beside what is used, as a share of everything that comes and goes with a pass. */
const arenaShare = 0.1;
/** A row's text as UTF-16, its objects and its ids. */
const dataFactor = 6;

/** @returns null where the model's row or the settings are of another version and say too little. Reads up to 20,000 rows of each file. */
export async function estimateRunMemory(subject: MemorySubject): Promise<RunMemory | null> {
  const sizes = readSizes(subject.model.config);
  const settings = settingsSchema.safeParse(subject.config.settings).data;
  if (sizes === null || settings === undefined) return null;
  const { sourceTokens, targetTokens, lengths } = await measureLengths(subject, settings);
  const { trains } = findMethod(subject.method);
  const promptRows = trains === 'prompt' ? settings.promptLength : 0;
  const padded = { source: padSource(sourceTokens), target: padTarget(targetTokens) };
  const examplesPerPass = countPerPass(settings, { positions: promptRows + padded.source, promptRows, padded: padded.source, most: settings.batchSize * subject.members });
  const question = {
    sizes, parameterCount: subject.model.parameterCount, examples: examplesPerPass, sourceTokens: padded.source, targetTokens: padded.target, promptRows,
    momentsPerParameter: countMoments(settings),
  };
  const step = estimateMemory(question);
  const isTrained = trains !== 'nothing';
  const activations = isTrained ? step.activations : estimateMemory({ ...question, sizes: { ...sizes, encoderLayers: 1, decoderLayers: 1 } }).activations;
  const parts: MemoryParts = {
    weights: step.weights,
    activations,
    optimizer: isTrained ? (step.gradients + step.optimizer) * subject.members : 0,
    // Full tuning keeps its own copy of what it changes.
    prompt: trains === 'weights' ? step.weights : promptRows * sizes.width * 4 * subject.members,
    arena: Math.round(arenaShare * (activations + (trains === 'weights' ? step.gradients : 0))),
    data: dataFactor * subject.inputs.reduce((sum, { path }) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    program: programBytes,
  };
  const totalBytes = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  return { parts, totalBytes, measuredBytes: null, assumes: { examplesPerPass, sourceTokens, targetTokens, promptRows, lengths } };
}

/** Adafactor's factored moments are a row and a column; what is left of them is below a hundredth of the weights. */
function countMoments({ optimizer, factored }: PassSettings): number {
  if (optimizer === 'adamw') return 2;
  return factored === 'never' ? 1 : 0.01;
}

/** As training pads and cuts its passes (main/train/batch.ts, which the core does not load; a test holds the two together). */
export function padSource(tokens: number): number {
  const step = tokens <= 128 ? 16 : tokens <= 256 ? 32 : tokens <= 512 ? 64 : 128;
  return Math.max(step, Math.ceil(tokens / step) * step);
}

export function padTarget(tokens: number): number {
  const step = tokens <= 8 ? 4 : 8;
  return Math.max(step, Math.ceil(tokens / step) * step);
}

const autoTokensPerPass = 1312;

function countPerPass({ microBatch }: PassSettings, { positions, most }: { positions: number; promptRows: number; padded: number; most: number }): number {
  if (microBatch !== 'auto') return Math.max(1, Math.min(microBatch, most));
  const wanted = Math.max(1, Math.floor(autoTokensPerPass / positions));
  return 2 ** Math.floor(Math.log2(Math.max(1, Math.min(wanted, most))));
}

interface Lengths {
  sourceTokens: number;
  targetTokens: number;
  lengths: 'measured' | 'setting';
}

const mostRows = 20_000;
/** Characters say roughly which texts are long; of so many the tokens are counted. */
const mostEncoded = 48;
const mostRemembered = 200;
const remembered = new Map<string, Lengths>();

async function measureLengths(subject: MemorySubject, settings: PassSettings): Promise<Lengths> {
  const asked = { sourceTokens: settings.maxSourceTokens, targetTokens: settings.maxTargetTokens, lengths: 'setting' as const };
  const { tokenizerSha256, labels } = subject.config;
  const key = JSON.stringify([tokenizerSha256, subject.format, subject.config.pvp, labels, settings.maxSourceTokens, settings.maxTargetTokens, subject.inputs.map(({ sha256 }) => sha256)]);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  if (findMethod(subject.method).trains === 'nothing' || subject.inputs.some(({ rowCount }) => rowCount > mostRows)) return asked;
  try {
    const found = await encodeLongest(subject, settings);
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(key, found);
    return found;
  } catch {
    // An estimate is no place to complain about data: the run itself does, with the line.
    return asked;
  }
}

async function encodeLongest({ model, format, config, inputs }: MemorySubject, { maxSourceTokens, maxTargetTokens }: PassSettings): Promise<Lengths> {
  const texts = { source: new Set<string>(), target: new Set<string>() };
  for (const { role, path } of inputs) {
    const { examples } = await readDataset({ file: path, format: formatOf({ format, pvp: config.pvp }), use: role === 'train' ? 'train' : 'evaluate', ...(config.labels === null ? {} : { labels: config.labels }) });
    for (const text of longest(examples.map(({ input }) => input))) texts.source.add(text);
    for (const text of longest(examples.flatMap(({ target }) => target ?? []))) texts.target.add(text);
  }
  const tokenizer = loadTokenizerSync(model.directory);
  // With the end-of-sequence token.
  const most = (set: ReadonlySet<string>): number => Math.max(1, ...[...set].map((text) => tokenizer.encode(text).length + 1));
  return { sourceTokens: Math.min(maxSourceTokens, most(texts.source)), targetTokens: Math.min(maxTargetTokens, most(texts.target)), lengths: 'measured' };
}

function longest(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => b.length - a.length).slice(0, mostEncoded);
}

/** What one would change first to make it fit: the largest part that a setting shrinks without changing what is trained. */
export function suggestLess({ parts, assumes }: RunMemory, method: string): string {
  if (assumes.examplesPerPass > 1) return `Set microBatch=${Math.max(1, Math.floor(assumes.examplesPerPass / 2))}: the result stays the same, a pass takes about half.`;
  if (parts.activations >= parts.weights && assumes.sourceTokens > 64) return `Set maxSourceTokens=${Math.max(64, Math.floor(assumes.sourceTokens / 2))}: longer inputs are cut.`;
  if (findMethod(method).trains === 'weights') return 'Use prompt-tuning: it needs no copy, gradient and moments of every weight.';
  return 'Use a smaller model, or close other programs.';
}

/** What counts against the free memory. */
export function neededBytes({ totalBytes, measuredBytes }: RunMemory): number {
  return measuredBytes ?? totalBytes;
}

/** For example `1.4 GB: weights 990 MB, activations 210 MB, …`, the largest first. */
export function describeMemory({ parts, totalBytes, measuredBytes }: Pick<RunMemory, 'parts' | 'totalBytes' | 'measuredBytes'>): string {
  if (measuredBytes !== null) return `${bytesText(measuredBytes)} (as a like run took)`;
  const named = Object.entries(parts).filter(([, bytes]) => bytes >= megabyte).toSorted(([, a], [, b]) => b - a);
  return `${bytesText(totalBytes)} (${named.map(([name, bytes]) => `${name} ${bytesText(bytes)}`).join(', ')})`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

