/**
 * A PyTorch checkpoint (`pytorch_model.bin`, the zip form of PyTorch 1.6 and later): `<name>/data.pkl` describes the tensors,
 * `<name>/data/<key>` holds each storage's plain bytes. Storages are stored, never compressed, so a tensor is a range of the file.
 * PyTorch, torch/serialization.py `_save`, caffe2/serialize/inline_container.h.
 */
import type { FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { Problem, toProblem } from '../contract/problem.ts';
import type { PickledTensor } from './pickle-value.ts';
import { readRange, refuseStandIn, withPlainFile } from './plain-file.ts';
import { quote } from './strict-json.ts';
import { bytesPerElement, countElements } from './tensor-entry.ts';
import type { TensorEntry } from './tensor-entry.ts';
import { unpickleStateDict } from './unpickle.ts';

/** The pickle of an 11-billion-parameter T5 is about 150 KB. */
const pickleByteLimit = 8 * 1024 * 1024;
const entryLimit = 10_000;
const rankLimit = 16;
const nameLimit = 512;

/**
 * Lists the tensors of a checkpoint; their bytes stay on disk.
 * @throws {Problem} `weights-empty`, `git-lfs-pointer`, `torch-legacy-format`, `torch-not-zip`, `torch-zip-damaged`, `torch-zip-entry-name`,
 *   `torch-zip-too-large`, `torch-zip-compressed`, `torch-zip-encrypted`, `torch-zip-no-pickle`, `torch-zip-no-storage`, `torch-zip-byte-order`,
 *   `torch-tensor-shape`, `torch-tensor-not-contiguous`, `torch-tensor-range`, a `pickle-…` code, `file-cut`, `not-a-file`, or a system error.
 */
export async function readTorchZip(path: string): Promise<TensorEntry[]> {
  const file = resolve(path);
  return withPlainFile(file, async (handle) => {
    await checkStart(handle, file);
    const zip = await openZip(file);
    try {
      const archive: Archive = { zip, handle, file };
      const members = await listMembers(archive);
      await checkByteOrder(archive, members);
      const tensors = unpickleStateDict(await readMember(archive, members.pickle, pickleByteLimit), { file });
      const entries: TensorEntry[] = [];
      for (const [name, tensor] of tensors) entries.push(await locate(archive, members, { name, tensor }));
      return entries;
    } finally {
      zip.close();
    }
  });
}

interface Archive {
  zip: ZipFile;
  handle: FileHandle;
  file: string;
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
async function checkStart(handle: FileHandle, file: string): Promise<void> {
  await refuseStandIn(handle, file);
  const text = (await readRange(handle, { file, byteOffset: 0, byteLength: 4 })).toString('latin1');
  if (text.startsWith('PK')) return;
  // Before the zip form, torch.save began with the pickle of a 10-byte magic number.
  const legacy = text === '\x80\x02\x8a\x0a';
  throw new Problem({
    code: legacy ? 'torch-legacy-format' : 'torch-not-zip',
    found: legacy ? 'the format of PyTorch before 1.6' : `a file that starts with ${quote(text)}`,
    expected: 'a PyTorch checkpoint in its zip form',
    action: legacy ? 'Load it once with a current PyTorch and save it again, best as model.safetensors.' : 'Download the file again: it is damaged or something else.',
    place: { file, byteOffset: 0 },
  });
}

interface Members {
  pickle: Entry;
  byteOrder: Entry | undefined;
  /** By the key that the pickle uses. */
  storages: Map<string, Entry>;
  /** Where storages start, filled as they are found: tied tensors share one. */
  starts: Map<string, number>;
}

async function listMembers({ zip, file }: Archive): Promise<Members> {
  const byName = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const name = readName(entry, file);
      if (byName.has(name)) throw refuse(file, 'torch-zip-damaged', `the entry ${quote(name)} twice`, 'each entry once');
      byName.set(name, entry);
      if (byName.size > entryLimit) throw refuse(file, 'torch-zip-too-large', `more than ${entryLimit} entries`, 'one entry a tensor');
    }
  } catch (thrown) {
    throw damaged(file, thrown);
  }
  const pickles = [...byName].filter(([name]) => /^[^/]+\/data\.pkl$/.test(name));
  const [only] = pickles;
  if (only === undefined || pickles.length > 1) {
    throw refuse(file, 'torch-zip-no-pickle', `${pickles.length} entries <name>/data.pkl`, 'one', 'Check that this is a checkpoint of torch.save.');
  }
  const [pickleName, pickle] = only;
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const prefix = `${folder}data/`;
  const storages = new Map<string, Entry>();
  for (const [name, entry] of byName) if (name.startsWith(prefix)) storages.set(name.slice(prefix.length), entry);
  return { pickle, byteOrder: byName.get(`${folder}byteorder`), storages, starts: new Map() };
}

