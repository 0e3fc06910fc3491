/**
 * The shell in a real Electron. None comes with npm where GitHub is out of reach: SOUFFLEUR_TEST_ELECTRON names an unpacked one, on
 * machines for tests often version 22, which lacks what electron22/shim.cjs supplies.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPart, isStale, root } from '../../electron/build/build.ts';
import { findElectron } from '../../electron/build/start.ts';

/** Of the page, for the functions that run there; the tests of the shell have no DOM types. */
interface PagePort {
  start(): void;
  postMessage(text: string): void;
  addEventListener(name: 'message', listener: (event: { data: string }) => void): void;
}
declare const window: {
  souffleur: { connect(): void };
  addEventListener(name: 'message', listener: (event: { ports: readonly PagePort[] }) => void): void;
  removeEventListener(name: 'message', listener: (event: { ports: readonly PagePort[] }) => void): void;
};
declare const location: { hash: string };

const given = process.env['SOUFFLEUR_TEST_ELECTRON'];
const binary = given === undefined ? findElectron() : join(given, 'electron');
const hasScreen = process.platform !== 'linux' || (process.env['DISPLAY'] ?? '') !== '' || spawnSync('Xvfb', ['-help'], { stdio: 'ignore' }).error === undefined;
const missing = binary === null || !existsSync(binary) ? 'no Electron here: SOUFFLEUR_TEST_ELECTRON=DIR' : hasScreen ? null : 'no display and no Xvfb here';

const folder = mkdtempSync(join(tmpdir(), 'souffleur-smoke-'));
let screen: ChildProcess | null = null;
let display = process.env['DISPLAY'] ?? '';

beforeAll(async () => {
  if (missing !== null) return;
  for (const part of ['renderer', 'electron'] as const) if (isStale(part)) await buildPart(part);
  if (process.platform !== 'linux' || display !== '') return;
  screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  display = `:${await new Promise<string>((resolve) => screen?.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim())))}`;
});
afterAll(() => {
  screen?.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function launch({ name, dialogs = {}, files = [] }: { name: string; dialogs?: Record<string, unknown[]>; files?: readonly string[] }): Promise<{ app: ElectronApplication; page: Page }> {
  const script = join(folder, `${name}-dialogs.json`);
  writeFileSync(script, JSON.stringify(dialogs));
  const env: Record<string, string> = { ...(process.env as Record<string, string>), DISPLAY: display, SOUFFLEUR_WORKSPACE: join(folder, name), SOUFFLEUR_NODE: process.execPath, SOUFFLEUR_TEST_DIALOGS: script };
  delete env['ELECTRON_RUN_AS_NODE'];
  const app = await _electron.launch({
    executablePath: binary ?? '', env, timeout: 60_000,
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '-r', join(import.meta.dirname, 'electron22', 'shim.cjs'), root, `--user-data-dir=${join(folder, `${name}-data`)}`, ...files],
  });
  const page = await app.firstWindow({ timeout: 60_000 });
  await page.getByRole('navigation').first().waitFor();
  return { app, page };
}

/** Over a port of its own, as the page would. */
async function call<Answer>(page: Page, path: string, input?: unknown): Promise<Answer> {
  const answer = await page.evaluate(([url, json]) => new Promise<string>((resolve) => {
    const onPort = (event: { ports: readonly PagePort[] }): void => {
      const [port] = event.ports;
      if (port === undefined) return;
      window.removeEventListener('message', onPort);
      port.addEventListener('message', ({ data }) => resolve(data));
      port.start();
      port.postMessage(JSON.stringify({ i: 'test', p: { u: url, b: { json } } }));
    };
    window.addEventListener('message', onPort);
    window.souffleur.connect();
  }), [path, input] as const);
  const { p: { s: status, b: body } } = JSON.parse(answer) as { p: { s?: number; b: { json: Answer } } };
  if (status !== undefined && status >= 400) throw new Error(answer.slice(0, 2000));
  return body.json;
}

async function until<Value>(ask: () => Promise<Value | undefined | null | false>, timeoutMs = 60_000): Promise<Value> {
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    const value = await ask();
    if (value !== undefined && value !== null && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('it did not come about in time');
}

test.skipIf(missing !== null)(`the page comes through its own scheme, sees its bridge only, and a pack that was double-clicked is shown${missing === null ? '' : ` (${missing})`}`, async () => {
  const pack = join(folder, 'reviews.promptpack');
  writeFileSync(pack, 'no pack');
  const { app, page } = await launch({ name: 'open', files: [pack] });
  try {
    expect(page.url()).toMatch(/^souffleur:\/\/app\/index\.html/);
    expect(await page.evaluate(() => [typeof (globalThis as { require?: unknown }).require, typeof (globalThis as { process?: unknown }).process, typeof (globalThis as { module?: unknown }).module])).toEqual(['undefined', 'undefined', 'undefined']);
    expect(await page.evaluate(() => Object.keys(window.souffleur))).toEqual([
      'platform', 'remote', 'connect', 'grantFiles', 'chooseFiles', 'saveFile', 'openExternal', 'openRemoteCore', 'tellPreferences', 'onMenu', 'onOpenFile',
    ]);
    await expect(page.evaluate(() => fetch('https://example.org/').then(() => 'reached', () => 'refused'))).resolves.toBe('refused');
    await until(() => page.evaluate(() => location.hash.startsWith('#/packs')));
  } finally {
    await app.close();
  }
}, 120_000);

test.skipIf(missing !== null)(`a prompt is tuned on the built-in model; quitting with work asks, and what is paused waits for the next start${missing === null ? '' : ` (${missing})`}`, async () => {
  const { app, page } = await launch({ name: 'tune', dialogs: { 'message-box': [2, 1] } });
  const model = await call<{ task: string }>(page, '/models/addBuiltIn');
  await until(async () => (await call<{ state: string }>(page, '/work/show', model)).state === 'done');
  const request = (steps: number) => ({
    model: 'built-in', method: 'prompt-tuning', format: 'sst2', files: { train: 'built-in:sst2/train', dev: null, test: null }, settings: { steps, batchSize: 4, promptLength: 4, maxSourceTokens: 64 }, seeds: [1],
  });
  await call(page, '/runs/create', request(3));
  await until(async () => (await call<{ total: number }>(page, '/runs/list', { statuses: ['finished'] })).total === 1, 120_000);

  await call(page, '/runs/create', request(100_000));
  await until(async () => (await call<{ entries: { state: string }[] }>(page, '/queue/list')).entries.some(({ state }) => state === 'running'), 120_000);
  // The shell looks once a second.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const ended = new Promise((resolve) => app.process().once('exit', resolve));
  const quit = (): Promise<unknown> => app.evaluate(({ app: program }) => program.quit()).catch(() => null);
  await quit();
  await until(() => app.evaluate(() => (globalThis as unknown as { testDialogs: { shown: unknown[] } }).testDialogs.shown.length === 1));
  expect((await call<{ entries: unknown[] }>(page, '/queue/list')).entries).toHaveLength(1);
  await quit();
  await ended;

  const again = await launch({ name: 'tune' });
  try {
    await until(async () => (await call<{ entries: { state: string }[] }>(again.page, '/queue/list')).entries.some(({ state }) => state === 'running'), 120_000);
  } finally {
    const closed = new Promise((resolve) => again.app.process().once('exit', resolve));
    again.app.process().kill('SIGTERM');
    await closed;
  }
}, 400_000);
