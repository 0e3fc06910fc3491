import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';
import type { TensorToWrite } from '../../main/model/safetensors.ts';
import { findNonFinite, readTensorAsFloat32Sync, widen } from '../../main/model/tensor-data.ts';
import { goldenPath, makeFolder, rawSafetensors } from './make-files.ts';

const scratch = join(makeFolder(), 'x.safetensors');

async function readBytes(bytes: Uint8Array): ReturnType<typeof readSafetensorsHeader> {
  writeFileSync(scratch, bytes);
  return readSafetensorsHeader(scratch);
}

/** A header with one tensor. */
function one(fields: string): string {
  return `{"a":{${fields}}}`;
}

describe('encodeSafetensors', () => {
  test.each([
    't5-v1_0/model/model.safetensors',
    't5-v1_1/model/model.safetensors',
    't5-v1_0/peft-submodules-1/adapter_model.safetensors',
  ])('writes %s again byte by byte as the safetensors library wrote it', async (path) => {
    const { entries, metadata } = await readSafetensorsHeader(goldenPath(path));
    const tensors = entries.map((entry) => ({ name: entry.name, shape: entry.shape, data: readTensorAsFloat32Sync(entry) }));
    const original = readFileSync(goldenPath(path));
    expect(Buffer.compare(encodeSafetensors(tensors.toReversed(), metadata), original)).toBe(0);
  });

  test('what it writes is read back: every type, any name, empty and scalar shapes, aligned', async () => {
    const tensor = fc.record({
      name: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => name !== '__metadata__'),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
      make: fc.constantFrom<(count: number) => TensorToWrite['data']>(
        (count) => Float32Array.from({ length: count }, (_, i) => i + 0.5), (count) => Float64Array.from({ length: count }, (_, i) => i / 3),
        (count) => Int32Array.from({ length: count }, (_, i) => -i), (count) => BigInt64Array.from({ length: count }, (_, i) => BigInt(i)),
        (count) => Uint8Array.from({ length: count }, (_, i) => i),
      ),
    });
    const metadata = fc.dictionary(fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__'), fc.string({ maxLength: 5 }));
    await fc.assert(fc.asyncProperty(fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 }), metadata, async (forms, facts) => {
      const tensors = forms.map(({ name, shape, make }) => ({ name, shape, data: make(shape.reduce((a, b) => a * b, 1)) }));
      const bytes = encodeSafetensors(tensors, facts);
      expect(Buffer.compare(encodeSafetensors(tensors.toReversed(), facts), bytes)).toBe(0);
      const content = await readBytes(bytes);
      expect(content.metadata).toEqual(facts);
      expect(content.entries.length).toBe(tensors.length);
      for (const { name, shape, data } of tensors) {
        const entry = content.entries.find((candidate) => candidate.name === name);
        expect(entry?.shape).toEqual(shape);
        expect((entry?.byteOffset ?? 1) % data.BYTES_PER_ELEMENT).toBe(0);
        const stored = bytes.subarray(entry?.byteOffset, (entry?.byteOffset ?? 0) + (entry?.byteLength ?? 0));
        expect(Buffer.compare(stored, new Uint8Array(data.buffer))).toBe(0);
      }
    }), { numRuns: 150 });
  });

  test('refuses a shape that its data does not fill, and a name given twice, whatever the types', () => {
    expect(() => encodeSafetensors([{ name: 'a', shape: [2, 2], data: new Float32Array(3) }])).toThrow(/a: 3 elements for f32\[2,2\]/);
    const twice = [{ name: 'a', shape: [1], data: new Float32Array(1) }, { name: 'b', shape: [1], data: new Float32Array(1) }, { name: 'a', shape: [1], data: new Int32Array(1) }];
    expect(() => encodeSafetensors(twice)).toThrow(/a is given twice/);
  });
});

