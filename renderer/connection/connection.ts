/** A way to the core. The page never knows which: the shell's port, or a WebSocket that is opened again when it breaks. */
import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../../main/contract/api/index.ts';

export type Client = ContractRouterClient<typeof contract>;

export type ConnectionStatus = 'connecting' | 'open' | 'lost' | 'refused';

export interface Connection {
  /** Waits until there is one. @throws {ConnectionRefused} when the core will not have us */
  client(): Promise<Client>;
  readonly status: ConnectionStatus;
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /** What the shell does and a browser cannot, and the other way round. */
  readonly host: 'shell' | 'browser';
  close(): void;
}

/** The token is wrong or missing: only a new address helps. */
export class ConnectionRefused extends Error {
  override readonly name = 'ConnectionRefused';
}
