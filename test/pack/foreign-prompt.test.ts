import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../main/contract/problem.ts';
import { openPrompt } from '../../main/pack/open-prompt.ts';
import { readPackContent } from '../../main/pack/read-content.ts';
import type { ForeignPrompt } from '../../main/pack/foreign-prompt.ts';
import { encodeSafetensors } from '../../main/model/safetensors.ts';
import { readGoldenCase } from '../golden/case.ts';
import { goldenPath, makeFolder, pickle, pickledTensor, torchZip, type ZipMember } from '../model/make-files.ts';
import { randomValues } from '../model/tiny-t5.ts';
import { sharedPath } from '../shared.ts';
import { makeDraft, noAssumptions, problemOf, writeBytes } from './make-pack.ts';

async function readForeign(path: string): Promise<ForeignPrompt> {
  const opened = await openPrompt(path);
  if (opened.kind !== 'foreign') throw new Error('a pack');
  return opened.foreign;
}

function numpy(values: Float32Array | Float64Array, shape: readonly number[]): Buffer {
  const header = `{'descr': '${values instanceof Float64Array ? '<f8' : '<f4'}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`.padEnd(117) + '\n';
  const start = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  return Buffer.concat([start, Buffer.from(header), Buffer.from(values.buffer)]);
}

const values = randomValues(100 * 16, 5);
const storage = (bytes: Uint8Array): ZipMember => ({ name: 'm/data/0', bytes });
const stateDict = (name: string, rows = 100, width = 16): Uint8Array =>
  torchZip(pickle.file(pickle.dict([name, pickledTensor({ elements: rows * width, shape: [rows, width], strides: [width, 1] })])), [storage(new Uint8Array(values.buffer))]);

function tensor(name: string, shape: number[]) {
  return { name, shape, data: values.slice(0, shape.reduce((product, extent) => product * extent, 1)) };
}

describe('an adapter that PEFT wrote', () => {
  it.each(['t5-v1_0', 't5-v1_1'])('for %s gives the first P rows from both layouts', async (name) => {
    const { config } = await readGoldenCase(goldenPath(name));
    for (const submodules of [1, 2]) {
      const foreign = await readForeign(goldenPath(`${name}/peft-submodules-${submodules}`));
      expect(foreign).toMatchObject({ origin: 'peft', prompt: { rows: config.P, width: config.d }, base: { name } });
      const stored = readFileSync(goldenPath(`${name}/peft-submodules-${submodules}/adapter_model.safetensors`));
      const tensor = new Float32Array(new Uint8Array(stored.subarray(stored.length - submodules * config.P * config.d * 4)).buffer);
      expect(foreign.prompt.values).toEqual(tensor.slice(0, config.P * config.d));
      expect(foreign.remarks.join()).toMatch(submodules === 1 ? /^$/ : /Of 14 stored rows the first 7 are used/);
    }
  });

  it('is found from its weights file, too', async () => {
    expect((await readForeign(goldenPath('t5-v1_0/peft-submodules-1/adapter_model.safetensors'))).prompt.rows).toBe(7);
  });

  it('as adapter_model.bin is read without running its pickle', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify({ peft_type: 'PROMPT_TUNING', task_type: 'SEQ_2_SEQ_LM', num_virtual_tokens: 50 }));
    writeFileSync(join(folder, 'adapter_model.bin'), stateDict('prompt_embeddings'));
    const { prompt } = await readForeign(folder);
    expect(prompt.values).toEqual(values.slice(0, 50 * 16));
  });

  it('whose pickle would run something is refused by the name of what it would run', async () => {
    const folder = makeFolder();
    copyFileSync(goldenPath('t5-v1_0/peft-submodules-1/adapter_config.json'), join(folder, 'adapter_config.json'));
    writeFileSync(join(folder, 'adapter_model.bin'), torchZip(pickle.file(pickle.call(pickle.global('os', 'system'), pickle.text('rm -rf ~')))));
    expect(await problemOf(folder)).toMatchObject({ code: 'pickle-global-refused', found: expect.stringContaining('os.system') as string });
  });

  it.each([
    ['weights without a configuration', { 'adapter_model.safetensors': encodeSafetensors([{ name: 'prompt_embeddings', shape: [100, 16], data: values }]) }, 'peft-config-missing'],
    ['a configuration without weights', { 'adapter_config.json': '{"peft_type":"PROMPT_TUNING"}' }, 'peft-weights-missing'],
    ['LoRA', { 'adapter_config.json': '{"peft_type":"LORA"}', 'adapter_model.safetensors': 'x' }, 'peft-type'],
  ])('of %s is refused', async (_, files, code) => {
    const folder = makeFolder();
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const path = 'adapter_config.json' in files ? folder : join(folder, 'adapter_model.safetensors');
    expect((await problemOf(path)).code).toBe(code);
  });
});

