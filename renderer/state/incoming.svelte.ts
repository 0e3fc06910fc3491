/** What was dropped, chosen or opened from outside, on its way to the view that takes it. */
import type { GrantedFile } from '../connection/shell.ts';
import { route } from './route.svelte.ts';

/** A pack, or a prompt of another program. */
const packName = /\.(?:promptpack|npy|pt|pth|bin|safetensors)$/i;

class Incoming {
  /** For the import of data; the data sets' view takes it. */
  data = $state.raw<readonly GrantedFile[] | null>(null);
  /** A pack, which is shown before anything is trusted. */
  pack = $state.raw<GrantedFile | null>(null);

  take(files: readonly GrantedFile[]): void {
    const [first] = files;
    if (first === undefined) return;
    if (files.length === 1 && first.kind === 'file' && packName.test(first.name)) return this.takePack(first);
    this.data = files;
    route.go('datasets', ['import']);
  }

  takePack(file: GrantedFile): void {
    this.pack = file;
    route.go('packs', ['open']);
  }
}

export const incoming = new Incoming();
