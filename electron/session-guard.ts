/** What the session may do: nothing that the page does not need. Electron grants every permission unless told otherwise. */
import type { Session } from 'electron';
import { isOwnOrigin } from './page-url.ts';

/** Copying a table or a command. */
const allowed: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

export function guardSession(session: Session): void {
  // Both are needed: the first answers requests, the second the silent questions whether one would be granted.
  session.setPermissionRequestHandler((contents, permission, answer) => answer(allowed.has(permission) && isOwnOrigin(contents.getURL())));
  session.setPermissionCheckHandler((_contents, permission, origin) => allowed.has(permission) && isOwnOrigin(origin));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.on('will-download', (event) => event.preventDefault());
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isLocal(details.url) }));
}

/** The page's files, what it made itself, and the developer tools' own pages. Its way to the core is a port, which is no request. */
function isLocal(text: string): boolean {
  return isOwnOrigin(text) || /^(data:|blob:souffleur:\/\/app\/|devtools:\/\/devtools\/)/.test(text);
}
