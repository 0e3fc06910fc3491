/** The native menus. What a page does is sent to it by name (`MenuCommand`); the page's own keys stay the page's. */
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../main/contract/shell.ts';
import type { ShellTexts } from './texts.ts';

export interface MenuParts {
  texts: ShellTexts;
  isMac: boolean;
  /** In a checkout only. */
  hasDeveloperTools: boolean;
  send(command: MenuCommand): void;
  importData(): void;
  openPack(): void;
  openRemote(): void;
  openLogs(): void;
  openWorkspace(): void;
}

type Item = MenuItemConstructorOptions;

const separator: Item = { type: 'separator' };
const places = ['home', 'models', 'library', 'datasets', 'runs', 'ensembles', 'compare', 'studies', 'packs'] as const;

export function makeMenu(parts: MenuParts): Item[] {
  const { texts, isMac } = parts;
  const menus: Item[] = [fileMenu(parts), editMenu(texts), viewMenu(parts), windowMenu(parts), helpMenu(parts)];
  return isMac ? [appMenu(parts), ...menus] : menus;
}

function appMenu({ texts, send }: MenuParts): Item {
  return {
    label: 'Souffleur',
    submenu: [
      { role: 'about', label: texts.about }, separator,
      { label: texts.settings, accelerator: 'Cmd+,', click: () => send('settings') }, separator,
      { role: 'hide', label: texts.hide }, { role: 'hideOthers', label: texts.hideOthers }, { role: 'unhide', label: texts.showAll }, separator,
      { role: 'quit', label: texts.quit },
    ],
  };
}

function fileMenu({ texts, isMac, send, importData, openPack, openRemote }: MenuParts): Item {
  const end: Item[] = isMac
    ? [{ role: 'close', label: texts.close }]
    : [{ label: texts.settings, accelerator: 'Ctrl+,', click: () => send('settings') }, separator, { role: 'quit', label: texts.quit, accelerator: 'Ctrl+Q' }];
  return {
    label: texts.file,
    submenu: [
      { label: texts.newRun, accelerator: 'CmdOrCtrl+N', click: () => send('new-run') },
      { label: texts.importData, accelerator: 'CmdOrCtrl+I', click: importData },
      { label: texts.openPack, accelerator: 'CmdOrCtrl+O', click: openPack },
      separator, { label: texts.remoteCore, click: openRemote }, separator, ...end,
    ],
  };
}

/** Undo and redo are the field's while text is typed, which the roles take care of. */
function editMenu(texts: ShellTexts): Item {
  return {
    label: texts.edit,
    submenu: [
      { role: 'undo', label: texts.undo }, { role: 'redo', label: texts.redo }, separator,
      { role: 'cut', label: texts.cut }, { role: 'copy', label: texts.copy }, { role: 'paste', label: texts.paste }, { role: 'selectAll', label: texts.selectAll },
    ],
  };
}

function viewMenu({ texts, send, hasDeveloperTools }: MenuParts): Item {
  const developer: Item[] = hasDeveloperTools ? [separator, { role: 'reload', label: texts.reload }, { role: 'toggleDevTools', label: texts.developerTools }] : [];
  return {
    label: texts.view,
    submenu: [
      // The page listens for this key itself: shown here, not taken from it.
      { label: texts.palette, accelerator: 'CmdOrCtrl+K', registerAccelerator: false, click: () => send('palette') }, separator,
      ...places.map((place, index): Item => ({ label: texts[place], accelerator: `CmdOrCtrl+${index + 1}`, click: () => send(`view:${place}`) })), separator,
      { role: 'resetZoom', label: texts.zoomReset }, { role: 'zoomIn', label: texts.zoomIn }, { role: 'zoomOut', label: texts.zoomOut }, { role: 'togglefullscreen', label: texts.fullScreen },
      ...developer,
    ],
  };
}

function windowMenu({ texts, isMac }: MenuParts): Item {
  const mac: Item[] = isMac ? [{ role: 'zoom', label: texts.zoom }, separator, { role: 'front', label: texts.front }] : [{ role: 'close', label: texts.close }];
  return { label: texts.windowMenu, submenu: [{ role: 'minimize', label: texts.minimize }, ...mac] };
}

function helpMenu({ texts, isMac, send, openLogs, openWorkspace }: MenuParts): Item {
  return {
    label: texts.help,
    role: 'help',
    submenu: [
      { label: texts.shortcuts, click: () => send('help') }, separator,
      { label: texts.openLogs, click: openLogs }, { label: texts.openWorkspace, click: openWorkspace },
      ...(isMac ? [] : [separator, { role: 'about', label: texts.about } satisfies Item]),
    ],
  };
}
