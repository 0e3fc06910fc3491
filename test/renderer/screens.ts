/** Every screen of the page with something on it, for the tests that hold of all of them and for the screenshots. */
import type { Page } from 'playwright-core';

export interface Screen {
  /** Of its picture. */
  name: string;
  /** After `#/`. */
  address: string;
  /** Done once it is there: a dialog opened, a row chosen. */
  open?: (page: Page) => Promise<void>;
}

/** Runs of the prepared workspace: a task's zero-shot run, its five prompts, two whole models; then the other task's. */
export const preparedRuns = { prompts: ['r0002', 'r0003', 'r0004', 'r0005', 'r0006'], models: ['r0007', 'r0008'] } as const;
const study = 'reviews-and-referents';

export const screens: readonly Screen[] = [
  { name: 'home', address: 'home' },
  { name: 'models', address: 'models/built-in' },
  { name: 'library', address: 'library' },
  { name: 'datasets', address: 'datasets' },
  { name: 'datasets-import', address: 'datasets/import' },
  { name: 'runs', address: `runs/${preparedRuns.prompts[0]}` },
  { name: 'run-curves', address: `runs/${preparedRuns.prompts[0]}/curves` },
  { name: 'run-checkpoints', address: `runs/${preparedRuns.prompts[0]}/checkpoints` },
  { name: 'run-examples', address: `runs/${preparedRuns.prompts[0]}/examples` },
  { name: 'run-new', address: 'runs/new' },
  { name: 'queue', address: 'runs/queue' },
  { name: 'ensembles', address: 'ensembles' },
  { name: 'ensemble-new', address: `ensembles/new?runs=${preparedRuns.prompts.join(',')}` },
  { name: 'compare', address: `compare?runs=${[...preparedRuns.prompts, ...preparedRuns.models].join(',')}` },
  { name: 'compare-empty', address: 'compare' },
  { name: 'study-results', address: `studies/${study}/results?published=yes` },
  { name: 'study-progress', address: `studies/${study}/progress` },
  { name: 'study-tests', address: `studies/${study}/tests` },
  { name: 'study-ablations', address: `studies/${study}/ablations` },
  { name: 'study-design', address: 'studies/new' },
  { name: 'packs', address: 'packs' },
  { name: 'pack-open', address: 'packs/open' },
  { name: 'pack-export', address: `packs/export?runs=${preparedRuns.prompts.join(',')}` },
  { name: 'settings', address: 'settings' },
];

/** Screens with something open above them. */
export const dialogs: readonly Screen[] = [
  { name: 'palette', address: 'home', open: (page) => page.keyboard.press('Control+k') },
  { name: 'shortcuts', address: 'home', open: (page) => page.keyboard.press('?') },
  { name: 'model-download', address: 'models', open: (page) => page.locator('main header button').last().click() },
  { name: 'study-export', address: `studies/${study}/results`, open: (page) => page.locator('main .scroll header button').first().click() },
];

/** Goes there inside the page, as a link does, and waits until nothing on it is still being asked for. */
export async function showScreen(page: Page, { address, open }: Screen): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/${address}`);
  await settle(page);
  if (open === undefined) return;
  await open(page);
  await page.locator('dialog[open]').waitFor();
  await settle(page);
}

/** The same words in every language of the catalogue. */
const waiting = /Loading …|Загрузка …|Lóádíñg …/;

export async function settle(page: Page): Promise<void> {
  await page.locator('main').waitFor();
  // Views ask when they are mounted, a frame after the address has changed.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.waitForTimeout(150);
  await page.waitForFunction((source) => !new RegExp(source).test(document.body.innerText), waiting.source, { timeout: 60_000 });
  await page.waitForTimeout(100);
}
