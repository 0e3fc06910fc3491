/** What killed processes leave behind in a workspace. Looks only. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseRunId } from '../store/identifiers.ts';
import { answersSignals } from '../store/process-identity.ts';
import { openWorkspace } from '../store/workspace.ts';

export interface StaleFiles {
  /** Half-written files of processes that are gone. */
  temporaryFiles: number;
  /** Folders under runs/ that no run owns. */
  runFolders: number;
}

/** As store/atomic-file names them. */
const temporaryName = /^\.souffleur-(\d+)-[0-9a-f]{8}-\d+\.tmp$/;

/** @returns zeros for a folder that is no workspace. */
export function findStaleFiles(directory: string): StaleFiles {
  const names = [...listNames(directory), ...listNames(join(directory, 'objects'))];
  const temporaryFiles = names.filter((name) => {
    const processId = Number(temporaryName.exec(name)?.[1] ?? Number.NaN);
    return !Number.isNaN(processId) && !answersSignals(processId);
  }).length;
  return { temporaryFiles, runFolders: countOrphanFolders(directory) };
}

function countOrphanFolders(directory: string): number {
  const folders = listNames(join(directory, 'runs')).filter((name) => /^r\d{4,15}$/.test(name));
  if (folders.length === 0) return 0;
  try {
    const workspace = openWorkspace(directory, { access: 'read' });
    try {
      return folders.filter((name) => workspace.runs.find(parseRunId(name)) === null).length;
    } finally {
      workspace.close();
    }
  } catch {
    // The database has a check of its own.
    return 0;
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
