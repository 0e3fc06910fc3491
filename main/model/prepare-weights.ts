/**
 * Weights as onnxruntime can map them: little-endian float32 in files of one folder.
 *
 * Measured on onnxruntime-node 1.30.0, linux-x64, with a graph of one Add: external data may be a copy, a hard link, a symbolic link
 * inside the folder, or lie in a sub-folder; the folder itself may be reached through a symbolic link. Refused are a
 * symbolic link that leaves the folder (file or sub-folder, "External data path escapes model directory"), also a hard link made from
 * one, `..` and absolute paths. So: hard link to the resolved file, else copy.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, link, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toProblem } from '../contract/problem.ts';
import { combineFingerprint } from './fingerprint.ts';
import type { HubFolder } from './hub-folder.ts';
import { layOutSafetensors } from './safetensors.ts';
import { isJsonObject, readStrictJsonFile } from './strict-json.ts';
import { streamFiniteFloat32 } from './tensor-data.ts';
import type { TensorEntry } from './tensor-entry.ts';

/** A float32 tensor as ONNX external data. */
interface PreparedTensor {
  /** Relative to the folder of the prepared weights. */
  file: string;
  byteOffset: number;
  byteLength: number;
  shape: readonly number[];
}

export interface PreparedWeights {
  /** Absolute. Sessions look for the weights here. */
  directory: string;
  /** By the names of `expectedTensors`. */
  tensors: ReadonlyMap<string, PreparedTensor>;
  /** As `fingerprintModel` gives it: found in the same pass over the weights, and kept. */
  fingerprint: string;
  /** `linked` takes no space and follows the original file; `copied` and `converted` stand alone. */
  storage: 'linked' | 'copied' | 'converted';
}

const formatVersion = 1;
const markerName = 'prepared.json';
const convertedName = 'weights.safetensors';

/**
 * Makes the weights mappable, once: float32 safetensors are linked (copied where a link is impossible), everything else is
 * widened into one file. The first call reads every weight and checks that it is finite; later calls find a marker.
 * Memory: a few MB. A call that fails or is killed leaves nothing under a final name.
 * @param cacheDirectory is made when absent; a folder of its own is made in it for this state of the weight files.
 * @throws {Problem} `weights-not-finite`, `tensor-cut`, or a system error (a full disk, no permission).
 */
export async function prepareWeights(folder: HubFolder, cacheDirectory: string): Promise<PreparedWeights> {
  try {
    const directory = join(await makeFolder(cacheDirectory), (await sourceKey(folder)).slice(0, 32));
    await makeFolder(directory);
    await removeLeftovers(directory);
    const made = (await readMarker(directory)) ?? (await make(folder, directory));
    return { directory, tensors: tensorTable(folder, made.storage), ...made };
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

type Made = Pick<PreparedWeights, 'fingerprint' | 'storage'>;

async function make(folder: HubFolder, directory: string): Promise<Made> {
  try {
    const made = isMappable(folder) ? await mapFiles(folder, directory) : await convert(folder, directory);
    await writeMarker(directory, made);
    return made;
  } catch (thrown) {
    // A model that is refused leaves no folders; one that holds anything stays.
    for (const empty of [directory, dirname(directory)]) await rmdir(empty).catch(() => {});
    throw thrown;
  }
}

async function makeFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return realpath(path);
}

/** One state of one model: another path, size, time, configuration or layout is another key. */
async function sourceKey(folder: HubFolder): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([formatVersion, folder.weightKind, folder.config]));
  for (const file of folder.weightFiles) {
    // Not the device number: it may change when the machine starts again, and the work would be done twice.
    const { size, mtimeNs, ino } = await stat(file, { bigint: true });
    hash.update(JSON.stringify([await realpath(file), ...[size, mtimeNs, ino].map(String)]));
  }
  for (const { name, dtype, shape, file, byteOffset } of folder.entries.values()) hash.update(JSON.stringify([name, dtype, shape, basename(file), byteOffset]));
  return hash.digest('hex');
}

/**
 * Whether the files can be used as they are. A torch zip is not mapped although its bytes are plain: its file name and its place in the
 * archive are another tool's business. Unaligned tensors, as old safetensors writers left them, are rewritten: reading float32
 * across its alignment is not defined on every processor.
 */
function isMappable({ weightKind, entries }: HubFolder): boolean {
  const plain = weightKind === 'safetensors' || weightKind === 'safetensors-sharded';
  return plain && [...entries.values()].every(({ dtype, byteOffset }) => dtype === 'F32' && byteOffset % 4 === 0);
}

