/** The folder that was written to last, on the core's machine: in a browser it is typed, and not twice. */
const key = 'souffleur.target-folder';

export function readFolder(): string {
  try {
    return localStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/** A grant of the shell is of this start alone, and not kept. */
export function keepFolder(folder: string): void {
  if (folder.startsWith('grant:')) return;
  try {
    localStorage.setItem(key, folder);
  } catch {
    // Not remembered, then.
  }
}
