/**
 * Who may talk to the loopback server. Any page on the web can make a browser connect to 127.0.0.1, so three things must hold: the
 * secret token (a web page cannot know it), the Host (a name that was pointed at 127.0.0.1 is refused: DNS rebinding), and the Origin
 * (a browser says truthfully which page asks).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const subprotocol = 'souffleur.v1';
const tokenSubprotocol = 'souffleur.token.';

/** 256 random bits, in characters that a URL and a WebSocket subprotocol can carry. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

export type Refusal = 'host' | 'origin' | 'token';

export interface AccessRules {
  token: string;
  /** `name:port` each, lower case. */
  hosts: ReadonlySet<string>;
}

/** The names under which a loopback server is reached. */
export function loopbackHosts(port: number): string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
}

/** @returns null when the request is for this server and not sent by a foreign page. */
export function refuseForeign(request: IncomingMessage, { hosts }: AccessRules): Exclude<Refusal, 'token'> | null {
  const host = request.headers.host?.toLowerCase();
  if (host === undefined || !hosts.has(host)) return 'host';
  const { origin } = request.headers;
  // Without an Origin it is no page that asks: browsers send one with every WebSocket and every upload.
  if (origin !== undefined && !isOwnOrigin(origin, hosts)) return 'origin';
  return null;
}

/** A browser cannot set headers on a WebSocket, so the token comes as a second subprotocol; it never stands in a URL that is logged. */
export function hasSocketToken(request: IncomingMessage, { token }: AccessRules): boolean {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
  return offered.some((text) => text.startsWith(tokenSubprotocol) && isSame(text.slice(tokenSubprotocol.length), token));
}

/** `Authorization: Bearer …` */
export function hasBearerToken(request: IncomingMessage, { token }: AccessRules): boolean {
  const [, given] = /^Bearer ([\w-]{1,200})$/.exec(request.headers.authorization ?? '') ?? [];
  return given !== undefined && isSame(given, token);
}

function isOwnOrigin(origin: string, hosts: ReadonlySet<string>): boolean {
  try {
    const { protocol, host, port } = new URL(origin);
    return protocol === 'http:' && hosts.has(port === '' ? `${host}:80` : host);
  } catch {
    return false;
  }
}

/** Hashes first: their lengths are equal and the comparison takes the same time whatever was given. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
