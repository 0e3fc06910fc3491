/** Sources for tests: files, folders and archives in a folder that is gone afterwards. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import { ZipFile } from 'yazl';
import { checkRequestSchema, importRequestSchema, type CheckRequest, type ImportRequest } from '../../../main/contract/api/datasets.ts';
import type { ReadableWorkspace } from '../../../main/store/workspace.ts';
import { findSplit } from '../../../main/service/dataset/datasets.ts';
import { parseDatasetReference } from '../../../main/service/dataset/dataset-name.ts';
import { readFileSync } from 'node:fs';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-dataset-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns the path of the file, made with its folders. */
export function writeFile(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

export interface ZipEntry {
  name: string;
  content: string | Uint8Array;
  mode?: number;
}

export async function makeZip(entries: readonly ZipEntry[]): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, content, mode } of entries) zip.addBuffer(Buffer.from(content), name, mode === undefined ? {} : { mode });
  zip.end();
  return buffer(zip.outputStream);
}

/** Another name of the same length, in the entry's own header and in the table of contents: what no honest writer writes. */
export function renameInZip(zip: Buffer, from: string, to: string): Buffer {
  const changed = Buffer.from(zip);
  for (let at = changed.indexOf(from); at !== -1; at = changed.indexOf(from, at + 1)) changed.write(to, at, 'latin1');
  return changed;
}

type Changes = Partial<Omit<ImportRequest, 'source' | 'choices'>> & { choices?: Partial<ImportRequest['choices']> };

export function checkOf(paths: string | readonly string[], changes: Changes = {}): CheckRequest {
  return checkRequestSchema.parse({ ...changes, source: { kind: 'paths', paths: [paths].flat() } });
}

export function importOf(paths: string | readonly string[], changes: Changes = {}): ImportRequest {
  return importRequestSchema.parse({ ...changes, source: { kind: 'paths', paths: [paths].flat() } });
}

/** What the object store keeps of a split. */
export function storedLines(workspace: ReadableWorkspace, reference: string): string[] {
  return readFileSync(findSplit(workspace, parseDatasetReference(reference)).path, 'utf8').trimEnd().split('\n');
}
