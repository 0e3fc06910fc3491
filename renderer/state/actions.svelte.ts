/** What can be done now, by name: a view registers its actions while it is on screen; palette, menus and single keys find them here. */
import { untrack } from 'svelte';
import type { PaletteAction } from '../ui/palette.ts';

class Actions {
  #groups = $state.raw<ReadonlyMap<symbol, readonly PaletteAction[]>>(new Map());

  get list(): readonly PaletteAction[] {
    return [...this.#groups.values()].flat();
  }

  /** To be called while a component is set up; what `make` reads is followed. */
  offer(make: () => readonly PaletteAction[]): void {
    const key = Symbol('actions');
    $effect(() => {
      const offered = make();
      // Reading the map here would make this effect depend on what it writes.
      untrack(() => {
        this.#groups = new Map([...this.#groups, [key, offered]]);
      });
    });
    $effect(() => () => {
      const rest = new Map(this.#groups);
      rest.delete(key);
      this.#groups = rest;
    });
  }
}

export const actions = new Actions();
