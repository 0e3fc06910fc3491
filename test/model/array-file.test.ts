import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../main/model/safetensors.ts';
import { readArrayFile } from '../../main/model/array-file.ts';
import { makeFolder } from '../model/make-files.ts';
import { sharedPath } from '../shared.ts';

const folder = makeFolder();

interface NumpyParts {
  name?: string;
  header?: string;
  version?: number;
  headerLength?: number;
  data?: Uint8Array;
}

const plainHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
const six = Float32Array.from([1, -2, 3.5, 0, 5, 1e30]);

/** A file as numpy.save writes one, or nearly. */
function numpyFile({ name = 'array.npy', header = plainHeader, version = 1, headerLength, data = new Uint8Array(six.buffer) }: NumpyParts = {}): string {
  const text = `${header}\n`;
  const lead = Buffer.alloc(version === 1 ? 10 : 12);
  lead.write('\x93NUMPY', 'latin1');
  lead[6] = version;
  if (version === 1) lead.writeUInt16LE(headerLength ?? text.length, 8);
  else lead.writeUInt32LE(headerLength ?? text.length, 8);
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat([lead, Buffer.from(text, 'latin1'), data]));
  return file;
}

function write(tensors: Parameters<typeof encodeSafetensors>[0]): string {
  const file = join(folder, 'array.safetensors');
  writeFileSync(file, encodeSafetensors(tensors));
  return file;
}

