import { execFile } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { copyModel, makeZip, pickle, rawSafetensors, torchZip } from './make-files.ts';

const repository = join(import.meta.dirname, '..', '..');
const eightMegabytes = 8 * 1024 * 1024;

/** Opens a folder in a process of its own. @returns the Problem's code and the peak above the process's start, in MB. */
async function openAlone(folder: string): Promise<{ code: string; peakMegabytes: number }> {
  const script = `
    const { openHubFolder } = await import(process.argv[1] + '/main/model/hub-folder.ts');
    const before = process.resourceUsage().maxRSS;
    const error = await openHubFolder(process.argv[2]).catch((thrown) => thrown);
    console.log(JSON.stringify({ code: error.code, peakMegabytes: (process.resourceUsage().maxRSS - before) / 1024 }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, repository, folder], { timeout: 20_000 });
  return JSON.parse(stdout) as { code: string; peakMegabytes: number };
}

/** A header of the largest length that is read, made of one repeated piece. */
function fullHeader(piece: string): Uint8Array {
  return rawSafetensors(`{"a":[${piece.repeat(Math.floor((eightMegabytes - 10) / piece.length))}`.slice(0, eightMegabytes));
}

function withSafetensors(bytes: Uint8Array): string {
  return copyModel('t5-v1_0/model', { 'model.safetensors': bytes });
}

function withTorchZip(bytes: Uint8Array): string {
  return copyModel('t5-v1_0/model', { 'model.safetensors': null, 'pytorch_model.bin': bytes });
}

describe('hostile files', () => {
  const rows: [string, () => string, string][] = [
    ['a header of claimed 2^60 bytes', () => withSafetensors(rawSafetensors('{}', new Uint8Array(8), 2n ** 60n)), 'safetensors-header-too-long'],
    ['a header of 100 MB, as long as the format allows', () => {
      const folder = withSafetensors(rawSafetensors('{', new Uint8Array(), 100_000_000n));
      truncateSync(join(folder, 'model.safetensors'), 100_000_008);
      return folder;
    }, 'safetensors-header-too-long'],
    ['a full header of empty objects', () => withSafetensors(fullHeader('{},')), 'json-too-many-values'],
    ['a full header of brackets', () => withSafetensors(fullHeader('[')), 'json-too-deep'],
    ['a full header of one text outside Latin-1', () => withSafetensors(rawSafetensors(`{"${'ж'.repeat(eightMegabytes / 2 - 10)}`)), 'json-syntax'],
    ['a full header of one text without end', () => withSafetensors(rawSafetensors(`{"${'a'.repeat(eightMegabytes - 10)}`)), 'json-syntax'],
    ['a full header of keys', () => withSafetensors(rawSafetensors(`{${Array.from({ length: 500_000 }, (_, i) => `"${i.toString(36)}":0`).join(',')}`)), 'json-too-many-values'],
    ['a configuration of 3 GB', () => {
      const folder = copyModel('t5-v1_0/model');
      truncateSync(join(folder, 'config.json'), 3_000_000_000);
      return folder;
    }, 'json-too-long'],
    ['eight million dicts', () => withTorchZip(torchZip(pickle.file(new Uint8Array(eightMegabytes - 10).fill(0x7d)))), 'pickle-too-large'],
    ['eight million marks', () => withTorchZip(torchZip(pickle.file(new Uint8Array(eightMegabytes - 10).fill(0x28)))), 'pickle-too-large'],
    ['eight million numbers', () => withTorchZip(torchZip(pickle.file(new Uint8Array(eightMegabytes - 10).fill(0x4e)))), 'pickle-too-large'],
    ['a memo that is filled without end', () => withTorchZip(torchZip(pickle.file(Buffer.from('N'), new Uint8Array(eightMegabytes - 20).fill(0x94)))), 'pickle-too-large'],
    ['lists in lists in lists, each ten times', () => {
      const level = Buffer.concat([Buffer.from([0x28]), ...Array.from({ length: 10 }, () => Buffer.from([0x68, 0])), Buffer.from([0x74, 0x71, 0])]);
      return withTorchZip(torchZip(pickle.file(Buffer.from([0x29, 0x71, 0]), ...Array.from({ length: 30_000 }, () => level))));
    }, 'pickle-not-state-dict'],
    ['sixty thousand entries', () => withTorchZip(makeZip(Array.from({ length: 60_000 }, (_, i) => ({ name: `m/data/${i}`, bytes: new Uint8Array() })))), 'torch-zip-too-large'],
    ['a zip bomb: 60 MB of zeros in 60 KB', () => withTorchZip(makeZip([{ name: 'm/data.pkl', bytes: new Uint8Array(60_000_000), deflate: true }])), 'torch-zip-too-large'],
    ['an archive of 3 GB of nothing', () => {
      const folder = withTorchZip(Buffer.from('PK\x03\x04', 'latin1'));
      truncateSync(join(folder, 'pytorch_model.bin'), 3_000_000_000);
      return folder;
    }, 'torch-zip-damaged'],
    ['a cut file of claimed 4 TB', () => withSafetensors(rawSafetensors('{"shared.weight":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}')), 'safetensors-offsets'],
    ['an index of a hundred thousand shards', () => {
      const map = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`t${i}`, `s${i}`]));
      const folder = copyModel('t5-v1_0/model', { 'model.safetensors': null });
      writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
      return folder;
    }, 'weights-index-form'],
  ];
  test.each(rows)('%s: a sentence within 200 MB', async (_what, make, expected) => {
    const { code, peakMegabytes } = await openAlone(make());
    expect(code).toBe(expected);
    expect(peakMegabytes).toBeLessThan(200);
  });
});
