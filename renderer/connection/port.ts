/** The core over the MessagePort that the shell hands to its window. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { Client, Connection } from './connection.ts';
import { StatusKeeper } from './status.ts';

/** The preload script posts it to the page with the port; nobody else can, for the page has no frames. */
const portMessage = 'souffleur-port';

const retryMs = 2000;

/** @param askForPort the shell's function that sends a new port; called again when the core was restarted */
export function connectPort(askForPort: () => void): Connection {
  const keeper = new StatusKeeper();
  let current: MessagePort | null = null;
  const onMessage = (event: MessageEvent): void => {
    if (event.source !== window || event.data !== portMessage) return;
    const [port] = event.ports;
    if (port === undefined) return;
    // A core at the other end of a tunnel can be lost; asking again opens a way to it as soon as there is one.
    current = port;
    port.addEventListener('close', () => {
      if (current !== port) return;
      keeper.lost('lost');
      setTimeout(askForPort, retryMs);
    });
    port.start();
    keeper.opened(createORPCClient<Client>(new RPCLink({ port })));
  };
  window.addEventListener('message', onMessage);
  askForPort();
  return {
    client: () => keeper.client(),
    get status() {
      return keeper.status;
    },
    onStatus: (listener) => keeper.onStatus(listener),
    host: 'shell',
    close: () => window.removeEventListener('message', onMessage),
  };
}
