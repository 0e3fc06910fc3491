/**
 * The safetensors format: 8 bytes header length (little-endian), a JSON header, then the tensors' bytes without gap or overlap.
 * huggingface/safetensors, README "Format" and safetensors/src/tensor.rs (validation, order of writing).
 */
import { resolve } from 'node:path';
import { Problem } from '../contract/problem.ts';
import { readRange, refuseStandIn, withPlainFile } from './plain-file.ts';
import { isJsonObject, jsonByteLimit, parseStrictJson, quote } from './strict-json.ts';
import type { JsonObject, JsonValue } from './strict-json.ts';
import { bytesPerElement, countElements, isTensorDtype, shapeText } from './tensor-entry.ts';
import type { TensorDtype, TensorEntry } from './tensor-entry.ts';

const lengthBytes = 8;
/** The format allows 100 MB; a header so long would become several hundred MB of objects, and the largest T5's has 100 KB. */
const headerByteLimit = jsonByteLimit;
const rankLimit = 16;

export interface SafetensorsContent {
  /** In the order of their bytes. */
  entries: TensorEntry[];
  metadata: Record<string, string>;
}

/**
 * Reads a file's header and checks it against the file's length; the tensors stay on disk.
 * @throws {Problem} `weights-empty`, `git-lfs-pointer`, `file-cut`, `safetensors-header-too-long`, `safetensors-header-form`,
 *   `safetensors-dtype`, `safetensors-size`, `safetensors-offsets`, a `json-…` code, `not-a-file`, or a system error.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsContent> {
  const file = resolve(path);
  return withPlainFile(file, async (handle, fileLength) => {
    await refuseStandIn(handle, file);
    const length = (await readRange(handle, { file, byteOffset: 0, byteLength: lengthBytes })).readBigUInt64LE();
    if (length > BigInt(headerByteLimit)) {
      throw new Problem({
        code: 'safetensors-header-too-long',
        found: `a header of ${length} bytes`,
        expected: `at most ${headerByteLimit}`,
        action: 'The file is no safetensors file or is damaged: download it again.',
        place: { file, byteOffset: 0 },
      });
    }
    const header = await readRange(handle, { file, byteOffset: lengthBytes, byteLength: Number(length) });
    return parseHeader(header, { file, dataLength: fileLength - lengthBytes - header.length });
  });
}

/**
 * The same for a file that is in memory.
 * @param file for messages; the entries' own too.
 * @throws {Problem} as `readSafetensorsHeader`, but for the file's own codes.
 */
export function parseSafetensors(bytes: Uint8Array, file: string): SafetensorsContent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < lengthBytes ? null : view.getBigUint64(0, true);
  if (length === null || length > BigInt(Math.min(headerByteLimit, bytes.length - lengthBytes))) {
    const found = length === null ? `${bytes.length} bytes` : `a header of ${length} bytes in a file of ${bytes.length}`;
    throw refuse({ file, dataLength: 0 }, 'safetensors-header-too-long', found, `a header inside the file, of at most ${headerByteLimit} bytes`, 0);
  }
  const dataStart = lengthBytes + Number(length);
  return parseHeader(bytes.subarray(lengthBytes, dataStart), { file, dataLength: bytes.length - dataStart });
}

interface HeaderSource {
  file: string;
  /** Bytes after the header. */
  dataLength: number;
}

function parseHeader(bytes: Uint8Array, source: HeaderSource): SafetensorsContent {
  if (bytes[0] !== 0x7b) throw refuse(source, 'safetensors-header-form', 'a header that does not start with "{"', 'a JSON object');
  const header = parseStrictJson(bytes, { file: source.file, byteOffset: lengthBytes });
  if (!isJsonObject(header)) throw refuse(source, 'safetensors-header-form', 'a header that is no object', 'a JSON object');
  const dataStart = lengthBytes + bytes.length;
  const entries: TensorEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = parseMetadata(value, source);
    else entries.push(parseEntry(name, value, source, dataStart));
  }
  entries.sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  checkTiling(entries, source, dataStart);
  return { entries, metadata };
}

function parseMetadata(value: JsonValue, source: HeaderSource): Record<string, string> {
  const texts: [string, string][] = [];
  for (const [key, text] of isJsonObject(value) ? Object.entries(value) : [['', null] as const]) {
    if (typeof text !== 'string') throw refuse(source, 'safetensors-header-form', '__metadata__ with other values than texts', 'an object of texts');
    texts.push([key, text]);
  }
  return Object.fromEntries(texts);
}

function parseEntry(name: string, value: JsonValue, source: HeaderSource, dataStart: number): TensorEntry {
  const { dtype, shape, data_offsets: offsets }: JsonObject = isJsonObject(value) ? value : {};
  if (typeof dtype !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets)) {
    throw refuse(source, 'safetensors-header-form', `tensor ${quote(name)} without dtype, shape and data_offsets`, 'all three');
  }
  if (!isTensorDtype(dtype)) {
    throw refuse(source, 'safetensors-dtype', `tensor ${quote(name)} of type ${quote(dtype)}`, Object.keys(bytesPerElement).join(', '));
  }
  const [begin, end] = offsets;
  const count = shape.length > rankLimit ? null : countElements(shape);
  if (count === null) throw refuse(source, 'safetensors-size', `tensor ${quote(name)} with a shape that is none`, `at most ${rankLimit} whole numbers from 0 on with a product below 2^53`);
  if (offsets.length !== 2 || !isOffset(begin) || !isOffset(end) || end < begin || end > source.dataLength) {
    const range = offsets.slice(0, 2).map((offset) => (typeof offset === 'number' ? offset : typeof offset)).join(', ');
    throw refuse(source, 'safetensors-offsets', `tensor ${quote(name)} at bytes [${range}] of ${source.dataLength}`, 'a range inside the file');
  }
  const byteLength = count * bytesPerElement[dtype];
  if (byteLength !== end - begin) {
    throw refuse(source, 'safetensors-size', `${end - begin} bytes for ${quote(name)}`, `${byteLength} (${shapeText(dtype, shape.map(Number))})`);
  }
  return { name, dtype, shape: shape.map(Number), file: source.file, byteOffset: dataStart + begin, byteLength };
}

