import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { zipFiles, type PackFile } from '../../main/pack/write-pack.ts';
import { makeZip, rawSafetensors, type ZipMember } from '../model/make-files.ts';
import { makeComposed, problemOf, readContent, rows, width, writeBytes, writePack } from './make-pack.ts';

const good = makeComposed(2).files;

function members(change: Record<string, Partial<ZipMember> | null> = {}, files: readonly PackFile[] = good): ZipMember[] {
  return files.flatMap(({ name, bytes }) => (change[name] === null ? [] : [{ name, bytes, ...change[name] }]));
}

/** A pack whose manifest was edited; its files stay. */
function withManifest(edit: (manifest: Record<string, unknown>) => unknown, files = good): ZipMember[] {
  const manifest = JSON.parse(Buffer.from(files[0]?.bytes ?? []).toString()) as Record<string, unknown>;
  const edited = edit(manifest);
  return members({ 'manifest.json': { bytes: Buffer.from(typeof edited === 'string' ? edited : JSON.stringify(edited)) } }, files);
}

/** A pack of one prompt whose files are these, with hashes that fit. */
function withFiles(config: string | Uint8Array, weights: Uint8Array, told: object = {}): ZipMember[] {
  const [manifestFile, ...others] = makeComposed(1).files;
  const bytes = [Buffer.from(config as string), weights];
  const manifest = { ...JSON.parse(Buffer.from(manifestFile?.bytes ?? []).toString()) as object, ...told };
  const entries = others.map(({ name }, i) => ({ path: name, bytes: bytes[i]?.length, sha256: hashOf(bytes[i] ?? new Uint8Array()) }));
  return [{ name: 'manifest.json', bytes: Buffer.from(JSON.stringify({ ...manifest, entries })) }, ...others.map(({ name }, i) => ({ name, bytes: bytes[i] ?? new Uint8Array() }))];
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const single = makeComposed(1).files;
const goodConfig = Buffer.from(single[1]?.bytes ?? []).toString();
const goodWeights = single[2]?.bytes ?? new Uint8Array();

function configWith(change: object): string {
  return JSON.stringify({ ...JSON.parse(goodConfig) as object, ...change });
}

function tensor(shape: number[], dtype = 'F32', name = 'prompt_embeddings', values?: Float32Array): Uint8Array {
  const bytes = shape.reduce((product, extent) => product * extent, dtype === 'F64' || dtype === 'I64' ? 8 : 4);
  return rawSafetensors(JSON.stringify({ [name]: { dtype, shape, data_offsets: [0, bytes] } }), new Uint8Array(values?.buffer ?? new ArrayBuffer(bytes)));
}

const nan = new Float32Array(rows * width).fill(1);
nan[width + 3] = Number.NaN;

/** Every zip here is well-formed but for what its title says. */
const cases: [title: string, zip: ZipMember[] | Uint8Array, problem: { code: string; found?: RegExp; expected?: RegExp }][] = [
  ['a name that climbs out', [...members(), { name: '../evil', bytes: Buffer.from('x') }], { code: 'pack-entry-name', found: /\.\.\/evil/ }],
  ['an absolute name', [...members(), { name: '/etc/passwd', bytes: Buffer.from('x') }], { code: 'pack-entry-name' }],
  ['a drive', [...members(), { name: 'C:manifest.json', bytes: Buffer.from('x') }], { code: 'pack-entry-name' }],
  ['a backslash', [...members(), { name: 'prompt-1\\adapter_config.json', bytes: Buffer.from('x') }], { code: 'pack-entry-name' }],
  ['a NUL in a name', [...members(), { name: 'manifest.json\0.txt', bytes: Buffer.from('x') }], { code: 'pack-entry-name' }],
  ['a name in another case', [...members(), { name: 'Manifest.json', bytes: Buffer.from('x') }], { code: 'pack-entry-name' }],
  ['a script beside the prompts', [...members(), { name: 'setup.py', bytes: Buffer.from('x') }], { code: 'pack-entry-name' }],
  ['a file twice', [...members(), members()[0] as ZipMember], { code: 'pack-entry-repeated' }],
  ['an encrypted file', members({ 'manifest.json': { flags: 0x801 } }), { code: 'pack-encrypted' }],
  ['a bomb of zeros', members({ 'prompt-1/adapter_model.safetensors': { bytes: new Uint8Array(40 << 20), deflate: true } }), { code: 'pack-ratio', found: /41943040/ }],
  ['a file past its limit', members({ 'prompt-1/adapter_config.json': { bytes: new Uint8Array(70_000) } }), { code: 'pack-too-large', expected: /65536/ }],
  ['a claimed size beyond any', members({ 'prompt-1/adapter_model.safetensors': { claimedSize: 0xfffffff0 } }), { code: 'pack-too-large' }],
  ['many files', Array.from({ length: 400 }, (_, i) => ({ name: `prompt-${i + 1}/`, bytes: new Uint8Array() })), { code: 'pack-entries', found: /400/ }],
  ['no manifest', members({ 'manifest.json': null }), { code: 'pack-manifest-missing' }],
  ['a manifest of another program', withManifest(() => ({ format: 'other', version: 1 })), { code: 'pack-manifest', found: /other/, expected: /souffleur-prompt-pack/ }],
  ['a manifest of a later version', withManifest((manifest) => ({ ...manifest, version: 2 })), { code: 'pack-version', found: /2/, expected: /version 1/ }],
  ['a manifest with a key too many', withManifest((manifest) => ({ ...manifest, run: 'rm -rf' })), { code: 'pack-manifest' }],
  ['a manifest with a key twice', withManifest((manifest) => JSON.stringify(manifest).replace('{', '{"version":1,')), { code: 'json-duplicate-key' }],
  ['a manifest that is cut', withManifest((manifest) => JSON.stringify(manifest).slice(0, -10)), { code: 'json-syntax' }],
  ['a manifest of nested lists', withManifest(() => `{"format":${'['.repeat(50_000)}`), { code: 'json-too-deep' }],
  ['a manifest that lists a file elsewhere', withManifest((manifest) => ({ ...manifest, entries: [{ path: '../x', bytes: 1, sha256: 'a'.repeat(64) }] })), { code: 'pack-manifest', found: /\.\.\/x/ }],
  ['a file that the manifest lacks', members({ 'prompt-2/adapter_config.json': null }), { code: 'pack-entry-missing', found: /prompt-2/ }],
  ['a file that the manifest does not list', [...members(), { name: 'prompt-3/adapter_config.json', bytes: Buffer.from('{}') }], { code: 'pack-entry-unlisted' }],
  ['a file of another length', members({ 'prompt-1/adapter_config.json': { bytes: Buffer.from('{}') } }), { code: 'pack-entry-size', found: /2 bytes/ }],
  ['a file of another hash', members({ 'prompt-1/adapter_config.json': { bytes: Buffer.from(goodConfig.replace('RANDOM', 'RANDON')) } }), { code: 'pack-hash', found: /[0-9a-f]{64}/, expected: /[0-9a-f]{64}/ }],
  ['an adapter of another type', withFiles(configWith({ peft_type: 'LORA' }), goodWeights), { code: 'peft-type', found: /LORA/, expected: /PROMPT_TUNING/ }],
  ['an adapter for another kind of model', withFiles(configWith({ task_type: 'CAUSAL_LM' }), goodWeights), { code: 'peft-task-type', found: /CAUSAL_LM/, expected: /SEQ_2_SEQ_LM/ }],
  ['an adapter that changes the model', withFiles(configWith({ modules_to_save: ['lm_head'] }), goodWeights), { code: 'peft-extra-modules' }],
  ['an adapter of other rows', withFiles(configWith({ num_virtual_tokens: 4 }), goodWeights), { code: 'peft-rows', found: /3 rows/, expected: /^4/ }],
  ['an adapter of another width', withFiles(configWith({ token_dim: 9 }), goodWeights), { code: 'peft-width', found: /width 8/, expected: /9/ }],
  ['a prompt of another width than the manifest tells', withFiles(configWith({ token_dim: null }), tensor([rows, 9])), { code: 'pack-prompt-differs', found: /width 9/, expected: /width 8/ }],
  ['a tensor of another name', withFiles(goodConfig, tensor([rows, width], 'F32', 'lora_A')), { code: 'prompt-tensors', found: /lora_A/ }],
  ['a tensor of whole numbers', withFiles(goodConfig, tensor([rows, width], 'I64')), { code: 'tensor-not-float' }],
  ['a tensor of three axes', withFiles(goodConfig, tensor([1, rows, width])), { code: 'prompt-shape', found: /1,3,8/ }],
  ['a prompt with NaN', withFiles(goodConfig, tensor([rows, width], 'F32', 'prompt_embeddings', nan)), { code: 'prompt-not-finite', found: /NaN in row 1/ }],
  ['a header that claims gigabytes', withFiles(goodConfig, rawSafetensors('{}', new Uint8Array(8), 1n << 40n)), { code: 'safetensors-header-too-long' }],
  ['a header of a shape of gigabytes', withFiles(goodConfig, rawSafetensors('{"prompt_embeddings":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,8]}}', new Uint8Array(8))), { code: 'safetensors-size' }],
  ['weights that are text', withFiles(goodConfig, Buffer.from('hello')), { code: 'safetensors-header-too-long' }],
  ['nothing but an end record', Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]), { code: 'pack-manifest-missing' }],
  ['a zip that is cut', makeZip(members()).slice(0, -30), { code: 'pack-zip-damaged' }],
  ['bytes behind the end', Buffer.concat([makeZip(members()), Buffer.alloc(100)]), { code: 'pack-zip-damaged' }],
  ['bytes before the first entry', Buffer.concat([Buffer.from('PK#!/bin/sh\nrm -rf ~\n'), makeZip(members())]), { code: 'pack-zip-damaged' }],
  ['HTML in the place of a pack', Buffer.from('<!DOCTYPE html><html>'), { code: 'pack-unknown-file', found: /<!DOCTY/ }],
  ['a Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:…'), { code: 'git-lfs-pointer' }],
  ['an empty file', new Uint8Array(), { code: 'weights-empty' }],
];

