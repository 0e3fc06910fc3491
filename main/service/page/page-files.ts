/** The built page's files: a request's path to a file under the page's folder, or to nothing. Shared by the server and the shell. */
import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

export interface PageFile {
  path: string;
  contentType: string;
  bytes: number;
}

/** Only what the build makes: anything else in the folder is not served. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** A name that the build gives: nothing to decode, no dot in front, no backslash, no colon, no control character. */
const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$/;
const longestPath = 1000;

/**
 * @param directory the page's folder
 * @param pathname of the URL as it stands, not decoded: the build gives no name that would need it, so whatever is encoded is refused
 * @returns null where there is no such file; links that lead out of the folder are followed to nothing
 */
export async function findPageFile(directory: string, pathname: string): Promise<PageFile | null> {
  if (pathname.length > longestPath || !pathname.startsWith('/')) return null;
  const segments = pathname === '/' ? ['index.html'] : pathname.slice(1).split('/');
  if (!segments.every((text) => segment.test(text))) return null;
  const contentType = contentTypes[extname(segments.at(-1) ?? '')];
  if (contentType === undefined) return null;
  try {
    const root = await realpath(directory);
    const path = await realpath(join(root, ...segments));
    if (!path.startsWith(root + sep)) return null;
    const facts = await stat(path);
    return facts.isFile() ? { path, contentType, bytes: facts.size } : null;
  } catch {
    return null;
  }
}
