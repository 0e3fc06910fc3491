import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { zipFiles } from '../../main/pack/write-pack.ts';
import { makeFolder } from '../model/make-files.ts';
import { makeComposed, makePrompt, problemOf, readContent, rows, width, writeBytes, writePack } from './make-pack.ts';

function writeFolder(prompts: number): string {
  const folder = makeFolder();
  for (const { name, bytes } of makeComposed(prompts).files) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

describe('a pack', () => {
  it('is the same bytes whenever, wherever and in whatever time zone it is written', async () => {
    const first = await zipFiles(makeComposed(2).files);
    process.env['TZ'] = 'Asia/Kathmandu';
    const second = await zipFiles(makeComposed(2).files);
    delete process.env['TZ'];
    expect(second.equals(first)).toBe(true);
    // Pinned: another byte here is another format for everybody's hashes.
    expect(createHash('sha256').update(first).digest('hex')).toBe('45a6e47d17b9dec0a791a31902c9e0ec270eef2167218f6c6d01980bd80e6ee5');
  });

  it('has its files in order, stored, without extra fields, comments or times', async () => {
    const bytes = await zipFiles(makeComposed(2).files);
    const names: string[] = [];
    for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50;) {
      const [flags, method, time, date] = [6, 8, 10, 12].map((offset) => bytes.readUInt16LE(at + offset));
      expect({ method, time, date }).toEqual({ method: 0, time: 12 << 11, date: 0x22 });
      expect((flags ?? 0) & 8).toBe(0);
      expect(bytes.readUInt16LE(at + 28)).toBe(0);
      const nameLength = bytes.readUInt16LE(at + 26);
      names.push(bytes.toString('latin1', at + 30, at + 30 + nameLength));
      at += 30 + nameLength + bytes.readUInt32LE(at + 18);
    }
    expect(names).toEqual(['manifest.json', 'prompt-1/adapter_config.json', 'prompt-1/adapter_model.safetensors', 'prompt-2/adapter_config.json', 'prompt-2/adapter_model.safetensors']);
  });

  it.each([1, 3])('of %i prompts is read back as it was written, from the file and from a folder', async (prompts) => {
    const composed = makeComposed(prompts);
    for (const [path, origin] of [[await writePack(prompts), 'pack'], [writeFolder(prompts), 'pack-folder']] as const) {
      const staged = new Map<string, Uint8Array>();
      const content = await readContent(path, (name, bytes) => void staged.set(name, bytes));
      expect(content).toMatchObject({ origin, manifest: composed.manifest, manifestText: Buffer.from(composed.files[0]?.bytes ?? []).toString(), remarks: [] });
      expect(content.staged).toHaveLength(prompts);
      for (const [i, names] of content.staged.entries()) {
        expect(staged.get(names.adapterConfig)).toEqual(composed.files[1 + 2 * i]?.bytes);
        expect(Buffer.from(staged.get(names.adapterWeights) ?? []).equals(composed.files[2 + 2 * i]?.bytes ?? Buffer.alloc(0))).toBe(true);
        const trained = Buffer.from(staged.get(names.trained) ?? []);
        expect(trained.toString('latin1')).toContain(`"prompt":{"dtype":"F32","shape":[${rows},${width}]`);
        expect(new Float32Array(new Uint8Array(trained.subarray(-rows * width * 4)).buffer)).toEqual(makePrompt(i + 1).values);
      }
    }
  });

  it('says outright that PEFT has one submodule, since its default for T5 would expect twice the rows', () => {
    const config = JSON.parse(Buffer.from(makeComposed().files[1]?.bytes ?? []).toString()) as Record<string, unknown>;
    expect(config).toMatchObject({
      peft_type: 'PROMPT_TUNING', task_type: 'SEQ_2_SEQ_LM', num_transformer_submodules: 1, num_virtual_tokens: rows, token_dim: width, num_layers: 2,
      num_attention_heads: 2, base_model_name_or_path: 'someone/tiny', inference_mode: true,
    });
  });

  it('that only looks stages nothing and tells the norms of the rows', async () => {
    const { staged, rowNorms } = await readContent(await writePack(2));
    expect(staged).toEqual([]);
    expect(rowNorms).toHaveLength(2);
    expect(rowNorms[0]).toBeCloseTo(meanNorm(makePrompt(1).values), 6);
  });

  it('unzipped beside other files is read, and what was ignored is said', async () => {
    const folder = writeFolder(1);
    writeFileSync(join(folder, 'README.md'), 'mine');
    expect((await readContent(folder)).remarks).toEqual(['README.md is no part of the pack and was ignored.']);
  });

  it('unzipped with a link in the place of a file is refused', async () => {
    const folder = writeFolder(1);
    const target = writeBytes('elsewhere.json', readFileSync(join(folder, 'adapter_config.json')));
    symlinkSync(target, join(folder, 'link'));
    renameSync(join(folder, 'link'), join(folder, 'adapter_config.json'));
    expect(await problemOf(folder)).toMatchObject({ code: 'pack-entry-link' });
  });
});

function meanNorm(values: Float32Array): number {
  const norms = Array.from({ length: rows }, (_, row) => Math.hypot(...values.subarray(row * width, (row + 1) * width)));
  return norms.reduce((sum, norm) => sum + norm, 0) / rows;
}
