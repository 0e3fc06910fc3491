/** One prompt as a file that other programs read. */
import { basename, join, resolve } from 'node:path';
import type { ExportedPrompt } from '../../contract/api/checkpoints.ts';
import { Problem } from '../../contract/problem.ts';
import { writeFileAtomicSync } from '../../store/atomic-file.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { reportCheckpoint } from './listing.ts';
import { encodeNumpy, readStoredPrompt } from './prompt-file.ts';
import { findCheckpoint, nameCheckpoint } from './reference.ts';

/**
 * Writes a prompt as `.safetensors` (one tensor, `prompt`) or `.npy`, float32 [p, d]. Replaces a file that is there.
 * @throws {Problem} `prompt-format-unknown`, those of findCheckpoint, `checkpoint-without-prompt`, `object-…`, as writeFileAtomicSync
 */
export function exportPrompt(workspace: ReadableWorkspace, { checkpoint, file: path }: { checkpoint: string; file: string }): ExportedPrompt {
  const file = resolve(path);
  const format = /\.(safetensors|npy)$/i.exec(file)?.[1]?.toLowerCase();
  if (format !== 'safetensors' && format !== 'npy') throw unknownFormat(file);
  const { run, step, weights } = findCheckpoint(workspace, checkpoint);
  const { bytes: byteLength } = reportCheckpoint(workspace, workspace.checkpointCatalogue.get(run, step));
  const prompt = readStoredPrompt(workspace, weights, { byteLength: byteLength ?? 0 });
  const content = format === 'npy' ? encodeNumpy(prompt) : workspace.objects.readObject(weights);
  writeFileAtomicSync(file, content);
  return { checkpoint: nameCheckpoint({ run, step }), file, format, shape: [prompt.rows, prompt.width], bytes: content.length };
}

/** @throws {Problem} `file-name-invalid` for a name that leads out of the folder */
export function fileInFolder(folder: string, fileName: string): string {
  if (fileName === basename(fileName) && !/[\\/\0]/.test(fileName) && fileName !== '..' && fileName !== '.') return join(folder, fileName);
  throw new Problem({
    code: 'file-name-invalid',
    found: JSON.stringify(fileName.slice(0, 80)),
    expected: 'a file name without a folder',
    action: 'Name the file only; the folder is chosen apart.',
  });
}

function unknownFormat(file: string): Problem {
  return new Problem({
    code: 'prompt-format-unknown',
    found: 'a file name with another ending',
    expected: '.safetensors or .npy',
    action: 'Name the file so. For a pack that PEFT opens: souffleur packs export',
    place: { file },
  });
}
