/** A model from the hub into a folder of the workspace. What is unfinished stays in the folder and is told of until it is finished or discarded. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PartialDownload } from '../../contract/api/models.ts';
import { Problem } from '../../contract/problem.ts';
import { writeFileAtomicSync } from '../../store/atomic-file.ts';
import type { ReadableWorkspace, Workspace } from '../../store/workspace.ts';
import { defaultPatience, downloadFile, partSuffix, type Patience } from './file-download.ts';
import { listHubModel, parseHubModel, type HubFile, type HubListing, type HubModel } from './hub-model.ts';

export interface ModelDownloadRequest {
  id: string;
  revision: string;
  /** `https://huggingface.co` or a mirror. */
  endpoint: string;
  signal: AbortSignal;
  onProgress?: (progress: { done: number; total: number }) => void;
  /** Shorter in tests. */
  patience?: Patience;
}

/** Lies in the folder; says what it is of, and how far it should come. */
const stateSchema = z.object({
  id: z.string(),
  revision: z.string(),
  commit: z.string(),
  endpoint: z.string(),
  totalBytes: z.number(),
  /** Name → hash: a name whose content changed on the hub is fetched anew. */
  files: z.record(z.string(), z.string()),
  isComplete: z.boolean(),
});
type DownloadState = z.infer<typeof stateSchema>;

const stateFile = 'download.json';
const folderPrefix = 'hub-';

/** Folders at work in this process. */
const active = new Set<string>();

/**
 * @returns the folder, with every file checked against the hub's hashes.
 * @throws {Problem} `hub-id-invalid`, `download-active`, `download-no-space`, and as listHubModel and downloadFile
 */
export async function downloadModel(workspace: Workspace, { id, revision, endpoint, signal, onProgress, patience = defaultPatience }: ModelDownloadRequest): Promise<string> {
  const model = parseHubModel(id, revision);
  const folder = folderOf(workspace, model);
  if (active.has(folder)) throw alreadyActive(model);
  active.add(folder);
  try {
    const listing = await listHubModel(model, { endpoint, signal });
    prepare(folder, { model, listing, endpoint });
    const doneBytes = new Map(listing.files.map(({ name }) => [name, presentBytes(join(folder, name))]));
    const total = totalOf(listing.files);
    requireSpace(folder, total - sum(doneBytes.values()));
    for (const { name, url, bytes, hash } of listing.files) {
      await downloadFile({
        url, bytes, hash, signal, patience,
        file: join(folder, name),
        onBytes(done) {
          doneBytes.set(name, done);
          onProgress?.({ done: sum(doneBytes.values()), total });
        },
      });
    }
    writeState(folder, { ...stateOf(model, listing, endpoint), isComplete: true });
    return folder;
  } finally {
    active.delete(folder);
  }
}

/** By id. */
export function listPartialDownloads(workspace: ReadableWorkspace): PartialDownload[] {
  const models = workspace.folder('models');
  if (!existsSync(models)) return [];
  const names = readdirSync(models, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name.startsWith(folderPrefix)).map(({ name }) => name);
  return names.flatMap((name): PartialDownload[] => {
    const directory = join(models, name);
    const state = readState(directory);
    if (state === null || state.isComplete) return [];
    return [{ id: state.id, revision: state.revision, directory, doneBytes: sum(Object.keys(state.files).map((file) => presentBytes(join(directory, file)))), totalBytes: state.totalBytes }];
  }).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** @throws {Problem} `download-active`, `download-not-found` */
export function discardDownload(workspace: Workspace, { id, revision }: HubModel): { freedBytes: number } {
  const model = parseHubModel(id, revision);
  const directory = folderOf(workspace, model);
  if (active.has(directory)) throw alreadyActive(model);
  const found = listPartialDownloads(workspace).find((download) => download.directory === directory);
  if (found === undefined) {
    throw new Problem({
      code: 'download-not-found', found: `no unfinished download of ${model.id}`, expected: 'one that was interrupted', action: 'See: souffleur model downloads. A model that is complete is removed with: souffleur model remove',
    });
  }
  rmSync(directory, { recursive: true, force: true });
  return { freedBytes: found.doneBytes };
}

/** A readable part for people; the hash keeps revisions and letter cases apart. */
function folderOf(workspace: ReadableWorkspace, { id, revision }: HubModel): string {
  const hash = createHash('sha256').update(JSON.stringify([id, revision])).digest('hex').slice(0, 8);
  return join(workspace.folder('models'), `${folderPrefix}${id.replace('/', '--')}-${hash}`);
}

/** Throws away what is of another content than the hub has now: a branch may have moved since. */
function prepare(folder: string, { model, listing, endpoint }: { model: HubModel; listing: HubListing; endpoint: string }): void {
  mkdirSync(folder, { recursive: true });
  const earlier = readState(folder)?.files ?? {};
  const wanted = stateOf(model, listing, endpoint);
  const outdated = readdirSync(folder).filter((entry) => {
    const name = entry.replace(/\.part(?:\.etag)?$/, '');
    return entry !== stateFile && (earlier[name] === undefined || earlier[name] !== wanted.files[name]);
  });
  for (const entry of outdated) rmSync(join(folder, entry), { recursive: true, force: true });
  writeState(folder, wanted);
}

function stateOf({ id, revision }: HubModel, { commit, files }: HubListing, endpoint: string): DownloadState {
  return { id, revision, commit, endpoint, totalBytes: totalOf(files), files: Object.fromEntries(files.map(({ name, hash }) => [name, hash.value])), isComplete: false };
}

function writeState(folder: string, state: DownloadState): void {
  writeFileAtomicSync(join(folder, stateFile), `${JSON.stringify(state, null, 2)}\n`);
}

/** @returns null for a folder that says nothing of itself. */
function readState(folder: string): DownloadState | null {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(readFileSync(join(folder, stateFile), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function presentBytes(file: string): number {
  return (statSync(file, { throwIfNoEntry: false }) ?? statSync(file + partSuffix, { throwIfNoEntry: false }))?.size ?? 0;
}

/** Known before the first gigabyte. */
function requireSpace(folder: string, neededBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  if (neededBytes <= freeBytes) return;
  throw new Problem({
    code: 'download-no-space', kind: 'failure', found: `${gibibytes(freeBytes)} free on the workspace’s disk`, expected: `${gibibytes(neededBytes)} for what is still to come`,
    action: 'Free some space, or choose a workspace on another disk; what came already is kept.', place: { file: folder },
  });
}

function alreadyActive({ id }: HubModel): Problem {
  return new Problem({ code: 'download-active', found: `a download of ${id} at work`, expected: 'one at a time', action: 'Wait for it, or stop it first.' });
}

function totalOf(files: readonly HubFile[]): number {
  return sum(files.map(({ bytes }) => bytes));
}

function sum(values: Iterable<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}

function gibibytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
