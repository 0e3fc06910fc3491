/**
 * A data set of the hub (or of a mirror of it): its files are listed through the hub's API and fetched one by one when they are read. A
 * fetch goes on where it was interrupted, and what came is compared with the hash that the listing names before anybody reads it.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles, type ListFileEntry } from '@huggingface/hub';
import { Problem } from '../../contract/problem.ts';
import { noDataFiles } from './archive.ts';
import { isDataName, isHidden, suggestName } from './data-name.ts';
import type { OpenedSource, SourceFile, SourceSurroundings } from './source-file.ts';
import { arrangeFiles } from './split-name.ts';

const mostFiles = 2000;
const attempts = 4;
const firstWaitMs = 500;
/** A server that sends nothing for so long is gone. */
const stallMs = 60_000;

export interface HubDataset {
  /** `owner/name`, or a bare name of the early days. */
  id: string;
  revision: string;
}

/** @throws {Problem} `hub-id-invalid`, `hub-unreachable`, `hub-refused`, `hub-not-found`, `no-data-files` */
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

async function fetchFile(url: string, { entry, folder, surroundings }: Fetch): Promise<string> {
  await mkdir(folder, { recursive: true });
  const key = createHash('sha256').update(JSON.stringify([entry.path, entry.lfs?.oid ?? entry.oid ?? ''])).digest('hex').slice(0, 32);
  const target = join(folder, key);
  // What lies there was checked before it got this name.
  if (await sizeOf(target) !== null) return target;
  const partial = `${target}.part`;
  const size = entry.lfs?.size ?? entry.size;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await fetchRest(url, { partial, size, surroundings });
      break;
    } catch (thrown) {
      const isFinal = thrown instanceof Problem && thrown.code !== 'hub-interrupted';
      if (isFinal || attempt === attempts || surroundings.signal?.aborted === true) throw thrown;
      await new Promise((resolve) => void setTimeout(resolve, firstWaitMs * 2 ** (attempt - 1)));
    }
  }
  await requireHash(partial, { entry, url });
  await rename(partial, target);
  return target;
}

async function fetchRest(url: string, { partial, size, surroundings: { signal, tell } }: { partial: string; size: number; surroundings: SourceSurroundings }): Promise<void> {
  let done = await sizeOf(partial) ?? 0;
  if (done === size && size > 0) return;
  if (done > size) await rm(partial, { force: true });
  if (done > size) done = 0;
  await guard(url, async () => {
    const stalled = new AbortController();
    let timer = setTimeout(() => stalled.abort(), stallMs);
    const either = AbortSignal.any([stalled.signal, ...(signal === undefined ? [] : [signal])]);
    const handle = await open(partial, 'a');
    try {
      const response = await fetch(url, { headers: done > 0 ? { range: `bytes=${done}-` } : {}, signal: either });
      if (!response.ok) throw refused(url, response);
      // A server that knows no ranges sends the whole file again.
      if (response.status !== 206 && done > 0) {
        await handle.truncate(0);
        done = 0;
      }
      for await (const chunk of response.body ?? []) {
        clearTimeout(timer);
        timer = setTimeout(() => stalled.abort(), stallMs);
        done += chunk.length;
        if (done > size) throw corrupt(url, `more than ${size.toLocaleString('en')} bytes`, `${size.toLocaleString('en')} bytes, as the listing says`);
        await handle.write(chunk);
        tell?.({ done, total: size, unit: 'bytes' });
      }
    } finally {
      clearTimeout(timer);
      await handle.close();
    }
  });
  if (done < size) throw interrupted(url, `${done.toLocaleString('en')} of ${size.toLocaleString('en')} bytes`);
}

/** Large files are named by the SHA-256 of their content, others by git's SHA-1 of a header and their content. */
async function requireHash(partial: string, { entry, url }: { entry: ListFileEntry; url: string }): Promise<void> {
  const expected = entry.lfs?.oid ?? entry.oid;
  if (expected === undefined) return;
  const isSha256 = /^[0-9a-f]{64}$/.test(expected);
  const hash: Hash = createHash(isSha256 ? 'sha256' : 'sha1');
  if (!isSha256) hash.update(`blob ${await sizeOf(partial) ?? 0}\0`);
  for await (const chunk of createReadStream(partial)) hash.update(chunk as Buffer);
  const found = hash.digest('hex');
  if (found === expected) return;
  await rm(partial, { force: true });
  throw corrupt(url, `content with the hash ${found.slice(0, 12)}…`, `${expected.slice(0, 12)}…, as the listing says`);
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch {
    return null;
  }
}

async function guard<Result>(address: string, body: () => Promise<Result>): Promise<Result> {
  try {
    return await body();
  } catch (thrown) {
    if (thrown instanceof Problem || !(thrown instanceof Error)) throw thrown;
    if (thrown.name === 'AbortError') throw interrupted(address, 'nothing for a minute, or a stop');
    const status = (thrown as { statusCode?: unknown }).statusCode;
    if (status === 404 || status === 401) throw notFound(address, thrown);
    if (typeof status === 'number') throw refusedWith(address, status, thrown);
    if (/^E[A-Z]+$/.test((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
    throw interrupted(address, thrown.cause instanceof Error ? thrown.cause.message : thrown.message, thrown);
  }
}

function refused(address: string, response: Response): Problem {
  if (response.status === 404 || response.status === 401 || response.status === 403) return notFound(address);
  // Too many requests, and failures of the server itself, pass.
  return response.status === 429 || response.status >= 500 ? interrupted(address, `the answer ${response.status}`) : refusedWith(address, response.status);
}

function notFound(address: string, cause?: unknown): Problem {
  return new Problem({
    code: 'hub-not-found', found: 'no such data set or file, or one that needs a login', expected: 'a public data set', action: 'Check the id and the revision; a data set with conditions must be downloaded in the browser.',
    place: { file: address }, cause,
  });
}

function refusedWith(address: string, status: number, cause?: unknown): Problem {
  return new Problem({ code: 'hub-refused', found: `the answer ${status}`, expected: 'the data', action: 'Check the address of the hub in the settings.', place: { file: address }, cause });
}

function interrupted(address: string, found: string, cause?: unknown): Problem {
  return new Problem({
    code: 'hub-interrupted', kind: 'failure', found: `a connection that failed (${found})`, expected: 'the whole file', action: 'Try again; what came already is kept.', place: { file: address }, cause,
  });
}

function corrupt(address: string, found: string, expected: string): Problem {
  return new Problem({ code: 'hub-corrupt', kind: 'failure', found, expected, action: 'Try again; if it stays so, the data set changed meanwhile or the address is not the hub’s.', place: { file: address } });
}
