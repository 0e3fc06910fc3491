/** Files and folders that were named or dropped. */
import type { Stats } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Problem, toProblem } from '../../contract/problem.ts';
import { noDataFiles, openArchive, withoutSharedFolder } from './archive.ts';
import { isDataName, isHidden, suggestName } from './data-name.ts';
import type { OpenedSource, SkippedFile, SourceFile, SourceSurroundings } from './source-file.ts';
import { arrangeFiles } from './split-name.ts';

const mostEntries = 20_000;
const deepest = 8;
const zipMagic = Buffer.from([0x50, 0x4b, 0x03, 0x04]);

/** @throws {Problem} of the system, `no-data-files`, `folder-too-large`, `not-a-file`, and those of openArchive */
export async function openPaths(paths: readonly string[], surroundings: SourceSurroundings): Promise<OpenedSource> {
  const [path, ...others] = paths.map((each) => resolve(each));
  if (path === undefined) throw new Error('a source without a path');
  if (others.length > 0) return openFiles([path, ...others]);
  const facts = await lookAt(path);
  if (facts.isDirectory()) return openFolder(path);
  requireFile(facts, path);
  if (await isZip(path)) return openArchive(path, surroundings);
  const file = localFile(path, basename(path), facts.size);
  const [arranged] = arrangeFiles([file]);
  // A single file is one table, whatever its name says beyond the split; the name of a split alone says nothing.
  const tables = [{ table: '', splits: arranged?.splits ?? [] }];
  const namedBy = arranged?.table === '' ? dirname(path) : path;
  return { kind: 'file', location: path, suggestedName: suggestName(namedBy), tables, skipped: [], close: () => Promise.resolve() };
}

async function openFiles(paths: readonly string[]): Promise<OpenedSource> {
  const files: SourceFile[] = [];
  const skipped: SkippedFile[] = [];
  const shared = sharedFolder(paths);
  for (const path of paths) {
    const facts = await lookAt(path);
    if (facts.isDirectory()) {
      const found = await listFolder(path, shared);
      files.push(...found.files);
      skipped.push(...found.skipped);
      continue;
    }
    requireFile(facts, path);
    files.push(localFile(path, relative(shared, path).split(sep).join('/'), facts.size));
  }
  if (files.length === 0) throw noDataFiles(shared, 'folders');
  return { kind: 'files', location: paths.join(', '), suggestedName: suggestName(shared), tables: arrangeFiles(withoutSharedFolder(files)), skipped, close: () => Promise.resolve() };
}

async function openFolder(path: string): Promise<OpenedSource> {
  const { files, skipped } = await listFolder(path, path);
  if (files.length === 0) throw noDataFiles(path, 'a folder');
  return { kind: 'folder', location: path, suggestedName: suggestName(path), tables: arrangeFiles(withoutSharedFolder(files)), skipped, close: () => Promise.resolve() };
}

/** Links are never followed: one could lead to anything that this user may read. */
async function listFolder(folder: string, base: string): Promise<{ files: SourceFile[]; skipped: SkippedFile[] }> {
  const files: SourceFile[] = [];
  const skipped: SkippedFile[] = [];
  let entries = 0;
  const visit = async (current: string, depth: number): Promise<void> => {
    for (const entry of await readdir(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      const label = relative(base, path).split(sep).join('/');
      if (isHidden(entry.name)) continue;
      entries += 1;
      if (entries > mostEntries) throw folderTooLarge(folder);
      if (entry.isSymbolicLink()) skipped.push({ label, reason: 'a symbolic link' });
      else if (entry.isDirectory() && depth < deepest) await visit(path, depth + 1);
      else if (entry.isDirectory()) skipped.push({ label, reason: `deeper than ${deepest} folders` });
      else if (!entry.isFile()) skipped.push({ label, reason: 'no regular file' });
      else if (!isDataName(label)) skipped.push({ label, reason: 'not a data file by its name' });
      else files.push(localFile(path, label, (await lstat(path)).size));
    }
  };
  try {
    await visit(folder, 1);
  } catch (thrown) {
    throw toProblem(thrown);
  }
  return { files, skipped };
}

function localFile(path: string, label: string, sizeBytes: number): SourceFile {
  return { label, shown: path, sizeBytes, isLocal: true, open: () => Promise.resolve(path) };
}

/** A path that a person names may be a link: they chose it. Looked at without opening, which a pipe would never let end. */
async function lookAt(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (thrown) {
    throw toProblem(thrown);
  }
}

function requireFile(facts: { isFile(): boolean }, path: string): void {
  if (facts.isFile()) return;
  throw new Problem({ code: 'not-a-file', found: 'a device or pipe', expected: 'a file or a folder', action: 'Name the file itself.', place: { file: path } });
}

async function isZip(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const head = Buffer.alloc(zipMagic.length);
    await handle.read(head, 0, head.length, 0);
    return head.equals(zipMagic);
  } finally {
    await handle.close();
  }
}

function sharedFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => path.split(sep).slice(0, -1));
  const [first] = folders;
  const depth = (first ?? []).findIndex((part, index) => !folders.every((folder) => folder[index] === part));
  return (first ?? []).slice(0, depth === -1 ? undefined : depth).join(sep) || sep;
}

function folderTooLarge(path: string): Problem {
  return new Problem({ code: 'folder-too-large', found: `more than ${mostEntries.toLocaleString('en')} files`, expected: 'the folder of a data set', action: 'Name the folder of the data set itself.', place: { file: path } });
}
