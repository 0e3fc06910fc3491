/** Electron's modules as recorders: what the shell sets and which listeners it hangs on can be looked at and called. */
type Listener = (...values: never[]) => unknown;

export class FakeEmitter {
  readonly listeners = new Map<string, Listener[]>();

  on(name: string, listener: Listener): this {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    return this;
  }

  once(name: string, listener: Listener): this {
    return this.on(name, listener);
  }

  emit(name: string, ...values: unknown[]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(...(values as never[]));
  }
}

export class FakeWebContents extends FakeEmitter {
  readonly sent: [string, unknown][] = [];
  readonly mainFrame: { url: string; parent: null } = { url: 'souffleur://app/index.html', parent: null };
  openHandler: (() => unknown) | undefined;

  getURL(): string {
    return this.mainFrame.url;
  }

  send(channel: string, value: unknown): void {
    this.sent.push([channel, value]);
  }

  setWindowOpenHandler(handler: () => unknown): void {
    this.openHandler = handler;
  }
}

export class FakeBrowserWindow extends FakeEmitter {
  static readonly made: FakeBrowserWindow[] = [];
  readonly webContents = new FakeWebContents();
  readonly urls: string[] = [];
  readonly options: Record<string, unknown>;
  title = '';

  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
    FakeBrowserWindow.made.push(this);
  }

  loadURL(url: string): Promise<void> {
    this.urls.push(url);
    return Promise.resolve();
  }

  setTitle(title: string): void {
    this.title = title;
  }
}

export const handled = new Map<string, (event: unknown, ...values: unknown[]) => Promise<unknown>>();
export const taken = new Map<string, (event: unknown, ...values: unknown[]) => void>();
export const schemes: unknown[] = [];
export const crashReports: unknown[] = [];

/** For `vi.mock('electron', …)`. */
export function makeElectronFake(): Record<string, unknown> {
  return {
    BrowserWindow: FakeBrowserWindow,
    nativeTheme: { shouldUseDarkColors: false },
    ipcMain: {
      handle: (channel: string, handler: never) => handled.set(channel, handler),
      on: (channel: string, handler: never) => taken.set(channel, handler),
    },
    protocol: { registerSchemesAsPrivileged: (list: unknown[]) => schemes.push(...list) },
    crashReporter: { start: (options: unknown) => crashReports.push(options) },
    dialog: {},
    shell: {},
  };
}
