import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openSocket, serveTemporary, type Served } from './fixture.ts';

let served: Served;
beforeAll(async () => {
  served = await serveTemporary();
});
afterAll(() => served.close());

/** @returns the reason for which a WebSocket was refused, or "open". */
async function outcomeOf(socket: WebSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.close();
      resolve('open');
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve(`${response.statusCode} ${String(response.headers['x-refused'])}`);
      response.destroy();
    });
    socket.once('error', reject);
  });
}

function get(path: string, headers: Record<string, string>, method = 'GET'): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: served.server.port, path, method, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('a WebSocket', () => {
  test('with the right token, host and origin is let in', async () => {
    const { port } = served.server;
    expect(await outcomeOf(openSocket(served.server, { origin: `http://127.0.0.1:${port}` }))).toBe('open');
    expect(await outcomeOf(openSocket(served.server, { origin: `http://localhost:${port}`, host: `localhost:${port}` }))).toBe('open');
    expect(await outcomeOf(openSocket(served.server))).toBe('open');
  });

  test.each([
    ['no token', []],
    ['a wrong token', ['souffleur.token.AAAA']],
    ['an empty token', ['souffleur.token.']],
    ['a token one character short', [() => `souffleur.token.${served.server.token.slice(0, -1)}`]],
  ])('with %s is refused', async (_name, protocols) => {
    const written = protocols.map((protocol) => (typeof protocol === 'string' ? protocol : protocol()));
    const socket = new WebSocket(`ws://127.0.0.1:${served.server.port}/contract`, ['souffleur.v1', ...written].filter((text) => !text.endsWith('.')));
    expect(await outcomeOf(socket)).toBe('401 token');
  });

  test.each([
    ['https://evil.example', 'origin'],
    ['http://127.0.0.1', 'origin'],
    ['http://127.0.0.1:1', 'origin'],
    ['null', 'origin'],
    ['file://', 'origin'],
  ])('of a page at %s is refused in spite of the token', async (origin, reason) => {
    expect(await outcomeOf(openSocket(served.server, { origin }))).toBe(`403 ${reason}`);
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost.evil.example'])('that was sent to host %s is refused: a name may point here', async (host) => {
    expect(await outcomeOf(openSocket(served.server, { host }))).toBe('403 host');
  });

  test('at another path is refused', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.server.port}/other`, ['souffleur.v1', `souffleur.token.${served.server.token}`]);
    expect(await outcomeOf(socket)).toBe('401 token');
  });
});

describe('over HTTP', () => {
  test('a foreign host or origin gets nothing', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(403);
    expect((await get('/', { origin: 'https://evil.example' })).status).toBe(403);
  });

  test('an upload without the token is refused before a byte is kept', async () => {
    const id = 'a'.repeat(36);
    expect((await get(`/upload/${id}/x.csv`, {}, 'PUT')).status).toBe(401);
    expect((await get(`/upload/${id}/x.csv`, { authorization: 'Bearer wrong' }, 'PUT')).status).toBe(401);
  });

  test('every answer carries the headers of the page, also a refusal', async () => {
    for (const path of ['/', '/nowhere']) {
      const { headers } = await get(path, {});
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test('bytes that are no HTTP end the connection and not the server', async () => {
    const socket = connect(served.server.port, '127.0.0.1');
    socket.resume();
    socket.write('\x16\x03\x01 hello\r\n\r\n');
    await once(socket, 'close');
    expect((await get('/', {})).status).toBe(404);
  });
});

test('a port that is taken is told in a sentence', async () => {
  await expect(serveTemporary({ port: served.server.port })).rejects.toMatchObject({ code: 'port-taken' });
});
