/** A pack, checked through: every file is listed, has the hash that the manifest says, and holds the prompt that the manifest tells of. */
import { createHash } from 'node:crypto';
import type { PackManifest } from '../contract/prompt-pack.ts';
import { quote } from '../model/strict-json.ts';
import { readManifest } from './manifest.ts';
import { adapterNames, manifestName, refusePack, type PackFiles } from './pack-files.ts';
import { adapterTensor, parseAdapterConfig, takeAdapterPrompt } from './peft-adapter.ts';
import { readOnlyPrompt, type PromptTensor } from './prompt-tensor.ts';

export interface ReadPrompt {
  readonly prompt: PromptTensor;
  /** As in the pack, byte for byte. */
  readonly config: Uint8Array;
  readonly weights: Uint8Array;
}

export interface ReadPack {
  readonly manifest: PackManifest;
  readonly manifestText: string;
}

/**
 * @param onPrompt gets each prompt in turn, so that only one is in memory.
 * @throws {Problem} `pack-manifest-missing`, `pack-manifest`, `pack-version`, `pack-entry-missing`, `pack-entry-unlisted`, `pack-entry-size`,
 *   `pack-hash`, `pack-prompt-differs`, and those of the adapter and the zip
 */
export async function readPack(files: PackFiles, onPrompt: (prompt: ReadPrompt, index: number) => void): Promise<ReadPack> {
  const { path } = files;
  if (!files.names.includes(manifestName)) throw refusePack(path, { code: 'pack-manifest-missing', found: `no ${manifestName}`, expected: 'the manifest of a prompt pack' });
  const manifestBytes = await files.read(manifestName);
  const manifest = readManifest(manifestBytes, path);
  const places = adapterNames(manifest.prompts.length);
  requireListing(files, manifest, places.flatMap(({ config, weights }) => [config, weights]));
  for (const [index, { config: configName, weights: weightsName }] of places.entries()) {
    const config = await readListed(files, manifest, 2 * index, configName);
    const weights = await readListed(files, manifest, 2 * index + 1, weightsName);
    const prompt = readAdapter({ config, weights }, { path, configName, weightsName });
    requireTold(manifest, index, { prompt, path, name: weightsName });
    onPrompt({ prompt, config, weights }, index);
  }
  return { manifest, manifestText: manifestBytes.toString('utf8') };
}

function requireListing({ path, names }: PackFiles, manifest: PackManifest, wanted: readonly string[]): void {
  const listed = manifest.entries.map((entry) => entry.path);
  const odd = Array.from({ length: Math.max(wanted.length, listed.length) }, (_, i) => i).find((i) => listed[i] !== wanted[i]);
  if (odd !== undefined) {
    throw refusePack(path, {
      code: 'pack-manifest', found: `${quote(listed[odd] ?? 'nothing')} as file ${odd + 1} of the manifest`,
      expected: `${quote(wanted[odd] ?? 'nothing')}, since it tells of ${manifest.prompts.length} prompt${manifest.prompts.length === 1 ? '' : 's'}`,
    });
  }
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) throw refusePack(path, { code: 'pack-entry-missing', found: `no ${quote(missing)}`, expected: 'every file that the manifest lists' });
  const unlisted = names.find((name) => name !== manifestName && !wanted.includes(name));
  if (unlisted !== undefined) throw refusePack(path, { code: 'pack-entry-unlisted', found: quote(unlisted), expected: 'only files that the manifest lists' });
}

async function readListed(files: PackFiles, manifest: PackManifest, index: number, name: string): Promise<Buffer> {
  const bytes = await files.read(name);
  const entry = manifest.entries[index];
  if (entry?.bytes !== bytes.length) throw refusePack(files.path, { code: 'pack-entry-size', found: `${bytes.length} bytes in ${quote(name)}`, expected: `${entry?.bytes}, as the manifest says` });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (entry.sha256 === sha256) return bytes;
  throw refusePack(files.path, { code: 'pack-hash', found: `${quote(name)} with SHA-256 ${sha256}`, expected: `${entry.sha256}, as the manifest says`, action: 'The file was changed after the pack was made: get the pack again from whoever made it.' });
}

/** @returns the prompt of an adapter that names exactly its rows. */
function readAdapter({ config, weights }: { config: Uint8Array; weights: Uint8Array }, { path, configName, weightsName }: { path: string; configName: string; weightsName: string }): PromptTensor {
  const shown = (name: string): string => `${path} › ${name}`;
  const parsed = parseAdapterConfig(config, shown(configName));
  const stored = readOnlyPrompt(weights, { file: shown(weightsName), name: adapterTensor });
  return takeAdapterPrompt(stored, parsed, shown(weightsName));
}

function requireTold({ base, prompts }: PackManifest, index: number, { prompt, path, name }: { prompt: PromptTensor; path: string; name: string }): void {
  const told = prompts[index];
  const first = prompts[0];
  if (told?.rows !== prompt.rows || base.width !== prompt.width) {
    throw refusePack(path, { code: 'pack-prompt-differs', found: `${quote(name)} with a prompt of ${prompt.rows} rows of width ${prompt.width}`, expected: `${told?.rows} rows of width ${base.width}, as the manifest says` });
  }
  if (first?.rows !== told.rows) {
    throw refusePack(path, { code: 'pack-prompt-differs', found: `prompts of ${first?.rows} and of ${told.rows} rows in one pack`, expected: 'prompts of the same length: one pass serves them all' });
  }
}
