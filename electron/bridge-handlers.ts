/** What the page may ask of the shell. Paths come from the preload script or a dialog and leave as grants only. */
import { homedir } from 'node:os';
import { basename, dirname, extname, isAbsolute, join } from 'node:path';
import { dialog, shell, type BrowserWindow, type OpenDialogOptions, type WebContents } from 'electron';
import { z } from 'zod';
import { Problem } from '../main/contract/problem.ts';
import type { GrantedFile } from '../main/contract/shell.ts';
import { writeFileAtomicSync } from '../main/store/atomic-file.ts';
import { channels } from './bridge.ts';
import type { IpcGate } from './ipc.ts';
import type { ShellStateFile } from './shell-state.ts';
import type { ShellTexts } from './texts.ts';
import type { ShellWindows } from './shell-windows.ts';

export interface HandlerParts {
  windows: ShellWindows;
  state: ShellStateFile;
  texts(): ShellTexts;
  /** The language or theme was changed in the page. */
  applyPreferences(): void;
  openRemoteCore(url: string, window: BrowserWindow): Promise<void>;
}

const mostFiles = 10_000;
const pathSchema = z.string().min(1).max(4096).refine(isAbsolute, 'an absolute path');
/** A picture or a table; what is larger is written by the core into a chosen folder. */
const mostBytes = 256 << 20;
const nameSchema = z.string().min(1).max(200);

/** Pages that the program's own texts lead to. */
const externalHosts: ReadonlySet<string> = new Set(['huggingface.co', 'arxiv.org', 'aclanthology.org', 'doi.org', 'github.com']);

export function answerPages(gate: IpcGate, parts: HandlerParts): void {
  const { windows, state } = parts;
  gate.take(channels.connect, z.tuple([]), (_input, contents) => windows.connect(contents));
  gate.take(channels.readyForFiles, z.tuple([]), (_input, contents) => windows.flushFiles(contents));
  gate.take(channels.tellPreferences, z.tuple([z.strictObject({ language: z.enum(['en', 'ru']), theme: z.enum(['system', 'light', 'dark']) })]), ([preferences]) => {
    state.change(preferences);
    parts.applyPreferences();
  });
  gate.answer(channels.grantPaths, z.tuple([z.array(pathSchema).max(mostFiles)]), ([paths], contents) => grantAll(paths, contents, windows));
  gate.answer(channels.chooseFiles, z.tuple([z.enum(['data', 'folder', 'pack'])]), ([kind], contents) => chooseFiles(kind, contents, parts));
  gate.answer(channels.saveFile, z.tuple([nameSchema, z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= mostBytes, 'at most 256 MiB')]), ([name, content], contents) =>
    saveFile({ name, content }, contents, parts));
  gate.answer(channels.openExternal, z.tuple([z.string().max(2000)]), ([url], contents) => openExternal(url, windows.windowOf(contents), parts.texts()));
  gate.answer(channels.openRemoteCore, z.tuple([z.string().max(1000)]), ([url], contents) => parts.openRemoteCore(url, windows.windowOf(contents)));
}

async function grantAll(paths: readonly string[], contents: WebContents, windows: ShellWindows): Promise<GrantedFile[]> {
  const link = windows.linkOf(contents);
  const grants: GrantedFile[] = [];
  for (const path of paths) grants.push(await link.grant(path));
  return grants;
}

/** The system's dialog, beginning where the last one ended. @returns grants, none when it was closed */
export async function chooseFiles(kind: 'data' | 'folder' | 'pack', contents: WebContents, { windows, state, texts }: Pick<HandlerParts, 'windows' | 'state' | 'texts'>): Promise<GrantedFile[]> {
  const t = texts();
  const kinds: Record<typeof kind, OpenDialogOptions> = {
    // Files and folders in one dialog exist on macOS only; elsewhere folders are dropped, or chosen by the other kind.
    data: { title: t.dialogData, properties: process.platform === 'darwin' ? ['openFile', 'openDirectory', 'multiSelections'] : ['openFile', 'multiSelections'] },
    folder: { title: t.dialogFolder, properties: ['openDirectory', 'createDirectory'] },
    pack: { title: t.dialogPack, properties: ['openFile'], filters: [{ name: t.packFiles, extensions: ['promptpack', 'zip'] }, { name: t.allFiles, extensions: ['*'] }] },
  };
  const { canceled, filePaths } = await dialog.showOpenDialog(windows.windowOf(contents), { ...kinds[kind], defaultPath: state.current.lastFolder ?? homedir() });
  const [first] = filePaths;
  if (canceled || first === undefined) return [];
  state.change({ lastFolder: kind === 'folder' ? first : dirname(first) });
  return grantAll(filePaths, contents, windows);
}

async function saveFile({ name, content }: { name: string; content: Uint8Array }, contents: WebContents, { windows, state }: HandlerParts): Promise<string | null> {
  const extension = extname(name).slice(1);
  const { canceled, filePath } = await dialog.showSaveDialog(windows.windowOf(contents), {
    // The page suggests a name, never a folder.
    defaultPath: join(state.current.lastFolder ?? homedir(), plainName(name)),
    ...(extension === '' ? {} : { filters: [{ name: extension.toUpperCase(), extensions: [extension] }] }),
  });
  if (canceled || filePath === '') return null;
  writeFileAtomicSync(filePath, content);
  state.change({ lastFolder: dirname(filePath) });
  return basename(filePath);
}

function plainName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what must not be in a file's name
  const plain = basename(name).replaceAll(/[\\/:*?"<>|\u0000-\u001f]/g, '_').replace(/^\.+/, '');
  return plain === '' ? 'souffleur' : plain;
}

async function openExternal(text: string, window: BrowserWindow, t: ShellTexts): Promise<void> {
  const url = parseExternal(text);
  const { response } = await dialog.showMessageBox(window, {
    type: 'question', message: t.externalTitle, detail: url.href, buttons: [t.externalOpen, t.cancel], defaultId: 0, cancelId: 1, noLink: true,
  });
  if (response === 0) await shell.openExternal(url.href);
}

/** @throws {Problem} `address-not-allowed` for anything but https and a host that the program's own texts lead to */
function parseExternal(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.protocol === 'https:' && externalHosts.has(url.hostname) && url.port === '' && url.username === '' && url.password === '') return url;
  throw new Problem({
    code: 'address-not-allowed', found: 'an address that the window does not open', expected: `an https address of ${[...externalHosts].join(', ')}`, action: 'Copy it and open it yourself, if you trust it.',
  });
}
