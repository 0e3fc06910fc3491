/** What people drop where data is expected: a model's folder, a pack, a prompt of another program. Told by names and a few bytes alone. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { SniffedSource } from '../../contract/api/datasets.ts';
import { isDataName, suggestName } from './data-name.ts';

const promptExtensions = new Set(['.promptpack', '.npy', '.pt', '.pth', '.bin', '.safetensors']);
const mostConfigBytes = 1 << 20;

/** @returns null for what may be data, or cannot be looked at: reading it as data says why */
export async function recognise(paths: readonly string[]): Promise<SniffedSource | null> {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) return null;
  try {
    const isFolder = (await stat(path)).isDirectory();
    const found = isFolder ? await recogniseFolder(path) : (promptExtensions.has(extname(path).toLowerCase()) ? 'pack' : null);
    if (found === null) return null;
    return { kind: isFolder ? 'folder' : 'file', suggestedName: suggestName(basename(path)), tables: [], skipped: [], insteadOfData: found };
  } catch {
    return null;
  }
}

async function recogniseFolder(path: string): Promise<SniffedSource['insteadOfData']> {
  const names = await readdir(path);
  if (names.some(isDataName)) return null;
  if (names.includes('adapter_config.json') || (names.includes('manifest.json') && names.includes('prompt-1'))) return 'pack';
  return names.includes('config.json') && (await isT5(join(path, 'config.json'))) ? 'model' : null;
}

async function isT5(configFile: string): Promise<boolean> {
  if ((await stat(configFile)).size > mostConfigBytes) return false;
  const config: unknown = JSON.parse(await readFile(configFile, 'utf8'));
  return typeof config === 'object' && config !== null && 'model_type' in config && /^m?t5$/.test(String(config.model_type));
}
