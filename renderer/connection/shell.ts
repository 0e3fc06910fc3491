/** The shell, where there is one. */
import type { Shell } from '../../main/contract/shell.ts';

export type { GrantedFile, Shell } from '../../main/contract/shell.ts';

declare global {
  interface Window {
    souffleur?: Shell;
  }
}

export function findShell(): Shell | null {
  return window.souffleur ?? null;
}