function isOffset(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The format allows neither overlaps nor bytes that belong to no tensor. */
function checkTiling(entries: readonly TensorEntry[], source: HeaderSource, dataStart: number): void {
  let end = dataStart;
  for (const entry of entries) {
    if (entry.byteOffset !== end) {
      const relation = entry.byteOffset < end ? 'overlaps the one before it' : 'leaves a hole before it';
      throw refuse(source, 'safetensors-offsets', `tensor ${quote(entry.name)}, which ${relation}`, `its bytes from ${end} on`, entry.byteOffset);
    }
    end += entry.byteLength;
  }
  const fileEnd = dataStart + source.dataLength;
  if (end !== fileEnd) throw refuse(source, 'safetensors-offsets', `${fileEnd - end} bytes after the last tensor`, 'none', end);
}

function refuse({ file }: HeaderSource, code: string, found: string, expected: string, byteOffset = lengthBytes): Problem {
  return new Problem({ code, found, expected, action: 'The file is damaged or written by a faulty tool: download it again.', place: { file, byteOffset } });
}

/** A tensor to be written; the kind of array decides the element type. */
export interface TensorToWrite {
  name: string;
  /** Row-major. */
  shape: readonly number[];
  data: Float16Array | Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

/**
 * A whole safetensors file. The bytes depend on the content alone, not on the order given: larger elements first (so that
 * every tensor is aligned), then by name, as the format's own library writes them; the header is padded to 8 bytes.
 * @throws {RangeError} when a shape and its data disagree or a name is given twice (a defect of the caller).
 */
export function encodeSafetensors(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const described = tensors.map((tensor) => {
    const dtype = dtypeOf(tensor.data);
    if (countElements(tensor.shape) !== tensor.data.length) {
      throw new RangeError(`${tensor.name}: ${tensor.data.length} elements for ${shapeText(dtype, tensor.shape)}`);
    }
    return { name: tensor.name, dtype, shape: tensor.shape, data: tensor.data };
  });
  const layout = layOutSafetensors(described, metadata);
  const result = new Uint8Array(layout.byteLength);
  result.set(layout.header);
  for (const { tensor, byteOffset } of layout.tensors) {
    result.set(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength), byteOffset);
  }
  return result;
}

function dtypeOf(data: TensorToWrite['data']): TensorDtype {
  if (data instanceof Float16Array) return 'F16';
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int32Array) return 'I32';
  return data instanceof BigInt64Array ? 'I64' : 'U8';
}

export interface SafetensorsLayout<Tensor> {
  /** The header with its length before it: the first bytes of the file. */
  header: Uint8Array;
  /** In file order, with absolute byte offsets. */
  tensors: { tensor: Tensor; byteOffset: number; byteLength: number }[];
  /** Of the whole file. */
  byteLength: number;
}

/**
 * Header and places of a file that is yet to be written; see `encodeSafetensors` for the order.
 * @throws {RangeError} for a shape that is none or a name given twice.
 */
export function layOutSafetensors<Tensor extends { name: string; dtype: TensorDtype; shape: readonly number[] }>(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>>,
): SafetensorsLayout<Tensor> {
  const sorted = tensors.toSorted((a, b) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype] || compareNames(a.name, b.name));
  const fields: string[] = [];
  const metadataKeys = Object.keys(metadata).sort(compareNames);
  if (metadataKeys.length > 0) {
    fields.push(`"__metadata__":{${metadataKeys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`).join(',')}}`);
  }
  const names = new Set<string>();
  const ranges: { tensor: Tensor; begin: number; byteLength: number }[] = [];
  let end = 0;
  for (const tensor of sorted) {
    const count = countElements(tensor.shape);
    if (count === null || tensor.name === '__metadata__') throw new RangeError(`no tensor can be ${quote(tensor.name)} [${tensor.shape.join(',')}]`);
    if (names.has(tensor.name)) throw new RangeError(`${tensor.name} is given twice`);
    names.add(tensor.name);
    const byteLength = count * bytesPerElement[tensor.dtype];
    fields.push(`${JSON.stringify(tensor.name)}:{"dtype":"${tensor.dtype}","shape":[${tensor.shape.join(',')}],"data_offsets":[${end},${end + byteLength}]}`);
    ranges.push({ tensor, begin: end, byteLength });
    end += byteLength;
  }
  const text = Buffer.from(`{${fields.join(',')}}`);
  const header = Buffer.alloc(lengthBytes + Math.ceil(text.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - lengthBytes));
  text.copy(header, lengthBytes);
  return {
    header,
    tensors: ranges.map(({ tensor, begin, byteLength }) => ({ tensor, byteOffset: header.length + begin, byteLength })),
    byteLength: header.length + end,
  };
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
