/** Packs of the workspace: looked at, imported, listed, moved to the trash. */
import { join, resolve } from 'node:path';
import type { PackReport } from '../../contract/api/packs.ts';
import { Problem } from '../../contract/problem.ts';
import { parsePackId, type PackId } from '../../store/identifiers.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import { readContent, reportContent, reportRow, type GivenFacts } from './pack-source.ts';
import { withScratchFolder } from './pack-worker.ts';

/**
 * Reads everything and keeps nothing; without a workspace, too, and without any model.
 * @throws {Problem} `pack-not-found`, and what is wrong with a file
 */
export async function inspectPack(workspace: ReadableWorkspace | null, text: string, given: GivenFacts): Promise<PackReport> {
  const id = parsePackId(text);
  if (id === null || workspace === null) return reportContent(workspace, await readContent(workspace, text, { given, staging: null }), text);
  const row = workspace.packs.get(id);
  for (const { trained, adapterConfig, adapterWeights } of row.prompts) {
    for (const hash of [trained, adapterConfig, adapterWeights]) await workspace.objects.verifyObject(hash);
  }
  return reportRow(workspace, row);
}

/** @throws {Problem} what is wrong with the file; nothing is kept then */
export async function importPack(workspace: Workspace, path: string, given: GivenFacts): Promise<PackReport> {
  return withScratchFolder(async (folder) => {
    const { origin, manifest, manifestText, staged, rowNorms, remarks } = await readContent(workspace, path, { given, staging: folder });
    const prompts = [];
    for (const { adapterConfig, adapterWeights, trained } of staged) {
      const put = (name: string) => workspace.objects.putObjectFile(join(folder, name));
      prompts.push({ adapterConfig: await put(adapterConfig), adapterWeights: await put(adapterWeights), trained: await put(trained) });
    }
    const row = workspace.packs.add({ origin, source: resolve(path), manifestText, baseFingerprint: manifest.base.fingerprint, prompts });
    return { ...reportRow(workspace, row), rowNorms, remarks };
  });
}

export function listPacks(workspace: ReadableWorkspace, { trash }: { trash: 'without' | 'only' }): PackReport[] {
  return workspace.packs.list({ trash }).map((row) => reportRow(workspace, row));
}

/** Into the trash, which can be undone until it is emptied. @throws {Problem} `pack-id-invalid`, `pack-not-found` */
export function removePack(workspace: Workspace, text: string): PackReport {
  return reportRow(workspace, workspace.packs.trash(requirePackId(text)));
}

/** @throws {Problem} `pack-id-invalid`, `pack-not-found` */
export function restorePack(workspace: Workspace, text: string): PackReport {
  return reportRow(workspace, workspace.packs.restore(requirePackId(text)));
}

/** @throws {Problem} `pack-id-invalid` */
export function requirePackId(text: string): PackId {
  const id = parsePackId(text);
  if (id !== null) return id;
  throw new Problem({
    code: 'pack-id-invalid', found: `${JSON.stringify(text.slice(0, 80))} as a pack of the workspace`, expected: 'an id such as p0001', action: 'List them with: souffleur packs list',
  });
}
