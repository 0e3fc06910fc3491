/**
 * What the system asks the program to open: a double click (argv, a second start, macOS' open-file) or a link of our scheme. One parser
 * for all of it. Nothing is run or imported for it: a pack is shown, a link goes to a place in the page.
 */
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

export type OpenRequest =
  /** Absolute path of a file that is there. */
  | { kind: 'pack'; path: string }
  /** `runs/r0001`: a place in the page. */
  | { kind: 'place'; place: string };

const longestPath = 4096;
const mostRequests = 20;
const placePattern = /^(home|models|library|datasets|runs|ensembles|compare|studies|packs|settings)(\/[A-Za-z0-9._-]{1,80}){0,3}$/;

/**
 * @param argv without the program itself; options, and whatever is neither a pack nor a link, is passed over
 * @param workingDirectory of whoever typed it
 */
export function parseArguments(argv: readonly string[], workingDirectory: string): OpenRequest[] {
  return argv.filter((text) => !text.startsWith('-')).slice(0, 1000).flatMap((text) => parseOpenRequest(text, workingDirectory) ?? []).slice(0, mostRequests);
}

/** @returns null for anything that is neither a .promptpack file nor `souffleur://open/<place>` */
export function parseOpenRequest(text: string, workingDirectory: string): OpenRequest | null {
  if (text.length === 0 || text.length > longestPath || text.includes('\0')) return null;
  if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return parseLink(text);
  if (!/\.promptpack$/i.test(text) || !isAbsolute(workingDirectory)) return null;
  const path = resolve(workingDirectory, text);
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? { kind: 'pack', path } : null;
}

function parseLink(text: string): OpenRequest | null {
  // As it was written: URL would take `..` apart and hide what was meant.
  const [, place] = /^souffleur:\/\/open\/([A-Za-z0-9._/-]{1,300})$/.exec(text) ?? [];
  if (place === undefined || place.split('/').some((part) => part === '.' || part === '..') || !placePattern.test(place)) return null;
  return { kind: 'place', place };
}
