/** What was dropped, chosen or opened from outside, on its way to the view that takes it. */
import type { GrantedFile } from '../connection/shell.ts';
import { route } from './route.svelte.ts';

class Incoming {
  /** For the import of data; the data sets' view takes it. */
  data = $state.raw<readonly GrantedFile[] | null>(null);
  /** A pack, which is shown before anything is trusted. */
  pack = $state.raw<GrantedFile | null>(null);

  take(files: readonly GrantedFile[]): void {
    const [first] = files;
    if (first === undefined) return;
    if (files.length === 1 && first.kind === 'file' && /\.promptpack$/i.test(first.name)) {
      this.pack = first;
      route.go('packs', ['open']);
      return;
    }
    this.data = files;
    route.go('datasets', ['import']);
  }
}

export const incoming = new Incoming();
