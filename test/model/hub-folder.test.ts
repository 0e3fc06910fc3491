import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintModel } from '../../main/model/fingerprint.ts';
import { openHubFolder } from '../../main/model/hub-folder.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';
import type { TensorToWrite } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { expectedTensors } from '../../main/model/tensor-names.ts';
import { sharedPath } from '../shared.ts';
import { copyModel, goldenConfig, goldenPath, makeFolder } from './make-files.ts';

const plain = 't5-v1_0/model';
const sharded = 't5-v1_1/model-sharded-bf16';
const indexName = 'model.safetensors.index.json';
const shardName = (n: number): string => `model-0000${n}-of-00003.safetensors`;

/** The tensors of a golden model.safetensors, to be changed and written again. */
async function loadTensors(model: string): Promise<Map<string, TensorToWrite>> {
  const { entries } = await readSafetensorsHeader(goldenPath(join(model, 'model.safetensors')));
  return new Map(entries.map((entry) => [entry.name, { name: entry.name, shape: entry.shape, data: readTensorAsFloat32Sync(entry) }]));
}

async function changedModel(model: string, change: (tensors: Map<string, TensorToWrite>) => void, config: Record<string, unknown> = {}): Promise<string> {
  const tensors = await loadTensors(model);
  change(tensors);
  return copyModel(model, { 'model.safetensors': encodeSafetensors([...tensors.values()]), 'config.json': goldenConfig(model, config) });
}

function copyEmbedding(tensors: Map<string, TensorToWrite>): void {
  const embedding = tensors.get('shared.weight');
  if (embedding !== undefined) tensors.set('lm_head.weight', { ...embedding, name: 'lm_head.weight' });
}

function readIndex(): { weight_map: Record<string, string> } {
  return JSON.parse(readFileSync(goldenPath(join(sharded, indexName)), 'utf8')) as { weight_map: Record<string, string> };
}

function withIndex(change: (map: Record<string, string>) => void): string {
  const index = readIndex();
  change(index.weight_map);
  return copyModel(sharded, { [indexName]: JSON.stringify(index) });
}

