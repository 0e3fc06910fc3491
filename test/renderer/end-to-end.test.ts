/** The main path as a person goes it, on a real core with real workers: drop data, tune five prompts, reload, lose a worker, vote, compare, export. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLocalClient } from '../../main/service/router/index.ts';
import { launchBrowser } from './browser.ts';
import { openPage, serveWorkspace, type ServedWorkspace } from './page.ts';
import { preparedRuns, settle } from './screens.ts';
import { copyPreparedWorkspace } from './workspace.ts';

let workspace: Awaited<ReturnType<typeof copyPreparedWorkspace>>;
let served: ServedWorkspace;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'souffleur-dropped-'));

beforeAll(async () => {
  workspace = await copyPreparedWorkspace();
  served = await serveWorkspace(workspace.directory);
  browser = await launchBrowser();
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await served?.close();
  workspace?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Three splits of reviews whose label is in their words. */
function writeReviews(): string {
  const directory = join(folder, 'film-notes');
  mkdirSync(directory);
  const words = [['awful', 'dull', 'weak', 'tedious'], ['superb', 'charming', 'brilliant', 'enjoyable']];
  for (const [split, count] of [['train', 160], ['dev', 40], ['test', 40]] as const) {
    const rows = Array.from({ length: count }, (_, index) => `"In ${split} ${index} the plot is ${words[index % 2]?.[Math.floor(index / 2) % 4]}, and the cast is ${words[index % 2]?.[Math.floor(index / 8) % 4]}.",${index % 2}`);
    writeFileSync(join(directory, `${split}.csv`), `sentence,label\n${rows.join('\n')}\n`);
  }
  return directory;
}

/** As the system drags files over the window: Chromium makes the same events of it as of a hand. */
async function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data: { items: [], files: [...paths], dragOperationsMask: 1 } });
    if (type === 'dragOver') await page.getByText('Drop to add').waitFor();
  }
  await session.detach();
}

/** Training workers of this process; empty where there is no /proc. */
function findTrainingWorkers(): number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
      return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join('worker', 'train.ts'));
    } catch {
      return false;
    }
  });
}

async function saved(page: Page, save: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), save()]);
  return readFileSync(await download.path(), 'utf8');
}

it('dropped data is imported, five prompts are tuned on it through a reload and a killed worker, they vote, and the comparison is exported', async () => {
  const client = createLocalClient(served.core);
  const { page, faults, close } = await openPage(browser, served.server);

  await dropFiles(page, [writeReviews()]);
  await page.waitForFunction(() => location.hash.startsWith('#/datasets/import'));
  await page.getByRole('button', { name: /^Import 240 rows/ }).click();
  await page.getByText(/Imported film-notes/).waitFor();
  expect(await client.datasets.list({})).toMatchObject([{ name: 'film-notes' }]);
  expect((await client.datasets.show({ name: 'film-notes' })).splits.map(({ split, rows }) => [split, rows]).toSorted()).toEqual([['dev', 40], ['test', 40], ['train', 160]]);

  await page.evaluate(() => {
    location.hash = '#/runs/new?data=dataset:film-notes&recipe=try';
  });
  await page.getByLabel('steps', { exact: true }).fill('60');
  await page.getByLabel('evaluateEvery', { exact: true }).fill('20');
  await page.getByRole('textbox', { name: 'Seeds' }).fill('1-5');
  const start = page.getByRole('button', { name: 'Start 5 runs' });
  await start.click();
  await page.waitForFunction(() => location.hash === '#/runs/queue');
  // The latest come first.
  const runs = (await client.runs.list({ limit: 5 })).runs.map(({ id }) => id).toSorted();
  expect((await Promise.all(runs.map((run) => client.runs.show({ run })))).map(({ seed }) => seed).toSorted()).toEqual([1, 2, 3, 4, 5]);

  await page.getByText(/step \d+ of 60/).first().waitFor({ timeout: 120_000 });
  await page.reload();
  await page.getByText(/step \d+ of 60|evaluating/).first().waitFor({ timeout: 120_000 });
  const workers = findTrainingWorkers();
  if (existsSync('/proc')) expect(workers).toHaveLength(1);
  for (const worker of workers) process.kill(worker, 'SIGKILL');
  await expect.poll(async () => (await Promise.all(runs.map((run) => client.runs.show({ run })))).map(({ status }) => status), { timeout: 400_000, interval: 500 }).toEqual(Array.from({ length: 5 }, () => 'finished'));
  // Of itself: nobody looked again.
  await page.getByText('Nothing is running').waitFor();

  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/ensembles/new?runs=${runs.join(',')}`);
  await page.getByRole('button', { name: 'Let 5 prompts vote' }).click();
  await page.waitForFunction(() => /#\/ensembles\/[0-9a-f]{16,}/.test(location.hash));
  await settle(page);
  await page.getByRole('heading', { name: 'Votes by example' }).waitFor();

  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/compare?runs=${[preparedRuns.prompts[0], preparedRuns.models[0]].join(',')}`);
  await settle(page);
  await page.getByRole('button', { name: /^Export/ }).click();
  await page.getByLabel('Format').selectOption('csv-examples');
  const table = await saved(page, () => page.getByRole('button', { name: 'Save', exact: true }).click());
  // A heading and every example of the test file.
  expect(table.trim().split('\n').length).toBeGreaterThan(800);

  await page.evaluate(() => {
    location.hash = '#/studies/reviews-and-referents/results';
  });
  await settle(page);
  await page.getByRole('button', { name: /^Export/ }).click();
  const latex = await saved(page, () => page.getByRole('button', { name: 'LaTeX, bare tabular' }).click());
  expect(latex).toContain('\\begin{tabular}');
  expect(faults).toEqual([]);
  await close();
}, 900_000);

it('a study is designed, made and started from the form alone, and stops where it is told', async () => {
  const { page, faults, close } = await openPage(browser, served.server, { address: 'studies/new' });
  await page.getByLabel('Name', { exact: true }).fill('lengths');
  await page.getByLabel('Prompt lengths').first().fill('1, 4');
  await page.getByRole('textbox', { name: 'Seeds', exact: true }).fill('1-2');
  const yaml = page.getByLabel('Study file (YAML)');
  expect(await yaml.inputValue()).toContain('id: prompt-tuning-4');
  await page.getByRole('button', { name: 'Create and start 5 runs' }).click();
  await page.waitForFunction(() => location.hash === '#/studies/lengths/progress');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('button', { name: /^(?:Start|Go on with)/ }).waitFor({ timeout: 120_000 });
  expect(faults).toEqual([]);
  await close();
}, 240_000);
