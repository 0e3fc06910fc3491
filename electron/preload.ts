/**
 * The bridge between the page and the shell: named functions that pass values, never `ipcRenderer`, never an event. Bundled into one
 * CommonJS file that requires nothing but electron, as a sandboxed preload script must.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { GrantedFile, MenuCommand, Shell } from '../main/contract/shell.ts';
import { channels, portMessage, remoteArgument, type Answer } from './bridge.ts';

/** What this file uses of a page's window; the shell has no DOM types. */
declare const window: { readonly origin: string; postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void };

/** A plain object, because the bridge to the page keeps nothing of an Error but its message. */
async function ask<Value>(channel: string, ...values: readonly unknown[]): Promise<Value> {
  const answer = (await ipcRenderer.invoke(channel, ...values)) as Answer<Value>;
  if (answer.ok) return answer.value;
  return Promise.reject({ data: answer.problem });
}

function listen<Value>(channel: string, listener: (value: Value) => void): () => void {
  const onEvent = (_event: unknown, value: Value): void => listener(value);
  ipcRenderer.on(channel, onEvent);
  return () => {
    ipcRenderer.removeListener(channel, onEvent);
  };
}

const remote = process.argv.find((argument) => argument.startsWith(remoteArgument))?.slice(remoteArgument.length) ?? null;

const shell: Shell = Object.freeze({
  platform: process.platform as Shell['platform'],
  remote,
  connect: () => ipcRenderer.send(channels.connect),
  // At once, with the objects of the drop itself: a copy of a File has lost its path.
  grantFiles: (files: readonly File[]) => ask<readonly GrantedFile[]>(channels.grantPaths, files.map((file) => webUtils.getPathForFile(file))),
  chooseFiles: (kind: 'data' | 'folder' | 'pack') => ask<readonly GrantedFile[]>(channels.chooseFiles, kind),
  saveFile: (name: string, content: Uint8Array) => ask<string | null>(channels.saveFile, name, content),
  openExternal: (url: string) => ask<void>(channels.openExternal, url),
  openRemoteCore: (url: string) => ask<void>(channels.openRemoteCore, url),
  tellPreferences: ({ language, theme }) => ipcRenderer.send(channels.tellPreferences, { language, theme }),
  onMenu: (listener) => listen<MenuCommand>(channels.menu, listener),
  onOpenFile: (listener) => {
    const stop = listen<GrantedFile>(channels.openFile, listener);
    // What was opened before the page could listen waits in the shell.
    ipcRenderer.send(channels.readyForFiles);
    return stop;
  },
} satisfies Shell);

ipcRenderer.on(channels.port, (event) => window.postMessage(portMessage, window.origin, event.ports));
contextBridge.exposeInMainWorld('souffleur', shell);
