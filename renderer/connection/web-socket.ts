/** The core over a WebSocket: `souffleur serve`, on this machine or at the other end of a tunnel. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { Client, Connection } from './connection.ts';
import { StatusKeeper } from './status.ts';

export interface CoreAddress {
  /** `ws://host:port/contract` */
  url: string;
  token: string;
}

const firstDelayMs = 250;
const longestDelayMs = 5000;
/** A wrong token closes the socket before it opens, as a missing server does; so many in a row without ever opening are a refusal. */
const mostRefusals = 3;

export function connectWebSocket({ url, token }: CoreAddress): Connection {
  const keeper = new StatusKeeper();
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delayMs = firstDelayMs;
  let refusals = 0;
  let hasBeenOpen = false;
  let isClosed = false;

  const open = (): void => {
    socket = new WebSocket(url, ['souffleur.v1', `souffleur.token.${token}`]);
    const current = socket;
    let isOpen = false;
    current.addEventListener('open', () => {
      isOpen = true;
      hasBeenOpen = true;
      delayMs = firstDelayMs;
      keeper.opened(createORPCClient<Client>(new RPCLink({ websocket: current })));
    });
    current.addEventListener('close', () => {
      if (isClosed) return;
      if (!isOpen) refusals += 1;
      if (!hasBeenOpen && refusals >= mostRefusals) return keeper.lost('refused');
      keeper.lost('lost');
      timer = setTimeout(open, delayMs);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    });
  };
  // A laptop that wakes up, or a cable that is back, should not wait for the timer.
  const retryNow = (): void => {
    if (isClosed || keeper.status !== 'lost' || socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(timer);
    open();
  };
  window.addEventListener('online', retryNow);
  document.addEventListener('visibilitychange', retryNow);
  open();

  return {
    client: () => keeper.client(),
    get status() {
      return keeper.status;
    },
    onStatus: (listener) => keeper.onStatus(listener),
    host: 'browser',
    close() {
      isClosed = true;
      clearTimeout(timer);
      window.removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', retryNow);
      socket?.close();
    },
  };
}

const storageKey = 'souffleur.token';

/**
 * Where this page's own core is. The token comes in the URL's fragment; it is kept for a reload of this tab and taken out of the
 * address, so that it is not copied with it. @returns null without a token
 */
export function readCoreAddress(): CoreAddress | null {
  const [, given] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (given !== undefined) {
    sessionStorage.setItem(storageKey, given);
    history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  }
  const token = readToken();
  return token === null ? null : { url: `ws://${location.host}/contract`, token };
}

/** For uploads, which are requests of their own. */
export function readToken(): string | null {
  return sessionStorage.getItem(storageKey);
}