describe('readSafetensorsHeader', () => {
  const good = '"dtype":"F32","shape":[2],"data_offsets":[0,8]';
  const eight = new Uint8Array(8);
  const rows: [string, Uint8Array, string][] = [
    ['an empty file', new Uint8Array(), 'weights-empty'],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n'), 'git-lfs-pointer'],
    ['five bytes', new Uint8Array(5), 'file-cut'],
    ['a header length of 2^60', rawSafetensors('{}', eight, 2n ** 60n), 'safetensors-header-too-long'],
    ['a header length of 2^64 − 1', rawSafetensors('{}', eight, 2n ** 64n - 1n), 'safetensors-header-too-long'],
    ['a header past the end', rawSafetensors('{}', eight, 1000n), 'file-cut'],
    ['no header', rawSafetensors(''), 'safetensors-header-form'],
    ['a list as header', rawSafetensors('[]'), 'safetensors-header-form'],
    ['space before the header', rawSafetensors(` {"a":{${good}}}`, eight), 'safetensors-header-form'],
    ['a number as tensor', rawSafetensors('{"a":1}'), 'safetensors-header-form'],
    ['metadata with numbers', rawSafetensors('{"__metadata__":{"a":1}}'), 'safetensors-header-form'],
    ['metadata as a text', rawSafetensors('{"__metadata__":"pt"}'), 'safetensors-header-form'],
    ['a name twice', rawSafetensors(`{"a":{${good}},"a":{${good}}}`, eight), 'json-duplicate-key'],
    ['a cut header', rawSafetensors(one(good).slice(0, -5), eight), 'json-syntax'],
    ['a header in Latin-1', rawSafetensors(Buffer.from('{"\u00e9":1}', 'latin1')), 'json-not-utf8'],
    ['a nested header', rawSafetensors(`{"a":${'['.repeat(1000)}`), 'json-too-deep'],
    ['an unknown type', rawSafetensors(one('"dtype":"F4","shape":[2],"data_offsets":[0,8]'), eight), 'safetensors-dtype'],
    ['a type from the prototype', rawSafetensors(one('"dtype":"constructor","shape":[2],"data_offsets":[0,8]'), eight), 'safetensors-dtype'],
    ['a negative side', rawSafetensors(one('"dtype":"F32","shape":[-2],"data_offsets":[0,8]'), eight), 'safetensors-size'],
    ['half a side', rawSafetensors(one('"dtype":"F32","shape":[0.5],"data_offsets":[0,8]'), eight), 'safetensors-size'],
    ['a shape that overflows', rawSafetensors(one('"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]'), eight), 'safetensors-size'],
    ['a shape of another size', rawSafetensors(one('"dtype":"F32","shape":[3],"data_offsets":[0,8]'), eight), 'safetensors-size'],
    ['offsets past the end', rawSafetensors(one('"dtype":"F32","shape":[4],"data_offsets":[0,16]'), eight), 'safetensors-offsets'],
    ['offsets backwards', rawSafetensors(one('"dtype":"F32","shape":[0],"data_offsets":[8,0]'), eight), 'safetensors-offsets'],
    ['three offsets', rawSafetensors(one('"dtype":"F32","shape":[2],"data_offsets":[0,8,8]'), eight), 'safetensors-offsets'],
    ['an overlap', rawSafetensors(`{"a":{${good}},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, eight), 'safetensors-offsets'],
    ['a hole', rawSafetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', eight), 'safetensors-offsets'],
    ['bytes of no tensor', rawSafetensors(one(good), new Uint8Array(9)), 'safetensors-offsets'],
  ];
  test.each(rows)('refuses %s', async (_what, bytes, code) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({ name: 'Problem', code, place: { file: scratch } });
  });

  test('names the tensor, what it found and the byte', async () => {
    const overlap = rawSafetensors(`{"a":{${good}},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, eight);
    const length = Number(Buffer.from(overlap).readBigUInt64LE());
    await expect(readBytes(overlap)).rejects.toMatchObject({ found: 'tensor "b", which overlaps the one before it', place: { byteOffset: 8 + length + 4 } });
  });

  test('a golden file with any byte of its header changed, or cut anywhere, is read or refused, never worse', async () => {
    const original = readFileSync(goldenPath('t5-v1_0/peft-submodules-1/adapter_model.safetensors'));
    const changed = fc.oneof(
      fc.tuple(fc.nat(119), fc.nat(255)).map(([at, value]) => Buffer.concat([original.subarray(0, at), Buffer.from([value]), original.subarray(at + 1)])),
      fc.nat(original.length - 1).map((length) => original.subarray(0, length)),
      fc.tuple(fc.nat(119), fc.uint8Array({ maxLength: 40 })).map(([at, extra]) => Buffer.concat([original.subarray(0, at), extra, original.subarray(at)])),
    );
    let refused = 0;
    await fc.assert(fc.asyncProperty(changed, async (bytes) => {
      try {
        const { entries } = await readBytes(bytes);
        for (const entry of entries) expect(entry.byteOffset + entry.byteLength).toBeLessThanOrEqual(bytes.length);
      } catch (thrown) {
        refused += 1;
        expect(thrown).toMatchObject({ name: 'Problem', kind: 'input', place: { file: scratch } });
      }
    }), { numRuns: 400 });
    expect(refused).toBeGreaterThan(200);
  });
});

describe('float widening', () => {
  test('float16 agrees with the IEEE values: normal, subnormal, largest, zeros, infinity, NaN', () => {
    const bits = new Uint16Array([0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555]);
    const target = new Float32Array(bits.length);
    widen('F16', new Uint8Array(bits.buffer), target);
    expect([...target]).toEqual([1, -2, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, -0, Infinity, -Infinity, Number.NaN, Math.fround(0.333251953125)]);
  });

  test('bfloat16 is the upper half of float32, float64 is rounded to the nearest', () => {
    const target = new Float32Array(3);
    widen('BF16', new Uint8Array(new Uint16Array([0x3f80, 0xc049, 0xff80]).buffer), target);
    expect([...target]).toEqual([1, -3.140625, -Infinity]);
    widen('F64', new Uint8Array(new Float64Array([0.1, 1e300, -5]).buffer), target);
    expect([...target]).toEqual([Math.fround(0.1), Infinity, -5]);
  });

  test('finds the first value that is not finite', () => {
    expect(findNonFinite(new Float32Array([1, 3.4e38, -0, 1e-45]))).toBeNull();
    expect(findNonFinite(new Float32Array([1, -Infinity, Number.NaN]))).toBe(1);
  });
});

describe('readTensorAsFloat32Sync', () => {
  test('reads a tensor larger than one piece whole, in order', async () => {
    const values = Float32Array.from({ length: 2_500_000 }, (_, i) => i);
    const { entries } = await readBytes(encodeSafetensors([{ name: 'a', shape: [2_500_000], data: values }]));
    const [entry] = entries;
    expect(entry).toBeDefined();
    if (entry !== undefined) expect(Buffer.compare(new Uint8Array(readTensorAsFloat32Sync(entry).buffer), new Uint8Array(values.buffer))).toBe(0);
  });

  test('refuses integers by name, and a file that was cut since, before it asks for memory', async () => {
    writeFileSync(scratch, new Uint8Array(12));
    const entry = { name: 'a', dtype: 'F32' as const, shape: [1e12], file: scratch, byteOffset: 8, byteLength: 4e12 };
    expect(() => readTensorAsFloat32Sync(entry)).toThrow(expect.objectContaining({ code: 'tensor-cut', found: '4 bytes of a' }));
    expect(() => readTensorAsFloat32Sync({ ...entry, dtype: 'I8' })).toThrow(expect.objectContaining({ code: 'tensor-not-float' }));
    expect(() => readTensorAsFloat32Sync({ ...entry, file: `${scratch}.gone` })).toThrow(expect.objectContaining({ code: 'system-enoent' }));
  });
});
