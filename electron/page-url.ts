/** Whether an address is a page of ours. Taken apart, never compared by how it begins. */
import { pageHost, pageUrl, scheme } from './bridge.ts';

export function isOwnOrigin(text: string): boolean {
  const url = parse(text);
  return url !== null && url.protocol === `${scheme}:` && url.host === pageHost && url.username === '' && url.password === '';
}

/** The page itself, at any place within it. */
export function isPageUrl(text: string): boolean {
  return isOwnOrigin(text) && parse(text)?.pathname === new URL(pageUrl).pathname;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