describe('a prompt of another program', () => {
  it.each(['prompt.npy', 'encoder.prompt.prompt.prompt'])('as a NumPy file %s is told by its bytes, in float32 and float64', async (name) => {
    for (const array of [values, Float64Array.from(values)]) {
      expect(await readForeign(writeBytes(name, numpy(array, [100, 16])))).toMatchObject({ origin: 'numpy', prompt: { rows: 100, width: 16, values } });
    }
  });

  const published = sharedPath('data/prompts/t5-base-lm-adapt-sst2.npy');
  it.skipIf(published === null)('as google-research published it for SST-2 has 100 rows of 768 (needs shared/data)', async () => {
    const { prompt } = await readForeign(published ?? '');
    expect([prompt.rows, prompt.width]).toEqual([100, 768]);
  });

  it.each(['encoder.prompt_embeds.weight', 'module.encoder.prompt_embeds.weight', 'soft_embeds', 'template.soft_embeds', 'prompt_model.template.soft_embeds', 'anything'])('as a torch state dict with %s is read', async (name) => {
    expect(await readForeign(writeBytes('prompt.pt', stateDict(name)))).toMatchObject({ origin: 'torch', prompt: { rows: 100, width: 16, values }, remarks: [] });
  });

  it('beside a whole model is found by its name, and that the rest was left is said', async () => {
    const file = writeBytes('model.safetensors', encodeSafetensors([tensor('plm.shared.weight', [10, 16]), tensor('template.soft_embeds', [20, 16]), tensor('plm.norm', [16])]));
    expect(await readForeign(file)).toMatchObject({ prompt: { rows: 20 }, remarks: ['Of 3 tensors only template.soft_embeds was read.'] });
  });

  it('among several that it could be is refused by their names', async () => {
    const file = writeBytes('two.safetensors', encodeSafetensors(['a', 'b'].map((name) => ({ name, shape: [2, 16], data: values.slice(0, 32) }))));
    expect(await problemOf(file)).toMatchObject({ code: 'prompt-tensors', found: expect.stringMatching(/"a".*"b"/) as string });
  });

  it.each([
    ['a whole embedding', numpy(new Float32Array(3000 * 2), [3000, 2]), 'prompt-shape'],
    ['a vector', numpy(new Float32Array(16), [16]), 'prompt-shape'],
    ['nothing', numpy(new Float32Array(0), [0, 16]), 'prompt-shape'],
    ['a number beyond float32', numpy(Float64Array.of(1, 1e300), [1, 2]), 'array-not-finite'],
  ])('that is %s is refused', async (_, bytes, code) => {
    expect((await problemOf(writeBytes('x.npy', bytes))).code).toBe(code);
  });

  it('becomes a pack that says what is known, and no more', async () => {
    const file = writeBytes('sst2.npy', numpy(values, [100, 16]));
    const { manifest, manifestText } = await readPackContent({ path: file, assumptions: noAssumptions }, null);
    expect(JSON.parse(manifestText)).toEqual(manifest);
    expect(manifest).toMatchObject({ title: 'sst2.npy', task: null, policy: null, base: { name: null, fingerprint: null, width: 16 }, prompts: [{ rows: 100, method: null, metrics: [] }] });
  });

  it('for a model of another width is refused with both widths', async () => {
    const { base, task } = makeDraft(1);
    const file = writeBytes('sst2.npy', numpy(values, [100, 16]));
    const problem: unknown = await readPackContent({ path: file, assumptions: { ...noAssumptions, base, task } }, null).catch((thrown: unknown) => thrown);
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({ code: 'pack-base-width', found: 'a prompt of width 16', expected: '8, the width of tiny' });
  });
});
