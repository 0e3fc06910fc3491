/** What the system shows of runs: the taskbar's bar, notifications, and that the machine stays awake. */
import { Notification, powerSaveBlocker } from 'electron';
import type { RunNews, RunSurface } from './run-watch.ts';
import type { ShellWindows } from './shell-windows.ts';
import type { ShellTexts } from './texts.ts';

export interface RunSurfaceParts {
  windows: ShellWindows;
  texts(): ShellTexts;
  /** A notification was clicked. */
  show(run: string): void;
}

export function createRunSurface({ windows, texts, show }: RunSurfaceParts): RunSurface {
  let blocker: number | null = null;
  /** One that is not referred to can be collected before it is clicked. */
  const shown = new Set<Notification>();
  return {
    showProgress(fraction) {
      // Below zero takes the bar away.
      for (const window of windows.list()) window.setProgressBar(fraction ?? -1);
    },
    keepAwake(isNeeded) {
      if (isNeeded && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
      if (!isNeeded && blocker !== null) {
        powerSaveBlocker.stop(blocker);
        blocker = null;
      }
    },
    tellEnded(news) {
      // Whoever looks at the window sees it there.
      if (windows.list().some((window) => window.isFocused()) || !Notification.isSupported()) return;
      const [first] = news;
      if (first === undefined) return;
      const notification = new Notification(describe(news, first, texts()));
      shown.add(notification);
      notification.on('click', () => show(first.id));
      for (const event of ['click', 'close'] as const) notification.on(event as 'click', () => shown.delete(notification));
      notification.show();
    },
  };
}

function describe(news: readonly RunNews[], first: RunNews, t: ShellTexts): { title: string; body: string } {
  const lines = news.map(({ id, outcome, description }) => `${outcome === 'finished' ? t.runFinished : t.runFailed}: ${id} · ${description}`);
  if (news.length > 1) return { title: t.runsEnded(news.length), body: lines.slice(0, 5).join('\n') };
  return { title: `${first.outcome === 'finished' ? t.runFinished : t.runFailed}: ${first.id}`, body: first.description };
}
