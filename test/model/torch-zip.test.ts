import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { readTorchZip } from '../../main/model/torch-zip.ts';
import { sharedPath } from '../shared.ts';
import { goldenPath, makeFolder, makeZip, pickle, pickledTensor, sixFloats, torchZip } from './make-files.ts';
import type { TensorForm } from './make-files.ts';

const scratch = join(makeFolder(), 'pytorch_model.bin');
const oneTensor = (form: TensorForm = {}): Uint8Array => torchZip(pickle.file(pickle.dict(['a', pickledTensor(form)])));
const pickled = (...items: Uint8Array[]): Uint8Array => torchZip(pickle.file(...items));
const opcode = (...bytes: number[]): Uint8Array => Buffer.from(bytes);

async function readBytes(bytes: Uint8Array): ReturnType<typeof readTorchZip> {
  writeFileSync(scratch, bytes);
  return readTorchZip(scratch);
}

describe('readTorchZip', () => {
  test('gives exactly the numbers that the same model has as safetensors', async () => {
    const fromTorch = new Map((await readTorchZip(goldenPath('t5-v1_0/model-torch-bin/pytorch_model.bin'))).map((entry) => [entry.name, entry]));
    const { entries } = await readSafetensorsHeader(goldenPath('t5-v1_0/model/model.safetensors'));
    expect(entries.length).toBe(47);
    for (const entry of entries) {
      const other = fromTorch.get(entry.name);
      expect(other?.shape).toEqual(entry.shape);
      if (other !== undefined) expect(Buffer.compare(bytesOf(other), bytesOf(entry))).toBe(0);
    }
  });

  const tiny = sharedPath('data/t5-tiny/pytorch_model.bin');
  test.skipIf(tiny === null)('reads a checkpoint of another writer (skipped where the shared data is absent)', async () => {
    const entries = await readTorchZip(tiny ?? '');
    expect(entries.length).toBe(113);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    expect(byName.get('lm_head.weight')?.byteOffset).toBe(byName.get('shared.weight')?.byteOffset);
    for (const entry of entries) expect(readTensorAsFloat32Sync(entry).every((value) => Math.abs(value) < 10)).toBe(true);
    expect(readTensorAsFloat32Sync(entries.find(({ name }) => name === 'encoder.final_layer_norm.weight') ?? fail()).every((value) => value > 0)).toBe(true);
  });

  test('reads views: an offset, sides of length 1 with any stride, no elements, a parameter', async () => {
    const tensors = pickle.dict(
      ['row', pickledTensor({ offset: 3, shape: [3], strides: [1] })],
      ['column', pickledTensor({ shape: [1, 2, 1], strides: [99, 1, 7] })],
      ['none', pickledTensor({ shape: [0, 3], strides: [5, 5] })],
      ['scalar', pickledTensor({ offset: 5, shape: [], strides: [] })],
      ['parameter', pickle.call(pickle.global('torch._utils', '_rebuild_parameter'), pickledTensor(), opcode(0x88), pickle.call(pickle.global('collections', 'OrderedDict')))],
    );
    const values = Object.fromEntries((await readBytes(pickled(tensors))).map((entry) => [entry.name, [...readTensorAsFloat32Sync(entry)]]));
    expect(values).toEqual({ row: [4, 5, 6], column: [1, 2], none: [], scalar: [6], parameter: [1, 2, 3, 4, 5, 6] });
  });

  test('reads protocol 4 with frames, memo and short texts', async () => {
    const storage = pickle.tuple(pickle.text('storage'), Buffer.concat([shortText('torch'), shortText('HalfStorage'), opcode(0x93)]), shortText('0'), shortText('cpu'), opcode(0x8a, 1, 12));
    const tensor = pickle.call(Buffer.concat([shortText('torch._utils'), shortText('_rebuild_tensor_v2'), opcode(0x93, 0x94)]), Buffer.concat([storage, opcode(0x51)]), opcode(0x4b, 0), opcode(0x4d, 12, 0, 0x85), opcode(0x4b, 1, 0x85), opcode(0x89), opcode(0x4e));
    const bytes = Buffer.concat([opcode(0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0), opcode(0x7d), shortText('a'), tensor, opcode(0x73, 0x2e)]);
    expect(await readBytes(torchZip(bytes))).toMatchObject([{ name: 'a', dtype: 'F16', shape: [12], byteLength: 24 }]);
  });

  const tensorPair = pickle.dict(['a', pickledTensor()]);
  const rows: [string, Uint8Array, string][] = [
    ['an empty file', new Uint8Array(), 'weights-empty'],
    ['two bytes', new Uint8Array(2), 'file-cut'],
    ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'), 'git-lfs-pointer'],
    ['the format before PyTorch 1.6', Buffer.from('\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.', 'latin1'), 'torch-legacy-format'],
    ['something else', Buffer.from('<!DOCTYPE html><title>404</title>'), 'torch-not-zip'],
    ['the start of a zip alone', Buffer.from('PK\x03\x04 and nothing more', 'latin1'), 'torch-zip-damaged'],
    ['a cut archive', oneTensor().subarray(0, 200), 'torch-zip-damaged'],
    ['a zip without a pickle', makeZip([sixFloats]), 'torch-zip-no-pickle'],
    ['two pickles', makeZip([{ name: 'a/data.pkl', bytes: new Uint8Array(1) }, { name: 'b/data.pkl', bytes: new Uint8Array(1) }]), 'torch-zip-no-pickle'],
    ['a name with ..', makeZip([{ name: 'm/../../data.pkl', bytes: new Uint8Array(1) }]), 'torch-zip-entry-name'],
    ['an absolute name', makeZip([{ name: '/etc/data.pkl', bytes: new Uint8Array(1) }]), 'torch-zip-entry-name'],
    ['a backslash name', makeZip([{ name: 'm\\..\\data.pkl', bytes: new Uint8Array(1) }]), 'torch-zip-entry-name'],
    ['an entry twice', torchZip(pickle.file(tensorPair), [sixFloats, sixFloats]), 'torch-zip-damaged'],
    ['a bomb: a pickle that inflates 1000-fold', makeZip([{ name: 'm/data.pkl', bytes: new Uint8Array(4_000_000), deflate: true }]), 'torch-zip-compressed'],
    ['a bomb: storages that inflate', torchZip(pickle.file(tensorPair), [{ name: 'm/data/0', bytes: new Uint8Array(4_000_000), deflate: true }]), 'torch-zip-compressed'],
    ['an encrypted entry', torchZip(pickle.file(tensorPair), [{ ...sixFloats, flags: 1 }]), 'torch-zip-encrypted'],
    ['an entry larger than the file', torchZip(pickle.file(tensorPair), [{ ...sixFloats, claimedSize: 1_000_000 }]), 'torch-zip-damaged'],
    ['a pickle of claimed 3 GB', makeZip([{ name: 'm/data.pkl', bytes: new Uint8Array(9), claimedSize: 3_000_000_000 }]), 'torch-zip-too-large'],
    ['big-endian numbers', torchZip(pickle.file(tensorPair), [sixFloats, { name: 'm/byteorder', bytes: Buffer.from('big') }]), 'torch-zip-byte-order'],
    ['a missing storage', oneTensor({ key: '7' }), 'torch-zip-no-storage'],
    ['a storage outside the archive', oneTensor({ key: '../../etc/passwd' }), 'torch-zip-no-storage'],
    ['strides of a transposed tensor', oneTensor({ strides: [1, 2] }), 'torch-tensor-not-contiguous'],
    ['strides of a broadcast tensor', oneTensor({ shape: [1000, 6], strides: [0, 1] }), 'torch-tensor-not-contiguous'],
    ['strides of another rank', oneTensor({ strides: [1] }), 'torch-tensor-not-contiguous'],
    ['a tensor past its storage', oneTensor({ offset: 1 }), 'torch-tensor-range'],
    ['a tensor before its storage', oneTensor({ offset: -1 }), 'torch-tensor-range'],
    ['a wider type than its storage holds', oneTensor({ storageType: 'DoubleStorage' }), 'torch-tensor-range'],
    ['a negative side', oneTensor({ shape: [-2, 3] }), 'torch-tensor-shape'],
    ['a shape that overflows', oneTensor({ shape: [2 ** 30, 2 ** 30], strides: [2 ** 30, 1] }), 'torch-tensor-shape'],
    ['a storage type that no T5 has', oneTensor({ storageType: 'ComplexFloatStorage' }), 'pickle-global-refused'],
    ['os.system', pickled(pickle.call(pickle.global('os', 'system'), pickle.text('echo hi'))), 'pickle-global-refused'],
    ['os.system by STACK_GLOBAL', torchZip(Buffer.concat([opcode(0x80, 4), shortText('os'), shortText('system'), opcode(0x93, 0x2e)])), 'pickle-global-refused'],
    ['a global hidden in the metadata', pickled(tensorPair, pickle.global('builtins', 'eval'), opcode(0x62)), 'pickle-global-refused'],
    ['torch.load itself', pickled(pickle.call(pickle.global('torch', 'load'), pickle.text('x'))), 'pickle-global-refused'],
    ['INST', pickled(Buffer.from('(ios\nsystem\n')), 'pickle-opcode-refused'],
    ['NEWOBJ', pickled(pickle.global('collections', 'OrderedDict'), opcode(0x29, 0x81)), 'pickle-opcode-refused'],
    ['EXT1', pickled(opcode(0x82, 1)), 'pickle-opcode-refused'],
    ['a call of a tensor type', pickled(pickle.call(pickle.global('torch', 'FloatStorage'), pickle.text('x'))), 'pickle-damaged'],
    ['an ordered dict made with arguments', pickled(pickle.call(pickle.global('collections', 'OrderedDict'), opcode(0x5d))), 'pickle-damaged'],
    ['protocol 0', torchZip(opcode(0x80, 0, 0x2e)), 'pickle-damaged'],
    ['an empty pickle', torchZip(new Uint8Array()), 'pickle-damaged'],
    ['an empty stack', pickled(), 'pickle-damaged'],
    ['no end', torchZip(opcode(0x80, 2, 0x4e)), 'pickle-damaged'],
    ['a text longer than the file', pickled(opcode(0x58, 0xff, 0xff, 0xff, 0xff)), 'pickle-damaged'],
    ['a memo that was never set', pickled(opcode(0x6a, 9, 9, 9, 9)), 'pickle-damaged'],
    ['a tuple without its mark', pickled(opcode(0x74)), 'pickle-damaged'],
    ['a key without a value', pickled(opcode(0x7d, 0x28), pickle.text('a'), opcode(0x75)), 'pickle-damaged'],
    ['a list as key', pickled(opcode(0x7d, 0x5d, 0x4e, 0x73)), 'pickle-damaged'],
    ['five million dicts', pickled(new Uint8Array(5_000_000).fill(0x7d)), 'pickle-too-large'],
    ['endless steps', pickled(new Uint8Array(5_000_000).fill(0x4e)), 'pickle-too-large'],
    ['a tensor alone', pickled(pickledTensor()), 'pickle-not-state-dict'],
    ['a training state around the weights', pickled(pickle.dict(['model', tensorPair], ['epoch', pickle.integer(3)])), 'pickle-not-state-dict'],
    ['a number among the tensors', pickled(pickle.dict(['a', pickledTensor()], ['epoch', pickle.integer(3)])), 'pickle-not-state-dict'],
    ['a dict that holds itself', pickled(opcode(0x7d, 0x71, 0), pickle.text('a'), opcode(0x68, 0, 0x73)), 'pickle-not-state-dict'],
  ];
  test.each(rows)('refuses %s', async (_what, bytes, code) => {
    await expect(readBytes(bytes)).rejects.toMatchObject({ name: 'Problem', code, kind: 'input', place: { file: scratch } });
  });

  test('says what a hostile pickle would have called, and where', async () => {
    const bytes = pickled(pickle.call(pickle.global('posix', 'system'), pickle.text('rm -rf ~')));
    await expect(readBytes(bytes)).rejects.toMatchObject({ found: 'the Python name "posix.system", which loading this file would call', place: { byteOffset: 2 } });
  });

  test('a checkpoint changed, cut or grown anywhere is read or refused, never worse', async () => {
    const original = Buffer.from(torchZip(pickle.file(pickle.dict(['a', pickledTensor()], ['b', pickledTensor({ key: '1' })])), [sixFloats, { ...sixFloats, name: 'm/data/1' }]));
    await expectContained(original, 1500);
  });

  test('a real checkpoint with its pickle or its directory changed is read or refused, never worse', async () => {
    const original = readFileSync(goldenPath('t5-v1_0/model-torch-bin/pytorch_model.bin'));
    // The tensors in between are only numbers: the pickle lies at the start, the directory at the end.
    const pickleEnd = 11_700;
    const head = original.subarray(0, pickleEnd);
    const tail = original.subarray(original.length - 6_000);
    await expectContained(original, 150, fc.oneof(fc.nat(head.length - 1), fc.nat(tail.length - 1).map((at) => original.length - tail.length + at)));
  });
});

