/** The one place that makes windows. */
import { join } from 'node:path';
import { BrowserWindow, nativeTheme, type BrowserWindowConstructorOptions, type Rectangle, type WebPreferences } from 'electron';
import { pageUrl, remoteArgument } from './bridge.ts';

/** Everything that a page of ours must not be able to do, written out: a changed default of Electron changes nothing here. */
export function makeWebPreferences({ preload, remote, devTools }: { preload: string; remote: string | null; devTools: boolean }): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    plugins: false,
    // Dictionaries would be fetched from a server of Google's.
    spellcheck: false,
    safeDialogs: true,
    devTools,
    // A window in the background still shows how a run goes when it is looked at again; it costs little.
    backgroundThrottling: true,
    additionalArguments: remote === null ? [] : [`${remoteArgument}${remote}`],
  };
}

export interface WindowRequest {
  /** `host:port` of a core elsewhere, shown in the title. */
  remote: string | null;
  remoteMark(remote: string): string;
  bounds: Partial<Rectangle>;
  isMaximized: boolean;
  devTools: boolean;
  icon?: string;
}

/** As `--surface` in renderer/style/tokens.css: no flash of another colour before the page paints. */
const surface = { light: '#ffffff', dark: '#15171b' } as const;

/** Makes a window and loads the page in it; shown when there is something to see. */
export function openWindow({ remote, remoteMark, bounds, isMaximized, devTools, icon }: WindowRequest): BrowserWindow {
  const options: BrowserWindowConstructorOptions = {
    width: 1280,
    height: 800,
    ...bounds,
    minWidth: 640,
    minHeight: 480,
    show: false,
    title: 'Souffleur',
    backgroundColor: nativeTheme.shouldUseDarkColors ? surface.dark : surface.light,
    ...(icon === undefined ? {} : { icon }),
    webPreferences: makeWebPreferences({ preload: join(import.meta.dirname, 'preload.cjs'), remote, devTools }),
  };
  const window = new BrowserWindow(options);
  window.once('ready-to-show', () => {
    if (isMaximized) window.maximize();
    window.show();
  });
  if (remote !== null) {
    window.on('page-title-updated', (event, title) => {
      event.preventDefault();
      window.setTitle(`${remoteMark(remote)} – ${title}`);
    });
  }
  void window.loadURL(pageUrl).catch(() => {
    // What became of it is told by `did-fail-load` and `render-process-gone`.
  });
  return window;
}
