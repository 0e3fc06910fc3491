/** A hub of our own: lists files, serves ranges, breaks off, lies. */
import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importRequestSchema } from '../../../main/contract/api/datasets.ts';
import { importDataset } from '../../../main/service/dataset/import.ts';
import { surroundingsOf } from '../../../main/service/dataset/source.ts';
import { changeSettings } from '../../../main/service/settings.ts';
import { makeBench, type Bench } from '../fixture/workspace.ts';
import { storedLines } from './make-sources.ts';

const train = '{"text":"a","label":1}\n'.repeat(2000);
const files: Record<string, string> = { 'data/train-00000-of-00001.jsonl': train, 'data/test-00000-of-00001.jsonl': '{"text":"b","label":0}\n', 'README.md': 'hello' };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const gitHash = (text: string): string => createHash('sha1').update(`blob ${Buffer.byteLength(text)}\0${text}`).digest('hex');

let bench: Bench;
let server: Server;
/** `path range` of every file request. */
let requests: string[];
/** Bytes after which the first requests for a file break off. */
let breaks: number[];
let lie: boolean;

function serveFile(response: ServerResponse, text: string, range: string | undefined): void {
  const start = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
  const body = Buffer.from(lie ? text.replaceAll('a', 'z') : text).subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': String(body.length), etag: `"${sha256(text)}"`, ...(start > 0 ? { 'content-range': `bytes ${start}-${Buffer.byteLength(text) - 1}/${Buffer.byteLength(text)}` } : {}) });
  const limit = breaks.shift();
  if (limit === undefined) return void response.end(body);
  response.write(body.subarray(0, limit), () => setTimeout(() => response.destroy(), 20));
}

beforeEach(async () => {
  bench = makeBench();
  requests = [];
  breaks = [];
  lie = false;
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    if (url.startsWith('/api/datasets/some/data/tree/main')) {
      const listing = Object.entries(files).map(([path, text]) => ({
        type: 'file', path, size: Buffer.byteLength(text), oid: gitHash(text), ...(path.includes('train') ? { lfs: { oid: sha256(text), size: Buffer.byteLength(text), pointerSize: 130 } } : {}),
      }));
      response.setHeader('content-type', 'application/json');
      return void response.end(JSON.stringify(listing));
    }
    const path = /^\/datasets\/some\/data\/resolve\/main\/(.*)$/.exec(url)?.[1];
    const text = path === undefined ? undefined : files[path];
    if (path === undefined || text === undefined) return void response.writeHead(404).end('{}');
    requests.push(`${path} ${request.headers.range ?? 'whole'}`);
    serveFile(response, text, request.headers.range);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  changeSettings(bench.workspace, { hubEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
  bench.remove();
});

const bring = (id = 'some/data') => importDataset(bench.workspace, importRequestSchema.parse({ source: { kind: 'hub', id } }), surroundingsOf(bench.workspace));

describe('a data set of the hub', () => {
  it('is listed, fetched, checked against its hashes and imported split by split', async () => {
    expect(await bring()).toMatchObject({ name: 'data', splits: [{ split: 'train', rows: 2000 }, { split: 'test', rows: 1 }], source: { kind: 'hub' } });
    expect(storedLines(bench.workspace, 'data/test')).toEqual(['{"text":"b","label":0}']);
    expect(requests).toEqual(['data/train-00000-of-00001.jsonl whole', 'data/test-00000-of-00001.jsonl whole']);
  });

  it('goes on where the line broke, and not from the start', async () => {
    breaks = [10_000, 5000];
    await bring();
    const [first, second, third] = requests;
    expect(first).toBe('data/train-00000-of-00001.jsonl whole');
    for (const again of [second, third]) expect(again).toMatch(/^data\/train\S+ bytes=\d+-$/);
    expect(storedLines(bench.workspace, 'data/train')).toHaveLength(2000);
  });

  it('with another content than its listing says is refused and not kept', async () => {
    lie = true;
    await expect(bring()).rejects.toMatchObject({ code: expect.stringMatching(/^hub-(?:corrupt|wrong-content)$/) as string });
    expect(bench.workspace.datasets.list()).toEqual([]);
    const downloads = join(bench.workspace.directory, 'downloads');
    expect(readdirSync(downloads, { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual([]);
  });

  it('that is not there, or has no id, is told in a sentence', async () => {
    await expect(bring('no/such')).rejects.toMatchObject({ code: 'hub-not-found' });
    await expect(bring('../../etc')).rejects.toMatchObject({ code: 'hub-id-invalid' });
  });
});
