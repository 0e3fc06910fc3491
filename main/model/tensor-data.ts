/** The numbers behind a `TensorEntry`: read whole or in pieces, widened to float32, checked for NaN and infinity. Hosts are little-endian, as Node's are. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Problem, toProblem } from '../contract/problem.ts';
import { bytesPerElement, countElements, shapeText } from './tensor-entry.ts';
import type { TensorDtype, TensorEntry } from './tensor-entry.ts';

/** Bytes read at a time: large enough for the disk, small beside any model. A multiple of every element size. */
const pieceBytes = 4 * 1024 * 1024;

/** The element types that become float32 without asking; quantised and integer weights would need their own graph. */
const floatDtypes = ['F32', 'F16', 'BF16', 'F64'] as const satisfies readonly TensorDtype[];
type FloatDtype = (typeof floatDtypes)[number];

function isFloatDtype(dtype: TensorDtype): dtype is FloatDtype {
  return floatDtypes.some((candidate) => candidate === dtype);
}

/** @throws {Problem} `tensor-not-float` when the element type has no plain float32 form. */
export function requireFloat(entry: TensorEntry): FloatDtype {
  if (isFloatDtype(entry.dtype)) return entry.dtype;
  throw new Problem({
    code: 'tensor-not-float',
    found: `${entry.name} stored as ${entry.dtype}`,
    expected: floatDtypes.join(', '),
    action: 'Choose a checkpoint with plain float weights, not a quantised one.',
    place: { file: entry.file, byteOffset: entry.byteOffset },
  });
}

/**
 * A tensor's stored bytes in order. The yielded array is reused: take what is needed before the next piece.
 * Every piece but the last has `pieceBytes` bytes.
 * @throws {Problem} `tensor-cut` when the file ends first, or a system error.
 */
export async function* streamTensorBytes(entry: TensorEntry): AsyncGenerator<Uint8Array> {
  let handle;
  try {
    handle = await open(entry.file, 'r');
    const buffer = new Uint8Array(Math.min(pieceBytes, entry.byteLength));
    for (let done = 0; done < entry.byteLength; ) {
      const piece = buffer.subarray(0, Math.min(buffer.length, entry.byteLength - done));
      for (let filled = 0; filled < piece.length; ) {
        const { bytesRead } = await handle.read(piece, filled, piece.length - filled, entry.byteOffset + done + filled);
        if (bytesRead === 0) throw cut(entry, done + filled);
        filled += bytesRead;
      }
      done += piece.length;
      yield piece;
    }
  } catch (thrown) {
    throw toProblem(thrown);
  } finally {
    await handle?.close();
  }
}

/**
 * A whole tensor as float32, blocking.
 * @returns the elements, row-major; NaN and infinity are passed on (see `findNonFinite`).
 * @throws {Problem} `tensor-not-float`, `tensor-cut`, or a system error.
 */
