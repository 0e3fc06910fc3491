/**
 * `npm run screenshots`: every screen and every dialog with real runs in it, light and dark, into dist/screenshots, to be looked at. With
 * `-- --readme` the three of the README are written anew, too.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from './browser.ts';
import { openPage, serveWorkspace } from './page.ts';
import { dialogs, screens, showScreen } from './screens.ts';
import { copyPreparedWorkspace } from './workspace.ts';

const root = join(import.meta.dirname, '..', '..');
const everything = join(root, 'dist', 'screenshots');
const readme = join(root, 'docs', 'screenshots');
/** Name and theme of each picture that the README shows. */
const shown: Readonly<Record<string, 'light' | 'dark'>> = { 'study-results': 'light', compare: 'light', 'run-curves': 'dark' };

async function takeAll(folders: { everything: string; readme: string | null }): Promise<string[]> {
  const workspace = await copyPreparedWorkspace();
  const served = await serveWorkspace(workspace.directory);
  const browser = await launchBrowser();
  const faults: string[] = [];
  try {
    for (const scheme of ['light', 'dark'] as const) {
      const watched = await openPage(browser, served.server, { scheme });
      for (const screen of [...screens, ...dialogs]) {
        await showScreen(watched.page, screen);
        const file = `${screen.name}-${scheme}.png`;
        await watched.page.screenshot({ path: join(folders.everything, file) });
        if (folders.readme !== null && shown[screen.name] === scheme) await watched.page.screenshot({ path: join(folders.readme, `${screen.name}.png`) });
        if (screen.open !== undefined) await watched.page.keyboard.press('Escape');
        faults.push(...watched.faults.splice(0).map((fault) => `${file}: ${fault}`));
      }
      await watched.close();
    }
  } finally {
    await browser.close();
    await served.close();
    workspace.remove();
  }
  return faults;
}

const toReadme = process.argv.includes('--readme');
for (const folder of toReadme ? [everything, readme] : [everything]) mkdirSync(folder, { recursive: true });
const faults = await takeAll({ everything, readme: toReadme ? readme : null });
for (const fault of faults) console.error(fault);
console.log(`${(screens.length + dialogs.length) * 2} pictures in ${everything}${toReadme ? `, ${Object.keys(shown).length} in ${readme}` : ''}`);
process.exitCode = faults.length === 0 ? 0 : 1;
