/**
 * An array from a file: NumPy's .npy (also without the extension, as google-research/prompt-tuning writes it) or a safetensors file
 * with one tensor. Format: numpy/lib/format.py, versions 1 and 2.
 */
import { Problem } from '../contract/problem.ts';
import { readRange, withPlainFile } from './plain-file.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import { findNonFinite, readTensorAsFloat32Sync } from './tensor-data.ts';

export interface ArrayFile {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');
/** 1000 rows of the widest T5 in float64 take 33 MB. */
const largestBytes = 64 * 1024 * 1024;
/** NumPy itself writes 118 bytes and refuses more than 10,000. */
const largestHeaderBytes = 65_536;

/**
 * Reads a NumPy file (float32 or float64, C order), or the only tensor of a safetensors file, which is known by its name or its first bytes.
 * @throws {Problem} `array-…` with the byte where it went wrong, what the safetensors reader finds, or a system error.
 */
export async function readArrayFile(file: string): Promise<ArrayFile> {
  return file.endsWith('.safetensors') || await beginsAsSafetensors(file) ? readOnlyTensor(file) : readNumpyFile(file);
}

/** The workspace's own objects have no endings. A header's length takes eight bytes, the header itself begins with a brace. */
async function beginsAsSafetensors(file: string): Promise<boolean> {
  return withPlainFile(file, async (handle, byteLength) => {
    if (byteLength < 9) return false;
    const bytes = await readRange(handle, { file, byteOffset: 0, byteLength: 9 });
    return bytes[8] === 0x7b && !bytes.subarray(0, 6).equals(magic);
  });
}

async function readOnlyTensor(file: string): Promise<ArrayFile> {
  const { entries: [entry, ...others] } = await readSafetensorsHeader(file);
  if (entry === undefined || others.length > 0) {
    throw refuse(file, { code: 'array-not-single', found: entry === undefined ? 'no tensor' : `${others.length + 1} tensors`, expected: 'exactly one' });
  }
  requireSmall(file, entry.byteLength);
  const data = readTensorAsFloat32Sync(entry);
  requireFinite(file, data, { dataStart: entry.byteOffset, elementBytes: entry.byteLength / data.length });
  return { shape: entry.shape, data };
}

async function readNumpyFile(file: string): Promise<ArrayFile> {
  return withPlainFile(file, async (handle, byteLength) => {
    requireSmall(file, byteLength);
    return parseNumpy(file, await readRange(handle, { file, byteOffset: 0, byteLength }));
  });
}

function parseNumpy(file: string, bytes: Buffer): ArrayFile {
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(magic)) {
    throw refuse(file, { code: 'array-not-numpy', found: 'no NumPy array (the file does not begin with \\x93NUMPY)', expected: 'a .npy file', byteOffset: 0 });
  }
  const major = bytes[6] ?? 0;
  const lengthBytes = major === 1 ? 2 : 4;
  const headerStart = 8 + lengthBytes;
  const headerLength = major === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  const dataStart = headerStart + headerLength;
  if (major < 1 || major > 3 || headerLength > largestHeaderBytes || dataStart > bytes.length) {
    throw refuse(file, { code: 'array-header', found: `a header of ${headerLength} bytes, version ${major}`, expected: 'a header within the file, version 1 to 3', byteOffset: 8 });
  }
  const header = bytes.toString('latin1', headerStart, dataStart);
  return readData(file, bytes.subarray(dataStart), { ...parseHeader(file, header), dataStart });
}

function parseHeader(file: string, header: string): { wide: boolean; shape: number[] } {
  const type = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1] ?? 'none';
  const isFortran = /'fortran_order'\s*:\s*True/.test(header);
  const shapeText = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if ((type !== '<f4' && type !== '<f8') || isFortran || shapeText === undefined) {
    throw refuse(file, { code: 'array-type', found: `element type ${type}${isFortran ? ' in Fortran order' : ''}`, expected: '<f4 or <f8 in C order with a shape', byteOffset: 10 });
  }
  return { wide: type === '<f8', shape: shapeText.split(',').filter((part) => part.trim() !== '').map(Number) };
}

function readData(file: string, body: Buffer, { wide, shape, dataStart }: { wide: boolean; shape: number[]; dataStart: number }): ArrayFile {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const size = wide ? 8 : 4;
  if (body.length !== count * size) {
    throw refuse(file, { code: 'array-cut', found: `${body.length} bytes of values`, expected: `${count * size} for shape [${shape.join(',')}]`, byteOffset: dataStart });
  }
  const data = Float32Array.from({ length: count }, (_, i) => (wide ? body.readDoubleLE(i * 8) : body.readFloatLE(i * 4)));
  requireFinite(file, data, { dataStart, elementBytes: size });
  return { shape, data };
}

function requireSmall(file: string, byteLength: number): void {
  if (byteLength > largestBytes) throw refuse(file, { code: 'array-too-large', found: `${byteLength} bytes`, expected: `at most ${largestBytes}` });
}

/** A float64 beyond float32's range counts as infinite, too. */
function requireFinite(file: string, data: Float32Array, { dataStart, elementBytes }: { dataStart: number; elementBytes: number }): void {
  const bad = findNonFinite(data);
  if (bad === null) return;
  throw refuse(file, { code: 'array-not-finite', found: `${data[bad]} at element ${bad}`, expected: 'finite numbers', byteOffset: dataStart + bad * elementBytes });
}

function refuse(file: string, parts: { code: string; found: string; expected: string; byteOffset?: number }): Problem {
  const { byteOffset, ...words } = parts;
  return new Problem({ ...words, action: 'Check the file; write it with numpy.save.', place: { file, ...(byteOffset === undefined ? {} : { byteOffset }) } });
}
