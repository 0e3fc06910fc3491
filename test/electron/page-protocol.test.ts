import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';

vi.mock('electron', async () => (await import('./electron-fake.ts')).makeElectronFake());
const { answerPageRequest } = await import('../../electron/page-protocol.ts');
const { textsOf } = await import('../../electron/texts.ts');

const folder = mkdtempSync(join(tmpdir(), 'souffleur-scheme-'));
const directory = join(folder, 'page');
mkdirSync(join(directory, 'assets'), { recursive: true });
writeFileSync(join(directory, 'index.html'), '<!doctype html>');
writeFileSync(join(directory, 'assets', 'main.js'), 'start()');
writeFileSync(join(directory, '.env'), 'secret');
writeFileSync(join(directory, 'main.ts'), 'source');
writeFileSync(join(folder, 'secret.html'), 'secret');
symlinkSync(join(folder, 'secret.html'), join(directory, 'link.html'));
afterAll(() => rmSync(folder, { recursive: true }));

const get = (url: string, method = 'GET'): Promise<Response> => answerPageRequest({ url, method }, { directory, texts: () => textsOf('ru') });

test('files of the page come with the policy in their header', async () => {
  const response = await get('souffleur://app/assets/main.js');
  expect(await response.text()).toBe('start()');
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
  expect(response.headers.get('content-security-policy')).toContain("connect-src 'self';");
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await get('souffleur://app/')).status).toBe(200);
});

test('a page that was stopped is shown in the language of the person, without a script', async () => {
  const text = await (await get('souffleur://app/stopped')).text();
  expect(text).toContain('Страница остановлена');
  expect(text).not.toContain('<script');
});

const hostile = [
  'souffleur://app/../secret.html', 'souffleur://app/..%2fsecret.html', 'souffleur://app/%2e%2e/secret.html', 'souffleur://app/%2e%2e%2fsecret.html', 'souffleur://app/assets/../../secret.html',
  'souffleur://app/assets/..%5c..%5csecret.html', 'souffleur://app/..\\secret.html', 'souffleur://app/%5c%5chost/share.html', 'souffleur://app//etc/passwd', 'souffleur://app///secret.html',
  'souffleur://app/%00index.html', 'souffleur://app/index.html%00.js', 'souffleur://app/index.html\0', 'souffleur://app/link.html', 'souffleur://app/.env', 'souffleur://app/main.ts', 'souffleur://app/assets/', 'souffleur://app/assets',
  'souffleur://app/C:/secret.html', 'souffleur://app/file:///etc/passwd', 'souffleur://app/assets/main.js/', 'souffleur://app/INDEX.HTML.', 'souffleur://app/index.html ', `souffleur://app/${'a'.repeat(5000)}.html`,
  `souffleur://app/${'a/'.repeat(2000)}x.html`, 'souffleur://evil/index.html', 'souffleur://app.evil/index.html', 'souffleur://user@app/index.html', 'souffleur://app:80/index.html', 'souffleur:index.html', 'souffleur:///index.html',
  'file:///etc/passwd', 'http://app/index.html', 'index.html', '', 'souffleur://app/con.html', 'souffleur://app/index.html::$DATA', 'souffleur://app/%252e%252e/secret.html', 'souffleur://app/％2e％2e/secret.html',
];

test.each(hostile)('%j leads to nothing outside the page', async (url) => {
  const response = await get(url);
  const text = await response.text();
  expect(text).not.toContain('secret');
  expect([200, 404]).toContain(response.status);
  // URL itself takes a blank at the end away; everything else is refused.
  if (response.status === 200) expect(text).toBe('<!doctype html>');
});

test('nothing but reading is answered', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await get('souffleur://app/', method)).status).toBe(405);
  expect(await (await get('souffleur://app/', 'HEAD')).text()).toBe('');
});
