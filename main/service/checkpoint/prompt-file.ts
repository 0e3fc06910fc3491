/** A prompt of the workspace read and written by the core: small, our own, and verified by its hash before it is looked at. */
import { z } from 'zod';
import { Problem } from '../../contract/problem.ts';
import type { ObjectHash } from '../../store/identifiers.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';

/** float32 little-endian, [p, d] row-major. */
export interface StoredPrompt {
  rows: number;
  width: number;
  bytes: Buffer;
}

/** As main/train/training-state writes it: one tensor, `prompt`. */
const headerSchema = z.object({
  prompt: z.object({
    dtype: z.literal('F32'),
    shape: z.tuple([z.int().min(1), z.int().min(1)]),
    data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
  }),
});

/** A prompt of 1000 rows of the widest T5 has 16 MB; weights of full tuning are never read here. */
const largestBytes = 64 * 1024 * 1024;

/** @throws {Problem} `object-missing`, `object-corrupt`, `checkpoint-without-prompt` */
export function readStoredPrompt(workspace: ReadableWorkspace, weights: ObjectHash, { byteLength }: { byteLength: number }): StoredPrompt {
  const file = workspace.objects.objectPath(weights);
  if (byteLength > largestBytes) throw noPrompt(file);
  const content = workspace.objects.readObject(weights);
  const headerLength = content.length < 8 ? 0 : Number(content.readBigUInt64LE());
  const parsed = headerSchema.safeParse(parseJson(content.subarray(8, 8 + headerLength).toString('utf8')));
  if (!parsed.success) throw noPrompt(file);
  const { shape: [rows, width], data_offsets: [begin, end] } = parsed.data.prompt;
  const start = 8 + headerLength;
  if (end - begin !== rows * width * 4 || start + end > content.length) throw noPrompt(file);
  return { rows, width, bytes: content.subarray(start + begin, start + end) };
}

/** NumPy's format, version 1.0 (numpy/lib/format.py): the header is padded so that the values begin at a multiple of 64. */
export function encodeNumpy({ rows, width, bytes }: StoredPrompt): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const prefix = 10;
  const padded = Math.ceil((prefix + text.length + 1) / 64) * 64 - prefix;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${text.padEnd(padded - 1)}\n`, 'latin1');
  header.writeUInt16LE(padded, 8);
  return Buffer.concat([header, bytes]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function noPrompt(file: string): Problem {
  return new Problem({
    code: 'checkpoint-without-prompt',
    found: 'a checkpoint without a soft prompt: the weights of full tuning, or a method that trains nothing',
    expected: 'the rows of a prompt, one tensor [p, d]',
    action: 'Choose a checkpoint of a run that tuned a prompt.',
    place: { file },
  });
}
