/** The contract over a MessagePort: what the Electron shell hands to its window. */
import { RPCHandler } from '@orpc/server/message-port';
import type { RouterContext } from './base.ts';
import { router } from './index.ts';
import { isPeerMessage } from './peer-message.ts';

/** What Node's and Electron's ports have in common. */
export interface ServedPort {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
}

/** Serves until the port closes. A message that is none of the protocol's is dropped. */
export function servePort(port: ServedPort, context: RouterContext): void {
  new RPCHandler(router).upgrade({
    on(event: string, listener: (message?: { data: unknown }) => void) {
      if (event === 'close') port.on('close', () => listener());
      else port.on('message', (message) => {
        const text = readText(message);
        if (text !== null && isPeerMessage(text)) listener({ data: text });
      });
    },
    postMessage: (message: unknown) => port.postMessage(message),
  }, { context });
  port.start();
}

/** Electron's ports deliver an event around the data, Node's the data itself. */
function readText(message: unknown): string | null {
  const data = typeof message === 'object' && message !== null && 'data' in message ? message.data : message;
  return typeof data === 'string' ? data : null;
}
