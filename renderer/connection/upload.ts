/** Files that a person drops or chooses, as grants: by the shell, which knows their paths, or by an upload to the server. */
import { findShell, type GrantedFile } from './shell.ts';
import { readToken } from './web-socket.ts';

export interface DroppedFile {
  file: File;
  /** With its folders, as it lay in what was dropped: `RTE/train.jsonl`. */
  path: string;
}

export async function grantDropped(transfer: DataTransfer): Promise<readonly GrantedFile[]> {
  const shell = findShell();
  if (shell !== null) return shell.grantFiles([...transfer.files]);
  return uploadFiles(await listDropped(transfer));
}

export async function grantChosen(files: FileList): Promise<readonly GrantedFile[]> {
  const shell = findShell();
  if (shell !== null) return shell.grantFiles([...files]);
  return uploadFiles([...files].map((file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath })));
}

async function uploadFiles(files: readonly DroppedFile[]): Promise<readonly GrantedFile[]> {
  const headers = { authorization: `Bearer ${readToken() ?? ''}` };
  const id = crypto.randomUUID();
  for (const { file, path } of files) {
    const answer = await fetch(`./upload/${id}/${path.split('/').map(encodeURIComponent).join('/')}`, { method: 'PUT', headers, body: file });
    if (!answer.ok) throw new UploadFailed(await answer.json().catch(() => null));
  }
  const answer = await fetch(`./upload/${id}`, { method: 'POST', headers });
  if (!answer.ok) throw new UploadFailed(await answer.json().catch(() => null));
  // From our own server, on this page's own origin.
  return [(await answer.json()) as GrantedFile];
}

/** Carries the server's problem where `readProblem` looks for it. */
class UploadFailed extends Error {
  readonly data: unknown;

  constructor(data: unknown) {
    super('the file was not taken');
    this.data = data;
  }
}

const mostFiles = 10_000;

async function listDropped(transfer: DataTransfer): Promise<DroppedFile[]> {
  // Entries must be taken before the first await: the list is empty afterwards.
  const items = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: DroppedFile[] = [];
  for (const { entry, file } of items) {
    // What another page or a mail program hands over is a file without a place.
    if (entry !== null) await collect(entry, found);
    else if (file !== null) found.push({ file, path: file.name });
  }
  return found;
}

async function collect(entry: FileSystemEntry, found: DroppedFile[]): Promise<void> {
  if (found.length >= mostFiles) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, path: entry.fullPath.replace(/^\//, '') });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives a hundred entries at a time.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return;
    for (const child of part) await collect(child, found);
  }
}
