/** A core that windows speak with: the one in this process, or one at the other end of a tunnel. */
import type { ContractRouterClient } from '@orpc/contract';
import type { MessagePortMain } from 'electron';
import type { contract } from '../main/contract/api/index.ts';
import type { GrantedFile } from '../main/contract/shell.ts';
import { closeCore, openCore, type Core } from '../main/service/core.ts';
import { createLocalClient } from '../main/service/router/index.ts';
import { servePort } from '../main/service/router/message-port.ts';

export interface CoreLink {
  /** `host:port`; null for our own. */
  readonly remote: string | null;
  readonly client: ContractRouterClient<typeof contract>;
  /** The contract over a port, until it closes. */
  serve(port: MessagePortMain): void;
  /** Stands for a path of this machine that a person chose; sends the file where the core is elsewhere. */
  grant(path: string): Promise<GrantedFile>;
  /** Whatever is at work saves its state first. */
  close(): Promise<void>;
}

export interface LocalCoreLink extends CoreLink {
  readonly core: Core;
}

/** @throws {Problem} as openCore: `workspace-locked`, … */
export async function openLocalCore(directory: string): Promise<LocalCoreLink> {
  const core = openCore(directory, { create: 'if-missing' });
  await core.queue.start();
  return {
    remote: null,
    core,
    client: createLocalClient(core),
    // A page names no path: what it may touch was chosen by a person (main/service/file-grants.ts).
    serve: (port) => servePort(port, { core, paths: 'granted' }),
    grant: (path) => Promise.resolve(core.files.add(path)),
    close: () => closeCore(core),
  };
}
