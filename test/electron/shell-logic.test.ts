import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { makeMenu } from '../../electron/menu.ts';
import { parseArguments, parseOpenRequest } from '../../electron/open-request.ts';
import { createProgramCheck, hashFile } from '../../electron/program-check.ts';
import { createQuitting, type QuitChoice } from '../../electron/quit.ts';
import { parseRemoteAddress } from '../../electron/remote-address.ts';
import { fractionOf } from '../../electron/run-watch.ts';
import { findVisibleBounds, openShellState } from '../../electron/shell-state.ts';
import { chooseLanguage, textsOf } from '../../electron/texts.ts';
import { hasDisplay } from '../../electron/build/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-shell-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pack = join(folder, 'reviews.promptpack');
writeFileSync(pack, 'zip');

test('packs that are there and places of the page are opened, from wherever they were named', () => {
  expect(parseArguments(['--flag', 'reviews.promptpack', 'souffleur://open/runs/r0001', 'notes.txt'], folder)).toEqual([{ kind: 'pack', path: pack }, { kind: 'place', place: 'runs/r0001' }]);
  expect(parseOpenRequest(pack, '/')).toEqual({ kind: 'pack', path: pack });
});

mkdirSync(join(folder, 'folder.promptpack'));
const refused = [
  '', '/etc/passwd', 'missing.promptpack', 'folder.promptpack', 'reviews.promptpack\0.txt', 'reviews.promptpack.sh', 'file:///tmp/x.promptpack', 'http://evil/x.promptpack', 'souffleur://app/index.html', 'souffleur://open/',
  'souffleur://open/../models', 'souffleur://open/runs/..', 'souffleur://open/runs?x=1', 'souffleur://open/runs#x', 'souffleur://open/packs/%2e%2e', 'souffleur://run/rm', 'souffleur:open/runs', 'javascript:alert(1)', `${'a'.repeat(5000)}.promptpack`, '\\\\host\\share\\x.promptpack',
];
test.each(refused)('%j opens nothing', (text) => {
  expect(parseOpenRequest(text, folder)).toBeNull();
});

function makeQuitting({ runs = 1, choice = 'cancel' as QuitChoice } = {}) {
  const did: string[] = [];
  let isIdle = (): void => {};
  const idle = new Promise<void>((resolve) => { isIdle = resolve; });
  const quitting = createQuitting({
    runsAtWork: () => runs,
    ask: () => { did.push('ask'); return Promise.resolve(choice); },
    hideWindows: () => did.push('hide'), showWindows: () => did.push('show'),
    whenIdle: () => idle, close: () => { did.push('close'); return Promise.resolve(); }, exit: () => did.push('exit'),
  });
  return { quitting, did, isIdle };
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('with nothing at work the program closes its core and ends, without a question', async () => {
  const { quitting, did } = makeQuitting({ runs: 0 });
  expect(quitting.request()).toBe(false);
  await settle();
  expect(did).toEqual(['close', 'exit']);
  expect(quitting.request()).toBe(true);
});

test('with runs at work it asks once; cancelled, everything stays as it was', async () => {
  const { quitting, did } = makeQuitting({ choice: 'cancel' });
  expect([quitting.request(), quitting.request()]).toEqual([false, false]);
  await settle();
  expect(did).toEqual(['ask']);
  expect(quitting.state).toBe('open');
});

test('pause and quit saves before it ends', async () => {
  const { quitting, did } = makeQuitting({ choice: 'now' });
  quitting.request();
  await settle();
  expect(did).toEqual(['ask', 'close', 'exit']);
});

test('in the background the runs are finished first, and whoever comes back gets the windows again', async () => {
  const first = makeQuitting({ choice: 'later' });
  first.quitting.request();
  await settle();
  expect(first.did).toEqual(['ask', 'hide']);
  first.isIdle();
  await settle();
  expect(first.did).toEqual(['ask', 'hide', 'close', 'exit']);

  const second = makeQuitting({ choice: 'later' });
  second.quitting.request();
  await settle();
  second.quitting.comeBack();
  second.isIdle();
  await settle();
  expect(second.did).toEqual(['ask', 'hide', 'show']);
});

test('Ctrl-C ends it without a question, once', async () => {
  const { quitting, did } = makeQuitting();
  quitting.end();
  quitting.end();
  await settle();
  expect(did).toEqual(['close', 'exit']);
});

test('the bar shows the mean of what is at work, and nothing when nothing is', () => {
  const entry = (state: string, done: number, total: number) => ({ state, progress: { done, total } }) as never;
  expect(fractionOf([entry('running', 5, 10), entry('starting', 0, 0), entry('queued', 9, 10)])).toBe(0.25);
  expect(fractionOf([entry('paused', 5, 10)])).toBeNull();
});

test('what the shell remembers survives a start, and a broken file counts as none', () => {
  const file = join(folder, 'deep', 'shell.json');
  openShellState(file).change({ language: 'ru', bounds: { x: 1, y: 2, width: 800, height: 600 } });
  expect(openShellState(file).current).toMatchObject({ language: 'ru', bounds: { x: 1, y: 2, width: 800, height: 600 }, theme: 'system' });
  for (const text of ['', '{', '[]', '{"bounds":{"x":1e99}}', '{"__proto__":{}}']) {
    writeFileSync(file, text);
    expect(openShellState(file).current).toMatchObject({ bounds: null, language: null });
  }
});

test('a window never opens where no display is any more', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  expect(findVisibleBounds({ x: 100, y: 100, width: 800, height: 600 }, [screen])).not.toBeNull();
  expect(findVisibleBounds({ x: 2500, y: 100, width: 800, height: 600 }, [screen])).toBeNull();
  expect(findVisibleBounds({ x: 1900, y: 1060, width: 800, height: 600 }, [screen])).toBeNull();
});

