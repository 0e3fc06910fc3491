/** Column mappings that a person saved under a name, or that an import left behind for columns of the same names. */
import type { z } from 'zod';
import { type ColumnMapping, columnMappingSchema, type savedMappingSchema } from '../../contract/api/datasets.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';

type ListedMapping = z.infer<typeof savedMappingSchema>;

/** The one used last first; one that a later version wrote in another form is passed over. */
export function listMappings(workspace: ReadableWorkspace): ListedMapping[] {
  return workspace.datasets.listMappings().flatMap(({ name, signature, mapping, usedAtMs }) => {
    const parsed = columnMappingSchema.safeParse(mapping);
    return parsed.success ? [{ name, signature, mapping: parsed.data, usedAt: new Date(usedAtMs).toISOString() }] : [];
  });
}

/** @param saved a name that is taken gets the new mapping. @returns all of them */
export function saveMapping(workspace: Workspace, saved: { name: string; signature: string; mapping: ColumnMapping }): ListedMapping[] {
  workspace.datasets.saveMapping(saved);
  return listMappings(workspace);
}

/** @returns the others. @throws {Problem} `mapping-not-found` */
export function removeMapping(workspace: Workspace, name: string): ListedMapping[] {
  workspace.datasets.removeMapping(name);
  return listMappings(workspace);
}
