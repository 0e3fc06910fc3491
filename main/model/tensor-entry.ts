/** Where a tensor's numbers lie on disk, whatever container holds them: a safetensors file and a torch zip both store plain bytes. */

/** Element types by their safetensors names, with their size in bytes. */
export const bytesPerElement = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1,
  I16: 2, U16: 2, F16: 2, BF16: 2,
  I32: 4, U32: 4, F32: 4,
  I64: 8, U64: 8, F64: 8,
} as const;

export type TensorDtype = keyof typeof bytesPerElement;

export interface TensorEntry {
  name: string;
  dtype: TensorDtype;
  /** Row-major. */
  shape: readonly number[];
  /** Absolute path. */
  file: string;
  /** From the start of the file. */
  byteOffset: number;
  byteLength: number;
}

export function isTensorDtype(name: unknown): name is TensorDtype {
  return typeof name === 'string' && Object.hasOwn(bytesPerElement, name);
}

/** @returns how many elements a shape has, or null when a side is not a whole number ≥ 0 or the product is past 2^53. */
export function countElements(shape: readonly unknown[]): number | null {
  let count = 1;
  for (const side of shape) {
    if (typeof side !== 'number' || !Number.isSafeInteger(side) || side < 0) return null;
    count *= side;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

/** The short form of messages: `f32[32128,512]`. */
export function shapeText(dtype: TensorDtype | null, shape: readonly number[]): string {
  return `${dtype === null ? '' : dtype.toLowerCase()}[${shape.slice(0, 8).join(',')}${shape.length > 8 ? ',…' : ''}]`;
}
