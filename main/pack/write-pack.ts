/**
 * A pack's files and their zip. The same prompts and manifest give the same bytes on every machine: files in a fixed order, stored, not
 * deflated (compressors differ between builds, and numbers hardly shrink), no times, no system's file modes.
 */
import { createHash } from 'node:crypto';
import { ZipFile } from 'yazl';
import type { PackDraft, PackManifest } from '../contract/prompt-pack.ts';
import { writeManifest } from './manifest.ts';
import { adapterNames, manifestName } from './pack-files.ts';
import { encodeAdapter } from './peft-adapter.ts';
import type { PromptTensor } from './prompt-tensor.ts';

export interface PackFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ComposedPack {
  readonly manifest: PackManifest;
  /** In the pack's order: the manifest, then each prompt's two files. */
  readonly files: readonly PackFile[];
}

/** @param prompts in the order of the draft's, of its rows and width (a defect of the caller otherwise). */
export function composePack(draft: PackDraft, prompts: readonly PromptTensor[]): ComposedPack {
  const files = adapterNames(prompts.length).flatMap((names, i): PackFile[] => {
    const prompt = prompts[i] as PromptTensor;
    if (prompt.rows !== draft.prompts[i]?.rows || prompt.width !== draft.base.width) throw new RangeError(`prompt ${i + 1} is not the one that the manifest tells of`);
    const { config, weights } = encodeAdapter(prompt, draft.base);
    return [{ name: names.config, bytes: config }, { name: names.weights, bytes: weights }];
  });
  const entries = files.map(({ name, bytes }) => ({ path: name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }));
  const manifest = { ...draft, entries };
  return { manifest, files: [{ name: manifestName, bytes: Buffer.from(writeManifest(manifest)) }, ...files] };
}

export async function zipFiles(files: readonly PackFile[]): Promise<Buffer> {
  const zip = new ZipFile();
  // Noon of 2 January 1980: the library writes local time, and a zip's calendar begins a day and a half earlier, in every time zone.
  const noTime = new Date(1980, 0, 2, 12);
  for (const { name, bytes } of files) {
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, { mtime: noTime, mode: 0o100644, compress: false, forceDosTimestamp: true });
  }
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
