import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { fingerprintModel } from '../../main/model/fingerprint.ts';
import { openHubFolder } from '../../main/model/hub-folder.ts';
import type { HubFolder } from '../../main/model/hub-folder.ts';
import { prepareWeights } from '../../main/model/prepare-weights.ts';
import type { PreparedWeights } from '../../main/model/prepare-weights.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { copyModel, goldenPath, makeFolder, rawSafetensors } from './make-files.ts';

const repository = join(import.meta.dirname, '..', '..');

/** Every prepared tensor against the widened tensor it came from. */
function expectSameNumbers(folder: HubFolder, prepared: PreparedWeights): void {
  expect([...prepared.tensors.keys()].sort()).toEqual([...folder.entries.keys()].sort());
  for (const [name, entry] of folder.entries) {
    const tensor = prepared.tensors.get(name);
    if (tensor === undefined) continue;
    expect(tensor.shape).toEqual(entry.shape);
    expect(tensor.byteOffset % 4).toBe(0);
    const file = readFileSync(join(prepared.directory, tensor.file));
    const bytes = file.subarray(tensor.byteOffset, tensor.byteOffset + tensor.byteLength);
    expect(Buffer.compare(bytes, new Uint8Array(readTensorAsFloat32Sync(entry).buffer))).toBe(0);
  }
}

