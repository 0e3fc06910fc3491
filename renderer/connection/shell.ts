/** What the preload script puts on `window`: the whole of what the shell offers. In a browser there is none of it. */
export interface GrantedFile {
  grant: string;
  name: string;
  kind: 'file' | 'folder';
  bytes: number;
}

export type MenuCommand = 'palette' | 'settings' | 'import' | 'new-run' | 'help' | 'undo' | 'redo' | `view:${string}`;

export interface Shell {
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** Asks for a port to the core; it comes as a message to the window. */
  connect(): void;
  /** Files from a drop, in the order given. @throws for what is no file of this machine */
  grantFiles(files: readonly File[]): Promise<readonly GrantedFile[]>;
  /** The system's dialog; empty when it was closed. */
  chooseFiles(kind: 'data' | 'folder' | 'pack'): Promise<readonly GrantedFile[]>;
  /** Saves text or bytes that the page made, where the person says. @returns the file's name, null when the dialog was closed */
  saveFile(name: string, content: Uint8Array): Promise<string | null>;
  /** A link in the system's browser, after a question. */
  openExternal(url: string): Promise<void>;
  onMenu(listener: (command: MenuCommand) => void): () => void;
  /** Packs that were opened by a double click. */
  onOpenFile(listener: (file: GrantedFile) => void): () => void;
}

declare global {
  interface Window {
    souffleur?: Shell;
  }
}

export function findShell(): Shell | null {
  return window.souffleur ?? null;
}
