import { expect, test, vi } from 'vitest';
import { crashReports, FakeBrowserWindow, FakeEmitter, FakeWebContents, schemes } from './electron-fake.ts';

vi.mock('electron', async () => (await import('./electron-fake.ts')).makeElectronFake());
const { openWindow } = await import('../../electron/window.ts');
const { guardSession } = await import('../../electron/session-guard.ts');
const { guardWebContents } = await import('../../electron/web-contents-guard.ts');
const { registerPageScheme } = await import('../../electron/page-protocol.ts');
const { keepCrashDumps, recoverPage } = await import('../../electron/crash-recovery.ts');

const request = { remoteMark: (host: string) => `REMOTE ${host}`, bounds: {}, isMaximized: false, devTools: false };
const foreign = ['https://example.org/', 'souffleur://app.example.org/index.html', 'souffleur://application/index.html', 'souffleur://app@evil/index.html', 'souffleur://app:1/index.html', 'file:///etc/passwd', 'data:text/html,x', 'javascript:alert(1)', 'souffleur://app/assets/main.js', 'about:blank', ''];

test('a window is sandboxed, isolated and without Node, whatever Electron’s defaults are', () => {
  openWindow({ ...request, remote: null });
  expect(FakeBrowserWindow.made.at(-1)?.options['webPreferences']).toMatchObject({
    contextIsolation: true, sandbox: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false, webSecurity: true,
    allowRunningInsecureContent: false, experimentalFeatures: false, webviewTag: false, navigateOnDragDrop: false, spellcheck: false, devTools: false, additionalArguments: [],
  });
  expect(FakeBrowserWindow.made.at(-1)?.urls).toEqual(['souffleur://app/index.html']);
});

test('a window on a core elsewhere says so in its title, whatever the page calls itself', () => {
  openWindow({ ...request, remote: '127.0.0.1:8700' });
  const window = FakeBrowserWindow.made.at(-1);
  const preventDefault = vi.fn();
  window?.emit('page-title-updated', { preventDefault }, 'Runs – Souffleur');
  expect(preventDefault).toHaveBeenCalled();
  expect(window?.title).toBe('REMOTE 127.0.0.1:8700 – Runs – Souffleur');
});

test('no page leaves its address, opens a window or embeds another page', () => {
  const app = new FakeEmitter();
  guardWebContents(app as never);
  const contents = new FakeWebContents();
  app.emit('web-contents-created', {}, contents);
  const isStopped = (name: string, url: string, more: object = {}): boolean => {
    const event = { preventDefault: vi.fn(), url, ...more };
    contents.emit(name, event, url);
    return event.preventDefault.mock.calls.length > 0;
  };
  for (const url of foreign) {
    expect(isStopped('will-navigate', url), url).toBe(true);
    expect(isStopped('will-frame-navigate', url, { isMainFrame: true }), url).toBe(true);
  }
  expect(isStopped('will-navigate', 'souffleur://app/index.html#/runs')).toBe(false);
  expect(isStopped('will-frame-navigate', 'souffleur://app/index.html', { isMainFrame: false })).toBe(true);
  expect(isStopped('will-redirect', 'souffleur://app/index.html')).toBe(true);
  expect(isStopped('will-attach-webview', '')).toBe(true);
  expect(contents.openHandler?.()).toEqual({ action: 'deny' });
});

test('the session grants the clipboard to our page and nothing to anyone else, downloads nothing and reaches no network', () => {
  const set: Record<string, (...values: unknown[]) => unknown> = {};
  const session = new Proxy(new FakeEmitter(), {
    get: (target, name: string) => {
      if (name in target) return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      if (name === 'webRequest') return { onBeforeRequest: (listener: never) => (set['request'] = listener) };
      return (value: never) => (set[name] = value);
    },
  });
  guardSession(session as never);
  const ask = (permission: string, url: string): boolean => {
    let granted = false;
    set['setPermissionRequestHandler']?.({ getURL: () => url }, permission, (answer: boolean) => (granted = answer));
    return granted;
  };
  const page = 'souffleur://app/index.html';
  expect(ask('clipboard-sanitized-write', page)).toBe(true);
  for (const permission of ['media', 'geolocation', 'notifications', 'midi', 'pointerLock', 'fullscreen', 'openExternal', 'clipboard-read', 'hid', 'serial', 'usb', 'window-management', 'unknown']) {
    expect(ask(permission, page), permission).toBe(false);
    expect(set['setPermissionCheckHandler']?.(null, permission, 'souffleur://app'), permission).toBe(false);
  }
  expect(ask('clipboard-sanitized-write', 'https://example.org/')).toBe(false);
  expect(set['setDevicePermissionHandler']?.({})).toBe(false);
  expect(set['setSpellCheckerEnabled']).toBe(false);
  const cancels = (url: string): unknown => {
    let answer: { cancel?: boolean } = {};
    set['request']?.({ url }, (given: object) => (answer = given));
    return answer.cancel;
  };
  for (const url of ['https://example.org/', 'http://127.0.0.1:1/', 'ws://127.0.0.1:8700/contract', 'file:///etc/passwd', 'ftp://x/', 'souffleur://other/', 'blob:https://example.org/1', 'chrome://gpu']) expect(cancels(url), url).toBe(true);
  for (const url of [page, 'souffleur://app/assets/a.js', 'data:image/png;base64,', 'blob:souffleur://app/1-2']) expect(cancels(url), url).toBe(false);
  const download = { preventDefault: vi.fn() };
  (session as unknown as FakeEmitter).emit('will-download', download);
  expect(download.preventDefault).toHaveBeenCalled();
});

test('the scheme is a secure origin of its own and bypasses no policy', () => {
  registerPageScheme();
  expect(schemes).toEqual([{ scheme: 'souffleur', privileges: expect.objectContaining({ standard: true, secure: true, bypassCSP: false, allowServiceWorkers: false, allowExtensions: false }) }]);
});

test('crash dumps are never uploaded', () => {
  keepCrashDumps();
  expect(crashReports).toEqual([expect.objectContaining({ uploadToServer: false })]);
});

test('a page that fell is loaded again twice within a minute, then shown as stopped; a minute later it may fall again', () => {
  let now = 0;
  const window = new FakeBrowserWindow({});
  recoverPage(window as never, () => now);
  const fall = (reason = 'crashed'): string | undefined => {
    now += 1000;
    window.webContents.emit('render-process-gone', {}, { reason, exitCode: 1 });
    return window.urls.at(-1);
  };
  fall('clean-exit');
  expect(window.urls).toEqual([]);
  expect([fall(), fall(), fall()]).toEqual(['souffleur://app/index.html', 'souffleur://app/index.html', 'souffleur://app/stopped']);
  now += 61_000;
  expect(fall()).toBe('souffleur://app/index.html');
});
