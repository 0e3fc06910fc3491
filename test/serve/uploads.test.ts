import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { findPageFile } from '../../main/service/page/page-files.ts';
import { serveTemporary, type Served } from './fixture.ts';

let served: Served;
beforeAll(async () => {
  served = await serveTemporary();
});
afterAll(() => served.close());

const grantSchema = z.object({ grant: z.string(), name: z.string(), kind: z.string(), bytes: z.number() });

function send(method: 'PUT' | 'POST', path: string, body?: string): Promise<Response> {
  const { port, token } = served.server;
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body }) });
}

describe('a file that is dropped into a browser', () => {
  test('becomes a grant for the same bytes, as a drop into the window does', async () => {
    const id = randomUUID();
    expect((await send('PUT', `/upload/${id}/dev%20set%20%E2%9C%93.tsv`, 'a\tb\n')).status).toBe(200);
    const granted = grantSchema.parse(await (await send('POST', `/upload/${id}`)).json());
    expect(granted).toMatchObject({ name: 'dev set ✓.tsv', kind: 'file', bytes: 4 });
    const path = served.core.files.resolve(granted.grant, 'granted');
    expect(readFileSync(path, 'utf8')).toBe('a\tb\n');
    expect(() => served.core.files.resolve(path, 'granted')).toThrow(expect.objectContaining({ code: 'path-not-granted' }));
    expect(() => served.core.files.resolve('grant:other', 'any')).toThrow(expect.objectContaining({ code: 'grant-unknown' }));
  });

  test('may be a folder with folders in it', async () => {
    const id = randomUUID();
    for (const path of ['RTE/train.jsonl', 'RTE/more/val.jsonl']) await send('PUT', `/upload/${id}/${path}`, '{}');
    const granted = grantSchema.parse(await (await send('POST', `/upload/${id}`)).json());
    expect(granted).toMatchObject({ name: 'RTE', kind: 'folder' });
    expect(readdirSync(served.core.files.resolve(granted.grant, 'granted')).sort()).toEqual(['more', 'train.jsonl']);
  });

  test.each(['%2e%2e', '..%2Fx', 'a%5Cb', '%00', 'a%2Fb', 'c%3Ax', '%', `${'a/'.repeat(20)}x`])('is refused under the name %s', async (name) => {
    const answer = await send('PUT', `/upload/${randomUUID()}/${name}`, 'x');
    expect([400, 404]).toContain(answer.status);
    expect(existsSync(join(served.core.workspace.directory, 'x'))).toBe(false);
  });

  test('is not replaced by a second one of the same name', async () => {
    const id = randomUUID();
    await send('PUT', `/upload/${id}/x.csv`, 'first');
    expect((await send('PUT', `/upload/${id}/x.csv`, 'second')).ok).toBe(false);
  });

  test('is gone when the server has ended', async () => {
    const other = await serveTemporary();
    const folder = join(other.core.workspace.directory, 'uploads');
    await fetch(`http://127.0.0.1:${other.server.port}/upload/${randomUUID()}/x`, { method: 'PUT', body: 'x', headers: { authorization: `Bearer ${other.server.token}` } });
    expect(existsSync(folder)).toBe(true);
    await other.server.close();
    expect(existsSync(folder)).toBe(false);
    await other.close();
  });
});

describe('the page’s files', () => {
  const root = mkdtempSync(join(tmpdir(), 'souffleur-page-'));
  const page = join(root, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), 'secret');
  writeFileSync(join(page, 'index.html'), '<!doctype html>');
  writeFileSync(join(page, 'assets', 'index-a1.js'), '1');
  writeFileSync(join(page, '.env.txt'), 'x');
  writeFileSync(join(page, 'program.exe'), 'x');
  symlinkSync(join(root, 'secret.txt'), join(page, 'link.txt'));
  symlinkSync(root, join(page, 'up'));
  afterAll(() => rmSync(root, { recursive: true }));

  test('are found under their names', async () => {
    expect((await findPageFile(page, '/'))?.contentType).toMatch(/^text\/html/);
    expect((await findPageFile(page, '/assets/index-a1.js'))?.contentType).toMatch(/^text\/javascript/);
  });

  test.each([
    '', '//', '/.', '/..', '/../secret.txt', '/assets/../../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/..\\secret.txt', '/assets\\..\\..\\secret.txt',
    '/assets/%00.js', '/index.html\0.js', '/index.html%00', '/.env.txt', '/program.exe', '/link.txt', '/up/secret.txt', '/assets', '/assets/', '/C:/x.txt', '/c:x.txt',
    `/${'a/'.repeat(400)}x.js`, `/${'a'.repeat(300)}.js`, '/INDEX.HTML ', '/index.html/', '/index.html?x', '/index.html#x', '/\u202Eindex.html', 'index.html', '/index.html;a', '/%69ndex.html', '///etc/passwd', '/etc/passwd',
  ])('%j leads to none of them', async (pathname) => {
    expect(await findPageFile(page, pathname)).toBeNull();
  });
});
