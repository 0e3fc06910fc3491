/** The library and the first screen in a real browser, on an empty workspace: what a newcomer does first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalClient } from '../../main/service/router/index.ts';
import { launchBrowser } from './browser.ts';
import { openPage, serveWorkspace, type ServedWorkspace } from './page.ts';

let directory: string;
let served: ServedWorkspace;
let browser: Browser;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'souffleur-library-page-'));
  [served, browser] = await Promise.all([serveWorkspace(join(directory, 'workspace')), launchBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await served.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('the library', { timeout: 120_000 }, () => {
  it('begins with the built-in tasks, edits a pattern by keyboard with checks and real rows, saves a version, and takes it back', async () => {
    const { page, faults, close } = await openPage(browser, served.server, { address: 'library' });
    await page.getByRole('button', { name: 'Add the built-in tasks' }).click();
    await page.getByRole('row', { name: /^rte/ }).click();
    await page.getByRole('row', { name: /^Hybrid/ }).click();
    const pattern = page.getByLabel('Text with slots');
    await page.getByRole('button', { name: '{{ premise }}' }).waitFor();
    await pattern.fill('{{ premise } so {{ answer }}');
    await page.getByText('error', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: /^line 1, column 1$/ }).click();
    expect(await pattern.evaluate((area: HTMLTextAreaElement) => [document.activeElement === area, area.selectionStart])).toEqual([true, 0]);
    await pattern.fill('Is it so? ');
    await pattern.press('End');
    await pattern.press('Alt+1');
    expect(await pattern.inputValue()).toBe('Is it so? {{ answer }}');
    await pattern.press('Alt+3');
    expect(await pattern.inputValue()).toMatch(/^Is it so\? \{\{ answer \}\}\{\{ (premise|hypothesis) \}\}$/);
    await page.getByRole('list', { name: 'Examples as the model reads them' }).getByText('Is it so?').first().waitFor();
    await page.reload();
    expect(await page.getByLabel('Text with slots').inputValue()).toContain('Is it so?');
    await page.getByRole('button', { name: 'Save a new version' }).click();
    await page.getByText('Saved as version 2').waitFor();
    const client = createLocalClient(served.core);
    const templateOf = async (): Promise<string | undefined> => (await client.tasks.get({ name: 'rte' })).definition.pvps.find(({ id }) => id === 'hybrid')?.pattern.template;
    expect(await templateOf()).toContain('Is it so?');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(templateOf).toContain('soft(100)');
    await page.getByRole('link', { name: 'rte', exact: true }).click();
    await page.getByRole('link', { name: /^Versions/ }).click();
    await page.locator('del').first().waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it('shows a text of somebody else’s as text', async () => {
    const client = createLocalClient(served.core);
    const evil = '<img src=x onerror=alert(1)>\u202e&amp; <script>';
    const presets = await client.tasks.presets({ format: 'sst2' });
    await client.tasks.create({
      name: 'evil', definition: { ...presets, title: evil, provenance: evil, pvps: presets.pvps.slice(0, 1).map((pvp) => ({ ...pvp, title: evil, provenance: evil, answerNote: evil, pattern: { template: `${evil} {{ sentence }}` } })) },
    });
    const { page, faults, close } = await openPage(browser, served.server, { address: 'library/evil' });
    await page.getByRole('heading', { level: 1 }).getByText('<img src=x').waitFor();
    await page.evaluate(() => (location.hash = '#/library/evil/pattern/t5'));
    await page.getByRole('list', { name: 'Examples as the model reads them' }).getByText('<img').first().waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });
});

describe('the first screen', { timeout: 120_000 }, () => {
  it('offers three doors to whoever has no run, study or data yet', async () => {
    const { page, faults, close } = await openPage(browser, served.server, { address: 'home' });
    for (const name of ['Start the demo study', 'Import data', 'Add a model']) await page.getByText(name, { exact: true }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });
});