describe('prepareWeights', () => {
  test('links a float32 safetensors file and takes no space', async () => {
    const folder = await openHubFolder(copyModel('t5-v1_0/model'));
    const prepared = await prepareWeights(folder, join(makeFolder(), 'a', 'cache'));
    expect(prepared.storage).toBe('linked');
    expect(statSync(join(prepared.directory, 'model.safetensors')).ino).toBe(statSync(folder.weightFiles[0] ?? '').ino);
    expectSameNumbers(folder, prepared);
  });

  test('links the file behind a symbolic link, as the hub’s cache holds its files', async () => {
    const directory = copyModel('t5-v1_0/model', { 'model.safetensors': null });
    const blobs = makeFolder();
    writeFileSync(join(blobs, 'ab12'), readFileSync(goldenPath('t5-v1_0/model/model.safetensors')));
    symlinkSync(join(blobs, 'ab12'), join(directory, 'model.safetensors'));
    const prepared = await prepareWeights(await openHubFolder(directory), makeFolder());
    expect(prepared.storage).toBe('linked');
    expect(lstatSync(join(prepared.directory, 'model.safetensors')).isFile()).toBe(true);
  });

  // /dev/shm is a file system of its own on Linux.
  const other = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(makeFolder()).dev ? mkdtempSync('/dev/shm/souffleur-') : null;
  afterAll(() => {
    if (other !== null) rmSync(other, { recursive: true });
  });
  test.skipIf(other === null)('copies from another file system, where no link is possible', async () => {
    const folder = await openHubFolder(copyModel('t5-v1_0/model'));
    const prepared = await prepareWeights(folder, other ?? '');
    expect(prepared.storage).toBe('copied');
    expectSameNumbers(folder, prepared);
    expect(readdirSync(prepared.directory).sort()).toEqual(['model.safetensors', 'prepared.json']);
  });

  test.each([['a torch zip', 't5-v1_0/model-torch-bin'], ['bf16 shards', 't5-v1_1/model-sharded-bf16']])('widens %s into one float32 file', async (_what, model) => {
    const folder = await openHubFolder(goldenPath(model));
    const prepared = await prepareWeights(folder, makeFolder());
    expect(prepared.storage).toBe('converted');
    expect(readdirSync(prepared.directory).sort()).toEqual(['prepared.json', 'weights.safetensors']);
    expectSameNumbers(folder, prepared);
    // The file is a safetensors file in its own right.
    const { entries } = await readSafetensorsHeader(join(prepared.directory, 'weights.safetensors'));
    expect(entries.map(({ dtype }) => dtype)).toEqual(entries.map(() => 'F32'));
    expect(entries.length).toBe(folder.entries.size);
  });

  test('rewrites float32 tensors that are not aligned, as old writers left them', async () => {
    const original = readFileSync(goldenPath('t5-v1_0/model/model.safetensors'));
    const headerLength = Number(original.readBigUInt64LE());
    const header = original.subarray(8, 8 + headerLength).toString().trimEnd();
    const unaligned = rawSafetensors(header.padEnd(Math.ceil(header.length / 4) * 4 + 1), original.subarray(8 + headerLength));
    expect(Number(Buffer.from(unaligned).readBigUInt64LE()) % 4).not.toBe(0);
    const folder = await openHubFolder(copyModel('t5-v1_0/model', { 'model.safetensors': unaligned }));
    const prepared = await prepareWeights(folder, makeFolder());
    expect(prepared.storage).toBe('converted');
    expectSameNumbers(folder, prepared);
  });

  test.each(['t5-v1_0/model', 't5-v1_0/model-torch-bin', 't5-v1_1/model-sharded-bf16'])('finds the fingerprint of %s in the same pass', async (model) => {
    const folder = await openHubFolder(goldenPath(model));
    expect((await prepareWeights(folder, makeFolder())).fingerprint).toBe(await fingerprintModel(folder));
  });

  test('does the work once: a second call changes no file', async () => {
    const folder = await openHubFolder(goldenPath('t5-v1_0/model-torch-bin'));
    const cache = makeFolder();
    const first = await prepareWeights(folder, cache);
    const facts = (): unknown => readdirSync(first.directory).map((name) => [name, statSync(join(first.directory, name)).mtimeMs, statSync(join(first.directory, name)).ino]);
    const before = facts();
    expect(await prepareWeights(folder, cache)).toEqual(first);
    expect(facts()).toEqual(before);
  });

  test('does it again when the prepared file is cut, the marker is damaged, or the source changed', async () => {
    const directory = copyModel('t5-v1_0/model-torch-bin');
    const folder = await openHubFolder(directory);
    const cache = makeFolder();
    const first = await prepareWeights(folder, cache);
    const file = join(first.directory, 'weights.safetensors');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, 1000));
    expect(await prepareWeights(folder, cache)).toEqual(first);
    expect(Buffer.compare(readFileSync(file), whole)).toBe(0);
    for (const damage of ['', '{"formatVersion":1', '{"formatVersion":1,"files":[],"storage":"converted","fingerprint":"x"}', '{"formatVersion":2}']) {
      writeFileSync(join(first.directory, 'prepared.json'), damage);
      expect(await prepareWeights(folder, cache)).toEqual(first);
    }
    utimesSync(join(directory, 'pytorch_model.bin'), 1, 1);
    expect((await prepareWeights(folder, cache)).directory).not.toBe(first.directory);
  });

  test('two at once both succeed and leave no temporary file', async () => {
    const cache = makeFolder();
    for (const model of ['t5-v1_0/model', 't5-v1_0/model-torch-bin']) {
      const folder = await openHubFolder(copyModel(model));
      const script = `
        const { openHubFolder } = await import(process.argv[1] + '/main/model/hub-folder.ts');
        const { prepareWeights } = await import(process.argv[1] + '/main/model/prepare-weights.ts');
        console.log((await prepareWeights(await openHubFolder(process.argv[2]), process.argv[3])).fingerprint);`;
      const [here, there] = await Promise.all([prepareWeights(folder, cache), runNode(script, [repository, folder.directory, cache])]);
      expect(there.trim()).toBe(here.fingerprint);
      expect(readdirSync(here.directory).filter((name) => name.includes('partial'))).toEqual([]);
    }
  });

  test('clears what a killed process left, not what a living one writes', async () => {
    const folder = await openHubFolder(goldenPath('t5-v1_0/model-torch-bin'));
    const cache = makeFolder();
    const { directory } = await prepareWeights(folder, cache);
    rmSync(join(directory, 'prepared.json'));
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(directory, `weights.safetensors.${dead}.partial`), 'x');
    writeFileSync(join(directory, `weights.safetensors.${process.ppid}.partial`), 'x');
    await prepareWeights(folder, cache);
    expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).toEqual([`weights.safetensors.${process.ppid}.partial`]);
  });

  test.each([['NaN', Number.NaN, /NaN in /], ['an infinity', -Infinity, /an infinity in /]])('refuses %s, naming tensor, element and byte, and leaves nothing', async (_what, value, sentence) => {
    const { entries } = await readSafetensorsHeader(goldenPath('t5-v1_0/model/model.safetensors'));
    const tensors = entries.map((entry) => ({ name: entry.name, shape: entry.shape, data: readTensorAsFloat32Sync(entry) }));
    const broken = tensors.find(({ name }) => name === 'encoder.block.1.layer.1.DenseReluDense.wo.weight');
    if (broken !== undefined) broken.data[77] = value;
    const folder = await openHubFolder(copyModel('t5-v1_0/model', { 'model.safetensors': encodeSafetensors(tensors) }));
    const byteOffset = (folder.entries.get(broken?.name ?? '')?.byteOffset ?? 0) + 4 * 77;
    const cache = makeFolder();
    await expect(prepareWeights(folder, cache)).rejects.toMatchObject({
      code: 'weights-not-finite', kind: 'input', found: expect.stringMatching(sentence) as string, place: { file: folder.weightFiles[0], byteOffset },
    });
    await expect(prepareWeights(folder, cache)).rejects.toThrow(/DenseReluDense\.wo\.weight f32\[64,96\], element 77 of 6144/);
    expect(existsSync(cache)).toBe(false);
  });

  test('a float64 weight too large for float32 is refused as infinite', async () => {
    const { entries } = await readSafetensorsHeader(goldenPath('t5-v1_0/model/model.safetensors'));
    const tensors = entries.map((entry) => ({ name: entry.name, shape: entry.shape, data: Float64Array.from(readTensorAsFloat32Sync(entry)) }));
    const [first] = tensors;
    if (first !== undefined) first.data[0] = 1e300;
    const folder = await openHubFolder(copyModel('t5-v1_0/model', { 'model.safetensors': encodeSafetensors(tensors) }));
    const cache = makeFolder();
    await expect(prepareWeights(folder, cache)).rejects.toMatchObject({ code: 'weights-not-finite' });
    expect(existsSync(cache)).toBe(false);
  });

  test('a cache folder that is a file is a sentence', async () => {
    const file = join(makeFolder(), 'x');
    writeFileSync(file, '');
    await expect(prepareWeights(await openHubFolder(goldenPath('t5-v1_0/model')), file)).rejects.toMatchObject({ name: 'Problem' });
  });

  const ownMounts = 'unshare -rm';
  const canMount = spawnSync('sh', ['-c', `${ownMounts} true`]).status === 0;
  test.skipIf(!canMount)('a full disk leaves no half-written file and is said in words (skipped where no small disk can be mounted)', () => {
    const script = `
      import { readdirSync } from 'node:fs';
      const [, repository, model, disk] = process.argv;
      const { openHubFolder } = await import(repository + '/main/model/hub-folder.ts');
      const { prepareWeights } = await import(repository + '/main/model/prepare-weights.ts');
      const error = await prepareWeights(await openHubFolder(model), disk).catch((thrown) => thrown);
      console.log(JSON.stringify({ code: error.code, left: readdirSync(disk, { recursive: true }).filter((name) => name.includes('.')) }));`;
    for (const model of ['t5-v1_0/model', 't5-v1_0/model-torch-bin']) {
      const disk = makeFolder();
      const mounted = 'mount -t tmpfs -o size=300k none "$3" && exec "$0" --input-type=module -e "$4" "$1" "$2" "$3"';
      const command = `${ownMounts} sh -c '${mounted}' "$@"`;
      const { stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', process.execPath, repository, goldenPath(model), disk, script], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({ code: 'system-enospc', left: [] });
    }
  });
});

