/**
 * A core at the other end of an SSH tunnel. The window keeps its port: its messages are handed on over a WebSocket that this process
 * opens, so the page never learns the token and its policy lets it connect to nothing at all, not even to that address.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { Problem, type ProblemRecord } from '../main/contract/problem.ts';
import type { GrantedFile } from '../main/contract/shell.ts';
import type { CoreLink } from './core-link.ts';
import type { RemoteAddress } from './remote-address.ts';

const longestMessage = 64 << 20;
const grantedSchema = z.object({ grant: z.string().max(200), name: z.string().max(400), kind: z.enum(['file', 'folder']), bytes: z.number() });

/** Connects once, to see whether the token is taken. @throws {Problem} `remote-not-reached`, `remote-refused` */
export async function openRemoteCore(address: RemoteAddress): Promise<CoreLink> {
  const first = connect(address);
  await opened(first, address);
  const sockets = new Set<WebSocket>([first]);
  return {
    remote: address.host,
    client: createORPCClient(new RPCLink({ websocket: first as unknown as globalThis.WebSocket })),
    serve(port) {
      const socket = connect(address);
      sockets.add(socket);
      const waiting: string[] = [];
      port.on('message', ({ data }) => {
        if (typeof data !== 'string' || data.length > longestMessage) return;
        if (socket.readyState === socket.OPEN) socket.send(data);
        else if (socket.readyState === socket.CONNECTING && waiting.length < 1000) waiting.push(data);
      });
      port.on('close', () => socket.close());
      socket.on('open', () => {
        for (const text of waiting.splice(0)) socket.send(text);
      });
      socket.on('message', (data, isBinary) => {
        if (!isBinary) port.postMessage(data.toString());
      });
      // The page asks for a new port, as after any loss.
      socket.on('close', () => {
        sockets.delete(socket);
        port.close();
      });
      socket.on('error', () => {});
      port.start();
    },
    grant: (path) => sendFiles(address, path),
    close() {
      for (const socket of sockets) socket.terminate();
      return Promise.resolve();
    },
  };
}

function connect({ host, token }: RemoteAddress): WebSocket {
  return new WebSocket(`ws://${host}/contract`, ['souffleur.v1', `souffleur.token.${token}`], { maxPayload: longestMessage, handshakeTimeout: 10_000, perMessageDeflate: false });
}

async function opened(socket: WebSocket, { host }: RemoteAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error) => reject(/\b40[13]\b/.test(error.message) ? refused(host) : notReached(host, error)));
  });
  socket.on('error', () => {});
}

/** A file or a folder with what is in it, in the server's form of an upload (main/serve/uploads.ts). */
async function sendFiles(address: RemoteAddress, path: string): Promise<GrantedFile> {
  const id = randomUUID();
  const facts = await stat(path);
  const files = facts.isDirectory()
    ? (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    : [path];
  const top = basename(path);
  for (const file of files) {
    const below = file === path ? [top] : [top, ...file.slice(path.length + 1).split(/[\\/]/)];
    await ask(address, { method: 'PUT', path: `/upload/${id}/${below.map(encodeURIComponent).join('/')}`, file });
  }
  return grantedSchema.parse(JSON.parse(await ask(address, { method: 'POST', path: `/upload/${id}` })));
}

async function ask({ host, token }: RemoteAddress, { method, path, file }: { method: 'PUT' | 'POST'; path: string; file?: string }): Promise<string> {
  const sending = request(`http://${host}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const answered = new Promise<string>((resolve, reject) => {
    sending.once('error', reject);
    sending.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part.slice(0, 100_000))).on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(readRefusal(text, host));
      });
    });
  });
  if (file === undefined) sending.end();
  else await pipeline(createReadStream(file), sending);
  return answered;
}

function readRefusal(text: string, host: string): Problem {
  try {
    return Problem.fromRecord(JSON.parse(text) as ProblemRecord);
  } catch {
    return refused(host);
  }
}

function refused(host: string): Problem {
  return new Problem({
    code: 'remote-refused', kind: 'failure', found: `a core at ${host} that does not take this token`, expected: 'the core that printed the address', action: 'Copy the address that “souffleur serve” printed last.',
  });
}

function notReached(host: string, cause: Error): Problem {
  return new Problem({
    code: 'remote-not-reached', kind: 'failure', found: `nothing that answers at ${host}`, expected: 'a running “souffleur serve” behind an open tunnel', action: 'Open the tunnel (ssh -L …) and try again.', cause,
  });
}
