/** Pairs that are being edited and not saved yet: they stay while a person looks elsewhere, and through a reload of the page. */
import type { Pvp } from '../../../main/contract/pvp.ts';

export interface Draft {
  /** What was there when the edit began, as JSON: a difference tells of an edit elsewhere. */
  base: string;
  pvp: Pvp;
}

const key = 'souffleur.pattern-drafts';

function read(): Record<string, Draft> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as Record<string, Draft>;
  } catch {
    return {};
  }
}

class Drafts {
  /** By `task/id`. */
  #all = $state.raw<Readonly<Record<string, Draft>>>(read());

  find(name: string): Draft | undefined {
    return this.#all[name];
  }

  /** A draft that says the same as what is saved is none. */
  set(name: string, saved: Pvp, pvp: Pvp): void {
    const { [name]: earlier, ...rest } = this.#all;
    const base = earlier?.base ?? JSON.stringify(saved);
    this.#write(JSON.stringify(pvp) === JSON.stringify(saved) ? rest : { ...rest, [name]: { base, pvp } });
  }

  drop(name: string): void {
    const { [name]: _dropped, ...rest } = this.#all;
    this.#write(rest);
  }

  #write(all: Readonly<Record<string, Draft>>): void {
    this.#all = all;
    try {
      sessionStorage.setItem(key, JSON.stringify(all));
    } catch {
      // Kept while the page is open, then.
    }
  }
}

export const drafts = new Drafts();
