/** A hundred thousand examples in Compare: the list scrolls through all of them with no more than what is in view on the page. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../main/serve/server.ts';
import { finishRun, writeRte } from '../service/fixture/finished-run.ts';
import { makeBench, type Bench } from '../service/fixture/workspace.ts';
import { launchBrowser } from './browser.ts';
import { builtPage, openPage } from './page.ts';

const count = 100_000;
let bench: Bench;
let server: RunningServer;
let browser: Browser;
let runs: string[];

beforeAll(async () => {
  bench = makeBench();
  const test = writeRte(bench, 'test.jsonl', count);
  runs = [await finishRun(bench, { test, answers: { 0: 'not_entailment', 99_999: 'entailment' } }), await finishRun(bench, { test, seed: 2, answers: { 1: 'entailment' } })];
  server = await startServer(bench.core, { port: 0, address: '127.0.0.1', hosts: [], token: null, pageDirectory: process.env['SOUFFLEUR_TEST_PAGE'] ?? builtPage });
  browser = await launchBrowser();
}, 180_000);
afterAll(async () => {
  await browser.close();
  await server.close();
  bench.remove();
});

describe('a comparison of a hundred thousand examples', () => {
  it('draws only the rows in view, wherever it is scrolled to, and filters to the ones that differ', async () => {
    const { page, faults, close } = await openPage(browser, server, { address: `compare/examples?runs=${runs.join(',')}` });
    const grid = page.getByRole('grid');
    await grid.waitFor({ timeout: 120_000 });
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(count + 1));
    const drawn = (): Promise<number> => grid.getByRole('row').count();
    for (const share of [0, 0.25, 0.5, 0.999, 0.1]) {
      await grid.evaluate((element, at) => (element.scrollTop = at * element.scrollHeight), share);
      const first = Math.floor(share * count) + 15;
      await grid.locator(`[aria-rowindex="${first}"] [role=gridcell]:nth-child(2)`).waitFor();
      expect(await drawn()).toBeLessThan(80);
    }
    await grid.evaluate((element) => (element.scrollTop = 0));
    await page.getByRole('button', { name: /^only B/ }).click();
    await page.getByText('2 of 100,000').waitFor();
    expect(await drawn()).toBe(3);
    await grid.focus();
    await page.keyboard.press('Home');
    await page.getByRole('heading', { name: '0', exact: true }).waitFor();
    await page.keyboard.press('s');
    await page.getByRole('button', { name: 'Remove the star' }).waitFor();
    expect(faults).toEqual([]);
    await close();
  }, 180_000);
});
