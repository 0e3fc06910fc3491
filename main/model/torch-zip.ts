/**
 * A PyTorch checkpoint (`pytorch_model.bin`, the zip form of PyTorch 1.6 and later): `<name>/data.pkl` describes the tensors,
 * `<name>/data/<key>` holds each storage's plain bytes. Storages are stored, never compressed, so a tensor is a range of the file.
 * PyTorch, torch/serialization.py `_save`, caffe2/serialize/inline_container.h.
 */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { Problem, toProblem } from '../contract/problem.ts';
import type { PickledTensor } from './pickle-value.ts';
import { refuseStandIn } from './safetensors.ts';
import { quote } from './strict-json.ts';
import { bytesPerElement, countElements } from './tensor-entry.ts';
import type { TensorEntry } from './tensor-entry.ts';
import { unpickleStateDict } from './unpickle.ts';

/** The pickle of an 11-billion-parameter T5 is about 150 KB. */
const pickleByteLimit = 8 * 1024 * 1024;
const entryLimit = 50_000;
const nameLimit = 512;

/**
 * Lists the tensors of a checkpoint; their bytes stay on disk.
 * @throws {Problem} `weights-empty`, `weights-git-lfs-pointer`, `torch-legacy-format`, `torch-not-zip`, `torch-zip-damaged`, `torch-zip-entry-name`,
 *   `torch-zip-too-large`, `torch-zip-compressed`, `torch-zip-encrypted`, `torch-zip-no-pickle`, `torch-zip-no-storage`, `torch-zip-byte-order`,
 *   `torch-tensor-shape`, `torch-tensor-not-contiguous`, `torch-tensor-range`, a `pickle-…` code, or a system error.
 */
export async function readTorchZip(path: string): Promise<TensorEntry[]> {
  const file = resolve(path);
  try {
    await checkStart(file);
    const zip = await openZip(file);
    try {
      const members = await listMembers(zip, file);
      await checkByteOrder(zip, members, file);
      const tensors = unpickleStateDict(await readMember(zip, members.pickle, pickleByteLimit, file), { file });
      const starts = new Map<string, number>();
      const entries: TensorEntry[] = [];
      for (const [name, tensor] of tensors) entries.push(await locate(zip, members, { name, tensor, file }, starts));
      return entries;
    } finally {
      zip.close();
    }
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

async function openZip(file: string): Promise<ZipFile> {
  try {
    // Entry names are judged here (see `readName`), so that a refused one is named.
    return await openPromise(file, { autoClose: false, decodeStrings: false });
  } catch (thrown) {
    throw damaged(file, thrown);
  }
}

/** The first bytes tell apart what people call pytorch_model.bin. */
async function checkStart(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await refuseStandIn(handle, file);
    const start = Buffer.alloc(4);
    await handle.read(start, 0, 4, 0);
    const text = start.toString('latin1');
    if (text.startsWith('PK')) return;
    // Before the zip form, torch.save began with the pickle of a 10-byte magic number.
    const legacy = text.startsWith('\x80\x02\x8a\x0a');
    throw new Problem({
      code: legacy ? 'torch-legacy-format' : 'torch-not-zip',
      found: legacy ? 'the format of PyTorch before 1.6' : `a file that starts with ${quote(text)}`,
      expected: 'a PyTorch checkpoint in its zip form',
      action: legacy ? 'Load it once with a current PyTorch and save it again, best as model.safetensors.' : 'Download the file again: it is damaged or something else.',
      place: { file, byteOffset: 0 },
    });
  } finally {
    await handle.close();
  }
}

interface Members {
  pickle: Entry;
  byteOrder: Entry | undefined;
  /** By the key that the pickle uses. */
  storages: Map<string, Entry>;
}

async function listMembers(zip: ZipFile, file: string): Promise<Members> {
  const pickles = new Map<string, Entry>();
  const byName = new Map<string, Entry>();
  let count = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      count += 1;
      if (count > entryLimit) throw refuse(file, 'torch-zip-too-large', `more than ${entryLimit} entries`, 'one entry a tensor');
      const name = readName(entry, file);
      if (byName.has(name)) throw refuse(file, 'torch-zip-damaged', `the entry ${quote(name)} twice`, 'each entry once');
      byName.set(name, entry);
      const [folder, ...rest] = name.split('/');
      if (folder !== undefined && rest.length === 1 && rest[0] === 'data.pkl') pickles.set(folder, entry);
    }
  } catch (thrown) {
    throw damaged(file, thrown);
  }
  const [only] = pickles;
  if (only === undefined || pickles.size > 1) {
    throw refuse(file, 'torch-zip-no-pickle', `${pickles.size} entries <name>/data.pkl`, 'one', 'Check that this is a checkpoint of torch.save.');
  }
  const [folder, pickle] = only;
  const prefix = `${folder}/data/`;
  const storages = [...byName].filter(([name]) => name.startsWith(prefix)).map(([name, entry]) => [name.slice(prefix.length), entry] as const);
  return { pickle, byteOrder: byName.get(`${folder}/byteorder`), storages: new Map(storages) };
}

