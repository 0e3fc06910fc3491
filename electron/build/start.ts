/** `npm start`: builds what is missing, then opens the window; where Electron cannot be had, the same page in the browser. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildPart, isStale, root } from './build.ts';

/** The binary that npm's package names, or the unpacked runtime that ELECTRON_OVERRIDE_DIST_PATH names. @returns null where there is none */
export function findElectron(): string | null {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules', 'electron', 'dist');
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' } as const;
  const file = join(folder, process.platform === 'darwin' || process.platform === 'win32' ? names[process.platform] : 'electron');
  return existsSync(file) ? file : null;
}

/** @returns whether a window can be seen */
export function hasDisplay({ DISPLAY: x11, WAYLAND_DISPLAY: wayland }: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  return platform !== 'linux' || (x11 ?? '') !== '' || (wayland ?? '') !== '';
}

/** npm's package fetches its binary when it is first asked for. @returns why there is none, null when there is */
function fetchElectron(): string | null {
  const script = join(root, 'node_modules', 'electron', 'install.js');
  if (!existsSync(script)) return 'Electron is not installed';
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'ignore'], timeout: 300_000 });
  return status === 0 && findElectron() !== null ? null : 'Electron’s program could not be downloaded from GitHub';
}

async function openWindow(electron: string): Promise<number> {
  if (isStale('electron')) await buildPart('electron');
  const env: NodeJS.ProcessEnv = { ...process.env, SOUFFLEUR_NODE: process.execPath };
  // Set by some editors' terminals: Electron would run as a plain Node.
  delete env['ELECTRON_RUN_AS_NODE'];
  return finish(spawn(electron, [root, ...process.argv.slice(2)], { stdio: 'inherit', env }));
}

async function openBrowserPage(reason: string): Promise<number> {
  const canShow = hasDisplay(process.env, process.platform);
  console.error(`${reason}, so Souffleur opens in ${canShow ? 'your browser' : 'a browser: go to the address below'} instead of a window of its own.`);
  const server = spawn(process.execPath, [join(root, 'main', 'cli', 'main.ts'), 'serve', ...process.argv.slice(2)], { stdio: ['inherit', 'pipe', 'inherit'] });
  let said = '';
  let isOpen = false;
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    said += text;
    const [url] = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/.exec(said) ?? [];
    if (isOpen || !canShow || url === undefined) return;
    isOpen = true;
    openInBrowser(url);
  });
  return finish(server);
}

/** The system's own way; where it fails, the printed address is there to be clicked. */
function openInBrowser(url: string): void {
  const [command, ...values] = { darwin: ['open', url], win32: ['explorer.exe', url] }[process.platform as string] ?? ['xdg-open', url];
  if (command === undefined) return;
  spawn(command, values, { stdio: 'ignore', detached: true }).on('error', () => {}).unref();
}

/** Ctrl-C reaches the child by itself; this process only waits for it. */
async function finish(child: ChildProcess): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void (signal === 'SIGTERM' && child.kill(signal)));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

async function start(): Promise<number> {
  if (isStale('renderer')) {
    console.error('building the page …');
    await buildPart('renderer');
  }
  if (!hasDisplay(process.env, process.platform)) return openBrowserPage('There is no display');
  const reason = findElectron() === null ? fetchElectron() : null;
  const electron = findElectron();
  return electron === null ? openBrowserPage(reason ?? 'Electron’s program is missing') : openWindow(electron);
}

if (import.meta.main) {
  process.exitCode = await start();
}