function bytesOf(entry: Parameters<typeof readTensorAsFloat32Sync>[0]): Uint8Array {
  return new Uint8Array(readTensorAsFloat32Sync(entry).buffer);
}

function shortText(text: string): Uint8Array {
  return Buffer.concat([opcode(0x8c, text.length), Buffer.from(text)]);
}

function fail(): never {
  throw new Error('the tensor is missing');
}

async function expectContained(original: Buffer, numRuns: number, position = fc.nat(original.length - 1)): Promise<void> {
  const changed = fc.oneof(
    fc.tuple(position, fc.nat(255)).map(([at, value]) => Buffer.concat([original.subarray(0, at), Buffer.from([value]), original.subarray(at + 1)])),
    fc.tuple(position, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, bytes]) => Buffer.concat([original.subarray(0, at), bytes, original.subarray(at + bytes.length)])),
    position.map((length) => original.subarray(0, length)),
    fc.tuple(position, fc.uint8Array({ maxLength: 20 })).map(([at, extra]) => Buffer.concat([original.subarray(0, at), extra, original.subarray(at)])),
  );
  await fc.assert(fc.asyncProperty(changed, async (bytes) => {
    try {
      for (const entry of await readBytes(bytes)) {
        expect(entry.byteOffset + entry.byteLength).toBeLessThanOrEqual(bytes.length);
        expect(entry.byteLength).toBeGreaterThanOrEqual(0);
      }
    } catch (thrown) {
      expect(thrown).toMatchObject({ name: 'Problem', kind: 'input', place: { file: scratch } });
    }
  }), { numRuns });
}