function readName(entry: Entry, file: string): string {
  const name = entry.fileNameRaw.subarray(0, nameLimit + 1).toString('utf8');
  if (name.length > nameLimit || name.startsWith('/') || /\\|^[A-Za-z]:|\0/.test(name) || name.split('/').includes('..')) {
    throw refuse(file, 'torch-zip-entry-name', `the entry name ${quote(name)}`, 'a name inside the archive');
  }
  return name;
}

async function checkByteOrder(zip: ZipFile, members: Members, file: string): Promise<void> {
  if (members.byteOrder === undefined) return;
  const order = (await readMember(zip, members.byteOrder, 16, file)).toString('latin1');
  if (order !== 'little') throw refuse(file, 'torch-zip-byte-order', `byte order ${quote(order)}`, 'little', 'Save the checkpoint on a little-endian machine, or as model.safetensors.');
}

/** Where an entry's plain bytes start. */
async function findStart(zip: ZipFile, entry: Entry, file: string): Promise<number> {
  if (entry.isEncrypted()) throw refuse(file, 'torch-zip-encrypted', `the encrypted entry ${quote(readName(entry, file))}`, 'a plain one');
  if (entry.compressionMethod !== 0 || entry.compressedSize !== entry.uncompressedSize) {
    throw refuse(file, 'torch-zip-compressed', `the compressed entry ${quote(readName(entry, file))}`, 'entries as torch.save writes them: stored', 'The archive was packed again by another tool: take the original.');
  }
  let start: number;
  try {
    start = (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
  } catch (thrown) {
    throw damaged(file, thrown);
  }
  if (start + entry.compressedSize > zip.fileSize) {
    throw refuse(file, 'torch-zip-damaged', `the entry ${quote(readName(entry, file))} past the end of the file`, 'all its bytes');
  }
  return start;
}

async function readMember(zip: ZipFile, entry: Entry, limit: number, file: string): Promise<Buffer> {
  if (entry.uncompressedSize > limit) {
    throw refuse(file, 'torch-zip-too-large', `${entry.uncompressedSize} bytes in ${quote(readName(entry, file))}`, `at most ${limit}`);
  }
  const start = await findStart(zip, entry, file);
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.alloc(entry.uncompressedSize);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    if (bytesRead < bytes.length) throw refuse(file, 'torch-zip-damaged', 'the end of the file', `${bytes.length} bytes at byte ${start}`);
    return bytes;
  } finally {
    await handle.close();
  }
}

interface NamedTensor {
  name: string;
  tensor: PickledTensor;
  file: string;
}

/** @param starts filled as storages are found: tied tensors share one. */
async function locate(zip: ZipFile, members: Members, { name, tensor, file }: NamedTensor, starts: Map<string, number>): Promise<TensorEntry> {
  const { storage, elementOffset } = tensor;
  const entry = members.storages.get(storage.key);
  if (entry === undefined) {
    throw refuse(file, 'torch-zip-no-storage', `no entry data/${quote(storage.key)}, which ${quote(name)} needs`, 'one entry a storage');
  }
  const start = starts.get(storage.key) ?? await findStart(zip, entry, file);
  starts.set(storage.key, start);
  const shape = tensor.shape.map(Number);
  const count = tensor.shape.length > 16 ? null : countElements(tensor.shape);
  if (count === null) throw refuse(file, 'torch-tensor-shape', `${quote(name)} with a shape that is none`, 'at most 16 whole numbers from 0 on');
  if (!isContiguous(shape, tensor.strides)) {
    throw refuse(
      file, 'torch-tensor-not-contiguous',
      `${quote(name)} [${shape.join(',')}] stored with strides (${tensor.strides.map(String).slice(0, 16).join(',')})`,
      'row-major strides', 'Save the tensors after .contiguous(), or as model.safetensors.',
    );
  }
  const size = bytesPerElement[storage.dtype];
  if (!Number.isSafeInteger(elementOffset) || elementOffset < 0 || (elementOffset + count) * size > entry.uncompressedSize) {
    throw refuse(file, 'torch-tensor-range', `${quote(name)} at elements ${elementOffset} to ${elementOffset + count}`, `a range inside its storage of ${entry.uncompressedSize} bytes`);
  }
  return { name, dtype: storage.dtype, shape, file, byteOffset: start + elementOffset * size, byteLength: count * size };
}

/** The stride of a side of length 1 says nothing; nor does any in a tensor without elements. */
function isContiguous(shape: readonly number[], strides: readonly unknown[]): boolean {
  if (shape.length !== strides.length) return false;
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const side = shape[axis] ?? 1;
    if (side !== 1 && strides[axis] !== expected) return false;
    expected *= side;
  }
  return true;
}

/** A fault that the zip library found, or a Problem as it is. */
function damaged(file: string, thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const known = toProblem(thrown);
  if (known.code !== 'unexpected') return known;
  const detail = thrown instanceof Error ? thrown.message.split(/[.\n]/)[0] ?? '' : String(thrown);
  return refuse(file, 'torch-zip-damaged', `a damaged zip archive (${detail})`, 'a whole PyTorch checkpoint');
}

function refuse(file: string, code: string, found: string, expected: string, action = 'Download the file again, or take model.safetensors.'): Problem {
  return new Problem({ code, found, expected, action, place: { file } });
}
