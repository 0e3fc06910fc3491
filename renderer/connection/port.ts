/** The core over the MessagePort that the shell hands to its window. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { Client, Connection } from './connection.ts';
import { StatusKeeper } from './status.ts';

/** The preload script posts it to the page with the port; nobody else can, for the page has no frames. */
const portMessage = 'souffleur-port';

/** @param askForPort the shell's function that sends a new port; called again when the core was restarted */
export function connectPort(askForPort: () => void): Connection {
  const keeper = new StatusKeeper();
  const onMessage = (event: MessageEvent): void => {
    if (event.source !== window || event.data !== portMessage) return;
    const [port] = event.ports;
    if (port === undefined) return;
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
