/** The contract over a WebSocket. A client that reads slower than it is told is waited for, and one that is gone is noticed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RPCHandler } from '@orpc/server/ws';
import type { WebSocket } from 'ws';
import type { RouterContext } from '../service/router/base.ts';
import { router } from '../service/router/index.ts';
import { isPeerMessage } from '../service/router/peer-message.ts';

/** Bytes on their way to one client before the next message waits. What it watches is kept by the event hub, up to its limit. */
const highWaterBytes = 4 << 20;
const pollMs = 50;
/** A laptop that went to sleep leaves its socket open for ever. */
const heartbeatMs = 30_000;

export function serveSocket(socket: WebSocket, context: RouterContext): void {
  void new RPCHandler(router).upgrade({
    addEventListener(event: string, listener: (event: { data: unknown }) => void) {
      if (event === 'close') socket.on('close', () => listener({ data: undefined }));
      else socket.on('message', (data, isBinary) => {
        const text = isBinary ? '' : data.toString();
        if (isPeerMessage(text)) listener({ data: text });
      });
    },
    // Awaited by the peer: the stream that it sends stops being pulled meanwhile.
    async send(message: string) {
      while (socket.readyState === socket.OPEN && socket.bufferedAmount > highWaterBytes) await sleep(pollMs);
      if (socket.readyState === socket.OPEN) socket.send(message);
    },
  } as unknown as WebSocket, { context });
  watchHeartbeat(socket);
}

function watchHeartbeat(socket: WebSocket): void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    return socket.ping();
  }, heartbeatMs);
  socket.on('close', () => clearInterval(timer));
  // A broken frame closes the socket; there is nothing else to do about it.
  socket.on('error', () => {});
}
