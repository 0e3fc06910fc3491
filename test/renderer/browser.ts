/** A real browser on the real page: an installed Chromium where there is one, else the one that npm brought. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function launchBrowser(): Promise<Browser> {
  const own = [process.env['CHROMIUM_PATH'] ?? '', ...installed].find((path) => path !== '' && existsSync(path));
  // Chromium refuses to run as root with its sandbox, as machines for tests often do.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  if (own !== undefined) return chromium.launch({ executablePath: own, args });
  const { default: sparticuz } = await import('@sparticuz/chromium');
  return chromium.launch({ executablePath: await sparticuz.executablePath(), args: [...sparticuz.args, ...args], headless: true });
}
