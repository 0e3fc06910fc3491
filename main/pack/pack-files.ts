/** The files of a pack, wherever they lie: a zip or a folder. A name outside this grammar is never looked at, let alone written. */
import { packLimits } from '../contract/prompt-pack.ts';
import { Problem } from '../contract/problem.ts';
import { quote } from '../model/strict-json.ts';

export interface PackFiles {
  /** Absolute, for messages. */
  readonly path: string;
  /** Of the grammar, each once. */
  readonly names: readonly string[];
  /** What lies beside them and was ignored, for a remark. */
  readonly ignored: readonly string[];
  /** @throws {Problem} `pack-too-large`, and what is wrong with the file */
  read(name: string): Promise<Buffer>;
  close(): void;
}

export const manifestName = 'manifest.json';
const namePattern = /^(?:manifest\.json|(?:prompt-[1-9]\d{0,2}\/)?(?:adapter_config\.json|adapter_model\.safetensors))$/;

export function isPackFileName(name: string): boolean {
  return namePattern.test(name);
}

export function isPackFolderName(name: string): boolean {
  return /^prompt-[1-9]\d{0,2}$/.test(name);
}

/** Where the prompts' files lie, in their order: a single one at the top, several in folders of their own. */
export function adapterNames(prompts: number): { config: string; weights: string }[] {
  const folders = prompts === 1 ? [''] : Array.from({ length: prompts }, (_, i) => `prompt-${i + 1}/`);
  return folders.map((folder) => ({ config: `${folder}adapter_config.json`, weights: `${folder}adapter_model.safetensors` }));
}

/** @returns the most bytes that a file of this name may have. */
export function limitOf(name: string): number {
  if (name === manifestName) return packLimits.manifestBytes;
  return name.endsWith('.json') ? packLimits.adapterConfigBytes : packLimits.weightsBytes;
}

/** @throws {Problem} `pack-too-large` */
export function requireSize(path: string, name: string, bytes: number): void {
  const limit = limitOf(name);
  if (bytes > limit) throw refusePack(path, { code: 'pack-too-large', found: `${bytes} bytes in ${quote(name)}`, expected: `at most ${limit}` });
}

/** A pack that is not one. */
export function refusePack(path: string, parts: { code: string; found: string; expected: string; action?: string; cause?: unknown }): Problem {
  return new Problem({ action: 'The pack is damaged or not one of Souffleur’s: get it again from whoever made it.', ...parts, place: { file: path } });
}
