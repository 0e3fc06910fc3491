/**
 * First values of soft prompt rows (Lester et al. 2021 §3.2; google-research/prompt-tuning, prompt_tuning/prompts.py).
 * Legend: p prompt rows, d model width.
 */
import { z } from 'zod';
import type { InitialisationContext } from '../method.ts';
import { Problem } from '../../contract/problem.ts';

export const promptInitialisationFields = {
  init: z.enum(['random-uniform', 'random-uniform-positive', 'sampled-vocabulary', 'class-labels', 'string', 'array', 'checkpoint']).default('class-labels')
    .describe('random-uniform: ±0.5 (the paper); random-uniform-positive: 0 … 0.5 (its code); class-labels: label i is row i, the rest sampled; checkpoint:r0001/300: another run’s prompt, its first rows, the rest sampled.'),
  initVocabulary: z.coerce.number<number>().int().min(1).default(5000).describe('sampled-vocabulary draws from the first so many ids, the most frequent pieces.'),
  initText: z.string().default('').describe('For init=string: one row per token, the rest sampled.'),
  initFile: z.string().default('').describe('For init=array: a .npy or .safetensors file of shape [p, d].'),
  initCheckpoint: z.string().default('').describe('For init=checkpoint: run and step, r0001/300, or r0001 for its best; init=checkpoint:r0001/300 says both.'),
};

export interface PromptInitialisation {
  init: 'random-uniform' | 'random-uniform-positive' | 'sampled-vocabulary' | 'class-labels' | 'string' | 'array' | 'checkpoint';
  initVocabulary: number;
  initText: string;
  initCheckpoint: string;
  /** For `checkpoint`, where the core keeps it. */
  initFile: string;
}

/**
 * Slots that begin from a text of their own take its tokens, the others the chosen source, as if they were one prompt. An array and another run's
 * prompt are whole prompts: they fill every slot.
 * @returns f32[p, d], row-major. @throws {Problem} when a source gives nothing or an array has another shape.
 */
export async function initialisePrompt(settings: PromptInitialisation, rows: number, context: InitialisationContext): Promise<Float32Array> {
  const { slots = [] } = context;
  if (settings.init === 'array' || settings.init === 'checkpoint' || slots.every(({ from }) => from === null)) return initialiseRows(settings, rows, context);
  const width = context.model.width;
  const others = rows - slots.reduce((sum, slot) => sum + (slot.from === null ? 0 : slot.rows), 0);
  const chosen = others === 0 ? new Float32Array() : await initialiseRows(settings, others, context);
  const values = new Float32Array(rows * width);
  let [row, taken] = [0, 0];
  for (const slot of slots) {
    values.set(slot.from === null ? chosen.subarray(taken * width, (taken + slot.rows) * width) : slotRows(slot.from, slot.rows, context), row * width);
    if (slot.from === null) taken += slot.rows;
    row += slot.rows;
  }
  return values;
}

async function initialiseRows(settings: PromptInitialisation, rows: number, context: InitialisationContext): Promise<Float32Array> {
  const width = context.model.width;
  switch (settings.init) {
    case 'random-uniform':
      return Float32Array.from({ length: rows * width }, () => context.random.next() - 0.5);
    case 'random-uniform-positive':
      return Float32Array.from({ length: rows * width }, () => context.random.next() / 2);
    case 'sampled-vocabulary':
      return stack(sampledRows(settings, rows, context), width);
    case 'class-labels':
      return stack(fillUp(labelRows(context, rows), settings, rows, context), width);
    case 'string':
      return stack(fillUp(textRows(settings, context, rows), settings, rows, context), width);
    case 'array':
      return arrayRows(settings, rows, context);
    case 'checkpoint':
      return stack(fillUp(await checkpointRows(settings, rows, context), settings, rows, context), width);
  }
}

/** Distinct ids unless more rows than ids are wanted, as in the paper's code. */
function sampledRows(settings: PromptInitialisation, rows: number, context: InitialisationContext): Float32Array[] {
  const population = Math.min(settings.initVocabulary, context.model.vocabularySize);
  const ids = Array.from({ length: population }, (_, id) => id);
  return Array.from({ length: rows }, (_, row) => {
    if (rows > population) return context.embeddingRow(context.random.integerBelow(population));
    const pick = row + context.random.integerBelow(population - row);
    [ids[row], ids[pick]] = [ids[pick] as number, ids[row] as number];
    return context.embeddingRow(ids[row] as number);
  });
}