describe('a pack with', () => {
  it.each(cases)('%s is refused in words', async (_, zip, { code, found, expected }) => {
    const problem = await problemOf(writeBytes('bad.promptpack', Array.isArray(zip) ? makeZip(zip) : zip));
    expect(problem.code, problem.message).toBe(code);
    if (found !== undefined) expect(problem.found).toMatch(found);
    if (expected !== undefined) expect(problem.expected).toMatch(expected);
    expect(problem.kind).toBe('input');
    expect(problem.place.file).toContain('bad.promptpack');
  });

  it('files that other tools packed again, deflated and with folders, is read', async () => {
    const folders = ['prompt-1/', 'prompt-2/'].map((name) => ({ name, bytes: new Uint8Array() }));
    const zip = makeZip([...folders, ...members().map((member) => ({ ...member, deflate: true })).toReversed()]);
    expect((await readContent(writeBytes('again.zip', zip))).manifest.prompts).toHaveLength(2);
  });
});

/** Offsets in a pack as `zipFiles` writes it. */
async function patch(edit: (bytes: Buffer, places: { end: number; directory: number; entry: (index: number) => number }) => Buffer | void): Promise<string> {
  const bytes = await zipFiles(good);
  const end = bytes.length - 22;
  const directory = bytes.readUInt32LE(end + 16);
  const entry = (index: number): number => {
    let at = directory;
    for (let i = 0; i < index; i += 1) at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    return at;
  };
  return writeBytes('patched.promptpack', edit(bytes, { end, directory, entry }) ?? bytes);
}

