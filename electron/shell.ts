/** The desktop program itself: opens the core and a window on it, and holds everything together until the end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { app, clipboard, dialog, Menu, nativeTheme, screen, session, shell, type BrowserWindow } from 'electron';
import { toProblem } from '../main/contract/problem.ts';
import { defaultWorkspaceDirectory } from '../main/service/workspace-directory.ts';
import { answerPages, chooseFiles } from './bridge-handlers.ts';
import { openLocalCore, type CoreLink, type LocalCoreLink } from './core-link.ts';
import { recoverPage } from './crash-recovery.ts';
import { createIpcGate } from './ipc.ts';
import { makeMenu } from './menu.ts';
import type { OpenRequest } from './open-request.ts';
import { servePage } from './page-protocol.ts';
import type { ProgramPlaces } from './program.ts';
import { createQuitting, type QuitChoice } from './quit.ts';
import { parseRemoteAddress } from './remote-address.ts';
import { openRemoteCore } from './remote-core.ts';
import { watchRuns } from './run-watch.ts';
import { createRunSurface } from './run-surface.ts';
import { guardSession } from './session-guard.ts';
import { findVisibleBounds, openShellState } from './shell-state.ts';
import { createShellWindows } from './shell-windows.ts';
import { chooseLanguage, textsOf, type ShellTexts } from './texts.ts';
import { openWindow } from './window.ts';

/**
 * @param requests what the program was started with
 * @returns takes what comes later; null only brings the window to the front
 */
