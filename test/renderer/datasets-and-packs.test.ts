import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalClient } from '../../main/service/router/index.ts';
import { launchBrowser } from './browser.ts';
import { hostileTexts } from './hostile-texts.ts';
import { openPage, serveWorkspace, type ServedWorkspace } from './page.ts';
import { copyPreparedWorkspace } from './workspace.ts';

let browser: Browser;
let served: ServedWorkspace;
let copy: { directory: string; remove(): void };
let folder: string;

beforeAll(async () => {
  browser = await launchBrowser();
  copy = await copyPreparedWorkspace();
  served = await serveWorkspace(copy.directory);
  folder = mkdtempSync(join(tmpdir(), 'souffleur-page-data-'));
}, 1_200_000);
afterAll(async () => {
  await browser?.close();
  await served?.close();
  copy?.remove();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Nothing of a text became an element or ran. */
async function expectOnlyText(page: Page): Promise<void> {
  expect(await page.evaluate(() => ({
    hacked: 'hacked' in window, elements: document.querySelectorAll('main script, main img, main style, main b:not(:has(bdi)), main i, main a[href^="javascript"], main [onload], main [onerror]').length,
  }))).toEqual({ hacked: false, elements: 0 });
}

async function drop(page: Page, files: readonly { name: string; text: string }[]): Promise<void> {
  const transfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const { name, text } of given) data.items.add(new File([text], name));
    return data;
  }, files);
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

describe('the import of data', () => {
  it('shows a dropped file with its roles, what a model reads and what is wrong, imports it, and takes it back', async () => {
    const { page, faults, close } = await openPage(browser, served.server, { address: 'datasets' });
    const lines = ['review;verdict', 'a warm and clever film;good', 'a warm and clever film;bad', 'two hours of nothing;bad', 'see it twice, it grows;good'];
    await drop(page, [{ name: 'reviews.csv', text: `${lines.join('\n')}\n` }]);
    await page.getByRole('combobox', { name: 'Role of the column verdict' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Role of the column verdict' }).inputValue()).toBe('label');
    await page.getByText('Same input, different labels').waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('my-reviews');
    await page.getByRole('combobox', { name: 'Role of the column verdict' }).selectOption('');
    await page.getByRole('combobox', { name: 'Role of the column verdict' }).selectOption('label');
    await page.getByRole('button', { name: 'Import 4 rows' }).click();
    await page.getByRole('heading', { level: 1, name: 'my-reviews' }).waitFor();
    expect(await createLocalClient(served.core).datasets.show({ name: 'my-reviews' })).toMatchObject({ format: 'classification', splits: [{ rows: 4, columns: ['review', 'verdict'] }] });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('heading', { level: 1, name: 'my-reviews' }).waitFor({ state: 'detached' });
    expect(await createLocalClient(served.core).datasets.list()).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  it('survives a reload, and a hostile text is nothing but text in the sheet, the report and the rows', async () => {
    const file = join(folder, 'hostile.jsonl');
    const [name] = hostileTexts;
    writeFileSync(file, hostileTexts.map((text, index) => `${JSON.stringify({ sentence: text, [name]: text, label: index % 2 })}\n`).join(''));
    const { page, faults, close } = await openPage(browser, served.server, { address: 'datasets/import' });
    await page.getByRole('textbox', { name: 'Path on the core’s machine' }).fill(file);
    await page.getByRole('textbox', { name: 'Path on the core’s machine' }).press('Enter');
    await page.getByRole('columnheader', { name }).waitFor();
    await page.reload();
    await page.getByRole('columnheader', { name }).waitFor();
    const sheet = await page.locator('main').textContent();
    for (const text of hostileTexts.slice(0, 7)) expect(sheet).toContain(text);
    await expectOnlyText(page);
    await page.getByRole('button', { name: `Import ${hostileTexts.length} rows` }).click();
    await page.getByRole('heading', { level: 1, name: 'hostile' }).waitFor();
    await expectOnlyText(page);
    await page.getByRole('link', { name: 'Rows' }).click();
    await page.getByRole('grid', { name: 'hostile / all' }).getByRole('row').nth(2).click();
    await page.getByRole('region', { name: 'Row 2' }).getByText(hostileTexts[1]).first().waitFor();
    await expectOnlyText(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(faults).toEqual([]);
    await close();
  });
});

describe('a pack', () => {
  it('of hostile texts is shown before it is trusted, imported, asked, and no text of it is more than text', async () => {
    const client = createLocalClient(served.core);
    const runs = (await client.runs.list({})).runs.filter(({ method, task, status }) => method === 'prompt-tuning' && task === 'sst2' && status === 'finished').slice(0, 2);
    const [title, licence] = [hostileTexts[1], hostileTexts.join('\n').replaceAll('\0', '').slice(0, 9000)];
    const { path } = await client.packs.export({ source: { kind: 'checkpoints', checkpoints: runs.map(({ id }) => id) }, folder, fileName: 'hostile.promptpack', title, licence });
    const { page, faults, close } = await openPage(browser, served.server, { address: 'packs' });
    await page.locator('input[type=file]').first().setInputFiles(path);
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByText('You have the base model').waitFor();
    expect(await page.locator('main').textContent()).toContain(hostileTexts[0]);
    await expectOnlyText(page);
    expect(await client.packs.list({})).toEqual([]);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Ask' }).first().click();
    await page.getByRole('textbox').last().fill(`a fine film\n${hostileTexts[1]}`);
    await page.getByRole('button', { name: 'Answer 2 texts' }).click();
    await page.getByRole('grid', { name: 'Answers' }).getByText('a fine film').click({ timeout: 60_000 });
    await page.getByRole('group', { name: 'Answer to' }).getByText('Prompt 2:').waitFor();
    await expectOnlyText(page);
    expect(faults).toEqual([]);
    await close();
  });
});