describe('openHubFolder', () => {
  test('opens one safetensors file: every expected tensor, nothing else', async () => {
    const folder = await openHubFolder(goldenPath(plain));
    expect(folder).toMatchObject({ weightKind: 'safetensors', parameterCount: 173_056, tokenizerFile: null, config: { tiedHead: true, scaleDecoderOutput: true } });
    expect([...folder.entries.keys()]).toEqual(expectedTensors(folder.config).map(({ name }) => name));
  });

  test('opens a torch zip: copies of the embedding count once', async () => {
    const folder = await openHubFolder(goldenPath('t5-v1_0/model-torch-bin'));
    expect(folder).toMatchObject({ weightKind: 'torch-zip', parameterCount: 173_056 });
    expect(folder.entries.size).toBe(47);
  });

  test('bf16 shards hold the float32 model rounded to bf16', async () => {
    const exact = await openHubFolder(goldenPath('t5-v1_1/model'));
    const rounded = await openHubFolder(goldenPath(sharded));
    expect(rounded).toMatchObject({ weightKind: 'safetensors-sharded', parameterCount: exact.parameterCount });
    expect(rounded.weightFiles.length).toBe(3);
    for (const [name, entry] of exact.entries) {
      const other = rounded.entries.get(name);
      expect(other?.dtype).toBe('BF16');
      if (other === undefined) continue;
      const values = readTensorAsFloat32Sync(other);
      // bf16 keeps 8 significant bits, so rounding moves a value by at most 2^-8 of it.
      readTensorAsFloat32Sync(entry).forEach((value, i) => expect(Math.abs((values[i] ?? 0) - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -8 + 1e-38));
    }
  });

  const tiny = sharedPath('data/t5-tiny');
  test.skipIf(tiny === null)('opens a folder from the hub with its tokenizer (skipped where the shared data is absent)', async () => {
    const folder = await openHubFolder(tiny ?? '');
    expect(folder).toMatchObject({ weightKind: 'torch-zip', config: { relativeBuckets: 8, encoderLayers: 5, tiedHead: true }, tokenizerFile: join(tiny ?? '', 'tokenizer.json') });
    expect(folder.entries.size).toBe(110);
  });

  test('takes spiece.model where there is no tokenizer.json', async () => {
    const folder = copyModel(plain, { 'spiece.model': 'x' });
    expect((await openHubFolder(folder)).tokenizerFile).toBe(join(folder, 'spiece.model'));
  });

  test('a head that differs from the embedding is the model’s own, whatever config.json says of tying', async () => {
    const ownHead = await changedModel('t5-v1_1/model', (tensors) => {
      const embedding = tensors.get('shared.weight');
      if (embedding !== undefined) tensors.set('lm_head.weight', { name: 'lm_head.weight', shape: embedding.shape, data: Float32Array.from(embedding.data as Float32Array, (value) => value + 1) });
    });
    const folder = await openHubFolder(ownHead);
    expect(folder.config).toMatchObject({ tiedHead: false, scaleDecoderOutput: false });
    expect(folder.entries.has('lm_head.weight')).toBe(true);
  });

  test('a head equal to the embedding is tied, unless config.json says it is not', async () => {
    expect((await openHubFolder(await changedModel(plain, copyEmbedding))).config.tiedHead).toBe(true);
    expect((await openHubFolder(await changedModel(plain, copyEmbedding, { tie_word_embeddings: false }))).config.tiedHead).toBe(false);
  });

  test('takes the embedding from its copy where only the copy was saved', async () => {
    const folder = await changedModel(plain, (tensors) => {
      const embedding = tensors.get('shared.weight');
      tensors.delete('shared.weight');
      if (embedding !== undefined) tensors.set('x', { ...embedding, name: 'encoder.embed_tokens.weight' });
    });
    expect(await fingerprintModel(await openHubFolder(folder))).toBe(await fingerprintModel(await openHubFolder(goldenPath(plain))));
  });

  test('tolerates the bias that the first checkpoints had in cross-attention', async () => {
    const name = 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight';
    const folder = await changedModel(plain, (tensors) => tensors.set(name, { name, shape: [32, 4], data: new Float32Array(128) }));
    expect((await openHubFolder(folder)).entries.has(name)).toBe(false);
  });

  test('names missing tensors and how many', async () => {
    const folder = await changedModel(plain, (tensors) => {
      for (const name of tensors.keys()) if (name.startsWith('decoder.block.1')) tensors.delete(name);
    });
    await expect(openHubFolder(folder)).rejects.toMatchObject({
      code: 'weights-tensor-missing',
      found: '13 of 47 tensors missing: decoder.block.1.layer.0.SelfAttention.q.weight, decoder.block.1.layer.0.SelfAttention.k.weight, decoder.block.1.layer.0.SelfAttention.v.weight, decoder.block.1.layer.0.SelfAttention.o.weight and 9 more',
    });
  });

  test('names the tensor, both shapes and the fields that disagree', async () => {
    const folder = copyModel(plain, { 'config.json': goldenConfig(plain, { d_ff: 100 }) });
    await expect(openHubFolder(folder)).rejects.toMatchObject({
      code: 'weights-tensor-shape',
      found: 'encoder.block.0.layer.1.DenseReluDense.wi.weight f32[96,64]',
      expected: expect.stringContaining('[100,64] ([d_ff, d_model] in ') as string,
    });
  });

  test('says which other weights it found', async () => {
    const folder = copyModel(plain, { 'model.safetensors': null, 'tf_model.h5': 'x', 'flax_model.msgpack': 'x' });
    await expect(openHubFolder(folder)).rejects.toMatchObject({ code: 'model-no-weights', found: 'weights in a form that is not read: flax_model.msgpack, tf_model.h5' });
  });

  const rows: [string, () => string | Promise<string>, string][] = [
    ['a folder that is not there', () => join(makeFolder(), 'none'), 'system-enoent'],
    ['a file', () => join(goldenPath(plain), 'config.json'), 'system-enotdir'],
    ['an empty folder', () => makeFolder(), 'model-no-config'],
    ['no weights', () => copyModel(plain, { 'model.safetensors': null }), 'model-no-weights'],
    ['an empty config.json', () => copyModel(plain, { 'config.json': '' }), 'json-syntax'],
    ['config.json in UTF-16', () => copyModel(plain, { 'config.json': Buffer.from(goldenConfig(plain), 'utf16le') }), 'json-syntax'],
    ['config.json of 9 MB', () => copyModel(plain, { 'config.json': ' '.repeat(9_000_000) }), 'json-too-long'],
    ['config.json of BERT', () => copyModel(plain, { 'config.json': '{"architectures":["BertForMaskedLM"],"model_type":"bert"}' }), 'config-wrong-model'],
    ['a folder called model.safetensors', () => copyModel(plain, { 'model.safetensors': null, 'model.safetensors/x': '' }), 'not-a-file'],
    ['weights for fewer layers than there are', () => copyModel(plain, { 'config.json': goldenConfig(plain, { num_layers: 1 }) }), 'weights-tensor-unexpected'],
    ['a bias in every layer', () => changedModel(plain, (tensors) => {
      const name = 'encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight';
      tensors.set(name, { name, shape: [32, 4], data: new Float32Array(128) });
    }), 'weights-tensor-unexpected'],
    ['an own head that is missing', () => copyModel(plain, { 'config.json': goldenConfig(plain, { tie_word_embeddings: false }) }), 'weights-tensor-missing'],
    ['a head of another vocabulary', () => changedModel(plain, (tensors) => {
      tensors.set('h', { name: 'lm_head.weight', shape: [10, 64], data: new Float32Array(640) });
    }), 'weights-tensor-shape'],
    ['a transposed matrix of equal size', () => changedModel(plain, (tensors) => {
      const embedding = tensors.get('shared.weight');
      if (embedding !== undefined) tensors.set('shared.weight', { ...embedding, shape: embedding.shape.toReversed() });
    }), 'weights-tensor-shape'],
    ['quantised weights', () => changedModel(plain, (tensors) => {
      tensors.set('shared.weight', { name: 'shared.weight', shape: [384, 64], data: new Uint8Array(384 * 64) });
    }), 'tensor-not-float'],
    ['an index that is a list', () => copyModel(sharded, { [indexName]: '[]' }), 'weights-index-form'],
    ['an index without a map', () => copyModel(sharded, { [indexName]: '{"metadata":{}}' }), 'weights-index-form'],
    ['an index with an empty map', () => copyModel(sharded, { [indexName]: '{"weight_map":{}}' }), 'weights-index-form'],
    ['an index with numbers', () => copyModel(sharded, { [indexName]: '{"weight_map":{"a":1}}' }), 'weights-index-form'],
    ['a shard name with ..', () => withIndex((map) => { map['shared.weight'] = '../model.safetensors'; }), 'weights-shard-name'],
    ['an absolute shard name', () => withIndex((map) => { map['shared.weight'] = '/etc/passwd'; }), 'weights-shard-name'],
    ['a Windows shard name', () => withIndex((map) => { map['shared.weight'] = String.raw`..\model.safetensors`; }), 'weights-shard-name'],
    ['a hidden shard name', () => withIndex((map) => { map['shared.weight'] = '..'; }), 'weights-shard-name'],
    ['a missing shard', () => copyModel(sharded, { [shardName(2)]: null }), 'weights-shard-missing'],
    ['a tensor listed for the wrong shard', () => withIndex((map) => { map['shared.weight'] = shardName(1); }), 'weights-shard-wrong'],
    ['a tensor that its shard lacks', () => withIndex((map) => { map['new.weight'] = shardName(1); }), 'weights-shard-lacks-tensor'],
    ['a tensor missing from the index', () => withIndex((map) => { delete map['shared.weight']; }), 'weights-tensor-missing'],
    ['a cut shard', () => copyModel(sharded, { [shardName(2)]: readFileSync(goldenPath(join(sharded, shardName(2)))).subarray(0, -1) }), 'safetensors-offsets'],
    ['a torch index without its shard', () => copyModel(plain, { 'model.safetensors': null, 'pytorch_model.bin.index.json': '{"weight_map":{"a":"pytorch_model-00001-of-00001.bin"}}' }), 'weights-shard-missing'],
  ];
  test.each(rows)('refuses %s', async (_what, make, code) => {
    await expect(openHubFolder(await make())).rejects.toMatchObject({ name: 'Problem', code, kind: 'input', place: { file: expect.any(String) as string } });
  });

  test.skipIf(process.platform === 'win32')('refuses a pipe instead of waiting for ever', async () => {
    const { execFileSync } = await import('node:child_process');
    const folder = copyModel(plain, { 'model.safetensors': null });
    execFileSync('mkfifo', [join(folder, 'model.safetensors')]);
    await expect(openHubFolder(folder)).rejects.toMatchObject({ code: 'not-a-file' });
  });

  test('opens a sharded torch checkpoint', async () => {
    const folder = makeFolder();
    const bytes = readFileSync(goldenPath('t5-v1_0/model-torch-bin/pytorch_model.bin'));
    for (const name of ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin']) writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, 'config.json'), goldenConfig(plain));
    const names = [...(await openHubFolder(goldenPath(plain))).entries.keys()];
    const map = Object.fromEntries(names.map((name, i) => [name, `pytorch_model-0000${1 + (i % 2)}-of-00002.bin`]));
    writeFileSync(join(folder, 'pytorch_model.bin.index.json'), JSON.stringify({ weight_map: map }));
    const opened = await openHubFolder(folder);
    expect(opened).toMatchObject({ weightKind: 'torch-zip-sharded', parameterCount: 173_056 });
    expect(await fingerprintModel(opened)).toBe(await fingerprintModel(await openHubFolder(goldenPath(plain))));
  });

  test('an index changed or cut anywhere is read or refused, never worse', async () => {
    const folder = copyModel(sharded);
    const original = readFileSync(join(folder, indexName));
    await fc.assert(fc.asyncProperty(fc.nat(original.length - 1), fc.option(fc.nat(255)), async (at, value) => {
      const changed = value === null ? original.subarray(0, at) : Buffer.concat([original.subarray(0, at), Buffer.from([value]), original.subarray(at + 1)]);
      writeFileSync(join(folder, indexName), changed);
      try {
        await openHubFolder(folder);
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'Problem', kind: 'input' });
      }
    }), { numRuns: 150 });
  });
});

