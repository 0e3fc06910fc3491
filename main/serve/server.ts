/** The loopback server: the built page, the contract over a WebSocket, and uploads. Plain HTTP, for this machine or an SSH tunnel. */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Problem, toProblem } from '../contract/problem.ts';
import type { Core } from '../service/core.ts';
import { findPageFile } from '../service/page/page-files.ts';
import { pageHeaders } from '../service/page/security-headers.ts';
import { longestMessage } from '../service/router/peer-message.ts';
import { hasBearerToken, hasSocketToken, loopbackHosts, makeToken, refuseForeign, subprotocol, type AccessRules } from './access.ts';
import { serveSocket } from './socket.ts';
import { openUploads, type Uploads } from './uploads.ts';

export interface ServeOptions {
  /** 0 takes a free one. */
  port: number;
  /** Loopback; anything else is for people who know what stands between them and the network. */
  address: string;
  /** Names besides the loopback ones under which browsers reach this server, `name:port` each. */
  hosts: readonly string[];
  /** Null makes one. */
  token: string | null;
  /** The built page; without one only the contract is served. */
  pageDirectory: string | null;
}

export interface RunningServer {
  /** With the token in its fragment, which no browser sends and no log sees. */
  url: string;
  port: number;
  token: string;
  /** Clients that are connected now. */
  clientCount(): number;
  close(): Promise<void>;
}

/** @throws {Problem} `port-taken`, a system error */
export async function startServer(core: Core, options: ServeOptions): Promise<RunningServer> {
  const http = createServer({ requestTimeout: 0, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  const port = await listen(http, options);
  const token = options.token ?? makeToken();
  const hosts = new Set([...loopbackHosts(port), ...options.hosts.map((host) => host.toLowerCase())]);
  const rules: AccessRules = { token, hosts };
  const uploads = openUploads(core.workspace.directory, core.files);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false, handleProtocols: () => subprotocol });

  http.on('request', (request, response) => void answer(request, response, { rules, uploads, pageDirectory: options.pageDirectory, port }));
  http.on('upgrade', (request, duplex, head) => {
    if (refuseUpgrade(request, duplex, rules)) return;
    sockets.handleUpgrade(request, duplex, head, (socket) => serveSocket(socket, { core, paths: 'any' }));
  });
  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    port,
    token,
    clientCount: () => sockets.clients.size,
    close: async () => {
      for (const client of sockets.clients) client.close(1001, 'the core ends');
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
      for (const client of sockets.clients) client.terminate();
      uploads.close();
    },
  };
}

async function listen(http: Server, { port, address }: ServeOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? portTaken(port) : toProblem(error)));
    http.listen(port, address, resolve);
  });
  return (http.address() as AddressInfo).port;
}

/** Answers in words a person can read in the browser's console; nothing of the request is repeated. */
function refuseUpgrade(request: IncomingMessage, duplex: Duplex, rules: AccessRules): boolean {
  const refusal = refuseForeign(request, rules) ?? (request.url === '/contract' && hasSocketToken(request, rules) ? null : 'token');
  if (refusal === null) return false;
  const status = refusal === 'token' ? '401 Unauthorized' : '403 Forbidden';
  duplex.on('error', () => {});
  duplex.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nX-Refused: ${refusal}\r\n\r\n`);
  return true;
}

interface AnswerParts {
  rules: AccessRules;
  uploads: Uploads;
  pageDirectory: string | null;
  port: number;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: AnswerParts): Promise<void> {
  const { rules } = parts;
  try {
    const refusal = refuseForeign(request, rules);
    if (refusal !== null) return say(response, 403, `refused: ${refusal}`);
    const pathname = (request.url ?? '/').split('?')[0] ?? '/';
    if (pathname.startsWith('/upload/')) return await answerUpload(request, response, { ...parts, pathname });
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'only GET');
    return await answerPage(request, response, { ...parts, pathname });
  } catch (thrown) {
    if (response.headersSent) return void response.destroy();
    return json(response, thrown instanceof Problem && thrown.kind === 'input' ? 400 : 500, toProblem(thrown).toRecord());
  }
}

async function answerUpload(request: IncomingMessage, response: ServerResponse, { rules, uploads, pathname }: AnswerParts & { pathname: string }): Promise<void> {
  if (!hasBearerToken(request, rules)) return say(response, 401, 'refused: token');
  if (request.method === 'PUT') {
    await uploads.receive(request, pathname);
    return say(response, 200, 'kept');
  }
  if (request.method === 'POST') return json(response, 200, uploads.finish(pathname));
  return say(response, 405, 'only PUT and POST');
}

async function answerPage(request: IncomingMessage, response: ServerResponse, { pageDirectory, pathname, port }: AnswerParts & { pathname: string }): Promise<void> {
  const file = pageDirectory === null ? null : await findPageFile(pageDirectory, pathname);
  if (file === null) return say(response, 404, pathname === '/' ? 'The page is not built; the contract is served. Build it with: npm run build' : 'not found');
  // Older browsers do not count a WebSocket of the same origin as 'self'; a policy cannot name an IPv6 address.
  const connections = ['127.0.0.1', 'localhost'].map((name) => `ws://${name}:${port}`);
  response.writeHead(200, { ...pageHeaders({ connections }), 'Content-Type': file.contentType, 'Content-Length': file.bytes });
  if (request.method === 'HEAD') return void response.end();
  createReadStream(file.path).on('error', () => response.destroy()).pipe(response);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...pageHeaders(), 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { ...pageHeaders(), 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function portTaken(port: number): Problem {
  return new Problem({
    code: 'port-taken', found: `port ${port}, on which another program listens`, expected: 'a free port', action: 'Choose another with --port, or leave it out for a free one.',
  });
}
