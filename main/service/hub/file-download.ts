/**
 * One file over HTTP, whatever happens on the way. What came stays in `<file>.part`, with the server's ETag beside it: the next attempt, or
 * the next start of the program, asks for the rest with Range and If-Range, so that a file that changed meanwhile comes whole. The file
 * gets its name only when its size and hash are those of the hub's listing.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem, toProblem } from '../../contract/problem.ts';
import { interrupted, refusal, stopped, unreachable, wrongContent } from './hub-problem.ts';

export interface FileHash {
  /** `git-blob` is SHA-1 over `blob <bytes>\0` and the content: what git calls a file. */
  algorithm: 'sha256' | 'git-blob';
  /** Lower-case hexadecimal. */
  value: string;
}

export interface FileDownload {
  url: string;
  /** Absolute, without `.part`. */
  file: string;
  bytes: number;
  hash: FileHash;
  signal: AbortSignal;
  /** Bytes of this file that are on the disk. */
  onBytes(done: number): void;
  patience: Patience;
}

export interface Patience {
  /** Without a byte for so long, the attempt is given up. */
  stallMs: number;
  /** Attempts in a row that bring no byte. */
  attempts: number;
  /** Doubled at every such attempt. */
  firstWaitMs: number;
}

/** About two minutes before a dead line is called one. */
export const defaultPatience: Patience = { stallMs: 30_000, attempts: 6, firstWaitMs: 1000 };
const longestWaitMs = 30_000;

/**
 * @throws {Problem} `hub-unreachable`, `hub-interrupted` (what came is kept), `hub-refused`, `hub-not-found`, `hub-wrong-content` with both
 * hashes, `download-cancelled`, a system error of the disk
 */
export async function downloadFile(download: FileDownload): Promise<void> {
  // Only a file that was checked has this name.
  if (existsSync(download.file)) return download.onBytes(download.bytes);
  await completePart(download);
  if (await hasRightHash(download)) return publish(download);
  // A part of an earlier day may be of another content: once more, from the first byte.
  forgetPart(download);
  await completePart(download);
  if (await hasRightHash(download)) return publish(download);
  const found = await hashPart(download);
  forgetPart(download);
  throw wrongContent(download.url, `${download.hash.algorithm} ${found}`, `${download.hash.algorithm} ${download.hash.value}`);
}

/** The files of an unfinished download beside the file's own name. */
export const partSuffix = '.part';
const tagSuffix = '.part.etag';

async function completePart(download: FileDownload): Promise<void> {
  const { patience, signal, url } = download;
  let fruitless = 0;
  while (partBytes(download) < download.bytes || !existsSync(download.file + partSuffix)) {
    if (signal.aborted) throw stopped();
    const before = partBytes(download);
    const problem = await attempt(download).then(() => null, (thrown: unknown) => asProblem(thrown, download));
    if (problem !== null && !isPassing(problem)) throw problem;
    fruitless = partBytes(download) > before ? 0 : fruitless + 1;
    if (problem === null && fruitless === 0) continue;
    if (fruitless >= patience.attempts) throw problem ?? interrupted(url, 'a server that sends nothing');
    await waitBefore(fruitless, download);
  }
}

async function waitBefore(fruitless: number, { patience, signal }: FileDownload): Promise<void> {
  const waitMs = Math.min(longestWaitMs, patience.firstWaitMs * 2 ** Math.max(0, fruitless - 1));
  try {
    await sleep(waitMs, undefined, { signal });
  } catch {
    throw stopped();
  }
}

/** Writes what the server sends behind what is there. Ends when the server does. */
async function attempt(download: FileDownload): Promise<void> {
  const { url, file, bytes, signal, patience, onBytes } = download;
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), patience.stallMs);
  try {
    const from = partBytes(download);
    const tag = from > 0 ? readTag(download) : null;
    const headers = tag === null ? {} : { range: `bytes=${from}-`, 'if-range': tag };
    const response = await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' }, signal: AbortSignal.any([signal, stall.signal]) });
    if (response.status !== 200 && response.status !== 206) {
      await response.body?.cancel();
      // Nothing behind the last byte: what is there is the whole, or more than there is.
      if (response.status === 416) return forgetPart(download);
      throw refusal(url, response);
    }
    const start = startOf(response);
    if (start !== from) forgetPart(download);
    if (start !== 0 && start !== from) throw interrupted(url, `bytes from ${start} on instead of ${from}`);
    keepTag(download, response.headers.get('etag'));
    let done = start;
    await using part = await open(file + partSuffix, 'a');
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      done += chunk.byteLength;
      if (done > bytes) throw wrongContent(url, `more than ${bytes} bytes`, `${bytes} bytes, as the hub lists it`);
      await part.write(chunk);
      onBytes(done);
    }
    // Before its name is changed: a power cut must not leave a whole file of zeros.
    if (done === bytes) await part.sync();
  } catch (thrown) {
    if (signal.aborted) throw stopped();
    if (stall.signal.aborted) throw interrupted(url, `not a byte in ${Math.round(patience.stallMs / 1000)} seconds`);
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** A server that knows no ranges, or whose file is another one now, sends everything. */
function startOf(response: Response): number {
  if (response.status === 200) return 0;
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

function partBytes({ file }: FileDownload): number {
  return statSync(file + partSuffix, { throwIfNoEntry: false })?.size ?? 0;
}

/** A weak tag says nothing of bytes: then the file comes whole. */
function readTag({ file }: FileDownload): string | null {
  try {
    const tag = readFileSync(file + tagSuffix, 'utf8');
    return /^"[\x21\x23-\x7e]*"$/.test(tag) ? tag : null;
  } catch {
    return null;
  }
}

function keepTag({ file }: FileDownload, tag: string | null): void {
  if (tag === null) rmSync(file + tagSuffix, { force: true });
  else writeFileSync(file + tagSuffix, tag);
}

function forgetPart({ file, onBytes }: FileDownload): void {
  rmSync(file + tagSuffix, { force: true });
  rmSync(file + partSuffix, { force: true });
  onBytes(0);
}

function publish({ file, bytes, onBytes }: FileDownload): void {
  renameSync(file + partSuffix, file);
  rmSync(file + tagSuffix, { force: true });
  onBytes(bytes);
}

async function hasRightHash(download: FileDownload): Promise<boolean> {
  return partBytes(download) === download.bytes && await hashPart(download) === download.hash.value;
}

async function hashPart({ file, bytes, hash, signal }: FileDownload): Promise<string> {
  const digest = createHash(hash.algorithm === 'sha256' ? 'sha256' : 'sha1');
  if (hash.algorithm === 'git-blob') digest.update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(file + partSuffix)) {
    if (signal.aborted) throw stopped();
    digest.update(chunk as Buffer);
  }
  return digest.digest('hex');
}

/** Lost connections pass; a full disk, a refusal and a stop do not. */
function isPassing({ code }: Problem): boolean {
  return code === 'hub-unreachable' || code === 'hub-interrupted';
}

function asProblem(thrown: unknown, { url }: FileDownload): Problem {
  if (thrown instanceof Problem) return thrown;
  const isOfTheDisk = thrown instanceof Error && 'syscall' in thrown && 'path' in thrown;
  return isOfTheDisk || (thrown as { code?: unknown }).code === 'ENOSPC' ? toProblem(thrown) : unreachable(url, thrown);
}
