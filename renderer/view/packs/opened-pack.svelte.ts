/** A pack that is looked at and not imported: kept over a reload for as long as the core knows what was handed over. */
import type { GrantedFile } from '../../connection/shell.ts';

const storageKey = 'souffleur.opened-pack';

class OpenedPack {
  file = $state.raw<GrantedFile | null>(read());

  take(file: GrantedFile | null): void {
    this.file = file;
    try {
      if (file === null) sessionStorage.removeItem(storageKey);
      else sessionStorage.setItem(storageKey, JSON.stringify(file));
    } catch {
      // Not kept over a reload, then.
    }
  }
}

function read(): GrantedFile | null {
  try {
    // Written by this page alone.
    return JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as GrantedFile | null;
  } catch {
    return null;
  }
}

export const openedPack = new OpenedPack();
