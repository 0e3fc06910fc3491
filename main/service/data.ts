/** What data files hold. */
import { inspectFile, type FileInspection } from '../task/inspection.ts';

export interface NamedInspection extends FileInspection {
  path: string;
}

/** Reads every file through, one after the other. @throws {Problem} of the first file that cannot be read as rows */
export async function inspectFiles(paths: readonly string[]): Promise<NamedInspection[]> {
  const inspections: NamedInspection[] = [];
  for (const path of paths) inspections.push({ path, ...await inspectFile(path) });
  return inspections;
}
