/** A connection's status with its listeners, and the promise of an open client. */
import { ConnectionRefused, type Client, type ConnectionStatus } from './connection.ts';

export class StatusKeeper {
  #status: ConnectionStatus = 'connecting';
  #client: Client | null = null;
  #waiting: { resolve: (client: Client) => void; reject: (error: ConnectionRefused) => void }[] = [];
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();

  get status(): ConnectionStatus {
    return this.#status;
  }

  client(): Promise<Client> {
    if (this.#client !== null) return Promise.resolve(this.#client);
    if (this.#status === 'refused') return Promise.reject(new ConnectionRefused());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  opened(client: Client): void {
    this.#client = client;
    for (const { resolve } of this.#take()) resolve(client);
    this.#tell('open');
  }

  lost(status: 'lost' | 'refused'): void {
    this.#client = null;
    if (status === 'refused') for (const { reject } of this.#take()) reject(new ConnectionRefused());
    this.#tell(status);
  }

  #take(): { resolve: (client: Client) => void; reject: (error: ConnectionRefused) => void }[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  #tell(status: ConnectionStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}
