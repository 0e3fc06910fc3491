/** Every screen on a real core with real runs: for everyone, in either theme, in any language, at any size, with the keyboard alone. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalClient } from '../../main/service/router/index.ts';
import { launchBrowser } from './browser.ts';
import { openPage, serveWorkspace, type PageOptions, type ServedWorkspace, type WatchedPage } from './page.ts';
import { findAxeViolations, findLostControls, findUnmarkedTexts, walkByTab } from './screen-checks.ts';
import { dialogs, preparedRuns, screens, settle, showScreen } from './screens.ts';
import { copyPreparedWorkspace } from './workspace.ts';

let workspace: Awaited<ReturnType<typeof copyPreparedWorkspace>>;
let served: ServedWorkspace;
let browser: Browser;

beforeAll(async () => {
  workspace = await copyPreparedWorkspace();
  served = await serveWorkspace(workspace.directory);
  browser = await launchBrowser();
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await served?.close();
  workspace?.remove();
});

async function withPage(options: PageOptions, use: (watched: WatchedPage) => Promise<void>): Promise<void> {
  const watched = await openPage(browser, served.server, options);
  try {
    await use(watched);
  } finally {
    await watched.close();
  }
}

describe.each(['light', 'dark'] as const)('in the %s theme', (scheme) => {
  it('every screen and every dialog is without a violation of WCAG 2.2 AA that axe finds, and without an error, a broken policy or a foreign request', async () => {
    const found: Record<string, string[]> = {};
    await withPage({ scheme }, async ({ page, faults }) => {
      for (const screen of [...screens, ...dialogs]) {
        await showScreen(page, screen);
        const violations = [...(await findAxeViolations(page)), ...faults.splice(0)];
        if (violations.length > 0) found[screen.name] = violations;
        if (screen.open !== undefined) await page.keyboard.press('Escape');
      }
    });
    expect(found).toEqual({});
  }, 600_000);
});

it('at 200 % zoom, in Russian, which is longer, no control is out of reach', async () => {
  const found: Record<string, string[]> = {};
  await withPage({ width: 640, height: 400, language: 'ru' }, async ({ page }) => {
    for (const screen of screens) {
      await showScreen(page, screen);
      const lost = await findLostControls(page);
      if (lost.length > 0) found[screen.name] = lost.slice(0, 5);
    }
  });
  expect(found).toEqual({});
}, 600_000);

/** What the core calls things, and what papers do: the same in every language. */
async function listNames(): Promise<string[]> {
  const client = createLocalClient(served.core);
  const { methods, builtIn } = await client.runs.options();
  const formats = await client.tasks.formats();
  const { sizes } = await client.models.show({ name: 'built-in' });
  const answers = await client.runs.answers({ run: preparedRuns.prompts[0], split: 'dev' });
  const tables = await Promise.all((await client.published.list()).map(({ id }) => client.published.show({ id })));
  const { providers } = await client.devices.probe({ cache: 'use' });
  return [
    'Souffleur', 'souffleur', 'English', 'Русский', 'reviews-and-referents', 'first-study', 'built-in:span-corruption', 'built-in', 'zero-shot', 'Zero-shot',
    'SHA-256', 'train', 'dev', 'test', ...Object.keys(sizes), ...answers.rows.flatMap(({ input, answer, target }) => [input ?? '', answer, target ?? '']),
    ...methods.flatMap(({ id, title, reference, settings }) => [id, title, reference, ...settings.flatMap(({ key, description, takes }) => [key, description ?? '', takes])]),
    ...formats.flatMap(({ format, title, metrics, labels, roles }) => [format, title, ...metrics, ...(labels ?? []), ...roles.map(({ role }) => role)]), ...builtIn.flatMap(({ id, title }) => [id, title]),
    ...tables.flatMap(({ id, title, source, results }) => [id, title, source.paper, ...results.flatMap(({ method, model, task, metricAsPrinted }) => [method, model, task ?? '', metricAsPrinted])]),
    ...providers.flatMap(({ provider, reason }) => [provider, reason ?? '']),
  ].filter((name) => name !== '').toSorted((a, b) => b.length - a.length);
}

it('every text comes from the catalogue: in the pseudo-language none is without its marks', async () => {
  const found: Record<string, string[]> = {};
  const names = await listNames();
  await withPage({ language: 'pseudo' }, async ({ page }) => {
    for (const screen of [...screens, ...dialogs]) {
      await showScreen(page, screen);
      const unmarked = await findUnmarkedTexts(page, names);
      if (unmarked.length > 0) found[screen.name] = unmarked;
      if (screen.open !== undefined) await page.keyboard.press('Escape');
    }
  });
  expect(found).toEqual({});
}, 600_000);

it('the keyboard alone goes to every section, into a list, through a study’s tabs and back, and always shows where it is', async () => {
  await withPage({}, async ({ page, faults }) => {
    for (const [letter, section] of [['m', 'models'], ['l', 'library'], ['d', 'datasets'], ['r', 'runs'], ['e', 'ensembles'], ['c', 'compare'], ['p', 'packs'], [',', 'settings'], ['s', 'studies']] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(letter);
      await page.waitForFunction((wanted) => location.hash.startsWith(`#/${wanted}`), section);
      await settle(page);
      const { unseen } = await walkByTab(page, 14);
      expect(unseen, `without a visible focus in ${section}`).toEqual([]);
      await page.locator('main').focus();
    }
    await page.keyboard.press('/');
    await page.keyboard.type('referents');
    for (let stop = 0; stop < 4 && (await page.evaluate(() => document.activeElement?.getAttribute('role'))) !== 'grid'; stop += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash.startsWith('#/studies/reviews-and-referents'));
    await settle(page);
    for (let stop = 0; stop < 12 && (await page.evaluate(() => document.activeElement?.textContent?.trim())) !== 'Tests'; stop += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'In words' }).waitFor();
    expect(faults).toEqual([]);
  });
}, 240_000);

it('a dialog keeps the focus inside and gives it back', async () => {
  await withPage({ address: 'studies/reviews-and-referents/results' }, async ({ page }) => {
    await settle(page);
    const opener = page.getByRole('button', { name: /^Export/ });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    for (let stop = 0; stop < 20; stop += 1) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('settings');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.hash === '#/settings');
  });
}, 120_000);
