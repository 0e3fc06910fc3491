/** Hand-made weight files, good and hostile, byte by byte. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll } from 'vitest';

const golden = join(import.meta.dirname, '..', 'golden');

export function goldenPath(relativePath: string): string {
  return join(golden, relativePath);
}

const folders: string[] = [];
// Not at the exit of the process: vitest ends its processes without one.
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when the test file is through. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-model-'));
  folders.push(folder);
  return folder;
}

/** A copy of a golden model folder with files replaced; a null leaves a file out. */
export function copyModel(relativePath: string, replace: Record<string, Uint8Array | string | null> = {}): string {
  const source = goldenPath(relativePath);
  const folder = makeFolder();
  for (const name of readdirSync(source)) if (!(name in replace)) copyFileSync(join(source, name), join(folder, name));
  for (const [name, content] of Object.entries(replace)) {
    if (content === null) continue;
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function goldenConfig(relativePath: string, change: Record<string, unknown> = {}): string {
  const fields: Record<string, unknown> = { ...JSON.parse(readFileSync(goldenPath(join(relativePath, 'config.json')), 'utf8')), ...change };
  return JSON.stringify(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}

/** A safetensors file with any header text and any data. */
export function rawSafetensors(header: string | Uint8Array, data: Uint8Array = new Uint8Array(), headerLength?: bigint): Uint8Array {
  const text = Buffer.from(header as string);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

export interface ZipMember {
  name: string;
  bytes: Uint8Array;
  deflate?: boolean;
  /** What the directory claims, when that is not the truth. */
  claimedSize?: number;
  flags?: number;
}

/** A zip archive (APPNOTE 6.3): local headers, central directory, end record. */
export function makeZip(members: readonly ZipMember[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes, deflate = false, claimedSize, flags = 0x800 } of members) {
    const nameBytes = Buffer.from(name);
    const stored = deflate ? deflateRawSync(bytes) : bytes;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(deflate ? 8 : 0, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(claimedSize ?? stored.length, 14);
    // Encryption puts 12 bytes before the data.
    common.writeUInt32LE(claimedSize ?? bytes.length - ((flags & 1) === 1 ? 12 : 0), 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, stored);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, nameBytes);
    offset += 30 + nameBytes.length + stored.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

/** Pickle opcodes as small builders, protocol 2. */
export const pickle = {
  text: (value: string): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from('X'), length, bytes]);
  },
  integer: (value: number): Buffer => {
    const bytes = Buffer.alloc(5);
    bytes[0] = 0x4a;
    bytes.writeInt32LE(value, 1);
    return bytes;
  },
  global: (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`),
  tuple: (...items: Uint8Array[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
  call: (callable: Uint8Array, ...items: Uint8Array[]): Buffer => Buffer.concat([callable, pickle.tuple(...items), Buffer.from('R')]),
  file: (...items: Uint8Array[]): Buffer => Buffer.concat([Buffer.from([0x80, 2]), ...items, Buffer.from('.')]),
  dict: (...pairs: [string, Uint8Array][]): Buffer =>
    Buffer.concat([Buffer.from('}('), ...pairs.flatMap(([key, value]) => [pickle.text(key), value]), Buffer.from('u')]),
};

export interface TensorForm {
  storageType?: string;
  key?: string;
  elements?: number;
  offset?: number;
  shape?: number[];
  strides?: number[];
}

/** A tensor as torch.save writes one. */
export function pickledTensor({ storageType = 'FloatStorage', key = '0', elements = 6, offset = 0, shape = [2, 3], strides = [3, 1] }: TensorForm = {}): Buffer {
  const id = pickle.tuple(pickle.text('storage'), pickle.global('torch', storageType), pickle.text(key), pickle.text('cpu'), pickle.integer(elements));
  const hooks = pickle.call(pickle.global('collections', 'OrderedDict'));
  return pickle.call(
    pickle.global('torch._utils', '_rebuild_tensor_v2'),
    Buffer.concat([id, Buffer.from('Q')]),
    pickle.integer(offset),
    pickle.tuple(...shape.map(pickle.integer)),
    pickle.tuple(...strides.map(pickle.integer)),
    Buffer.from([0x89]),
    hooks,
  );
}

/** A torch zip around a pickle, with one storage of six float32 unless told otherwise. */
export function torchZip(pickleBytes: Uint8Array, members: readonly ZipMember[] = [sixFloats]): Uint8Array {
  return makeZip([{ name: 'm/data.pkl', bytes: pickleBytes }, ...members]);
}

export const sixFloats: ZipMember = { name: 'm/data/0', bytes: new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer) };