describe('a NumPy file', () => {
  it('is told apart from a safetensors file that has no ending either, such as an object of the workspace', async () => {
    const bytes = encodeSafetensors([{ name: 'prompt', shape: [2, 3], data: six }], { format: 'pt' });
    const file = join(folder, 'object');
    writeFileSync(file, bytes);
    expect(await readArrayFile(file)).toEqual({ shape: [2, 3], data: six });
    // A NumPy header of 123 bytes has the same ninth byte.
    expect(await readArrayFile(numpyFile({ name: 'numpy-object', header: plainHeader.padEnd(122) }))).toEqual({ shape: [2, 3], data: six });
  });

  it.each([
    ['float32', {}],
    ['float32 without an extension', { name: 'encoder.prompt.prompt.prompt' }],
    ['version 2', { version: 2 }],
    ['version 3', { version: 3 }],
    ['float64', { header: plainHeader.replace('f4', 'f8'), data: new Uint8Array(Float64Array.from(six).buffer) }],
  ])('of %s is read', async (_kind, parts) => {
    const { shape, data } = await readArrayFile(numpyFile(parts));
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual([...six]);
  });

  it.each([['(6,)', [6]], ['(3, 1, 2)', [3, 1, 2]]])('of shape %s keeps it', async (text, shape) => {
    expect((await readArrayFile(numpyFile({ header: plainHeader.replace('(2, 3)', text) }))).shape).toEqual(shape);
  });

  const prompt = sharedPath('data/prompts/t5-base-lm-adapt-sst2.npy');
  it.skipIf(prompt === null)('of google-research/prompt-tuning gives its 100 rows (needs ../shared/data)', async () => {
    const { shape, data } = await readArrayFile(prompt ?? '');
    expect(shape).toEqual([100, 768]);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const spread = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
    // The standard deviation that NumPy gives for the published file.
    expect(spread).toBeCloseTo(51.8, 1);
  });

  const other = (change: string, to: string): string => plainHeader.replace(change, to);
  it.each<[string, NumpyParts, string]>([
    ['with a cut in its values', { data: new Uint8Array(23) }, 'array-cut'],
    ['with bytes behind its values', { data: new Uint8Array(25) }, 'array-cut'],
    ['in Fortran order', { header: other('False', 'True') }, 'array-type'],
    ['of integers', { header: other('<f4', '<i4') }, 'array-type'],
    ['of big-endian numbers', { header: other('<f4', '>f4') }, 'array-type'],
    ['of Python objects', { header: other('<f4', '|O') }, 'array-type'],
    ['without a shape', { header: "{'descr': '<f4', 'fortran_order': False}" }, 'array-type'],
    ['with an absurd shape', { header: other('(2, 3)', `(${'9'.repeat(400)}, 0)`) }, 'array-cut'],
    ['with two numbers where one belongs', { header: other('(2, 3)', '(2 3)') }, 'array-cut'],
    ['of a later version', { version: 4 }, 'array-header'],
    ['of version 0', { version: 0 }, 'array-header'],
    ['with a header longer than the file', { headerLength: 60_000 }, 'array-header'],
    ['with a header of four gigabytes', { version: 2, headerLength: 2 ** 32 - 1 }, 'array-header'],
    ['with a NaN', { data: new Uint8Array(Float32Array.from([1, 2, Number.NaN, 4, 5, 6]).buffer) }, 'array-not-finite'],
    ['with a float64 beyond float32', { header: other('f4', 'f8'), data: new Uint8Array(Float64Array.from([1, 2, 3, 4, 5, 1e300]).buffer) }, 'array-not-finite'],
  ])('%s is refused with its place', async (_what, parts, code) => {
    const file = numpyFile(parts);
    await expect(readArrayFile(file)).rejects.toMatchObject({ code, kind: 'input', place: { file, byteOffset: expect.any(Number) } });
  });

  it.each([['', 'array-not-numpy'], ['\x93NUMPY', 'array-not-numpy'], ['PK\x03\x04 something else entirely', 'array-not-numpy']])('that begins with %j is none', async (content, code) => {
    const file = join(folder, 'other.npy');
    writeFileSync(file, Buffer.from(content, 'latin1'));
    await expect(readArrayFile(file)).rejects.toMatchObject({ code });
  });

  it('names the byte of a number that is none', async () => {
    const file = numpyFile({ data: new Uint8Array(Float32Array.from([1, 2, 3, 4, Number.NEGATIVE_INFINITY, 6]).buffer) });
    await expect(readArrayFile(file)).rejects.toMatchObject({ found: '-Infinity at element 4', place: { byteOffset: 10 + plainHeader.length + 1 + 16 } });
  });

  it('of a size that no prompt has is not even opened', async () => {
    const file = numpyFile({ name: 'huge.npy' });
    truncateSync(file, 2 ** 34);
    await expect(readArrayFile(file)).rejects.toMatchObject({ code: 'array-too-large' });
  });

  it.skipIf(process.platform === 'win32')('that is a folder, an endless device or nothing is refused', async () => {
    for (const path of [folder, '/dev/zero']) await expect(readArrayFile(path)).rejects.toMatchObject({ code: 'not-a-file' });
    await expect(readArrayFile(join(folder, 'none.npy'))).rejects.toMatchObject({ code: 'system-enoent' });
  });
});

describe('a safetensors file', () => {
  it('with one tensor is read, whatever it is called', async () => {
    expect(await readArrayFile(write([{ name: 'prompt_embeddings', shape: [2, 3], data: six }]))).toEqual({ shape: [2, 3], data: six });
  });

  it('with none, with two, with a NaN or with integers is refused', async () => {
    await expect(readArrayFile(write([]))).rejects.toMatchObject({ code: 'array-not-single', found: 'no tensor' });
    const two = [{ name: 'a', shape: [6], data: six }, { name: 'b', shape: [6], data: six }];
    await expect(readArrayFile(write(two))).rejects.toMatchObject({ code: 'array-not-single', found: '2 tensors' });
    await expect(readArrayFile(write([{ name: 'a', shape: [1], data: Float32Array.of(Number.NaN) }]))).rejects.toMatchObject({ code: 'array-not-finite' });
    await expect(readArrayFile(write([{ name: 'a', shape: [1], data: Int32Array.of(1) }]))).rejects.toMatchObject({ code: 'tensor-not-float' });
  });
});