describe('a zip that', () => {
  it('marks a file as a symbolic link is refused', async () => {
    const path = await patch((bytes, { entry }) => void bytes.writeUInt32LE((0o120777 << 16) >>> 0, entry(1) + 38));
    expect(await problemOf(path)).toMatchObject({ code: 'pack-entry-link', found: expect.stringContaining('symbolic link') as string });
  });

  it('points from one name to the data of another is refused', async () => {
    const path = await patch((bytes, { entry }) => {
      bytes.writeUInt32LE(bytes.readUInt32LE(entry(2) + 42), entry(4) + 42);
    });
    expect(await problemOf(path)).toMatchObject({ code: 'pack-zip-damaged', found: expect.stringContaining('two different descriptions') as string });
  });

  it('lays an entry into the data of another is refused', async () => {
    // A whole local header of prompt-2/adapter_config.json, inside the stored bytes of the file before it.
    const config = good[3] as PackFile;
    const inner = makeZip([{ name: config.name, bytes: config.bytes }]);
    const innerLocal = Buffer.from(inner.subarray(0, 30 + config.name.length + config.bytes.length));
    const outer: ZipMember[] = [{ name: 'manifest.json', bytes: innerLocal }, { name: config.name, bytes: config.bytes }];
    const zip = Buffer.from(makeZip(outer));
    const directory = zip.readUInt32LE(zip.length - 6);
    const second = directory + 46 + 'manifest.json'.length;
    zip.writeUInt32LE(30 + 'manifest.json'.length, second + 42);
    expect(await problemOf(writeBytes('overlap.promptpack', zip))).toMatchObject({ code: 'pack-overlap' });
  });

  it.each([[8, 0xffff], [10, 0xffff], [12, 0xffffffff], [16, 0xffffffff]])('has a zip64 mark at byte %i of its end record is refused', async (offset, value) => {
    const path = await patch((bytes, { end }) => void (value > 0xffff ? bytes.writeUInt32LE(value, end + offset) : bytes.writeUInt16LE(value, end + offset)));
    expect((await problemOf(path)).code).toMatch(/^pack-(?:zip64|zip-damaged)$/);
  });

  it('has a zip64 locator before its end record is refused', async () => {
    const path = await patch((bytes, { end }) => {
      const locator = Buffer.alloc(20);
      locator.writeUInt32LE(0x07064b50);
      return Buffer.concat([bytes.subarray(0, end), locator, bytes.subarray(end)]);
    });
    expect(await problemOf(path)).toMatchObject({ code: 'pack-zip64' });
  });

  it('says in its directory another size than before the data is refused', async () => {
    const path = await patch((bytes, { entry }) => void bytes.writeUInt32LE(1, entry(1) + 24));
    expect(await problemOf(path)).toMatchObject({ code: 'pack-zip-damaged' });
  });

  it('has changed bytes under an unchanged checksum is refused', async () => {
    const path = await writePack(1);
    const bytes = readFileSync(path);
    const at = bytes.indexOf('souffleur-prompt-pack');
    bytes.write('S', at, 'latin1');
    expect(await problemOf(writeBytes('changed.promptpack', bytes))).toMatchObject({ code: 'pack-zip-damaged', found: expect.stringContaining('checksum') as string });
  });
});