export async function startShell(requests: readonly OpenRequest[], places: ProgramPlaces): Promise<(request: OpenRequest | null) => void> {
  const state = openShellState(join(app.getPath('userData'), 'shell.json'));
  const texts = (): ShellTexts => textsOf(state.current.language ?? chooseLanguage(app.getLocale()));
  const windows = createShellWindows();
  nativeTheme.themeSource = state.current.theme;
  guardSession(session.defaultSession);
  servePage(session.defaultSession, { directory: places.page, texts });

  const local = await openCoreOrAsk(texts);
  if (local === null) {
    app.exit(1);
    return () => {};
  }

  const open = (link: CoreLink): BrowserWindow => {
    const isFirst = link.remote === null;
    const window = openWindow({
      remote: link.remote,
      remoteMark: (host) => texts().remoteMark(host),
      bounds: findVisibleBounds(isFirst ? state.current.bounds : null, screen.getAllDisplays().map(({ workArea }) => workArea)) ?? {},
      isMaximized: isFirst && state.current.isMaximized,
      devTools: !app.isPackaged,
      ...(existsSync(places.icon) ? { icon: places.icon } : {}),
    });
    windows.add(window, link);
    recoverPage(window);
    return window;
  };

  const surface = createRunSurface({ windows, texts, show: (id) => {
    const window = showLocal();
    windows.send(`view:runs/${id}`, window);
  } });
  const watch = watchRuns(local, surface);
  const quitting = createQuitting({
    runsAtWork: () => watch.atWork,
    ask: (runs) => askToQuit(runs, texts(), localWindow),
    hideWindows: () => {
      for (const window of windows.list()) window.hide();
    },
    showWindows: () => {
      for (const window of windows.list()) window.show();
    },
    whenIdle: () => local.core.queue.whenIdle(),
    close: async () => {
      watch.stop();
      await local.close();
    },
    exit: () => app.quit(),
  });

  let localWindow: BrowserWindow | null = null;
  const openLocal = (): BrowserWindow => {
    const window = open(local);
    localWindow = window;
    window.on('close', (event) => {
      if (!window.isMinimized() && !window.isFullScreen()) state.change({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
      // On macOS a program stays without windows.
      if (process.platform !== 'darwin' && !quitting.request()) event.preventDefault();
    });
    window.once('closed', () => {
      localWindow = null;
    });
    return window;
  };
  const showLocal = (): BrowserWindow => {
    quitting.comeBack();
    const window = localWindow ?? openLocal();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    return window;
  };

  const connectRemote = async (address: string, owner: BrowserWindow | null): Promise<void> => {
    const parsed = parseRemoteAddress(address);
    const question = { type: 'question' as const, message: texts().remoteTitle(parsed.host), detail: texts().remoteDetail, buttons: [texts().remoteConnect, texts().cancel], defaultId: 1, cancelId: 1, noLink: true };
    const { response } = await (owner === null ? dialog.showMessageBox(question) : dialog.showMessageBox(owner, question));
    if (response !== 0) return;
    const link = await openRemoteCore(parsed);
    open(link).once('closed', () => void link.close());
  };

  const choose = async (kind: 'data' | 'pack'): Promise<void> => {
    const window = windows.current() ?? showLocal();
    for (const file of await chooseFiles(kind, window.webContents, { windows, state, texts })) windows.sendFile(file, window);
  };
  const setMenu = (): void => Menu.setApplicationMenu(Menu.buildFromTemplate(makeMenu({
    texts: texts(),
    isMac: process.platform === 'darwin',
    hasDeveloperTools: !app.isPackaged,
    send: (command) => windows.send(command, windows.current() ?? showLocal()),
    importData: () => void choose('data').catch(complain),
    openPack: () => void choose('pack').catch(complain),
    openRemote: () => void Promise.resolve(clipboard.readText()).then((text) => connectRemote(text, windows.current())).catch(complain),
    openLogs: () => void shell.openPath(local.core.workspace.folder('logs')),
    openWorkspace: () => void shell.openPath(local.core.workspace.directory),
  })));

  answerPages(createIpcGate((contents) => windows.isKnown(contents)), {
    windows, state, texts,
    applyPreferences: () => {
      nativeTheme.themeSource = state.current.theme;
      setMenu();
    },
    openRemoteCore: connectRemote,
  });
  app.on('before-quit', (event) => {
    if (!quitting.request()) event.preventDefault();
  });
  app.on('window-all-closed', () => {
    // The quitting decides; without this listener Electron would end at once.
  });
  app.on('activate', () => void showLocal());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => quitting.end());

  const take = (request: OpenRequest | null): void => {
    const window = showLocal();
    if (request === null) return;
    if (request.kind === 'place') windows.send(`view:${request.place}`, window);
    else void local.grant(request.path).then((file) => windows.sendFile(file, window)).catch(complain);
  };
  setMenu();
  openLocal();
  for (const request of requests) take(request);
  return take;
}

/** Another core may hold the workspace: it is named, and can be ended meanwhile. @returns null when the person gave up */
async function openCoreOrAsk(texts: () => ShellTexts): Promise<LocalCoreLink | null> {
  for (;;) {
    try {
      return await openLocalCore(defaultWorkspaceDirectory());
    } catch (thrown) {
      const { message } = toProblem(thrown);
      console.error(message);
      const { response } = await dialog.showMessageBox({ type: 'error', message: texts().coreTitle, detail: message, buttons: [texts().tryAgain, texts().quit], defaultId: 0, cancelId: 1, noLink: true });
      if (response !== 0) return null;
    }
  }
}

async function askToQuit(runs: number, t: ShellTexts, owner: BrowserWindow | null): Promise<QuitChoice> {
  const question = {
    type: 'question' as const, message: t.quitTitle, detail: `${t.quitText(runs)} ${t.quitDetail}`, buttons: [t.quitLater, t.quitNow, t.cancel], defaultId: 0, cancelId: 2, noLink: true,
  };
  const { response } = await (owner === null ? dialog.showMessageBox(question) : dialog.showMessageBox(owner, question));
  return (['later', 'now', 'cancel'] as const)[response] ?? 'cancel';
}

function complain(thrown: unknown): void {
  dialog.showErrorBox('Souffleur', toProblem(thrown).message);
}
