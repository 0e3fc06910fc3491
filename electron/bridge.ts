/** What preload and main agree on: channel names, and how an answer crosses. Imports nothing, because it is part of the preload script. */
import type { ProblemRecord } from '../main/contract/problem.ts';

export const channels = {
  /** page → shell */
  connect: 'souffleur:connect',
  grantPaths: 'souffleur:grant-paths',
  chooseFiles: 'souffleur:choose-files',
  saveFile: 'souffleur:save-file',
  openExternal: 'souffleur:open-external',
  openRemoteCore: 'souffleur:open-remote-core',
  tellPreferences: 'souffleur:tell-preferences',
  readyForFiles: 'souffleur:ready-for-files',
  /** shell → page */
  port: 'souffleur:port',
  menu: 'souffleur:menu',
  openFile: 'souffleur:open-file',
} as const;

/** Errors lose everything but their message between processes, so an answer says itself what became of the call. */
export type Answer<Value> = { ok: true; value: Value } | { ok: false; problem: ProblemRecord };

/** The scheme that the page is loaded through, and its one host. */
export const scheme = 'souffleur';
export const pageHost = 'app';
export const pageUrl = `${scheme}://${pageHost}/index.html`;

/** Tells the preload script of a remote core before the page asks. */
export const remoteArgument = '--souffleur-remote=';

/** The page's word for a port (renderer/connection/port.ts). */
export const portMessage = 'souffleur-port';
