/** The page's own scheme: files of the built page and nothing else, under the same headers as in a browser. */
import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { findPageFile } from '../main/service/page/page-files.ts';
import { pageHeaders } from '../main/service/page/security-headers.ts';
import { pageHost, scheme } from './bridge.ts';
import type { ShellTexts } from './texts.ts';

/** Shown when the page fell too often; has no script, so that it cannot fall. */
export const stoppedPath = '/stopped';

/** To be called before the app is ready. The scheme bypasses no policy, and no service worker or extension may use it. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{
    scheme,
    privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true, bypassCSP: false, allowServiceWorkers: false, allowExtensions: false, corsEnabled: false, stream: false },
  }]);
}

export interface PageSource {
  /** Of the built page. */
  directory: string;
  texts(): ShellTexts;
}

export function servePage(session: Session, source: PageSource): void {
  session.protocol.handle(scheme, (request) => answerPageRequest(request, source));
}

/** @returns 404 for whatever is no file of the page, 405 for what is no reading */
export async function answerPageRequest(request: Pick<Request, 'url' | 'method'>, { directory, texts }: PageSource): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'only GET');
  const url = parseUrl(request.url);
  if (url === null) return say(404, 'not found');
  if (url.pathname === stoppedPath) return new Response(stoppedPage(texts()), { status: 200, headers: { ...pageHeaders(), 'Content-Type': 'text/html; charset=utf-8' } });
  const file = await findPageFile(directory, url.pathname);
  if (file === null) return say(404, 'not found');
  const body = request.method === 'HEAD' ? null : await readFile(file.path);
  return new Response(body, { status: 200, headers: { ...pageHeaders(), 'Content-Type': file.contentType, 'Content-Length': String(file.bytes) } });
}

function parseUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    const isOurs = url.protocol === `${scheme}:` && url.host === pageHost && url.username === '' && url.password === '';
    return isOurs ? url : null;
  } catch {
    return null;
  }
}

function say(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { ...pageHeaders(), 'Content-Type': 'text/plain; charset=utf-8' } });
}

/** Our own words only, and no style: the policy allows none in a page. */
function stoppedPage({ language, stoppedTitle, stoppedText, stoppedReload }: ShellTexts): string {
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Souffleur</title></head>
<body><main><h1>${stoppedTitle}</h1><p>${stoppedText}</p><p><a href="index.html">${stoppedReload}</a></p></main></body></html>
`;
}
