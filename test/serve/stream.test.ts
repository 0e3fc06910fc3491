import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CoreEvent, NumberedCoreEvent } from '../../main/contract/api/events.ts';
import { connectSocket, openSocket, serveTemporary, type Served } from './fixture.ts';

let served: Served;
beforeEach(async () => {
  served = await serveTemporary();
});
afterEach(() => served.close());

const progress = (done: number): CoreEvent => ({ kind: 'run-progress', run: 'r0001', phase: 'train', done, total: 1000, loss: 1 / done, perSecond: 10, etaSeconds: 1 });

async function collect(events: AsyncIterable<NumberedCoreEvent>, count: number): Promise<NumberedCoreEvent[]> {
  const taken: NumberedCoreEvent[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

test('fifty clients watch one run and each sees every event once, in order', async () => {
  const connections = Array.from({ length: 50 }, () => connectSocket(served.server));
  const position = served.core.events.position();
  const watching = await Promise.all(connections.map(({ client }) => client.events.watch({ after: position })));
  const seen = watching.map((events) => collect(events, 500));
  for (let step = 1; step <= 500; step += 1) {
    served.core.events.publish(progress(step));
    if (step % 50 === 0) await sleep(5);
  }
  for (const events of await Promise.all(seen)) {
    expect(events.map(({ event }) => (event.kind === 'run-progress' ? event.done : -1))).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  }
  for (const { close } of connections) close();
});

test('a client that loses its connection again and again misses nothing', async () => {
  const total = 3000;
  const publishing = (async () => {
    for (let step = 1; step <= total; step += 1) {
      served.core.events.publish(progress(step));
      if (step % 20 === 0) await sleep(1);
    }
  })();
  const seen: number[] = [];
  let after: { core: string; sequence: number } = { ...served.core.events.position(), sequence: 0 };
  let connections = 0;
  while (seen.length < total) {
    const { client, close } = connectSocket(served.server);
    connections += 1;
    const lifetime = 1 + ((connections * 37) % 200);
    for (const event of await collect(await client.events.watch({ after }), Math.min(lifetime, total - seen.length))) {
      seen.push(event.event.kind === 'run-progress' ? event.event.done : -1);
      after = { core: event.core, sequence: event.sequence };
    }
    close();
  }
  await publishing;
  expect(connections).toBeGreaterThan(10);
  expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
});

test('a client that stops reading does not stop the others, and the core forgets it when it is gone', async () => {
  const silent = openSocket(served.server);
  await new Promise((resolve) => silent.once('open', resolve));
  silent.send(JSON.stringify({ i: '1', p: { u: '/events/watch', b: { json: { after: null }, meta: [] } } }));
  await sleep(100);
  silent.pause();
  const { client, close } = connectSocket(served.server);
  const events = collect(await client.events.watch({ after: served.core.events.position() }), 20_000);
  const padding = 'x'.repeat(2000);
  for (let step = 1; step <= 20_000; step += 1) {
    served.core.events.publish({ kind: 'run-warning', run: 'r0001', code: 'padding', message: padding });
    if (step % 100 === 0) await sleep(0);
  }
  expect((await events).at(-1)?.sequence).toBe(20_000);
  close();
  silent.terminate();
  await expect.poll(() => served.server.clientCount()).toBe(0);
});

test('messages that are none of the protocol’s are dropped, and the connection goes on', async () => {
  const socket = openSocket(served.server);
  await new Promise((resolve) => socket.once('open', resolve));
  const hostile = [
    '', 'null', '[]', '{', '{"i":1}', '{"i":"1"}', '{"i":"1","p":null}', '{"i":"1","p":{"u":5}}', '{"i":"1","p":{"u":"http://evil.example/"}}',
    '{"i":"1","p":{"u":"/events/position","h":{"content-type":"multipart/form-data; boundary=x"}}}', '{"i":"1","t":3,"p":{"e":"message"}}',
    `{"i":"1","p":{"u":"/${'a'.repeat(500)}"}}`, '{"__proto__":{"i":"1"},"p":{"u":"/x"}}',
  ];
  for (const message of hostile) socket.send(message);
  socket.send(Buffer.from([0xff, 0x00, 0x80]));
  const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(data.toString())));
  socket.send(JSON.stringify({ i: 'last', p: { u: '/events/position' } }));
  expect(JSON.parse(await answer)).toMatchObject({ i: 'last', p: { b: { json: { sequence: 0 } } } });
  socket.close();
});
