/** Two safetensors files of the same tensors, held against each other in constant memory. */
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';

export interface TensorDifference {
  /** Of all numbers of both files. */
  largestDifference: number;
  /** Largest absolute value in the first. */
  largestValue: number;
}

const tensorSchema = z.object({ dtype: z.literal('F32'), shape: z.array(z.int().min(0)), data_offsets: z.tuple([z.int().min(0), z.int().min(0)]) });
const headerSchema = z.record(z.string(), z.unknown());

/** A header names tensors; those of the largest model take less. */
const largestHeaderBytes = 16 * 1024 * 1024;
const chunkBytes = 1 << 20;

/** @returns null where the files do not hold float32 tensors of the same names and shapes. NaN beside a number is an infinite difference. */
export async function measureDifference(first: string, second: string): Promise<TensorDifference | null> {
  await using one = await open(first);
  await using other = await open(second);
  const [left, right] = [await readTensors(one), await readTensors(other)];
  if (left === null || right === null || left.size !== right.size) return null;
  const found = { largestDifference: 0, largestValue: 0 };
  for (const [name, tensor] of left) {
    const twin = right.get(name);
    if (twin === undefined || twin.shape.join() !== tensor.shape.join() || twin.bytes !== tensor.bytes) return null;
    await compareTensor([one, tensor.position], [other, twin.position], { bytes: tensor.bytes, found });
  }
  return found;
}

interface StoredTensor {
  shape: readonly number[];
  /** From the start of the file. */
  position: number;
  bytes: number;
}

async function readTensors(file: FileHandle): Promise<Map<string, StoredTensor> | null> {
  const length = Buffer.alloc(8);
  if ((await file.read(length, 0, 8, 0)).bytesRead < 8) return null;
  const headerBytes = Number(length.readBigUInt64LE());
  if (headerBytes > largestHeaderBytes) return null;
  const header = Buffer.alloc(headerBytes);
  if ((await file.read(header, 0, headerBytes, 8)).bytesRead < headerBytes) return null;
  const parsed = headerSchema.safeParse(parseJson(header.toString('utf8')));
  if (!parsed.success) return null;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of Object.entries(parsed.data)) {
    if (name === '__metadata__') continue;
    const tensor = tensorSchema.safeParse(value);
    if (!tensor.success) return null;
    const { shape, data_offsets: [start, end] } = tensor.data;
    tensors.set(name, { shape, position: 8 + headerBytes + start, bytes: end - start });
  }
  return tensors;
}

async function compareTensor(
  [one, onePosition]: readonly [FileHandle, number], [other, otherPosition]: readonly [FileHandle, number], { bytes, found }: { bytes: number; found: TensorDifference },
): Promise<void> {
  const [left, right] = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)];
  for (let done = 0; done < bytes; done += chunkBytes) {
    const size = Math.min(chunkBytes, bytes - done);
    await one.read(left, 0, size, onePosition + done);
    await other.read(right, 0, size, otherPosition + done);
    for (let at = 0; at + 4 <= size; at += 4) {
      const [a, b] = [left.readFloatLE(at), right.readFloatLE(at)];
      if (Number.isFinite(a)) found.largestValue = Math.max(found.largestValue, Math.abs(a));
      if (Object.is(a, b)) continue;
      const difference = Math.abs(a - b);
      found.largestDifference = Math.max(found.largestDifference, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
