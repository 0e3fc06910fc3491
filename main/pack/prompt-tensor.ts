/** What a soft prompt is: P rows of the model's width, finite float32. Legend: P prompt rows, d width. */
import { packLimits } from '../contract/prompt-pack.ts';
import { Problem } from '../contract/problem.ts';
import { encodeSafetensors, parseSafetensors } from '../model/safetensors.ts';
import { quote } from '../model/strict-json.ts';
import { findNonFinite, requireFloat, widen } from '../model/tensor-data.ts';
import { shapeText, type TensorEntry } from '../model/tensor-entry.ts';

export interface PromptTensor {
  readonly rows: number;
  readonly width: number;
  /** f32[P, d], row-major. */
  readonly values: Float32Array;
}

/**
 * @param source `file` for messages, `name` of the tensor.
 * @throws {Problem} `prompt-shape`, `prompt-not-finite`
 */
export function checkPrompt({ shape, values }: { shape: readonly number[]; values: Float32Array }, source: { file: string; name: string }): PromptTensor {
  requirePromptShape(shape, source);
  const bad = findNonFinite(values);
  const [rows = 0, width = 0] = shape;
  if (bad === null) return { rows, width, values };
  throw new Problem({
    code: 'prompt-not-finite',
    found: `${Number.isNaN(values[bad]) ? 'NaN' : 'an infinity'} in row ${Math.floor(bad / width)} of ${quote(source.name)}`,
    expected: 'finite numbers in every row',
    action: 'Its training diverged, or the file is damaged: take an earlier checkpoint.',
    place: { file: source.file },
  });
}

/** To be asked before the numbers are read: a shape costs nothing, its numbers may cost gigabytes. @throws {Problem} `prompt-shape` */
export function requirePromptShape(shape: readonly number[], { file, name }: { file: string; name: string }): void {
  const [rows = 0, width = 0] = shape;
  // PEFT stores twice the rows in one of its layouts.
  if (shape.length === 2 && rows >= 1 && rows <= 2 * packLimits.rows && width >= 1 && width <= packLimits.width && rows * width * 8 <= 2 * packLimits.weightsBytes) return;
  throw new Problem({
    code: 'prompt-shape',
    found: `${quote(name)} of shape ${shapeText(null, shape)}`,
    expected: `a prompt [rows, width] of 1 to ${packLimits.rows} rows, at most ${packLimits.weightsBytes} bytes of float32`,
    action: 'Choose the file with the prompt alone: one matrix, one row a virtual token.',
    place: { file },
  });
}

/** @returns the first rows. @throws {Problem} `prompt-shape` when there are fewer, or more than a prompt may have. */
export function takeRows(prompt: PromptTensor, rows: number, file: string): PromptTensor {
  if (rows >= 1 && rows <= Math.min(prompt.rows, packLimits.rows)) return { rows, width: prompt.width, values: prompt.values.slice(0, rows * prompt.width) };
  throw new Problem({
    code: 'prompt-shape',
    found: `${prompt.rows} rows, of which ${rows} are wanted`,
    expected: `1 to ${packLimits.rows} rows`,
    action: 'Choose a shorter prompt.',
    place: { file },
  });
}

/** A tensor of a safetensors file in memory. @throws {Problem} `prompt-shape`, `prompt-not-finite`, `tensor-not-float` */
export function readPromptFrom(bytes: Uint8Array, entry: TensorEntry): PromptTensor {
  requirePromptShape(entry.shape, entry);
  const dtype = requireFloat(entry);
  // Copied to an offset of its own: a header of any length may lie before it, and typed arrays want alignment. (A Buffer's slice copies nothing.)
  const stored = new Uint8Array(bytes.subarray(entry.byteOffset, entry.byteOffset + entry.byteLength));
  const values = new Float32Array((entry.shape[0] ?? 0) * (entry.shape[1] ?? 0));
  widen(dtype, stored, values);
  return checkPrompt({ shape: entry.shape, values }, entry);
}

/** The one tensor of a safetensors file in memory. @throws {Problem} `prompt-tensors`, as readPromptFrom and parseSafetensors */
export function readOnlyPrompt(bytes: Uint8Array, { file, name }: { file: string; name: string }): PromptTensor {
  const { entries } = parseSafetensors(bytes, file);
  const [entry] = entries;
  if (entry !== undefined && entries.length === 1 && entry.name === name) return readPromptFrom(bytes, entry);
  throw new Problem({
    code: 'prompt-tensors',
    found: entries.length === 0 ? 'no tensor' : entries.slice(0, 5).map((candidate) => quote(candidate.name)).join(', '),
    expected: `exactly one tensor, ${quote(name)}`,
    action: 'The file is no prompt, or holds more than one thing.',
    place: { file },
  });
}

/** A prompt as runs keep it, and as training, evaluation and transfer read it. */
export function encodeTrainedPrompt({ rows, width, values }: PromptTensor): Uint8Array {
  return encodeSafetensors([{ name: 'prompt', shape: [rows, width], data: values }], { format: 'pt' });
}

/** Euclidean norm of a row, mean over the rows. */
export function meanRowNorm({ rows, width, values }: PromptTensor): number {
  let total = 0;
  for (let row = 0; row < rows; row += 1) {
    let square = 0;
    for (let column = 0; column < width; column += 1) square += (values[row * width + column] ?? 0) ** 2;
    total += Math.sqrt(square);
  }
  return total / rows;
}