describe('onnxruntime and external data', () => {
  const values = new Float32Array([10, 20, 30, 40]);
  const source = join(makeFolder(), 'source.bin');
  writeFileSync(source, values);

  test('maps a hard link', async () => {
    const directory = makeFolder();
    linkSync(source, join(directory, 'w.bin'));
    expect(await addWeights(directory, 'w.bin')).toEqual([11, 22, 33, 44]);
  });

  test('refuses a symbolic link out of the folder, so linking symbolically is no option', async () => {
    const directory = makeFolder();
    symlinkSync(source, join(directory, 'w.bin'));
    await expect(addWeights(directory, 'w.bin')).rejects.toThrow(/escapes model directory/);
    mkdirSync(join(directory, 'sub'));
    await expect(addWeights(join(directory, 'sub'), join('..', basename(source)))).rejects.toThrow(/escapes model directory/);
  });
});

/** Writes a graph that adds the four numbers at `location`, and runs it on 1, 2, 3, 4. */
async function addWeights(directory: string, location: string): Promise<number[]> {
  const graph = join(directory, 'graph.onnx');
  writeFileSync(graph, addModel(location));
  const session = await InferenceSession.create(graph);
  try {
    const { y } = await session.run({ x: new Tensor('float32', [1, 2, 3, 4], [4]) });
    return Array.from((y?.data ?? []) as Float32Array);
  } finally {
    await session.release();
  }
}

function bytesField(field: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content as string);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 127) | 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([field * 8 + 2, ...length]), bytes]);
}

function integerField(field: number, value: number): Buffer {
  return Buffer.from([field * 8, value]);
}

/** y = x + w with w in `location`, as ONNX protobuf by hand (field numbers of onnx.proto). */
function addModel(location: string): Uint8Array {
  const external = Object.entries({ location, offset: '0', length: '16' }).map(([key, value]) => bytesField(13, Buffer.concat([bytesField(1, key), bytesField(2, value)])));
  const weight = Buffer.concat([integerField(1, 4), integerField(2, 1), bytesField(8, 'w'), ...external, integerField(14, 1)]);
  const fourFloats = bytesField(2, bytesField(1, Buffer.concat([integerField(1, 1), bytesField(2, bytesField(1, integerField(1, 4)))])));
  const node = Buffer.concat([bytesField(1, 'x'), bytesField(1, 'w'), bytesField(2, 'y'), bytesField(4, 'Add')]);
  const [x, y] = ['x', 'y'].map((name) => Buffer.concat([bytesField(1, name), fourFloats])) as [Buffer, Buffer];
  const graph = Buffer.concat([bytesField(1, node), bytesField(2, 'g'), bytesField(5, weight), bytesField(11, x), bytesField(12, y)]);
  return Buffer.concat([integerField(1, 9), bytesField(7, graph), bytesField(8, Buffer.concat([bytesField(1, ''), integerField(2, 17)]))]);
}

async function runNode(script: string, parameters: string[]): Promise<string> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', script, ...parameters], (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
}
