/** Tensor types and how they are printed: `f32[2,5,64]`. Every shape is known when the graph is built. */

export type DataType = 'f32' | 'i64' | 'bool';

export interface TensorType {
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

/** @returns for example `f32[2,5,64]`; a scalar is `f32[]`. */
export function formatType(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(',')}]`;
}

/** @returns the number of elements; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/**
 * NumPy's broadcast of two shapes.
 * @returns null where they do not fit.
 */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let fromEnd = rank; fromEnd >= 1; fromEnd -= 1) {
    const left = a.at(-fromEnd) ?? 1;
    const right = b.at(-fromEnd) ?? 1;
    const leftExtent = fromEnd > a.length ? 1 : left;
    const rightExtent = fromEnd > b.length ? 1 : right;
    if (leftExtent !== rightExtent && leftExtent !== 1 && rightExtent !== 1) return null;
    shape.push(leftExtent === 1 ? rightExtent : leftExtent);
  }
  return shape;
}

/** A node could not be made: its operands do not fit. `scope` is the dotted path of the place that asked for it. */
export class ShapeError extends Error {
  readonly code = 'graph-shape';
  readonly kind = 'failure';
  readonly found: string;
  readonly expected: string;
  readonly action = 'The graph was not built; the sizes in the model or the batch disagree.';
  readonly scope: string;

  constructor(parts: { scope: string; op: string; operands: readonly TensorType[]; expected: string }) {
    const found = `${parts.op}(${parts.operands.map(formatType).join(', ')})`;
    super(`${parts.scope === '' ? 'graph' : parts.scope}: found ${found}; expected ${parts.expected}`);
    this.name = 'ShapeError';
    this.found = `${found} in ${parts.scope === '' ? 'the graph' : parts.scope}`;
    this.expected = parts.expected;
    this.scope = parts.scope;
  }
}