function readName(entry: Entry, file: string): string {
  const name = entry.fileNameRaw.subarray(0, nameLimit + 1).toString('utf8');
  if (name.length > nameLimit || name.startsWith('/') || /\\|^[A-Za-z]:|\0/.test(name) || name.split('/').includes('..')) {
    throw refuse(file, 'torch-zip-entry-name', `the entry name ${quote(name)}`, 'a name inside the archive');
  }
  // All entries are kept until the end: what is stuffed into one is bounded. torch.save writes at most a zip64 field of 32 bytes.
  const stuffing = entry.extraFieldRaw.length + entry.fileCommentRaw.length;
  if (stuffing > 1024) throw refuse(file, 'torch-zip-too-large', `${stuffing} bytes of remarks on ${quote(name)}`, 'at most 1024');
  return name;
}

async function checkByteOrder(archive: Archive, { byteOrder }: Members): Promise<void> {
  if (byteOrder === undefined) return;
  const order = (await readMember(archive, byteOrder, 16)).toString('latin1');
  if (order !== 'little') {
    throw refuse(archive.file, 'torch-zip-byte-order', `byte order ${quote(order)}`, 'little', 'Save the checkpoint on a little-endian machine, or as model.safetensors.');
  }
}

/** Where an entry's plain bytes start. */
async function findStart({ zip, file }: Archive, entry: Entry): Promise<number> {
  const name = quote(readName(entry, file));
  if (entry.isEncrypted()) throw refuse(file, 'torch-zip-encrypted', `the encrypted entry ${name}`, 'a plain one');
  if (entry.compressionMethod !== 0 || entry.compressedSize !== entry.uncompressedSize) {
    throw refuse(file, 'torch-zip-compressed', `the compressed entry ${name}`, 'entries as torch.save writes them: stored', 'The archive was packed again by another tool: take the original.');
  }
  let start: number;
  try {
    start = (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart;
  } catch (thrown) {
    throw damaged(file, thrown);
  }
  if (start + entry.compressedSize > zip.fileSize) {
    throw refuse(file, 'torch-zip-damaged', `the entry ${name} past the end of the file`, 'all its bytes');
  }
  return start;
}

async function readMember(archive: Archive, entry: Entry, limit: number): Promise<Buffer> {
  const { handle, file } = archive;
  if (entry.uncompressedSize > limit) {
    throw refuse(file, 'torch-zip-too-large', `${entry.uncompressedSize} bytes in ${quote(readName(entry, file))}`, `at most ${limit}`);
  }
  return readRange(handle, { file, byteOffset: await findStart(archive, entry), byteLength: entry.uncompressedSize });
}

async function locate(archive: Archive, members: Members, { name, tensor }: { name: string; tensor: PickledTensor }): Promise<TensorEntry> {
  const { file } = archive;
  const { storage, elementOffset } = tensor;
  const entry = members.storages.get(storage.key);
  if (entry === undefined) {
    throw refuse(file, 'torch-zip-no-storage', `no entry data/${quote(storage.key)}, which ${quote(name)} needs`, 'one entry a storage');
  }
  const start = members.starts.get(storage.key) ?? await findStart(archive, entry);
  members.starts.set(storage.key, start);
  const count = tensor.shape.length > rankLimit ? null : countElements(tensor.shape);
  if (count === null) throw refuse(file, 'torch-tensor-shape', `${quote(name)} with a shape that is none`, `at most ${rankLimit} whole numbers from 0 on`);
  const shape = tensor.shape.map(Number);
  if (!isContiguous(shape, tensor.strides)) {
    const strides = tensor.strides.slice(0, rankLimit).map(String).join(',');
    throw refuse(
      file, 'torch-tensor-not-contiguous', `${quote(name)} [${shape.join(',')}] stored with strides (${strides})`, 'row-major strides',
      'Save the tensors after .contiguous(), or as model.safetensors.',
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