describe('fingerprintModel', () => {
  test('is one for the same weights as safetensors, as shards and as a torch zip', async () => {
    const expected = await fingerprintModel(await openHubFolder(goldenPath(plain)));
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprintModel(await openHubFolder(goldenPath('t5-v1_0/model-torch-bin')))).toBe(expected);
    const shards = copyModel(plain, { 'model.safetensors': null });
    const tensors = [...(await loadTensors(plain)).values()];
    const parts = [tensors.slice(0, 20), tensors.slice(20)].map((part, i) => ({ file: `part-${i}.safetensors`, part }));
    for (const { file, part } of parts) writeFileSync(join(shards, file), encodeSafetensors(part));
    writeFileSync(join(shards, indexName), JSON.stringify({ weight_map: Object.fromEntries(parts.flatMap(({ file, part }) => part.map(({ name }) => [name, file]))) }));
    expect(await fingerprintModel(await openHubFolder(shards))).toBe(expected);
  });

  test('changes with one bit of one weight, and with every field that changes the output, but not with dropout', async () => {
    const expected = await fingerprintModel(await openHubFolder(goldenPath(plain)));
    const nudged = await changedModel(plain, (tensors) => {
      const bits = new Uint8Array(tensors.get('decoder.final_layer_norm.weight')?.data.buffer ?? new ArrayBuffer(1));
      bits[0] = (bits[0] ?? 0) ^ 1;
    });
    expect(await fingerprintModel(await openHubFolder(nudged))).not.toBe(expected);
    const print = async (change: Record<string, unknown>): Promise<string> =>
      fingerprintModel(await openHubFolder(copyModel(plain, { 'config.json': goldenConfig(plain, change) })));
    const changes = [{ scale_decoder_outputs: false }, { layer_norm_epsilon: 1e-5 }, { relative_attention_max_distance: 64 }, { eos_token_id: 2 }, { pad_token_id: 3 }, { decoder_start_token_id: 5 }];
    for (const change of changes) expect(await print(change)).not.toBe(expected);
    expect(await print({ dropout_rate: 0.3 })).toBe(expected);
  });

  test('says so when the file is cut or gone after it was opened', async () => {
    const directory = copyModel(plain);
    const folder = await openHubFolder(directory);
    const file = join(directory, 'model.safetensors');
    writeFileSync(file, readFileSync(file).subarray(0, -10));
    await expect(fingerprintModel(folder)).rejects.toMatchObject({ code: 'tensor-cut', found: '98294 bytes of shared.weight' });
    rmSync(file);
    mkdirSync(file);
    await expect(fingerprintModel(folder)).rejects.toMatchObject({ name: 'Problem', code: 'system-eisdir' });
  });
});