test('a core elsewhere is reached through a tunnel on loopback only', () => {
  const token = 'a'.repeat(43);
  expect(parseRemoteAddress(` http://127.0.0.1:8700/#token=${token}\n`)).toEqual({ host: '127.0.0.1:8700', token });
  for (const text of [`http://gpu.example.org:8700/#token=${token}`, `https://127.0.0.1:8700/#token=${token}`, 'http://127.0.0.1:8700/', `http://127.0.0.1:8700/x#token=${token}`, `http://u@127.0.0.1:8700/#token=${token}`, `http://127.0.0.1.evil.org:80/#token=${token}`, '']) {
    expect(() => parseRemoteAddress(text), text).toThrow(expect.objectContaining({ code: 'remote-address-invalid' }));
  }
});

test('a file of the package that was changed is found before a worker runs it', async () => {
  const file = join(folder, 'train.mjs');
  writeFileSync(file, 'train()');
  const hashes = join(folder, 'hashes.json');
  writeFileSync(hashes, JSON.stringify({ 'train.mjs': await hashFile(file) }));
  const check = createProgramCheck(folder, hashes);
  expect(() => check.requireUnchanged()).toThrow(expect.objectContaining({ code: 'program-changed' }));
  await check.verify();
  check.requireUnchanged();
  writeFileSync(file, 'steal()');
  expect(() => check.requireUnchanged()).toThrow(expect.objectContaining({ code: 'program-changed' }));
  await expect(check.verify()).rejects.toMatchObject({ code: 'program-changed' });
});

test.each(['en', 'ru'] as const)('menus in %s name everything, send their commands and show developer tools in a checkout only', (language) => {
  const send = vi.fn();
  const parts = { texts: textsOf(language), isMac: false, send, importData: vi.fn(), openPack: vi.fn(), openRemote: vi.fn(), openLogs: vi.fn(), openWorkspace: vi.fn() };
  const items = (hasDeveloperTools: boolean) => makeMenu({ ...parts, hasDeveloperTools }).flatMap(({ submenu }) => submenu as { label?: string; type?: string; role?: string; click?: () => void }[]);
  expect(items(false).filter(({ type }) => type !== 'separator').every(({ label }) => (label ?? '') !== '')).toBe(true);
  expect(items(false).some(({ role }) => role === 'toggleDevTools' || role === 'reload')).toBe(false);
  expect(items(true).some(({ role }) => role === 'toggleDevTools')).toBe(true);
  for (const item of items(false)) item.click?.();
  expect(send.mock.calls.flat()).toEqual(expect.arrayContaining(['palette', 'settings', 'new-run', 'help', 'view:home', 'view:packs']));
});

test('Russian comes with the system’s language, and says nothing in English', () => {
  expect([chooseLanguage('ru-RU'), chooseLanguage('de'), chooseLanguage('')]).toEqual(['ru', 'en', 'en']);
  const texts = Object.entries(textsOf('ru')).filter(([name, value]) => name !== 'language' && typeof value === 'string');
  expect(texts.filter(([, value]) => !/[а-яё]/i.test(String(value)))).toEqual([]);
});

test('a display is looked for on Linux only', () => {
  expect([hasDisplay({}, 'linux'), hasDisplay({ DISPLAY: '' }, 'linux'), hasDisplay({ DISPLAY: ':0' }, 'linux'), hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux'), hasDisplay({}, 'darwin')]).toEqual([false, false, true, true, true]);
});
