/** A hub on this machine that can be as bad as real ones: it cuts lines, forgets ranges, sends wrong bytes, stalls, fails for a while. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Misbehaviour {
  /** Bytes after which the connection is destroyed, one entry an answer; then answers are whole. */
  cutAfter?: number[];
  /** Sends everything, whatever range was asked for. */
  ignoresRanges?: boolean;
  /** Answers with this status so many times first. */
  failing?: { status: number; times: number };
  /** Sends so many bytes and then nothing, so many times. */
  stalling?: { bytes: number; times: number };
  /** Flips a bit of what it sends, so many times; beyond them the content is right. */
  corrupting?: number;
  /** Sends more than it listed. */
  extraBytes?: number;
}

export interface Hub {
  endpoint: string;
  /** What was asked for: path and range. */
  requests: { path: string; range: string | null; ifRange: string | null }[];
  behave(name: string, misbehaviour: Misbehaviour): void;
  /** Replaces a file's content, as a new commit does. */
  change(name: string, content: Uint8Array): void;
  close(): Promise<void>;
}

const gitBlob = (content: Uint8Array): string => createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** @param files by name; weights are large files (LFS), everything else is git's. */
export async function startHub(id: string, files: Readonly<Record<string, Uint8Array>>): Promise<Hub> {
  const contents = new Map(Object.entries(files));
  const habits = new Map<string, Misbehaviour>();
  const requests: Hub['requests'] = [];
  const listing = (): object => ({
    sha: gitBlob(Buffer.concat([...contents.values()])),
    siblings: [...contents].map(([rfilename, content]) => ({
      rfilename, size: content.length, blobId: gitBlob(content), ...(/\.(?:safetensors|bin)$/.test(rfilename) ? { lfs: { sha256: sha256(content), size: content.length } } : {}),
    })),
  });

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://hub').pathname);
    requests.push({ path, range: request.headers.range ?? null, ifRange: (request.headers['if-range'] as string | undefined) ?? null });
    if (path.startsWith(`/api/models/${id}/revision/`)) return void response.end(JSON.stringify(listing()));
    const name = path.split('/').at(-1) ?? '';
    const content = contents.get(name);
    if (!path.startsWith(`/${id}/resolve/`) || content === undefined) return void response.writeHead(404).end();
    return send(content, { request, response, habit: habits.get(name) ?? {} });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    behave: (name, misbehaviour) => void habits.set(name, misbehaviour),
    change: (name, content) => void contents.set(name, content),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

/** A reset at once would take what was sent with it. */
const cutDelayMs = 60;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  habit: Misbehaviour;
}

function send(content: Uint8Array, { request, response, habit }: Exchange): void {
  if (habit.failing !== undefined && habit.failing.times > 0) {
    habit.failing.times -= 1;
    return void response.writeHead(habit.failing.status).end();
  }
  const etag = `"${sha256(content)}"`;
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const isPartial = from > 0 && habit.ignoresRanges !== true && request.headers['if-range'] === etag;
  if (isPartial && from >= content.length) return void response.writeHead(416).end();
  let body = Buffer.from(isPartial ? content.subarray(from) : content);
  if ((habit.corrupting ?? 0) > 0) {
    habit.corrupting = (habit.corrupting ?? 0) - 1;
    body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
  }
  if (habit.extraBytes !== undefined) body = Buffer.concat([body, Buffer.alloc(habit.extraBytes)]);
  response.writeHead(isPartial ? 206 : 200, {
    etag, 'content-length': body.length, ...(isPartial ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
  });
  if (habit.stalling !== undefined && habit.stalling.times > 0) {
    habit.stalling.times -= 1;
    return void response.write(body.subarray(0, habit.stalling.bytes));
  }
  const cut = habit.cutAfter?.shift();
  if (cut === undefined) return void response.end(body);
  return void response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), cutDelayMs));
}
