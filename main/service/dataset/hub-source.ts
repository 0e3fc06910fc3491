/**
 * A data set of the hub (or of a mirror of it): its files are listed through the hub's API and fetched one by one when they are read. A
 * fetch goes on where it was interrupted, and what came is compared with the hash that the listing names before anybody reads it.
 */
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles, type ListFileEntry } from '@huggingface/hub';
import { Problem } from '../../contract/problem.ts';
import { defaultPatience, downloadFile, type FileHash } from '../hub/file-download.ts';
import { refusal, stopped, unreachable } from '../hub/hub-problem.ts';
import { noDataFiles } from './archive.ts';
import { isDataName, isHidden, suggestName } from './data-name.ts';
import type { OpenedSource, SourceFile, SourceSurroundings } from './source-file.ts';
import { arrangeFiles } from './split-name.ts';

const mostFiles = 2000;

export interface HubDataset {
  /** `owner/name`, or a bare name of the early days. */
  id: string;
  revision: string;
}

/** @throws {Problem} `hub-id-invalid`, `hub-unreachable`, `hub-refused`, `hub-not-found`, `no-data-files`; opening a file as downloadFile */
export async function openHubDataset({ id, revision }: HubDataset, surroundings: SourceSurroundings): Promise<OpenedSource> {
  const name = parseId(id);
  const location = `${surroundings.hubEndpoint.replace(/\/+$/, '')}/datasets/${name}`;
  const entries: ListFileEntry[] = [];
  await guard(location, async () => {
    const { hubEndpoint, signal } = surroundings;
    const listing = listFiles({ repo: { type: 'dataset', name }, recursive: true, revision, hubUrl: hubEndpoint.replace(/\/+$/, ''), fetch: (url, init) => fetch(url, { ...init, ...(signal === undefined ? {} : { signal }) }) });
    for await (const entry of listing) {
      if (entry.type === 'file' && entries.length < mostFiles) entries.push(entry);
    }
  });
  const folder = join(surroundings.downloadFolder, createHash('sha256').update(JSON.stringify([location, revision])).digest('hex').slice(0, 32));
  const data = entries.filter(({ path }) => !isHidden(path) && isDataName(path) && isSafePath(path));
  if (data.length === 0) throw noDataFiles(location, 'a data set');
  const files = data.map((entry): SourceFile => {
    let opened: Promise<string> | null = null;
    const url = `${location}/resolve/${encodeURIComponent(revision)}/${entry.path.split('/').map(encodeURIComponent).join('/')}`;
    return {
      label: entry.path, shown: url, sizeBytes: entry.lfs?.size ?? entry.size, isLocal: false,
      open: () => (opened ??= fetchFile(url, { entry, folder, surroundings })),
    };
  });
  const skipped = entries.filter(({ path }) => !data.some((entry) => entry.path === path)).map(({ path }) => ({ label: path, reason: 'not a data file by its name' }));
  return { kind: 'hub', location, suggestedName: suggestName(name), tables: arrangeFiles(files), skipped, close: () => Promise.resolve() };
}

/** Forgets what was fetched: after an import the workspace has it. */
export async function forgetDownloads(downloadFolder: string): Promise<void> {
  await rm(downloadFolder, { recursive: true, force: true });
}

function parseId(text: string): string {
  const id = text.trim().replace(/^hf:\/\/datasets\//, '');
  if (/^(?:[\w.-]+\/)?[\w.-]+$/.test(id) && !id.split('/').some((part) => /^\.+$/.test(part))) return id;
  throw new Problem({
    code: 'hub-id-invalid', found: JSON.stringify(text.slice(0, 120)), expected: 'the id of a data set, such as nyu-mll/glue', action: 'Copy the id from the top of its page.',
  });
}

/** What a server names must stay an address below the data set. */
function isSafePath(path: string): boolean {
  return !path.startsWith('/') && !path.includes('\\') && !path.split('/').some((part) => part === '..' || part === '.' || part === '');
}

interface Fetch {
  entry: ListFileEntry;
  folder: string;
  surroundings: SourceSurroundings;
}

async function fetchFile(url: string, { entry, folder, surroundings: { signal, tell } }: Fetch): Promise<string> {
  await mkdir(folder, { recursive: true });
  const hash = hashOf(entry, url);
  // Another content of the same path is another file.
  const file = join(folder, createHash('sha256').update(JSON.stringify([entry.path, hash.value])).digest('hex').slice(0, 32));
  const bytes = entry.lfs?.size ?? entry.size;
  await downloadFile({
    url, file, bytes, hash, signal: signal ?? new AbortController().signal, patience: defaultPatience,
    onBytes: (done) => tell?.({ done, total: bytes, unit: 'bytes' }),
  });
  return file;
}

/** Large files are named by the SHA-256 of their content, others by git's hash. */
function hashOf({ lfs, oid }: ListFileEntry, url: string): FileHash {
  if (lfs !== undefined && /^[0-9a-f]{64}$/.test(lfs.oid)) return { algorithm: 'sha256', value: lfs.oid };
  if (oid !== undefined && /^[0-9a-f]{40}$/.test(oid)) return { algorithm: 'git-blob', value: oid };
  throw new Problem({
    code: 'hub-listing-invalid', kind: 'failure', found: 'a listing without a hash', expected: 'a hash of every file', action: 'Check the address of the hub in the settings.', place: { file: url },
  });
}

async function guard<Result>(address: string, body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof Problem || !(thrown instanceof Error)) throw thrown;
    if (thrown.name === 'AbortError') throw stopped();
    const status = (thrown as { statusCode?: unknown }).statusCode;
    if (status === 404 || status === 401 || status === 403) throw notFound(address, thrown);
    throw typeof status === 'number' ? refusal(address, { status }) : unreachable(address, thrown);
  }
}

function notFound(address: string, cause: unknown): Problem {
  return new Problem({
    code: 'hub-not-found', found: 'no such data set or revision, or one that needs a login', expected: 'a public data set',
    action: 'Check the id and the revision; a data set with conditions must be downloaded in the browser, and imported as a folder.', place: { file: address }, cause,
  });
}
