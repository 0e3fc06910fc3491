/** The windows that are open, each with the core that it speaks with. */
import { MessageChannelMain, type BrowserWindow, type WebContents } from 'electron';
import type { GrantedFile, MenuCommand } from '../main/contract/shell.ts';
import { channels } from './bridge.ts';
import type { CoreLink } from './core-link.ts';

export interface ShellWindows {
  add(window: BrowserWindow, link: CoreLink): void;
  isKnown(contents: WebContents): boolean;
  linkOf(contents: WebContents): CoreLink;
  windowOf(contents: WebContents): BrowserWindow;
  list(): readonly BrowserWindow[];
  /** The one in front, else the first. */
  current(): BrowserWindow | null;
  /** Gives the page a port of its own to its core. */
  connect(contents: WebContents): void;
  send(command: MenuCommand, window?: BrowserWindow | null): void;
  /** As soon as the window's page listens. */
  sendFile(file: GrantedFile, window: BrowserWindow): void;
  /** The page listens now. */
  flushFiles(contents: WebContents): void;
}

interface Entry {
  window: BrowserWindow;
  link: CoreLink;
  waiting: GrantedFile[];
  isListening: boolean;
}

export function createShellWindows(): ShellWindows {
  const entries = new Map<WebContents, Entry>();
  const find = (contents: WebContents): Entry => {
    const entry = entries.get(contents);
    if (entry === undefined) throw new Error('a window that the shell did not open');
    return entry;
  };
  const windows: ShellWindows = {
    add(window, link) {
      const contents = window.webContents;
      entries.set(contents, { window, link, waiting: [], isListening: false });
      // A page that is loaded again has to say anew that it listens.
      contents.on('did-start-loading', () => {
        const entry = entries.get(contents);
        if (entry !== undefined) entry.isListening = false;
      });
      window.once('closed', () => entries.delete(contents));
    },
    isKnown: (contents) => entries.has(contents),
    linkOf: (contents) => find(contents).link,
    windowOf: (contents) => find(contents).window,
    list: () => [...entries.values()].map(({ window }) => window),
    current: () => windows.list().find((window) => window.isFocused()) ?? windows.list()[0] ?? null,
    connect(contents) {
      const { link } = find(contents);
      const { port1, port2 } = new MessageChannelMain();
      link.serve(port1);
      contents.postMessage(channels.port, null, [port2]);
    },
    send(command, window = windows.current()) {
      window?.webContents.send(channels.menu, command);
    },
    sendFile(file, window) {
      const entry = find(window.webContents);
      if (entry.isListening) window.webContents.send(channels.openFile, file);
      else entry.waiting.push(file);
    },
    flushFiles(contents) {
      const entry = find(contents);
      entry.isListening = true;
      for (const file of entry.waiting.splice(0)) contents.send(channels.openFile, file);
    },
  };
  return windows;
}