/** Row i is the mean of label i's pieces, without EOS; labels beyond the last row are dropped. */
function labelRows(context: InitialisationContext, rows: number): Float32Array[] {
  if (context.labels.length === 0) {
    throw new Problem({
      code: 'init-without-labels',
      found: 'a task with open answers',
      expected: 'labels to start the prompt from',
      action: 'Choose another start: --set init=sampled-vocabulary, or init=string with --set "initText=…".',
    });
  }
  return context.labels.slice(0, rows).map((label) => meanRow(context, label));
}

function meanRow(context: InitialisationContext, text: string): Float32Array {
  const pieces = context.tokenize(text).map((id) => context.embeddingRow(id));
  const mean = new Float32Array(context.model.width);
  for (const piece of pieces) {
    for (let i = 0; i < mean.length; i += 1) mean[i]! += piece[i]! / pieces.length;
  }
  return mean;
}

function textRows(settings: PromptInitialisation, context: InitialisationContext, rows: number): Float32Array[] {
  const ids = context.tokenize(settings.initText);
  if (ids.length === 0) {
    throw new Problem({
      code: 'init-text-empty',
      found: 'no text to start from',
      expected: 'at least one token in initText',
      action: 'Give the text: --set "initText=classify the sentiment".',
    });
  }
  return ids.slice(0, rows).map((id) => context.embeddingRow(id));
}

/** The text's tokens, repeated or cut to the slot's length. */
function slotRows(text: string, rows: number, context: InitialisationContext): Float32Array {
  const ids = context.tokenize(text);
  if (ids.length === 0) {
    throw new Problem({
      code: 'init-text-empty',
      found: `a soft slot that begins from ${JSON.stringify(text)}, which has no token`,
      expected: 'at least one token',
      action: 'Give it a text, or leave the text out: {{ soft(20) }}.',
    });
  }
  return stack(Array.from({ length: rows }, (_, row) => context.embeddingRow(ids[row % ids.length] as number)), context.model.width);
}

function fillUp(first: Float32Array[], settings: PromptInitialisation, rows: number, context: InitialisationContext): Float32Array[] {
  return [...first, ...sampledRows(settings, rows - first.length, context)];
}

async function arrayRows(settings: PromptInitialisation, rows: number, context: InitialisationContext): Promise<Float32Array> {
  if (settings.initFile === '') {
    throw new Problem({
      code: 'init-file-missing',
      found: 'no file to start from',
      expected: 'a .npy or .safetensors file in initFile',
      action: 'Name the file: --set initFile=prompt.npy.',
    });
  }
  const { shape, data } = await context.readArray(settings.initFile);
  const width = context.model.width;
  if (shape.length !== 2 || shape[0] !== rows || shape[1] !== width) {
    throw new Problem({
      code: 'init-array-shape',
      found: `an array of shape [${shape.join(',')}]`,
      expected: `[${rows},${width}]: promptLength × the model’s width`,
      action: 'Set promptLength to the array’s rows, or use a prompt of this model’s width.',
      place: { file: settings.initFile },
    });
  }
  return data;
}

/**
 * Prompt transfer (Vu et al. 2022, SPoT): the source's first rows, as many as there is room for; a shorter source leaves the rest to sampling.
 */
async function checkpointRows(settings: PromptInitialisation, rows: number, context: InitialisationContext): Promise<Float32Array[]> {
  const { shape, data } = await context.readArray(settings.initFile);
  const [sourceRows = 0, sourceWidth = 0] = shape;
  const width = context.model.width;
  if (shape.length !== 2 || sourceWidth !== width) throw wrongWidth(settings.initCheckpoint, { shape, width });
  return Array.from({ length: Math.min(rows, sourceRows) }, (_, row) => data.slice(row * width, (row + 1) * width));
}

function wrongWidth(checkpoint: string, { shape, width }: { shape: readonly number[]; width: number }): Problem {
  return new Problem({
    code: 'init-checkpoint-width',
    found: `the prompt ${checkpoint} of shape [${shape.join(',')}]`,
    expected: `a prompt of width ${width}, this model’s`,
    action: 'Start from a prompt that was tuned on a model of this width.',
  });
}

function stack(rows: readonly Float32Array[], width: number): Float32Array {
  const all = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) all.set(row, i * width);
  return all;
}
