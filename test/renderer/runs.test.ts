/** Runs, their queue and their prompts in a real page, against the real core and a real worker. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRunId } from '../../main/store/identifiers.ts';
import { launchBrowser } from './browser.ts';
import { openPage, serveWorkspace, type ServedWorkspace } from './page.ts';
import { copyPreparedWorkspace } from './workspace.ts';

let browser: Browser;
let workspace: { directory: string; remove(): void };
let served: ServedWorkspace;

beforeAll(async () => {
  workspace = await copyPreparedWorkspace();
  [browser, served] = [await launchBrowser(), await serveWorkspace(workspace.directory)];
}, 600_000);
afterAll(async () => {
  await browser.close();
  await served.close();
  workspace.remove();
});

describe('a run from the form', () => {
  it('is checked while it is filled in, started, followed over a reload, and stopped with its best', async () => {
    const { page, faults, close } = await openPage(browser, served.server, { address: 'runs/new?recipe=try' });
    await page.getByText('Fits into memory').waitFor({ timeout: 30_000 });
    await page.getByLabel('batchSize', { exact: true }).fill('many');
    await page.getByText('batchSize=many').waitFor();
    await expect(page.getByRole('button', { name: 'Start 1 run' }).isDisabled()).resolves.toBe(true);
    await page.getByLabel('batchSize', { exact: true }).fill('4');
    await page.getByLabel('evaluateEvery', { exact: true }).fill('5');
    await page.getByLabel('steps', { exact: true }).fill('100000');
    await page.getByRole('button', { name: 'Start 1 run' }).click({ timeout: 30_000 });
    await page.getByRole('heading', { name: 'r0017' }).waitFor({ timeout: 30_000 });
    await page.getByText(/step \d+ of 100000/).first().waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: /^Checkpoints \d/ }).waitFor({ timeout: 60_000 });
    await page.reload();
    await page.getByRole('heading', { name: 'r0017' }).waitFor();
    await page.getByText(/step \d+ of 100000/).first().waitFor({ timeout: 30_000 });
    await page.getByRole('link', { name: 'Examples' }).click();
    await page.getByRole('grid', { name: 'Examples' }).getByText('row-0', { exact: true }).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Stop and keep the best' }).click();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText(/Stopped by hand at step/).waitFor({ timeout: 120_000 });
    expect(served.core.workspace.runs.get(parseRunId('r0017')).status).toBe('finished');
    expect(faults).toEqual([]);
    await close();
  }, 240_000);
});

describe('the list', () => {
  it('draws what is in view of five thousand runs, filters them in the core, and takes a thrown-away run back', async () => {
    const { core } = served;
    const old = core.workspace.runs.get(parseRunId('r0002'));
    core.workspace.transaction(() => {
      for (let seed = 0; seed < 5000; seed += 1) {
        const run = core.workspace.runs.create({ ...old, seed, parent: null, inputs: core.workspace.runInputs.list(old.id) });
        core.workspace.runs.changeStatus(run.id, { to: 'cancelled' });
      }
    });
    const { page, faults, close } = await openPage(browser, served.server, { address: 'runs' });
    await page.getByText(/^5,01\d runs$/).waitFor({ timeout: 30_000 });
    const list = page.getByRole('grid', { name: 'Runs of this workspace' });
    expect(await list.getByRole('row').count()).toBeLessThan(120);
    await list.focus();
    await page.keyboard.press('End');
    await list.getByText('r0001', { exact: true }).waitFor();
    expect(await list.getByRole('row').count()).toBeLessThan(120);
    await page.keyboard.press('/');
    await page.keyboard.type('method:full-tuning status:finished');
    await page.getByText('4 runs', { exact: true }).waitFor();
    await list.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 marked').waitFor();
    await page.getByRole('button', { name: 'Move 2 to trash' }).click();
    await page.getByText('2 runs', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('4 runs', { exact: true }).waitFor();
    expect(faults).toEqual([]);
    await close();
  }, 120_000);
});

describe('a prompt', () => {
  it('is looked into by a worker, pinned, and begins another run', async () => {
    const { page, faults, close } = await openPage(browser, served.server, { address: 'runs/r0003/checkpoints/20' });
    await page.getByLabel('Dev examples').evaluate((input: HTMLInputElement) => input.closest('details')?.setAttribute('open', ''));
    await page.getByLabel('Dev examples').fill('20');
    await page.getByLabel('Examples for sensitivity').fill('4');
    await page.getByRole('button', { name: 'Look into it' }).click();
    await page.getByText('Cosine of every row with its nearest pieces').first().waitFor({ timeout: 90_000 });
    await page.getByText(/of 20 answers differ from zero-shot’s|not one of 20 answers differs/).waitFor();
    await page.getByRole('button', { name: 'Pin …' }).click();
    await page.getByLabel('Name', { exact: true }).fill('<b>kept</b>');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('grid', { name: 'Checkpoints' }).getByText('◎ <b>kept</b>').waitFor();
    await page.getByRole('link', { name: 'Start from here …' }).click();
    await page.getByRole('heading', { name: 'A run that begins with r0003/20' }).waitFor();
    await page.getByText('Fits into memory').waitFor({ timeout: 30_000 });
    expect(await page.getByLabel('initCheckpoint', { exact: true }).inputValue()).toBe('r0003/20');
    expect(faults).toEqual([]);
    await close();
  }, 180_000);
});