/** Follows from the folder alone, so it is never stored. */
function tensorTable(folder: HubFolder, storage: Made['storage']): Map<string, PreparedTensor> {
  const table = new Map<string, PreparedTensor>();
  if (storage === 'converted') {
    for (const { tensor, byteOffset, byteLength } of convertedLayout(folder).tensors) {
      table.set(tensor.name, { file: convertedName, byteOffset, byteLength, shape: tensor.shape });
    }
    return table;
  }
  for (const [name, { file, byteOffset, byteLength, shape }] of folder.entries) table.set(name, { file: basename(file), byteOffset, byteLength, shape });
  return table;
}

function convertedLayout({ entries }: HubFolder) {
  const tensors = [...entries].map(([name, entry]) => ({ name, dtype: 'F32' as const, shape: entry.shape, entry }));
  return layOutSafetensors(tensors, { format: 'pt' });
}

async function mapFiles(folder: HubFolder, directory: string): Promise<Made> {
  const digests = new Map<string, string>();
  for (const [name, entry] of folder.entries) digests.set(name, await checkTensor(entry));
  let storage: Made['storage'] = 'linked';
  for (const file of folder.weightFiles) {
    if ((await placeFile(await realpath(file), join(directory, basename(file)))) === 'copied') storage = 'copied';
  }
  return { storage, fingerprint: combineFingerprint(folder.config, folder.entries, digests) };
}

/** @param take gets every piece in order, widened. @returns sha256 of the stored bytes. */
async function checkTensor(entry: TensorEntry, take?: (values: Float32Array) => Promise<void>): Promise<string> {
  const hash = createHash('sha256');
  for await (const { stored, values } of streamFiniteFloat32(entry)) {
    hash.update(stored);
    await take?.(values);
  }
  return hash.digest('hex');
}

async function placeFile(source: string, target: string): Promise<'linked' | 'copied'> {
  return writeAtomically(target, async (partial) => {
    try {
      await link(source, partial);
      return 'linked';
    } catch {
      // Another file system, one without links, or a file of another user: the copy tells if it is worse than that.
    }
    await copyFile(source, partial, constants.COPYFILE_FICLONE);
    await chmod(partial, 0o644);
    const handle = await open(partial, 'r+');
    await handle.sync().finally(() => handle.close());
    return 'copied';
  });
}

async function convert(folder: HubFolder, directory: string): Promise<Made> {
  const { header, tensors } = convertedLayout(folder);
  const digests = new Map<string, string>();
  await writeAtomically(join(directory, convertedName), async (partial) => {
    const handle = await open(partial, 'wx');
    try {
      await writeFully(handle, header);
      for (const { tensor } of tensors) {
        digests.set(tensor.name, await checkTensor(tensor.entry, (values) => writeFully(handle, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
  return { storage: 'converted', fingerprint: combineFingerprint(folder.config, folder.entries, digests) };
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
}

/** `write` fills a file under a temporary name of this process; the final name appears when it is whole, or not at all. */
async function writeAtomically<Result>(target: string, write: (partial: string) => Promise<Result>): Promise<Result> {
  const partial = `${target}.${process.pid}.partial`;
  try {
    await rm(partial, { force: true });
    const result = await write(partial);
    await rename(partial, target);
    return result;
  } finally {
    // Also after success: renaming a hard link onto another one of the same file leaves both (POSIX).
    await rm(partial, { force: true });
  }
}

/** Temporary files of processes that were killed: half a converted model, which can be many GB. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const owner = /\.(\d+)\.partial$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) await rm(join(directory, name), { force: true });
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function writeMarker(directory: string, made: Made): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.safetensors'));
  const files = await Promise.all(names.map(async (name) => ({ name, byteLength: (await lstat(join(directory, name))).size })));
  await writeAtomically(join(directory, markerName), async (partial) => {
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(JSON.stringify({ formatVersion, ...made, files }));
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** @returns what the marker says, or null when there is none, it is unreadable, or a file it names is not as it was: then all is made again. */
async function readMarker(directory: string): Promise<Made | null> {
  try {
    const marker = await readStrictJsonFile(join(directory, markerName));
    if (!isJsonObject(marker) || marker['formatVersion'] !== formatVersion || !Array.isArray(marker['files'])) return null;
    const { storage, fingerprint, files } = marker;
    if (files.length === 0 || typeof fingerprint !== 'string' || !/^[0-9a-f]{64}$/.test(fingerprint)) return null;
    if (storage !== 'linked' && storage !== 'copied' && storage !== 'converted') return null;
    for (const file of files) {
      if (!isJsonObject(file) || typeof file['name'] !== 'string') return null;
      const found = await lstat(join(directory, file['name']));
      if (!found.isFile() || found.size !== file['byteLength']) return null;
    }
    return { storage, fingerprint };
  } catch {
    return null;
  }
}
