/** Crash dumps stay on this machine; a page that fell is loaded again, within a budget. */
import { crashReporter, type BrowserWindow } from 'electron';
import { pageHost, pageUrl, scheme } from './bridge.ts';
import { createCrashBudget } from './crash-budget.ts';
import { stoppedPath } from './page-protocol.ts';

export function keepCrashDumps(): void {
  crashReporter.start({ uploadToServer: false, ignoreSystemCrashHandler: false, compress: true });
}

export function recoverPage(window: BrowserWindow, now: () => number = Date.now): void {
  const budget = createCrashBudget();
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    console.error(`souffleur: the page's process ended: ${reason} (${exitCode})`);
    void window.loadURL(budget.spend(now()) ? pageUrl : `${scheme}://${pageHost}${stoppedPath}`);
  });
}