export function readTensorAsFloat32Sync(entry: TensorEntry): Float32Array {
  const dtype = requireFloat(entry);
  const size = bytesPerElement[dtype];
  let descriptor;
  try {
    descriptor = openSync(entry.file, 'r');
    // Before allocating: an entry that outlived its file must not ask for memory.
    const available = fstatSync(descriptor).size - entry.byteOffset;
    if (available < entry.byteLength) throw cut(entry, Math.max(0, available));
    const result = new Float32Array(entry.byteLength / size);
    const buffer = new Uint8Array(Math.min(pieceBytes, entry.byteLength));
    for (let done = 0; done < entry.byteLength; ) {
      const wanted = Math.min(buffer.length, entry.byteLength - done);
      for (let filled = 0; filled < wanted; ) {
        const bytesRead = readSync(descriptor, buffer, filled, wanted - filled, entry.byteOffset + done + filled);
        if (bytesRead === 0) throw cut(entry, done + filled);
        filled += bytesRead;
      }
      widen(dtype, buffer.subarray(0, wanted), result.subarray(done / size, (done + wanted) / size));
      done += wanted;
    }
    return result;
  } catch (thrown) {
    throw toProblem(thrown);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Widens stored little-endian elements; float64 is rounded to float32.
 * @param bytes at an offset that its element size divides.   @param target as many elements as `bytes` holds.
 */
export function widen(dtype: FloatDtype, bytes: Uint8Array, target: Float32Array): void {
  const { buffer, byteOffset } = bytes;
  const count = target.length;
  switch (dtype) {
    case 'F32':
      target.set(new Float32Array(buffer, byteOffset, count));
      return;
    case 'F64':
      target.set(new Float64Array(buffer, byteOffset, count));
      return;
    case 'BF16': {
      // bfloat16 is the upper half of a float32.
      const source = new Uint16Array(buffer, byteOffset, count);
      const bits = new Uint32Array(target.buffer, target.byteOffset, count);
      for (let i = 0; i < count; i += 1) bits[i] = (source[i] ?? 0) << 16;
      return;
    }
    case 'F16': {
      const source = new Uint16Array(buffer, byteOffset, count);
      const table = (halfTable ??= makeHalfTable());
      for (let i = 0; i < count; i += 1) target[i] = table[source[i] ?? 0] ?? 0;
      return;
    }
    default:
      dtype satisfies never;
  }
}

let halfTable: Float32Array | undefined;

/** Every float16 (IEEE 754 binary16) as float32, by its bits: 256 KB once, then one look-up an element. */
function makeHalfTable(): Float32Array {
  const table = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits += 1) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) table[bits] = fraction === 0 ? sign * Infinity : Number.NaN;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

/** @returns the index of the first NaN or infinity, or null. */
export function findNonFinite(values: Float32Array): number | null {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i += 1) {
    if (((bits[i] ?? 0) & 0x7f800000) === 0x7f800000) return i;
  }
  return null;
}

/**
 * A tensor widened to float32, piece by piece, each piece checked. Both arrays are reused: take what is needed before the next piece.
 * @throws {Problem} `weights-not-finite` naming the tensor and the place, `tensor-not-float`, `tensor-cut`, or a system error.
 */
export async function* streamFiniteFloat32(entry: TensorEntry): AsyncGenerator<{ stored: Uint8Array; values: Float32Array }> {
  const dtype = requireFloat(entry);
  const size = bytesPerElement[dtype];
  const buffer = new Float32Array(Math.min(pieceBytes, entry.byteLength) / size);
  let done = 0;
  for await (const stored of streamTensorBytes(entry)) {
    const values = buffer.subarray(0, stored.length / size);
    widen(dtype, stored, values);
    const bad = findNonFinite(values);
    if (bad !== null) throw notFinite(entry, done / size + bad, values[bad] ?? Number.NaN);
    done += stored.length;
    yield { stored, values };
  }
}

function notFinite(entry: TensorEntry, index: number, value: number): Problem {
  const size = bytesPerElement[entry.dtype];
  return new Problem({
    code: 'weights-not-finite',
    found: `${Number.isNaN(value) ? 'NaN' : 'an infinity'} in ${entry.name} ${shapeText(entry.dtype, entry.shape)}, element ${index} of ${countElements(entry.shape)}`,
    expected: 'finite weights',
    action: 'The checkpoint is broken (a diverged or float16-overflowed training, or a damaged download): choose another one.',
    place: { file: entry.file, byteOffset: entry.byteOffset + index * size },
  });
}

function cut(entry: TensorEntry, available: number): Problem {
  return new Problem({
    code: 'tensor-cut',
    found: `${available} bytes of ${entry.name}`,
    expected: `${entry.byteLength} (${shapeText(entry.dtype, entry.shape)})`,
    action: 'The file changed or is cut: download it again.',
    place: { file: entry.file, byteOffset: entry.byteOffset + available },
  });
}
