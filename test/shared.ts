/** Real files that lie beside the repository and are never shipped; tests that need one skip, saying why, where it is absent. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const sharedFolder = process.env['SOUFFLEUR_SHARED'] ?? join(import.meta.dirname, '..', '..', 'shared');

/** @returns the path of a file or folder beside the repository, or null where it is absent. */
export function sharedPath(relativePath: string): string | null {
  const path = join(sharedFolder, relativePath);
  return existsSync(path) ? path : null;
}
