/** What the shell's preload script puts on `window.souffleur`: the whole of what it offers to the page. In a browser there is none of it. */
export interface GrantedFile {
  /** Stands for the path, which the page never learns. */
  grant: string;
  name: string;
  kind: 'file' | 'folder';
  bytes: number;
}

export type MenuCommand = 'palette' | 'settings' | 'import' | 'new-run' | 'help' | 'undo' | 'redo' | `view:${string}`;

/** What the page lets the shell know of a person's choice, for menus, dialogs and the colour behind the page. */
export interface ShellPreferences {
  language: 'en' | 'ru';
  theme: 'system' | 'light' | 'dark';
}

export interface Shell {
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** `host:port` of a core on another machine that this window speaks with; null for the one of this program. */
  readonly remote: string | null;
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
  /** A window on the core whose address `souffleur serve` printed, after a question. */
  openRemoteCore(url: string): Promise<void>;
  tellPreferences(preferences: ShellPreferences): void;
  onMenu(listener: (command: MenuCommand) => void): () => void;
  /** Packs that were opened by a double click. */
  onOpenFile(listener: (file: GrantedFile) => void): () => void;
}
