/** A file that the page made, where the person wants it: by the shell's dialog, or as the browser's download. */
import { findShell } from './shell.ts';

export async function saveFile(name: string, content: Uint8Array<ArrayBuffer> | string, mediaType: string): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const shell = findShell();
  if (shell !== null) {
    await shell.saveFile(name, bytes);
    return;
  }
  const address = URL.createObjectURL(new Blob([bytes], { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
