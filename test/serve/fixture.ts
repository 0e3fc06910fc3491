/** A served workspace, and clients of the contract over every transport. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { contract } from '../../main/contract/api/index.ts';
import { startServer, type RunningServer, type ServeOptions } from '../../main/serve/server.ts';
import { closeCore, openCore, type Core } from '../../main/service/core.ts';
import { createLocalClient } from '../../main/service/router/index.ts';
import { servePort, type ServedPort } from '../../main/service/router/message-port.ts';

export type Client = ContractRouterClient<typeof contract>;

export interface Served {
  core: Core;
  server: RunningServer;
  directory: string;
  close(): Promise<void>;
}

export async function serveTemporary(options: Partial<ServeOptions> = {}): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), 'souffleur-serve-'));
  const core = openCore(join(directory, 'workspace'), { create: 'if-missing' });
  const server = await startServer(core, { port: 0, address: '127.0.0.1', hosts: [], token: null, pageDirectory: null, ...options });
  return {
    core, server, directory,
    close: async () => {
      await server.close();
      await closeCore(core);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface Connection {
  client: Client;
  close(): void;
}

export function openSocket({ port, token }: Pick<RunningServer, 'port' | 'token'>, headers: Record<string, string> = {}): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}/contract`, ['souffleur.v1', `souffleur.token.${token}`], { headers });
}

export function connectSocket(server: Pick<RunningServer, 'port' | 'token'>): Connection {
  const socket = openSocket(server);
  const link = new SocketLink({ websocket: socket as unknown as globalThis.WebSocket });
  return { client: createORPCClient(link), close: () => socket.close() };
}

export function connectPort(core: Core): Connection {
  const { port1, port2 } = new MessageChannel();
  servePort(port2 as unknown as ServedPort, { core, paths: 'granted' });
  const link = new PortLink({ port: port1 as never });
  port1.start();
  return { client: createORPCClient(link), close: () => port1.close() };
}

export function connectLocal(core: Core): Connection {
  return { client: createLocalClient(core) as Client, close: () => {} };
}
