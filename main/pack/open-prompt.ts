/** Any file or folder that may hold prompts, told apart by its bytes, never by its name alone. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toProblem } from '../contract/problem.ts';
import { readRange, refuseStandIn, withPlainFile } from '../model/plain-file.ts';
import { quote } from '../model/strict-json.ts';
import { openFolderFiles } from './folder-files.ts';
import { readAdapterFolder, readNumpyPrompt, readSafetensorsPrompt, readTorchPrompt, type ForeignPrompt } from './foreign-prompt.ts';
import { isPackFileName, manifestName, refusePack, type PackFiles } from './pack-files.ts';
import { openZipFiles } from './zip-files.ts';

export type OpenedPrompt =
  | { readonly kind: 'pack'; readonly origin: 'pack' | 'pack-folder'; readonly files: PackFiles }
  | { readonly kind: 'foreign'; readonly foreign: ForeignPrompt };

/**
 * Opens a pack for `readPack` (its caller closes it), or reads a prompt of another program at once.
 * @throws {Problem} `pack-unknown-file`, `pack-folder-empty`, `weights-empty`, `git-lfs-pointer`, and those of the readers
 */
export async function openPrompt(path: string): Promise<OpenedPrompt> {
  const place = resolve(path);
  if (isFolder(place)) return openFolder(place);
  switch (await sniff(place)) {
    case 'zip': return { kind: 'pack', origin: 'pack', files: await openZipFiles(place) };
    case 'torch': return { kind: 'foreign', foreign: await readTorchPrompt(place) };
    case 'numpy': return { kind: 'foreign', foreign: await readNumpyPrompt(place) };
    case 'safetensors': return { kind: 'foreign', foreign: await readSafetensorsPrompt(place) };
  }
}

function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

async function openFolder(folder: string): Promise<OpenedPrompt> {
  if (existsSync(join(folder, manifestName))) return { kind: 'pack', origin: 'pack-folder', files: await openFolderFiles(folder) };
  if (existsSync(join(folder, 'adapter_config.json'))) return { kind: 'foreign', foreign: await readAdapterFolder(folder) };
  throw refusePack(folder, {
    code: 'pack-folder-empty', found: `a folder with neither ${manifestName} nor adapter_config.json`, expected: 'a pack that was unzipped, or a PEFT adapter', action: 'Name the folder that holds these files.',
  });
}

/** A torch file is a zip, too: its first entry lies in a folder of any name. */
async function sniff(file: string): Promise<'zip' | 'torch' | 'numpy' | 'safetensors'> {
  return withPlainFile(file, async (handle, fileBytes) => {
    await refuseStandIn(handle, file);
    const start = await readRange(handle, { file, byteOffset: 0, byteLength: Math.min(fileBytes, 1024) });
    if (start.subarray(0, 6).equals(Buffer.from('\x93NUMPY', 'latin1'))) return 'numpy';
    if (start.subarray(0, 2).equals(Buffer.from('PK'))) return isTorchStart(start) ? 'torch' : 'zip';
    if (start[0] === 0x80 && (start[1] ?? 0) <= 5) return 'torch'; // a bare pickle: the reader says what it is
    if (start[8] === 0x7b) return 'safetensors';
    throw refusePack(file, {
      code: 'pack-unknown-file', found: `a file that starts with ${quote(start.subarray(0, 8).toString('latin1'))}`,
      expected: 'a prompt pack (.promptpack), a PEFT adapter, a NumPy array, a safetensors file or a PyTorch state dict', action: 'Check that this is the file that holds the prompt.',
    });
  });
}

function isTorchStart(start: Buffer): boolean {
  if (start.length < 30) return false;
  const name = start.subarray(30, 30 + start.readUInt16LE(26)).toString('latin1');
  return !isPackFileName(name) && /^[^/]+\/(?:data\.pkl|\.format_version|byteorder|version|data\/\d+)$/.test(name);
}
