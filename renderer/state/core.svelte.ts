/** The connection as state, and the core's stream of events, followed across losses. */
import type { CoreEvent, NumberedCoreEvent } from '../../main/contract/api/events.ts';
import type { Client, Connection, ConnectionStatus } from '../connection/connection.ts';

type Listener = (event: CoreEvent) => void;

class CoreState {
  status = $state<ConnectionStatus>('connecting');
  host = $state<Connection['host']>('browser');
  #connection: Connection | null = null;
  readonly #listeners = new Set<Listener>();
  #position: Pick<NumberedCoreEvent, 'core' | 'sequence'> | null = null;

  attach(connection: Connection): void {
    this.#connection = connection;
    this.host = connection.host;
    this.status = connection.status;
    connection.onStatus((status) => {
      this.status = status;
    });
    void this.#follow(connection);
  }

  /** The contract; waits for the connection where it is lost. */
  get call(): Promise<Client> {
    if (this.#connection === null) return Promise.reject(new Error('the page has no connection yet'));
    return this.#connection.client();
  }

  /** Tells of every event from now on, in order, none twice; `gap` says: ask everything again. */
  onEvent(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #follow(connection: Connection): Promise<void> {
    while (connection.status !== 'refused') {
      try {
        const client = await connection.client();
        this.#position ??= await client.events.position();
        for await (const { core, sequence, event } of await client.events.watch({ after: this.#position })) {
          this.#position = { core, sequence };
          for (const listener of this.#listeners) listener(event);
        }
      } catch {
        // The connection says itself that it is lost; the next round waits for it.
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

export const core = new CoreState();
