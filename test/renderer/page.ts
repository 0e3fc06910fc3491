/** A page of the real program in a real browser; whatever it should not do is written down. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startServer, type RunningServer } from '../../main/serve/server.ts';
import { closeCore, openCore, type Core } from '../../main/service/core.ts';

export const builtPage = join(import.meta.dirname, '..', '..', 'dist', 'renderer');

export interface ServedWorkspace {
  core: Core;
  server: RunningServer;
  close(): Promise<void>;
}

/** @param pageDirectory the built page; SOUFFLEUR_TEST_PAGE names another than the one that `npm run build` makes */
export async function serveWorkspace(directory: string, { pageDirectory = process.env['SOUFFLEUR_TEST_PAGE'] ?? builtPage } = {}): Promise<ServedWorkspace> {
  if (!existsSync(join(pageDirectory, 'index.html'))) throw new Error('the page is not built: npm run build');
  const core = openCore(directory, { create: 'if-missing' });
  await core.queue.start();
  const server = await startServer(core, { port: 0, address: '127.0.0.1', hosts: [], token: null, pageDirectory });
  return {
    core, server,
    close: async () => {
      await server.close();
      await closeCore(core);
    },
  };
}

export interface WatchedPage {
  page: Page;
  /** Errors in the console, broken policies, requests that leave the origin. A test expects none. */
  faults: string[];
  close(): Promise<void>;
}

export interface PageOptions {
  scheme?: 'light' | 'dark';
  width?: number;
  height?: number;
  /** As chosen in the settings. */
  language?: 'en' | 'ru' | 'pseudo';
  /** After `#/`. */
  address?: string;
}

export async function openPage(browser: Browser, { url, port }: RunningServer, options: PageOptions = {}): Promise<WatchedPage> {
  const { scheme = 'light', width = 1280, height = 800, language = 'en', address = '' } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
  const faults: string[] = [];
  await context.addInitScript((chosen) => {
    localStorage.setItem('souffleur.language', chosen);
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
  }, language);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && host !== `127.0.0.1:${port}`) faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await page.getByRole('navigation').first().waitFor();
  if (address !== '') await page.evaluate((hash) => (location.hash = hash), `#/${address}`);
  return { page, faults, close: () => context.close() };
}
